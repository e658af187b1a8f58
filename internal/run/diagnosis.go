// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Diagnosis asks the platform why a run failed. It returns nil when the platform has nothing to say, or when the
// request failed: the diagnosis explains an error and must never hide it. An interrupt does not end the request, which
// takes at most the request timeout. log takes the line that says why the request failed; nil: nobody reads it.
func (m *Manager) Diagnosis(ctx context.Context, ref sequentum.RunRef, log sequentum.LogFunc) *sequentum.Diagnostics {
	outliving, cancel := sequentum.WithTimeout(context.WithoutCancel(ctx), m.clock, m.client.RequestTimeout())
	defer cancel()
	d, err := m.client.RunDiagnostics(outliving, ref.AgentID, ref.RunID)
	if err != nil {
		orSilent(log)(ctx, noDiagnosisSentence(ref, err), refFields(ref))
		return nil
	}
	return d
}

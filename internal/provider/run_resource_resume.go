// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// resumedWait is a wait that continues where another one ended.
type resumedWait struct {
	timeout    time.Duration
	statuses   []string
	unfinished *unfinishedWait
}

// resumeWait continues waiting for the run that state holds. It returns the note about an unfinished wait: nil after
// success, the old note after a 404, and else a note that makes the next plan continue waiting or replace the run.
func (r *runResource) resumeWait(ctx context.Context, m *runModel, re resumedWait, diags *diag.Diagnostics) *unfinishedWait {
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, re.timeout)
	defer cancel()
	w := r.data.waitForRun(ctx, limited, m.ref(), nil, re.statuses, logInfo)
	if w.run != nil {
		known := m.runFacts
		m.setFrom(w.run, re.statuses)
		m.copyFixedValues(&known) // as it was planned
	}
	if w.finished() && m.RecordFiles.ValueBool() && m.Files.IsNull() {
		m.Files = r.data.recordFiles(ctx, w.ref, diags)
	}
	diags.Append(r.data.reportWait(ctx, waitReport{waitResult: w, waiter: updateWaits, timeout: re.timeout, logLines: m.FailureLogLines.ValueInt64()})...)
	switch {
	case w.end == waitSucceeded:
		return nil
	case w.end == waitNotFound:
		return re.unfinished
	default:
		return &unfinishedWait{Own: re.unfinished != nil && re.unfinished.Own}
	}
}

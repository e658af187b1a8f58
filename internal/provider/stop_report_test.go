// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// An action stops a run that need not be in any state. Then no advice is about state, and a run that is not found is an
// error: its id can be wrong.
func TestStopReportWithoutState(t *testing.T) {
	ref := sequentum.RunRef{AgentID: 4711, RunID: 100001}
	for name, agent := range map[string]agentAnswer{
		"the agent exists": agentExists, "the agent is gone too": agentGoneToo, "the agent is unknown": agentUnknown,
	} {
		t.Run(name, func(t *testing.T) {
			m := missing{object: runObject(ref), cause: errors.New("404"), agent: agent, agentErr: errors.New("503")}
			for _, inState := range []bool{false, true} {
				d := stopReport{ref: ref, inState: inState}.notFound(m)
				if !inState && d.Severity() != diag.SeverityError {
					t.Errorf("only a warning: %s", d.Summary())
				}
				text := d.Detail()
				if strings.Contains(text, "  ") || !inState && strings.Contains(strings.ToLower(text), "state") {
					t.Errorf("in state: %t: %s", inState, text)
				}
			}
		})
	}
}

package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// An action stops a run that need not be in any state: then no advice is about state.
func TestStopReportWithoutState(t *testing.T) {
	ref := sequentum.RunRef{AgentID: 4711, RunID: 100001}
	for name, agent := range map[string]agentAnswer{
		"the agent exists": agentExists, "the agent is gone too": agentGoneToo, "the agent is unknown": agentUnknown,
	} {
		t.Run(name, func(t *testing.T) {
			m := missing{object: runObject(ref), cause: errors.New("404"), agent: agent, agentErr: errors.New("503")}
			for _, inState := range []bool{false, true} {
				text := stopReport{ref: ref, inState: inState}.notFound(m).Detail()
				if strings.Contains(text, "  ") || !inState && strings.Contains(strings.ToLower(text), "state") {
					t.Errorf("in state: %t: %s", inState, text)
				}
			}
		})
	}
}

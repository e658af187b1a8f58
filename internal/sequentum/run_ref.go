package sequentum

import (
	"fmt"
	"strconv"
	"strings"
)

// RunRef names one run. A run id means something only together with its agent's.
type RunRef struct {
	AgentID int64
	RunID   int64
}

// String gives the form in which runs are imported: "agent_id/run_id".
func (r RunRef) String() string {
	return fmt.Sprintf("%d/%d", r.AgentID, r.RunID)
}

// Ref names the run.
func (r *Run) Ref() RunRef {
	return RunRef{AgentID: r.AgentID, RunID: r.ID}
}

// ParseRunRef reads the form "agent_id/run_id", exactly as [RunRef.String] gives it. Both ids are decimal numbers from 1
// up; anything else is an error.
func ParseRunRef(s string) (RunRef, error) {
	agent, run, _ := strings.Cut(s, "/")
	agentID, agentErr := strconv.ParseInt(agent, 10, 32)
	runID, runErr := strconv.ParseInt(run, 10, 64)
	ref := RunRef{AgentID: agentID, RunID: runID}
	// A sign or a leading zero would make a second name of the same run.
	if agentErr != nil || runErr != nil || agentID < 1 || runID < 1 || ref.String() != s {
		return RunRef{}, fmt.Errorf("%q is not of the form agent_id/run_id, for example 4711/100001", s)
	}
	return ref, nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import "fmt"

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

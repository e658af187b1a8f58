// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// maxUnknownStatuses is how many statuses that are not in the API's table are warned of.
const maxUnknownStatuses = 20

// unknownStatuses remembers the statuses that were warned of: a thousand runs that are asked for every few seconds must not
// fill the log.
type unknownStatuses struct {
	mu     sync.Mutex
	warned map[Status]bool
}

// warn warns of a status that is not in the API's table, once for each status. It counts as active, and so a wait may take
// long.
func (u *unknownStatuses) warn(ctx context.Context, run *Run) {
	if !run.Status.Known() && u.isNew(run.Status) {
		tflog.Warn(ctx, "A run has a status that is not in the API's table. The status counts as active. There is one warning for each such status", map[string]any{
			"agent_id": run.AgentID,
			"run_id":   run.ID,
			"status":   run.Status.String(),
		})
	}
}

func (u *unknownStatuses) isNew(s Status) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.warned[s] || len(u.warned) >= maxUnknownStatuses {
		return false
	}
	if u.warned == nil {
		u.warned = map[Status]bool{}
	}
	u.warned[s] = true
	return true
}

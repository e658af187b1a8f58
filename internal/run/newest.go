// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"slices"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// MostListed is how many runs of an agent the API lists at most (API: Runs, List).
const MostListed = largeList

// Newest are the newest runs of an agent.
type Newest struct {
	// Runs are in the API's order, newest first, and each is there once.
	Runs []sequentum.Run
	// Asked is how many were asked for at most. It is less than [Manager.ListNewest] was called with if a list of that
	// length could not be read.
	Asked int
	// Full: as many came as were asked for. The agent may have more runs.
	Full bool
	// Skipped is how many elements of the list could not be used. Each of them may be a run.
	Skipped int
}

// ListNewest gives the newest runs of an agent, active and archived together (API: Runs, List): at least n, or all if there
// are fewer. n is from 1 to [MostListed]. Equal reads share a list, also with [Manager.Read]. A run that this process saw
// finished for good is as it was then, and one that the list shows in two ways is asked for by itself. It is an error when
// no element of the list can be used.
func (m *Manager) ListNewest(ctx context.Context, agentID int64, n int) (*Newest, error) {
	a := m.agent(agentID)
	size := smallList
	if n > smallList {
		size = largeList
	}
	changed, latest := a.history.latestChange()
	l, err := a.lists.listFor(ctx, listNeed{newest: size, changed: changed, latest: latest})
	if err != nil {
		return nil, err
	}
	runs := slices.Clone(l.runs)
	for i := range runs {
		own := a.history.finalRun(runs[i].ID)
		if own == nil && l.odd[runs[i].ID] {
			own, _ = m.ReadOwn(ctx, runs[i].Ref()) // if that fails, the list is all that is known
		}
		if own != nil {
			runs[i] = *own
		}
	}
	return &Newest{Runs: runs, Asked: l.size, Full: l.full, Skipped: l.skipped}, nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runsQuery says which runs of an agent are looked for.
type runsQuery struct {
	agentID      int64
	statuses     []string  // nil: all
	createdAfter time.Time // zero: any time
	limit        int
}

// foundRuns are the newest runs of an agent that match a query.
type foundRuns struct {
	runs    []sequentum.Run
	more    bool // the agent may have older runs that match, and no list reaches them
	asked   int  // how many runs the list that they are from could hold
	skipped int  // how many elements of that list cannot be used
}

// find returns the newest runs that match. It asks for a short list first, and for the longest one only if the short list
// has too few of them.
func (q runsQuery) find(ctx context.Context, runs *run.Manager) (*foundRuns, error) {
	for n := min(q.limit, run.MostListed); ; n = run.MostListed {
		newest, err := runs.ListNewest(ctx, q.agentID, n)
		if err != nil {
			return nil, err
		}
		isLast := !newest.Full || q.isPast(newest.Runs)
		found := &foundRuns{asked: newest.Asked, skipped: newest.Skipped}
		found.runs = slices.DeleteFunc(newest.Runs, func(r sequentum.Run) bool { return !q.matches(&r) })
		switch {
		case len(found.runs) >= q.limit:
			found.runs = found.runs[:q.limit]
			return found, nil
		case isLast, n == run.MostListed:
			found.more = !isLast
			return found, nil
		}
	}
}

// describeReach says why older runs than these are not in any list.
func (f *foundRuns) describeReach() string {
	if f.asked < run.MostListed {
		return fmt.Sprintf("The list of the %d newest runs could not be read. The provider read only the %d newest.", run.MostListed, f.asked)
	}
	return fmt.Sprintf("The API lists at most the %d newest runs of an agent.", run.MostListed)
}

func (q runsQuery) matches(r *sequentum.Run) bool {
	return (q.statuses == nil || isOneOf(r.Status, q.statuses)) && (q.createdAfter.IsZero() || r.CreatedAt.After(q.createdAfter))
}

// isPast reports whether no run that is older than these can match: a list is newest first (API: Runs, List).
func (q runsQuery) isPast(runs []sequentum.Run) bool {
	if q.createdAfter.IsZero() || len(runs) == 0 {
		return false
	}
	oldest := runs[len(runs)-1].CreatedAt
	return !oldest.IsZero() && !oldest.After(q.createdAfter)
}

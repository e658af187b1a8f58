// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"slices"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// otherRuns are the agent's runs that were active before this process's first start.
type otherRuns struct {
	active []sequentum.Run
	listed bool // they have been asked for
	told   bool // a caller has been told of them
}

// untold returns the others to the first caller, and nil to every later one.
func (o *otherRuns) untold(others []sequentum.Run) []sequentum.Run {
	if o.told {
		return nil
	}
	o.told = true
	return others
}

// activeOthers lists the agent's runs that were active before this process's first start, without those that this
// process has seen finish since then. Its caller must have the agent's turn.
func (a *agent) activeOthers(ctx context.Context) ([]sequentum.Run, error) {
	o := &a.turn.others
	if !o.listed {
		l, err := a.list(partOfStart(ctx), largeList)
		if err != nil {
			return nil, err
		}
		for _, r := range l.runs {
			if r.Status.Active() {
				o.active = append(o.active, r)
			}
		}
		o.listed = true
	}
	o.active = slices.DeleteFunc(o.active, func(r sequentum.Run) bool { return a.history.finalRun(r.ID) != nil })
	return slices.Clone(o.active), nil
}

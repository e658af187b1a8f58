// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"maps"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// endFaults ends all that goes wrong.
func (s *sequence) endFaults() {
	s.note("all goes well from now on")
	s.cloud.ClearFaults()
	s.cloud.Release()
	s.cloud.Outage(false)
	s.cloud.Forbid(false)
	time.Sleep(4 * time.Minute) // for what was still to happen
	s.cloud.Outage(false)
	s.cloud.Forbid(false)
	for _, a := range s.agents {
		a.Outcomes, a.Exclusive, a.Retention = nil, "", 0
		s.cloud.SetAgent(a)
	}
	holders := holdersOf(s.core.Saved())
	for _, a := range s.agents {
		for _, r := range s.cloud.Runs(a.ID) {
			if isActive(r) && len(holders[r.ID]) == 0 {
				s.cloud.Finish(r.ID, simulator.Stopped) // or it would keep an exclusive agent busy
			}
		}
	}
}

// settle applies until an apply goes well.
func (s *sequence) settle() {
	s.endFaults()
	s.applyUntilWell()
}

// applyUntilWell applies, when nothing goes wrong any more. A run that failed is replaced before the next apply, as a user
// would do it.
func (s *sequence) applyUntilWell() {
	for range 6 {
		if s.runUndisturbed("apply", core.PlanMode{}) {
			plan, ok := s.core.Begin().Plan(core.PlanMode{})
			if !ok {
				s.Wrong("the plan after the last apply failed")
			} else {
				s.wantEmpty(plan)
			}
			return
		}
		for _, r := range s.runs {
			r.newRun(s.rng)
			r.createTimeout, r.ifActive, r.successStatuses, r.late = "1h", "", nil, false
		}
	}
	s.Wrong("six applies with new runs, and none went well")
}

// destroyAll destroys all, and nothing that was started stays active.
func (s *sequence) destroyAll() {
	for range 4 {
		if s.runUndisturbed("destroy", core.PlanMode{Destroy: true}) {
			break
		}
	}
	if left := s.core.Saved(); len(left.Current)+len(left.Deposed) > 0 {
		s.Wrong("after the destroy state still holds %v and %v", slices.Collect(maps.Keys(left.Current)), slices.Collect(maps.Keys(left.Deposed)))
	}
	time.Sleep(2 * time.Hour) // for the goroutines of those who were killed
	ours := s.ownRuns("")
	for _, r := range ours {
		s.mu.Lock()
		known := s.left[r.ID] || s.excused[originOf(r)] || s.wasNamed(r) || !s.mustBeKnown(r, ours)
		s.mu.Unlock()
		if isActive(r) && !known {
			s.Wrong("run %d is still %s after the destroy", r.ID, r.Status)
		}
	}
}

func (s *sequence) runUndisturbed(what string, mode core.PlanMode) bool {
	s.core.Config = s.configure()
	c := s.core.Begin()
	defer c.End()
	s.note("%s", what)
	ok := c.Apply(mode)
	s.note("%s: ended well: %v", what, ok)
	s.ended(what, ok, c)
	s.checkState()
	return ok
}

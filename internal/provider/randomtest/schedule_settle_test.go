// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"maps"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// settle applies when nothing goes wrong any more. That succeeds at once, and the plan after it is empty.
func (s *scheduleSequence) settle() {
	s.note("all goes well from now on")
	s.endFaults()
	time.Sleep(4 * time.Minute) // for what was still to happen
	s.endFaults()
	s.slow, s.settling = false, true
	s.mendPast()
	s.awaitOnce()
	if !s.runUndisturbed("apply", core.PlanMode{}) {
		s.Wrong("the last apply failed, and nothing goes wrong any more")
		return
	}
	s.planNothing()
}

// awaitOnce waits until no once is less than two minutes ahead: the platform then refuses every change of it (API: Schedules).
func (s *scheduleSequence) awaitOnce() {
	for _, block := range s.schedules {
		if left := time.Until(block.at); block.kind == "once" && left > 0 && left < 2*time.Minute {
			time.Sleep(left + time.Second)
		}
	}
}

// destroyAll destroys all, and nothing of ours is left.
func (s *scheduleSequence) destroyAll() {
	if !s.runUndisturbed("destroy", core.PlanMode{Destroy: true}) {
		s.Wrong("the destroy failed, and nothing goes wrong any more")
	}
	if left := s.core.Saved(); len(left.Current)+len(left.Deposed) > 0 {
		s.Wrong("after the destroy state still holds %v and %v", slices.Collect(maps.Keys(left.Current)), slices.Collect(maps.Keys(left.Deposed)))
	}
	time.Sleep(2 * time.Hour) // for the goroutines of those who were killed
	s.checkState(time.Now())
	s.mu.Lock()
	managed := maps.Clone(s.managed)
	s.mu.Unlock()
	for id, held := range managed {
		if one, exists := s.cloud.Schedule(id); held && exists {
			s.Wrong("schedule %d is still there after the destroy: %s", id, describeSchedule(one))
		}
	}
}

func (s *scheduleSequence) runUndisturbed(what string, mode core.PlanMode) bool {
	s.core.Config = scheduleConfigOf(s.schedules)
	begun := time.Now()
	c := s.core.Begin()
	defer c.End()
	s.note("%s", what)
	ok := c.Apply(mode)
	s.note("%s: ended well: %v", what, ok)
	s.checkState(begun)
	return ok
}

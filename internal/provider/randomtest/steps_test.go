// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// step takes one random action.
func (s *sequence) step() {
	switch s.rng.IntN(20) {
	case 0, 1:
		s.applyReplacing()
	case 2, 3:
		s.injectFaults()
		s.during("destroy", func(c *core.Command) bool { return c.Apply(core.PlanMode{Destroy: true}) })
	case 4:
		s.during("plan", func(c *core.Command) bool {
			_, ok := c.Plan(core.PlanMode{})
			return ok
		})
	case 5:
		s.during("refresh", (*core.Command).Refresh)
	case 6:
		s.note("the faults end")
		s.cloud.ClearFaults()
	case 7, 8:
		s.changeTaint()
	case 9:
		s.importLost()
	case 11:
		s.withoutAccess()
	case 10:
		h := s.randomHappening()
		s.note("%s", h.what)
		h.do()
		time.Sleep(upTo(s.rng, 2*time.Minute))
	default:
		if oneIn(s.rng, 2) {
			s.changeConfiguration()
		}
		s.injectFaults()
		s.apply(core.PlanMode{})
	}
}

func (s *sequence) injectFaults() {
	faults := []simulator.Fault{}
	if oneIn(s.rng, 2) {
		faults = append(faults, lostAnswer(s.rng, simulator.KindStart))
	}
	for range max(0, s.rng.IntN(4)-1) {
		faults = append(faults, randomFault(s.rng))
	}
	if s.odd.answers {
		for range 1 + s.rng.IntN(3) {
			faults = append(faults, oddAnswer(s.rng))
		}
	}
	for _, f := range faults {
		s.note("fault: %s", describeFault(f))
		s.slowStarts = s.slowStarts || f.Delay > foundInTime
		s.cloud.Inject(f)
	}
}

// apply applies, and reports whether that went well. Then it leaves nothing to do.
func (s *sequence) apply(mode core.PlanMode) bool {
	if !s.during("apply", func(c *core.Command) bool { return c.Apply(mode) }) {
		return false
	}
	again := s.core.Begin()
	defer again.End()
	s.note("plan -refresh=false after the apply")
	plan, ok := again.Plan(core.PlanMode{NoRefresh: true})
	if !ok {
		s.Wrong("the plan after the apply failed")
		return true
	}
	s.wantEmpty(plan)
	return true
}

// wantEmpty: the plan after an apply is empty, but for a run that nobody waits for and that has failed already.
func (s *sequence) wantEmpty(plan *core.Plan) {
	for _, c := range plan.Changes {
		if c.Type == runType && c.Action == core.ActionReplace && core.BoolOf(c.Before.Value, "replace_on_failure") && !waits(c.Before.Value) {
			return
		}
	}
	for address, c := range plan.Changes {
		if c.Action != core.ActionNone {
			s.Wrong("%s: the plan after an apply is %s", address, c.Action)
		}
	}
}

// during runs a command while things happen: sometimes it is interrupted or killed, and sometimes something happens
// to the cloud.
func (s *sequence) during(what string, run func(*core.Command) bool) bool {
	s.core.Config = s.configure()
	c := s.core.Begin()
	defer c.End()
	var timers []*time.Timer
	later := func(limit time.Duration, what string, do func()) {
		d := upTo(s.rng, limit)
		timers = append(timers, time.AfterFunc(d, func() {
			s.note("  %s", what)
			do()
		}))
	}
	limit := pick(s.rng, s.disturbedWithin...)
	switch s.rng.IntN(8) {
	case 0, 1, 2:
		later(limit, "interrupt", c.Interrupt)
	case 3:
		later(limit, "kill -9", c.Kill)
	}
	for range max(0, s.rng.IntN(5)-2) {
		h := s.randomHappening()
		later(limit, h.what, h.do)
	}
	if s.odd.refusals && oneIn(s.rng, 3) {
		faults := refusedLooks(s.rng)
		later(limit, fmt.Sprintf("from now on, every look at a run is answered with %d %s", faults[0].Code, faults[0].Shape), func() { s.cloud.Inject(faults...) })
		defer s.cloud.ClearFaults()
	}
	s.note("%s", what)
	ok := run(c)
	for _, t := range timers {
		t.Stop()
	}
	if c.Killed() {
		s.excuseKilled()
	}
	halted := c.Halted()
	s.note("%s: ended well: %v, halted: %v", what, ok, halted)
	s.ended(what, ok, c)
	s.checkState()
	time.Sleep(s.listLag) // a list that lags behind an earlier command gives no mark to tell new runs by
	return ok && !halted
}

// withoutAccess runs a command in which the key comes to see nothing of an agent any more.
func (s *sequence) withoutAccess() {
	agentID, mode := pick(s.rng, s.agents...).ID, core.PlanMode{Destroy: oneIn(s.rng, 2)}
	loss := time.AfterFunc(upTo(s.rng, pick(s.rng, time.Second, 30*time.Second)), func() {
		s.note("  the key loses access to agent %d", agentID)
		s.cloud.HideAgent(agentID, true)
	})
	s.during("apply or destroy", func(c *core.Command) bool { return c.Apply(mode) })
	loss.Stop()
	s.note("the key has access again")
	s.cloud.HideAgent(agentID, false)
}

func (s *sequence) applyReplacing() {
	mode := core.PlanMode{Replace: map[string]bool{pick(s.rng, s.runs...).address(): true}}
	s.note("-replace: %v", slices.Collect(maps.Keys(mode.Replace)))
	s.apply(mode)
}

func (s *sequence) changeConfiguration() {
	r := pick(s.rng, s.runs...)
	if s.odd.spellings {
		r.spelling = s.rng.Int64N(12)
	}
	switch s.rng.IntN(5) {
	case 0, 1:
		r.newRun(s.rng)
	case 2:
		r.absent = !r.absent
	default:
		pick(s.rng, randomRunChanges...)(r, s.rng)
	}
	s.note("configuration: %+v", *r)
}

func (s *sequence) changeTaint() {
	r, tainted := pick(s.rng, s.runs...), oneIn(s.rng, 3)
	s.note("taint %s: %v: %v", r.address(), tainted, s.core.SetTainted(r.address(), tainted))
}

// importLost imports a run that a resource asked for and does not hold, as a user would who was told of it.
func (s *sequence) importLost() {
	saved := s.core.Saved()
	holders := holdersOf(saved)
	for _, r := range s.runs {
		if saved.Current[r.address()] != nil || r.absent {
			continue
		}
		for _, run := range s.ownRuns(r.name) {
			if len(holders[run.ID]) > 0 || run.Gone || run.AgentID != r.agentID {
				continue
			}
			s.during(fmt.Sprintf("import run %d as %s", run.ID, r.address()), func(c *core.Command) bool {
				return c.Import(r.address(), runType, fmt.Sprintf("%d/%d", run.AgentID, run.ID))
			})
			return
		}
	}
}

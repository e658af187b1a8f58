// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// step takes one random action.
func (s *scheduleSequence) step() {
	switch s.rng.IntN(22) {
	case 0:
		block := pick(s.rng, s.schedules...)
		s.note("-replace %s", block.address())
		s.mendPast(block)
		s.apply(core.PlanMode{Replace: map[string]bool{block.address(): true}})
	case 1:
		s.injectFaults()
		s.during("destroy", func(c *core.Command) bool { return c.Apply(core.PlanMode{Destroy: true}) })
	case 2:
		s.during("plan", func(c *core.Command) bool {
			_, ok := c.Plan(core.PlanMode{})
			return ok
		})
	case 3:
		s.injectFaults()
		s.during("refresh", (*core.Command).Refresh)
	case 4:
		block, tainted := pick(s.rng, s.schedules...), oneIn(s.rng, 2)
		s.note("taint %s: %v: %v", block.address(), tainted, s.core.SetTainted(block.address(), tainted))
	case 5, 6:
		s.importOne()
	case 7:
		s.letGo()
	case 8, 9:
		h := s.randomHappening()
		s.note("%s", h.what)
		h.do()
		time.Sleep(upTo(s.rng, 2*time.Minute))
	case 10:
		s.withoutAccess()
	case 11, 12:
		length := upTo(s.rng, pick(s.rng, 10*time.Minute, 4*time.Hour, 100*time.Hour))
		s.note("%v pass", length)
		time.Sleep(length)
	default:
		if !oneIn(s.rng, 3) {
			s.changeConfiguration()
		}
		s.mendPast()
		if !oneIn(s.rng, 4) {
			s.injectFaults()
		}
		s.apply(core.PlanMode{})
	}
}

func (s *scheduleSequence) changeConfiguration() {
	block := pick(s.rng, s.schedules...)
	if s.odd.spellings {
		block.spelling = s.rng.Int64N(12)
	}
	switch s.rng.IntN(6) {
	case 0:
		block.absent = !block.absent
	case 1:
		block.newTiming(s.rng, time.Now())
	case 2:
		block.agentID = pick(s.rng, s.agents...).ID
	default:
		pick(s.rng, randomScheduleChanges...)(block, s.rng)
	}
	s.note("configuration: %+v", *block)
}

// mendPast gives each block that would be created, or is new, a time that the platform accepts. A user may forget that, but
// not where the time is known only at apply: then the apply fails, rightly.
// Those of replaced are created again.
func (s *scheduleSequence) mendPast(replaced ...*randomSchedule) {
	saved := s.core.Saved()
	for _, block := range s.schedules {
		ahead := 3 * time.Minute
		if block.late {
			ahead = 2 * time.Hour
		}
		o := saved.Current[block.address()]
		if at := block.fires(); at.IsZero() || at.After(time.Now().Add(ahead)) || !block.late && !slices.Contains(replaced, block) && o != nil && !o.Tainted && s.holds(o, block) {
			continue
		}
		if !block.late && oneIn(s.rng, 8) && !s.settling {
			continue
		}
		at := soon(s.rng, time.Now().Add(ahead))
		block.begins, block.at = at, at
		s.note("a new start time: %+v", *block)
	}
}

// holds reports whether the schedule of an object has the time of the block, on the cloud too unless it is over and gone: then
// the time can stay.
func (s *scheduleSequence) holds(o *core.Object, block *randomSchedule) bool {
	one, exists := s.cloud.Schedule(core.NumberOf(o.Value, "schedule_id"))
	return core.NumberOf(o.Value, "agent_id") == block.agentID && timeOf(core.Attributes(o.Value)[block.kind]).Equal(block.fires()) &&
		(exists && (block.kind != "once" || len(s.timingDifferences(o.Value, one)) == 0) || !exists && hasPassed(o.Value))
}

func (s *scheduleSequence) injectFaults() {
	faults := []simulator.Fault{}
	if oneIn(s.rng, 2) {
		faults = append(faults, lostAnswer(s.rng, pick(s.rng, simulator.KindScheduleCreate, simulator.KindScheduleCreate, simulator.KindScheduleUpdate, simulator.KindScheduleDelete)))
	}
	for range max(0, s.rng.IntN(4)-1) {
		faults = append(faults, randomScheduleFault(s.rng))
	}
	if s.odd.answers {
		for range 1 + s.rng.IntN(2) { // three in a row are to be believed
			faults = append(faults, oddScheduleAnswer(s.rng))
		}
	}
	for _, f := range faults {
		s.note("fault: %s", describeFault(f))
		s.slow = s.slow || f.Delay > 0
		s.cloud.Inject(f)
	}
}

// apply applies. After an apply that went well the plan is empty, also when time has passed, and costs one list per agent.
func (s *scheduleSequence) apply(mode core.PlanMode) {
	begun := time.Now()
	if !s.during("apply", func(c *core.Command) bool { return c.Apply(mode) }) || s.slow {
		return
	}
	if oneIn(s.rng, 3) {
		time.Sleep(upTo(s.rng, pick(s.rng, time.Hour, 100*time.Hour)))
	}
	if !s.isDisturbedAnyhow(begun) {
		s.planNothing()
	}
}

// planNothing: the plan is empty.
func (s *scheduleSequence) planNothing() {
	c := s.core.Begin()
	defer c.End()
	s.note("plan after the apply")
	s.cloud.ResetCounts()
	plan, ok := c.Plan(core.PlanMode{})
	if !ok {
		s.Wrong("the plan after the apply failed")
		return
	}
	for address, change := range plan.Changes {
		if change.Action != core.ActionNone {
			s.Wrong("%s: the plan after an apply is %s: %s", address, change.Action, describeValue(change.Planned.Value))
		}
	}
	s.checkRequests()
}

// quick is how long a plan takes at most in which no request has to wait for the server.
const quick = 2 * time.Second

// checkRequests: the refresh has asked once per agent, unless a schedule is over, or the server let it wait.
func (s *scheduleSequence) checkRequests() {
	agents := map[int64]bool{}
	for _, o := range s.core.Saved().Current {
		agents[core.NumberOf(o.Value, "agent_id")] = true
		if hasPassed(o.Value) {
			return
		}
	}
	lists, all := s.cloud.Count(simulator.KindSchedules), s.cloud.Count(simulator.AnyKind)
	if time.Since(s.planBegun()) < quick && !s.odd.elements && !s.odd.headers && (lists != len(agents) || all != lists) {
		s.Wrong("a refresh of the schedules of %d agents needed %d lists, %d requests in all", len(agents), lists, all)
	}
}

// during runs a command while things happen: sometimes it is interrupted or killed, and sometimes something happens to the
// cloud. All that went wrong ends with it.
func (s *scheduleSequence) during(what string, run func(*core.Command) bool) bool {
	s.core.Config = scheduleConfigOf(s.schedules)
	begun := time.Now()
	c := s.core.Begin()
	defer c.End()
	var timers []*time.Timer
	later := func(limit time.Duration, what string, do func()) {
		timers = append(timers, time.AfterFunc(upTo(s.rng, limit), func() {
			s.note("  %s", what)
			do()
		}))
	}
	limit := pick(s.rng, 3*time.Second, 3*time.Second, 30*time.Second, 2*time.Minute)
	switch s.rng.IntN(12) {
	case 0, 1:
		later(limit, "interrupt", c.Interrupt)
	case 2:
		later(limit, "kill -9", c.Kill)
	}
	for range max(0, s.rng.IntN(5)-3) {
		h := s.randomHappening()
		later(limit, h.what, h.do)
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
	s.endFaults()
	s.checkState(begun)
	return ok && !halted
}

// endFaults ends all that goes wrong, and waits for what was still to happen.
func (s *scheduleSequence) endFaults() {
	s.cloud.ClearFaults()
	s.cloud.Release()
	if s.slow {
		time.Sleep(2 * time.Minute)
	}
	s.cloud.Outage(false)
	s.cloud.Forbid(false)
	s.revoke(false)
}

// withoutAccess runs a command in which the key comes to see nothing of an agent any more.
func (s *scheduleSequence) withoutAccess() {
	agentID, mode := pick(s.rng, s.agents...).ID, core.PlanMode{Destroy: oneIn(s.rng, 2)}
	s.mendPast()
	loss := time.AfterFunc(upTo(s.rng, pick(s.rng, time.Second, 5*time.Second)), func() {
		s.note("  the key loses access to agent %d", agentID)
		s.cloud.HideAgent(agentID, true)
	})
	s.during("apply or destroy", func(c *core.Command) bool { return c.Apply(mode) })
	loss.Stop()
	s.note("the key has access again")
	s.cloud.HideAgent(agentID, false)
}

// importOne imports a schedule that no state holds, as a user would who was told of it, or has found a person's.
func (s *scheduleSequence) importOne() {
	saved := s.core.Saved()
	holders := scheduleHolders(saved)
	for _, block := range s.schedules {
		if saved.Current[block.address()] != nil || block.absent {
			continue
		}
		all := s.cloud.Schedules(block.agentID)
		all = slices.DeleteFunc(all, func(one simulator.Schedule) bool { return len(holders[one.ID]) > 0 })
		if len(all) == 0 {
			continue
		}
		one := pick(s.rng, all...)
		s.injectFaults()
		s.during(fmt.Sprintf("import schedule %d as %s", one.ID, block.address()), func(c *core.Command) bool {
			return c.Import(block.address(), scheduleType, fmt.Sprintf("%d/%d", one.AgentID, one.ID))
		})
		return
	}
}

// letGo is terraform state rm: the schedule is a stranger's from now on.
func (s *scheduleSequence) letGo() {
	block := pick(s.rng, s.schedules...)
	o := s.core.Saved().Current[block.address()]
	if o == nil {
		return
	}
	id := core.NumberOf(o.Value, "schedule_id")
	s.note("state rm %s, schedule %d: %v", block.address(), id, s.core.Forget(block.address()))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.managed[id] = false
	s.excused[s.made[id].origin] = true
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"slices"
	"time"
)

// Schedule ids need more than 32 bits, so that a client that keeps them in 32 bits fails.
const firstSchedule = 6_000_000_001

// catchUp plays what the schedules have done until now, in the order of time, and returns the present moment. Whatever
// reads or changes agents and runs calls it first, so schedules need no timer and no goroutine.
func (c *Cloud) catchUp() time.Time {
	now := c.now()
	for s := c.nextDue(now); s != nil; s = c.nextDue(now) {
		c.fire(s)
	}
	return now
}

// nextDue is the schedule that fires first, if that is not after t; or nil.
func (c *Cloud) nextDue(t time.Time) *schedule {
	var first *schedule
	for _, a := range c.agents {
		for _, s := range a.schedules {
			if s.NextRunTime.IsZero() || s.NextRunTime.After(t) {
				continue
			}
			if first == nil || cmp.Or(s.NextRunTime.Compare(first.NextRunTime), cmp.Compare(s.ID, first.ID)) < 0 {
				first = s
			}
		}
	}
	return first
}

// fire starts the run of a schedule, and plans its next one. What refuses a start makes a run that is Skipped.
func (c *Cloud) fire(s *schedule) {
	a, at, start := s.agent, s.NextRunTime, s.startBody()
	a.startHeldRuns(at)
	s.Firings++
	if code, reason := a.startRefusal(start, at); code != 0 {
		s.LastRunID = c.addSkippedRun(a, start, reason, at).id
	} else if a.exclusiveAnswer(start) != ExclusiveAnswer || !a.hasActiveRun(at) {
		s.LastRunID = c.startRuns(a, start, nil, at).id
	}
	if s.Type != ScheduleRunOnce {
		s.plan(at)
		return
	}
	s.NextRunTime, s.firedAt = time.Time{}, at
	if c.options.Schedules.FiredClearsStart {
		s.StartTime = Moment{}
	}
	switch c.options.Schedules.Fired {
	case FiredDisabled:
		s.Disabled, s.Updated = true, at
	case FiredDeleted:
		a.removeSchedule(s)
	}
}

// addSkippedRun makes the run that a schedule leaves where the agent cannot start.
func (c *Cloud) addSkippedRun(a *agentState, start startBody, reason string, at time.Time) *run {
	r := c.addRun(a, Outcome{Status: Skipped, Message: reason, Files: new([]File)}, at)
	r.start = start
	r.life.appendEnd(at, a.settings, Skipped, reason, 0)
	return r
}

// addSchedule makes a schedule that has been checked.
func (c *Cloud) addSchedule(a *agentState, settings Schedule, now time.Time) *schedule {
	id := settings.ID
	if id == 0 {
		id = c.nextSchedule
	}
	c.nextSchedule = max(c.nextSchedule, id+1)
	s := &schedule{agent: a, Schedule: Schedule{ID: id, AgentID: a.settings.ID, Created: now}}
	s.change(settings, c.options.Schedules.DefaultTimezone, now)
	a.schedules = append(a.schedules, s)
	return s
}

// addSchedules adds the schedules of an agent's description. It panics if one makes no sense.
func (c *Cloud) addSchedules(a *agentState, all []Schedule, now time.Time) {
	for _, s := range all {
		c.mustFit(s)
		c.addSchedule(a, s, now)
	}
}

// schedule is the agent's schedule with that id, or nil.
func (a *agentState) schedule(id int64) *schedule {
	i := slices.IndexFunc(a.schedules, func(s *schedule) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return a.schedules[i]
}

func (a *agentState) removeSchedule(s *schedule) {
	a.schedules = slices.DeleteFunc(a.schedules, func(other *schedule) bool { return other == s })
}

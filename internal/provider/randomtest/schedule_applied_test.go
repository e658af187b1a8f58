// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// leaveScheduleOpen are the errors of a create that say that there may be a schedule.
var leaveScheduleOpen = []string{"a schedule may have been created", "it is not certain"}

// scheduleCreate is a create that is under way.
type scheduleCreate struct {
	origin
	begun time.Time
}

func (s *scheduleSequence) Applying(address string, c *core.Change, config tftypes.Value) func(*core.Object, core.Answer) {
	begun := time.Now()
	s.note("    %s: %s begins", address, c.Action)
	s.mu.Lock()
	op := &scheduleCreate{origin{core.TextOf(c.Planned.Value, "name"), s.process}, begun}
	if c.Action == core.ActionCreate {
		s.allowed[op.origin]++
		s.underWay[op] = true
	}
	s.mu.Unlock()
	return func(after *core.Object, a core.Answer) {
		s.mu.Lock()
		delete(s.underWay, op)
		s.mu.Unlock()
		if after != nil {
			s.note("    %s: %s ended: schedule %d", address, c.Action, core.NumberOf(after.Value, "schedule_id"))
			s.hold(core.NumberOf(after.Value, "schedule_id"))
		} else {
			s.note("    %s: %s ended", address, c.Action)
		}
		s.noteDiagnostics(address, a)
		s.takeCensus()
		if s.slow && c.Action == core.ActionCreate {
			s.excuse(op.origin, "it can have had its effect when nobody looked any more")
		}
		switch {
		case c.Action == core.ActionDelete:
			s.checkScheduleDeleted(address, c.Before, after)
		case after == nil:
			s.checkScheduleNotCreated(op, core.Errors(a.Diagnostics))
		case c.Action == core.ActionCreate:
			s.checkScheduleCreated(op, after, a)
		}
		if after != nil && c.Action != core.ActionDelete && !a.Failed() {
			s.checkIdentity(address, "schedule_id", after)
			s.checkHeld(address, begun, config, after, a)
		}
	}
}

// hold remembers that a schedule is, or was, in state.
func (s *scheduleSequence) hold(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.managed[id] = true
}

// notEnabled is in the warning of a create that could not enable or disable its schedule.
const notEnabled = "was created, but could not be"

// checkHeld: after an apply without an error, the cloud holds what the configuration says.
func (s *scheduleSequence) checkHeld(address string, begun time.Time, config tftypes.Value, after *core.Object, a core.Answer) {
	id := core.NumberOf(after.Value, "schedule_id")
	one, exists := s.cloud.Schedule(id)
	s.begins.Store(id, one.StartTime.Time)
	s.blurred.Store(id, s.isDisturbed(id, begun))
	switch {
	case s.isDisturbed(id, begun) || s.slow || hasPassed(config):
		return
	case !exists:
		s.Wrong("%s: the apply ended well, and there is no schedule %d", address, id)
		return
	}
	differ := s.differences(config, one)
	if strings.Contains(core.Warnings(a.Diagnostics), notEnabled) {
		differ = slices.DeleteFunc(differ, func(argument string) bool { return argument == "enabled" })
	}
	if len(differ) > 0 {
		s.Wrong("%s: the apply ended well, and schedule %d differs in %v: %s is %s", address, id, differ, describeValue(config), describeSchedule(one))
	}
}

// checkScheduleCreated: a create whose answer was lost can be led to a person's schedule of the same name and settings, when
// its own took no effect or shows too late. Nothing else can be.
func (s *scheduleSequence) checkScheduleCreated(op *scheduleCreate, after *core.Object, a core.Answer) {
	id := core.NumberOf(after.Value, "schedule_id")
	one, _ := s.cloud.Schedule(id)
	s.mu.Lock()
	made, lost, rushed := s.made[id], s.lost[op.origin], slices.Clone(s.rushed)
	s.mu.Unlock()
	switch {
	case made == nil || made.agentID != core.NumberOf(after.Value, "agent_id"):
		s.Wrong("state holds schedule %d, and there never was one", id)
		return
	case made.origin == op.origin:
		if strings.Contains(core.Warnings(a.Diagnostics), fmt.Sprintf("the create of %d/%d was lost, and the schedule was found", made.agentID, id)) {
			s.checkNoTwin(op, made, id, rushed)
		}
		return
	case !lost:
		s.Wrong("schedule %d, %s, was taken for a new %s, and no answer to its create was lost", id, describeSchedule(one), op.resource)
	case made.created.Before(op.begun):
		s.Wrong("schedule %d, %s, was taken for a new %s, and it was there before", id, describeSchedule(one), op.resource)
	}
	for ownID, own := range s.ownSchedules(op.origin) {
		if _, exists := s.cloud.Schedule(ownID); exists && !s.slow && own.created.Before(made.created) && s.allowedOf(op.origin) == 1 {
			s.Wrong("schedule %d of somebody else was taken for %s, and there is its own schedule %d", id, op.resource, ownID)
		}
	}
	s.excuse(op.origin, "a person's schedule was taken")
}

// checkNoTwin: a schedule whose answer was lost is not taken when a person added one like it in the same instant.
func (s *scheduleSequence) checkNoTwin(op *scheduleCreate, made *madeSchedule, id int64, rushed []simulator.Schedule) {
	for _, twin := range rushed {
		_, exists := s.cloud.Schedule(twin.ID)
		if exists && twin.AgentID == made.agentID && twin.Name == op.resource && twin.Created.Equal(made.created) {
			s.Wrong("schedule %d was taken, although the person's schedule %d could have been it", id, twin.ID)
		}
	}
}

// checkScheduleNotCreated: where the error says that there is no schedule, there is none; where it leaves that open, there
// may be one.
func (s *scheduleSequence) checkScheduleNotCreated(op *scheduleCreate, said string) {
	if slices.ContainsFunc(leaveScheduleOpen, func(phrase string) bool { return strings.Contains(said, phrase) }) {
		s.excuse(op.origin, "the error leaves it open")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowed[op.origin]--
}

// checkScheduleDeleted: a destroyed schedule is gone.
func (s *scheduleSequence) checkScheduleDeleted(address string, before, after *core.Object) {
	id := core.NumberOf(before.Value, "schedule_id")
	if one, exists := s.cloud.Schedule(id); exists && after == nil {
		s.Wrong("%s: schedule %d is there after its destroy: %s", address, id, describeSchedule(one))
	}
}

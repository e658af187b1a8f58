// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

func (s *scheduleSequence) Checked(address string, a core.Answer) {
	if a.Failed() {
		s.Wrong("%s: the configuration is refused: %s", address, core.Errors(a.Diagnostics))
	}
}

// Imported: what was imported is described as it is.
func (s *scheduleSequence) Imported(address string, a core.Answer) {
	s.noteDiagnostics(address, a)
	if !a.Failed() && !a.Value.IsNull() {
		s.hold(core.NumberOf(a.Value, "schedule_id"))
		s.checkDescribed(address, a.Value)
	}
}

// Refreshed: a schedule leaves state only when it is gone, and what stays is described as it is.
func (s *scheduleSequence) Refreshed(address string, before, after *core.Object, a core.Answer) {
	s.noteDiagnostics(address, a)
	id := core.NumberOf(before.Value, "schedule_id")
	if after == nil {
		if one, exists := s.cloud.Schedule(id); exists {
			s.Wrong("%s: schedule %d was removed from state, and it exists: %s", address, id, describeSchedule(one))
		}
		s.note("    %s: schedule %d is gone", address, id)
		return
	}
	if a.Failed() {
		return
	}
	s.checkIdentity(address, "schedule_id", after)
	if got := core.NumberOf(after.Value, "schedule_id"); got != id {
		s.Wrong("%s: the refresh has changed schedule_id from %d to %d", address, id, got)
	}
	if one, exists := s.cloud.Schedule(id); !exists && !hasPassed(after.Value) && !s.isDisturbed(id, s.planBegun()) {
		s.Wrong("%s: schedule %d is gone, and the refresh keeps it: %v", address, id, one.Name)
	}
	s.checkDescribed(address, after.Value)
}

// checkDescribed: state says what the cloud holds, unless somebody has just changed that, or it is over.
func (s *scheduleSequence) checkDescribed(address string, state tftypes.Value) {
	id := core.NumberOf(state, "schedule_id")
	one, exists := s.cloud.Schedule(id)
	if !exists || s.isUnclear(id, s.planBegun()) || hasPassed(state) || isOver(one) || isNearlyOver(one) {
		return
	}
	if differ := s.differences(state, one); len(differ) > 0 {
		s.Wrong("%s: after a refresh state differs from schedule %d in %v: %s is %s", address, id, differ, describeValue(state), describeSchedule(one))
	}
}

// pastStart begins the summary of the error of a schedule that would be created with a time that has passed.
const pastStart = "The start time is not in the future"

// Planned: a legal configuration always has a plan. Every difference between the configuration and the cloud is in it, and
// nothing else makes a new schedule than another agent, a taint, or a new time for one that is over and gone.
func (s *scheduleSequence) Planned(address string, prior *core.Object, config tftypes.Value, c *core.Change, a core.Answer) {
	s.noteDiagnostics(address, a)
	if a.Failed() {
		if said := core.Errors(a.Diagnostics); !strings.Contains(said, pastStart) || s.blockAt(address).fires().After(time.Now().Add(time.Minute)) {
			s.Wrong("%s: the plan failed: %s", address, said)
		}
		return
	}
	if c.Action == core.ActionDelete {
		return
	}
	s.note("    %s: the plan is %s", address, c.Action)
	if prior == nil || prior.Tainted || c.Forced || core.NumberOf(prior.Value, "agent_id") != core.NumberOf(config, "agent_id") {
		return
	}
	id := core.NumberOf(prior.Value, "schedule_id")
	one, exists := s.cloud.Schedule(id)
	if s.isUnclear(id, s.planBegun()) || isNearlyOver(one) {
		return
	}
	over := hasPassed(prior.Value) && (!exists || isOver(one))
	if c.Action == core.ActionReplace && (exists || !over) {
		s.Wrong("%s: a new schedule is planned, and nothing asks for one", address)
	}
	if !exists || !config.IsFullyKnown() {
		return
	}
	differ := s.differences(config, one)
	if over {
		if one.StartTime.IsZero() { // cleared by the server when it fired
			one.StartTime.Time = timeOf(core.Attributes(prior.Value)["once"])
		}
		differ = s.timingDifferences(config, one)
	}
	if len(differ) > 0 && c.Action == core.ActionNone {
		s.Wrong("%s: nothing is planned, and the configuration differs from schedule %d in %v: %s is %s", address, id, differ, describeValue(config), describeSchedule(one))
	}
}

// DependentCreated is for runs.
func (s *scheduleSequence) DependentCreated(string, int64) {}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// firedShapes are what a server can do with a schedule that has fired.
var firedShapes = map[string]simulator.ScheduleVariants{
	"disabled": {}, "deleted": {Fired: simulator.FiredDeleted}, "left enabled": {Fired: simulator.FiredEnabled},
	"disabled, enabling it is accepted": {EnablePast: true}, "disabled, filled": {Unset: simulator.UnsetFilled}, "disabled, start kept": {PutKeepsStartTime: true},
	"disabled, with its time as the next": {FiredKeepsNext: true}, "left enabled, with its time as the next": {Fired: simulator.FiredEnabled, FiredKeepsNext: true},
	"disabled, without its time": {FiredClearsStart: true}, "left enabled, without its time": {Fired: simulator.FiredEnabled, FiredClearsStart: true},
	"disabled, without its time but for the next": {FiredKeepsNext: true, FiredClearsStart: true},
	"disabled, without its time, absent":          {FiredClearsStart: true, Unset: simulator.UnsetAbsent},
}

// eachFired tells a story about a schedule that has fired once.
func eachFired(t *testing.T, story func(t *testing.T, s *scheduling, deleted bool)) {
	t.Helper()
	for name, v := range firedShapes {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, v, func(t *testing.T, s *scheduling) {
				s.fires("once", onceAt(at(time.Hour)))
				s.mustApply()
				time.Sleep(2 * time.Hour)
				if runs := len(s.cloud.Runs(4711)); runs != 1 {
					t.Fatalf("it has started %d runs", runs)
				}
				story(t, s, v.Fired == simulator.FiredDeleted)
			})
		})
	}
}

// A schedule that has fired plans nothing, and costs no more than any other.
func TestFiredScheduleIsNoChange(t *testing.T) {
	eachFired(t, func(t *testing.T, s *scheduling, deleted bool) {
		s.wantPlan(core.ActionNone)
		s.wantAttribute("next_run_at", "")
		s.wantAttribute("id", "4711/6000000001")
		s.requests()
		s.wantPlan(core.ActionNone)
		if lists := s.requests()[simulator.KindSchedules]; lists != map[bool]int{true: 0, false: 1}[deleted] {
			t.Errorf("the refresh took %d lists", lists)
		}
		s.arguments["once"] = onceAt("2000-01-01T02:00:00+01:00") // the same time
		s.wantPlan(core.ActionNone)
		s.mustDestroy()
		s.wantSchedules(0)
	})
}

// A new time lets it fire again: in place if the server still has it, else as a new schedule.
func TestFiredScheduleGetsANewTime(t *testing.T) {
	eachFired(t, func(t *testing.T, s *scheduling, deleted bool) {
		s.wantPlan(core.ActionNone)
		id := s.id()
		s.arguments["once"] = onceAt(at(4 * time.Hour))
		s.wantPlan(map[bool]core.Action{true: core.ActionReplace, false: core.ActionUpdate}[deleted])
		s.mustApply()
		s.wantPlan(core.ActionNone)
		if (s.id() == id) == deleted || s.held().Disabled || s.held().NextRunTime.IsZero() {
			t.Errorf("the cloud holds %+v; the id was %d", s.held(), id)
		}
		s.wantSchedules(1)
		time.Sleep(3 * time.Hour)
		if runs := len(s.cloud.Runs(4711)); runs != 2 {
			t.Errorf("it has started %d runs", runs)
		}
		s.wantPlan(core.ActionNone)
	})
}

// Another change of a schedule that has fired is stored, sends nothing that the server would refuse, and is sent with the
// next time.
func TestFiredScheduleIsChangedOtherwise(t *testing.T) {
	eachFired(t, func(t *testing.T, s *scheduling, deleted bool) {
		s.wantPlan(core.ActionNone)
		s.arguments["name"] = core.Text("Other")
		s.arguments["enabled"] = core.Bool(false)
		s.wantPlan(core.ActionUpdate, map[bool]string{true: "has fired: the change has no effect", false: "does not fire again: the change has no effect"}[deleted])
		s.mustApply()
		s.wantPlan(core.ActionNone)
		s.arguments["enabled"] = core.Bool(true)
		s.mustApply()
		s.wantPlan(core.ActionNone)
		s.arguments["once"] = onceAt(at(4 * time.Hour))
		s.mustApply()
		s.wantPlan(core.ActionNone)
		if held := s.held(); held.Name != "Other" || held.Disabled {
			t.Errorf("the cloud holds %+v", held)
		}
	})
}

// A schedule that has fired can become another kind.
func TestFiredScheduleBecomesAnotherKind(t *testing.T) {
	eachFired(t, func(t *testing.T, s *scheduling, _ bool) {
		s.fires("every", everyOf(1, "days"))
		s.mustApply()
		s.wantPlan(core.ActionNone)
		if held := s.held(); held.Disabled || held.Type != simulator.ScheduleRunEvery {
			t.Errorf("the cloud holds %+v", held)
		}
	})
}

// A past time is an error only for a schedule that is to be created.
func TestSchedulePastTime(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		time.Sleep(time.Hour)
		for _, past := range []string{at(0), at(time.Hour), at(time.Hour + 30*time.Second)} {
			s.fires("once", onceAt(past))
			s.mustFail("The start time is not in the future", past, `for example "2000-01-01T02:00:00Z"`)
		}
		s.fires("every", everyFrom(1, "days", at(time.Hour)))
		s.mustFail("The start time is not in the future", "has passed")
		if len(s.requests()) > 0 {
			t.Error("something was sent")
		}
		s.fires("once", onceAt(at(2*time.Hour)))
		s.mustApply()
		s.arguments["once"] = onceAt(at(time.Minute))
		s.wantPlan(core.ActionUpdate, "The start time has passed: the apply will fail")
		s.mustFail("was not changed: the start time has passed")
		if n := s.cloud.Count(simulator.KindScheduleUpdate); n > 0 {
			t.Errorf("%d changes were sent", n)
		}
		s.arguments["agent_id"] = core.Number(5)
		s.mustFail("The start time is not in the future")
	})
}

// The time can pass between the plan and the apply.
func TestScheduleTimePassesAfterThePlan(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.fires("once", onceAt(at(2*time.Minute)))
		plan := s.wantPlan(core.ActionCreate)
		time.Sleep(90 * time.Second)
		a := s.startProcess().Apply(s.typ, nil, core.ObjectOf(core.Schemas()[s.typ], s.arguments), plan.planned)
		wantText(t, core.Errors(a.Diagnostics), "The start time is not in the future")
		s.wantSchedules(0)
	})
}

// A person moved the time of a schedule that has fired: that is drift like any other.
func TestFiredScheduleIsMovedByAPerson(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.fires("once", onceAt(at(time.Hour)))
		s.mustApply()
		time.Sleep(2 * time.Hour)
		s.edit(func(s *simulator.Schedule) { s.StartTime.Time, s.Disabled = s.StartTime.Add(4*time.Hour), false })
		s.wantPlan(core.ActionUpdate, "The start time has passed: the apply will fail")
		s.arguments["once"] = onceAt(at(5 * time.Hour))
		s.wantPlan(core.ActionNone)
	})
}

// The clock of this machine can be behind the server's: a schedule that has fired there a moment ago, and is disabled, shows
// no drift. One that is yet to fire does.
func TestScheduleFiresBeforeItsTimeHere(t *testing.T) {
	for name, test := range map[string]struct {
		behind time.Duration
		want   core.Action
	}{
		"two minutes behind": {2 * time.Minute, core.ActionNone},
		"an hour behind":     {time.Hour, core.ActionUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.fires("once", onceAt(at(3*time.Hour)))
				s.mustApply()
				time.Sleep(3*time.Hour - test.behind)
				s.wantPlan(core.ActionNone)
				s.edit(func(s *simulator.Schedule) { s.Name = "Drift" })
				s.wantPlan(core.ActionUpdate)
				s.edit(func(s *simulator.Schedule) { s.Name, s.Disabled = "Nightly", true }) // as a server shows it that has fired it
				s.wantPlan(test.want)
			})
		})
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// shapes are the ways in which the simulator answers.
var shapes = map[string]simulator.ScheduleVariants{
	"null": {}, "absent": {Unset: simulator.UnsetAbsent}, "filled": {Unset: simulator.UnsetFilled},
	"names": {TypeNames: true, OtherSpellings: true}, "older server": {OlderServer: true}, "a server in Berlin": {DefaultTimezone: "Europe/Berlin"},
	"absent is disabled": {AbsentEnabled: simulator.AbsentIsDisabled}, "start kept": {PutKeepsStartTime: true, AbsentEnabled: simulator.AbsentIsKept},
}

// allSettings are values for every optional argument.
func allSettings() map[string]tftypes.Value {
	return map[string]tftypes.Value{
		"input_parameters": core.Text(`{"category": "shoes"}`), "parallelism": core.Number(4), "parallel_max_concurrency": core.Number(2),
		"parallel_export": core.Text("Separated"), "proxy_pool_id": core.Number(8), "server_group_id": core.Number(9),
		"exclusive": core.Bool(true), "log_level": core.Text("Error"), "log_mode": core.Text("Text"),
	}
}

// Whatever shape the answers have: after an apply the plan is empty, settings can be added and removed in place, and the
// schedule is gone after the destroy.
func TestScheduleLife(t *testing.T) {
	times := map[string]tftypes.Value{
		"cron": cronIn("30 6 * * 1-5", "Europe/Berlin"), "every": everyFrom(2, "weeks", at(time.Hour)), "once": onceAt(at(time.Hour)),
	}
	for shape, v := range shapes {
		for kind, value := range times {
			t.Run(shape+", "+kind, func(t *testing.T) {
				inScheduling(t, v, func(t *testing.T, s *scheduling) {
					s.fires(kind, value)
					s.mustApply()
					s.wantPlan(core.ActionNone)
					if next := core.TextOf(s.state.Value, "next_run_at"); next == "" {
						t.Error("next_run_at is null")
					}
					maps.Copy(s.arguments, allSettings())
					s.wantPlan(core.ActionUpdate)
					s.mustApply()
					s.wantPlan(core.ActionNone)
					if held := s.held(); held.LogLevel == nil || *held.LogLevel != "Error" || *held.ServerGroupID != 9 || !held.IsExclusive {
						t.Errorf("the cloud holds %+v", held)
					}
					for name := range allSettings() {
						delete(s.arguments, name)
					}
					s.mustApply()
					s.wantPlan(core.ActionNone)
					if held := s.held(); held.LogLevel != nil || held.ServerGroupID != nil || held.IsExclusive || held.InputParameters != nil {
						t.Errorf("the cloud still holds %+v", held)
					}
					s.wantSchedules(1)
					s.mustDestroy()
					s.wantSchedules(0)
				})
			})
		}
	}
}

// A create is one list and one request. A refresh is one list.
func TestScheduleRequests(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		want := func(what string, counts map[simulator.Kind]int) {
			t.Helper()
			if got := s.requests(); !maps.Equal(got, counts) {
				t.Errorf("%s took %v, want %v", what, got, counts)
			}
		}
		s.mustApply()
		want("the create", map[simulator.Kind]int{simulator.KindSchedules: 1, simulator.KindScheduleCreate: 1})
		s.wantPlan(core.ActionNone)
		want("the refresh", map[simulator.Kind]int{simulator.KindSchedules: 1})
		s.arguments["name"] = core.Text("Other")
		s.mustApply()
		want("the change", map[simulator.Kind]int{simulator.KindSchedules: 1, simulator.KindSchedule: 2, simulator.KindScheduleUpdate: 1})
		s.arguments["enabled"] = core.Bool(false)
		s.mustApply()
		want("disabling", map[simulator.Kind]int{simulator.KindSchedules: 1, simulator.KindSchedule: 2, simulator.KindScheduleDisable: 1})
		s.mustDestroy()
		want("the destroy", map[simulator.Kind]int{simulator.KindScheduleDelete: 1})
	})
}

// enabled changes through its own calls. Between them the schedule never fires with half of a change.
func TestScheduleIsEnabledAndDisabled(t *testing.T) {
	for shape, v := range shapes {
		t.Run(shape, func(t *testing.T) {
			inScheduling(t, v, func(t *testing.T, s *scheduling) {
				s.arguments["enabled"] = core.Bool(false)
				s.mustApply()
				s.wantPlan(core.ActionNone)
				s.wantAttribute("next_run_at", "")
				for _, enabled := range []bool{true, false, true} {
					s.arguments["enabled"] = core.Bool(enabled)
					s.arguments["name"] = core.Text(map[bool]string{true: "On", false: "Off"}[enabled])
					s.mustApply()
					s.wantPlan(core.ActionNone)
					if held := s.held(); held.Disabled == enabled || (held.Name == "On") != enabled {
						t.Errorf("after enabled = %v the cloud holds %+v", enabled, held)
					}
				}
				delete(s.arguments, "enabled")
				s.wantPlan(core.ActionNone)
			})
		})
	}
}

// Another way to fire is a change in place.
func TestScheduleChangesItsTimes(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{Unset: simulator.UnsetFilled}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		id := s.id()
		for _, to := range []struct {
			kind  string
			value tftypes.Value
		}{
			{"every", everyOf(2, "hours")}, {"once", onceAt(at(2 * time.Hour))}, {"cron", cronIn("0 4 * * *", "UTC")},
			{"cron", cronOf("0 4 * * *")}, {"every", everyFrom(2, "hours", at(time.Hour))}, {"every", everyOf(2, "hours")},
		} {
			s.fires(to.kind, to.value)
			s.wantPlan(core.ActionUpdate)
			s.mustApply()
			s.wantPlan(core.ActionNone)
			if s.id() != id {
				t.Errorf("the schedule was replaced for %s", to.kind)
			}
		}
		s.arguments["agent_id"] = core.Number(5)
		s.cloud.SetAgent(simulator.Agent{ID: 5, Name: "Other"})
		s.wantPlan(core.ActionReplace)
		s.mustApply()
		s.wantSchedules(0)
	})
}

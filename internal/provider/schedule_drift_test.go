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

// What a person changes in the dashboard is drift, whether the argument was set or not, and the apply undoes it.
func TestScheduleDrift(t *testing.T) {
	changes := map[string]func(*simulator.Schedule){
		"name":                     func(s *simulator.Schedule) { s.Name = "Theirs" },
		"cron.expression":          func(s *simulator.Schedule) { s.Cron = "5 3 * * *" },
		"cron.timezone":            func(s *simulator.Schedule) { s.Timezone = "Asia/Tokyo" },
		"enabled":                  func(s *simulator.Schedule) { s.Disabled = true },
		"input_parameters":         func(s *simulator.Schedule) { s.InputParameters = new(`{"category": "boots"}`) },
		"parallelism":              func(s *simulator.Schedule) { s.Parallelism = new(int64(7)) },
		"parallel_max_concurrency": func(s *simulator.Schedule) { s.ParallelMaxConcurrency = new(int64(7)) },
		"parallel_export":          func(s *simulator.Schedule) { s.ParallelExport = new("Combined") },
		"proxy_pool_id":            func(s *simulator.Schedule) { s.ProxyPoolID = new(int64(77)) },
		"server_group_id":          func(s *simulator.Schedule) { s.ServerGroupID = new(int64(77)) },
		"exclusive":                func(s *simulator.Schedule) { s.IsExclusive = !s.IsExclusive },
		"log_level":                func(s *simulator.Schedule) { s.LogLevel = new("Fatal") },
		"log_mode":                 func(s *simulator.Schedule) { s.LogMode = new("TextAndHtml") },
		"another way to fire": func(s *simulator.Schedule) {
			s.Type, s.Cron, s.RunEveryCount, s.RunEveryPeriod = simulator.ScheduleRunEvery, "", 1, 3
		},
		"no way to fire": func(s *simulator.Schedule) { s.Type, s.Cron = simulator.ScheduleNone, "" },
	}
	for shape, v := range shapes {
		for name, change := range changes {
			for _, set := range []bool{false, true} {
				if !set && name == "parallel_export" && v.Unset == simulator.UnsetFilled {
					continue // it is what the server fills in
				}
				t.Run(shape+", "+name+map[bool]string{true: ", set", false: ", not set"}[set], func(t *testing.T) {
					inScheduling(t, v, func(t *testing.T, s *scheduling) {
						if set {
							maps.Copy(s.arguments, allSettings())
							s.arguments["cron"] = cronIn("0 3 * * *", "UTC")
						}
						s.mustApply()
						before := s.held()
						s.edit(change)
						s.wantPlan(core.ActionUpdate)
						s.mustApply()
						s.wantPlan(core.ActionNone)
						after := s.held()
						if after.Name != before.Name || after.Type != before.Type || after.Cron != before.Cron || after.Disabled || after.IsExclusive != before.IsExclusive ||
							(after.LogLevel == nil) == set || (after.Parallelism == nil) == set || (after.InputParameters == nil) == set {
							t.Errorf("the cloud holds %+v, and held %+v", after, before)
						}
					})
				})
			}
		}
	}
}

// What the configuration does not manage stays when something else changes.
func TestScheduleChangeKeepsWhatItDoesNotManage(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.fires("every", everyOf(1, "days"))
		s.mustApply()
		s.edit(func(s *simulator.Schedule) {
			s.LocalSchedule, s.IsWaitOnFailure, s.Timezone, s.Tag = map[string]any{"a": "b"}, true, "Asia/Tokyo", new("theirs")
		})
		s.wantPlan(core.ActionNone)
		s.arguments["name"] = core.Text("Other")
		s.mustApply()
		held := s.held()
		if local, ok := held.LocalSchedule.(map[string]any); !ok || local["a"] != "b" || !held.IsWaitOnFailure || held.Timezone != "Asia/Tokyo" || held.Tag == nil || *held.Tag != "theirs" || held.Name != "Other" {
			t.Errorf("the cloud holds %+v", held)
		}
	})
}

// Another spelling of the same value plans nothing, in the configuration and on the platform.
func TestScheduleSpelling(t *testing.T) {
	for name, test := range map[string]struct {
		kind          string
		before, after tftypes.Value
		change        func(*simulator.Schedule)
	}{
		"cron": {"cron", cronOf("0 3 * * MON"), cronOf("0  3 * *   mon"), func(s *simulator.Schedule) { s.Cron = "0 3  * * Mon" }},
		"every": {"every", everyFrom(1, "days", "2000-01-01T02:00:00Z"), everyFrom(1, "days", "2000-01-01T03:00:00.000+01:00"),
			func(s *simulator.Schedule) {
				s.StartTime.Time = s.StartTime.In(time.FixedZone("", 7200))
			}},
		"once": {"once", onceAt("2000-01-01T02:00:00Z"), onceAt("2000-01-01T01:30:00-00:30"), func(*simulator.Schedule) {}},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{OtherSpellings: true}, func(t *testing.T, s *scheduling) {
				s.fires(test.kind, test.before)
				s.arguments["input_parameters"] = core.Text(`{"a": 1, "b": [2]}`)
				s.arguments["parallel_export"] = core.Text("Separated")
				s.arguments["log_level"] = core.Text("Error")
				s.mustApply()
				s.fires(test.kind, test.after)
				s.arguments["input_parameters"] = core.Text(`{"b":[2.0],"a":1e0}`)
				s.arguments["log_level"] = core.Text("error")
				s.wantPlan(core.ActionNone)
				s.edit(func(held *simulator.Schedule) {
					test.change(held)
					held.InputParameters = new(`{"b": [2], "a": 1}`)
				})
				s.wantPlan(core.ActionNone)
				s.arguments["name"] = core.Text("Other")
				s.wantPlan(core.ActionUpdate)
				s.mustApply()
				s.wantPlan(core.ActionNone)
			})
		})
	}
}

// A start time of every that has passed is no drift, and a change does not send what the server would refuse. The rhythm
// stays.
func TestScheduleEveryKeepsItsRhythm(t *testing.T) {
	for shape, v := range shapes {
		t.Run(shape, func(t *testing.T) {
			inScheduling(t, v, func(t *testing.T, s *scheduling) {
				s.fires("every", everyFrom(6, "hours", at(time.Hour)))
				s.mustApply()
				time.Sleep(9 * time.Hour) // it fired at 1 and at 7
				s.wantPlan(core.ActionNone)
				next := s.held().NextRunTime
				s.arguments["log_level"] = core.Text("Error")
				s.mustApply()
				s.wantPlan(core.ActionNone)
				if got := s.held().NextRunTime; !got.Equal(next) {
					t.Errorf("the next run is at %v, and was at %v", got, next)
				}
				time.Sleep(9 * time.Hour)
				s.wantPlan(core.ActionNone)
				s.edit(func(s *simulator.Schedule) { s.StartTime.Time = s.StartTime.Add(30 * time.Hour) })
				s.wantPlan(core.ActionUpdate)
			})
		})
	}
}

// A disabled schedule has no next run, so a change sends no start time when its own has passed. That is no drift either.
func TestScheduleEveryThatIsDisabledAfterItsStart(t *testing.T) {
	for shape, v := range shapes {
		t.Run(shape, func(t *testing.T) {
			inScheduling(t, v, func(t *testing.T, s *scheduling) {
				s.fires("every", everyFrom(6, "hours", at(time.Hour)))
				s.arguments["enabled"] = core.Bool(false)
				s.mustApply()
				time.Sleep(9 * time.Hour)
				s.arguments["log_level"] = core.Text("Error")
				s.mustApply()
				s.wantPlan(core.ActionNone)
				s.edit(func(s *simulator.Schedule) { s.StartTime.Time = time.Now().Add(time.Hour) })
				s.wantPlan(core.ActionUpdate)
			})
		})
	}
}

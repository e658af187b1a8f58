// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// configured is what a person, or Terraform, writes down for the state: every argument as it is there.
func (s *scheduling) configured() map[string]tftypes.Value {
	s.t.Helper()
	arguments := core.Attributes(s.state.Value)
	for _, computed := range []string{"id", "schedule_id", "next_run_at", "created_at"} {
		delete(arguments, computed)
	}
	return arguments
}

// An imported schedule plans nothing for a configuration that says the same, whatever the answers look like.
func TestScheduleImport(t *testing.T) {
	full := simulator.Schedule{
		InputParameters: new(`{"a": 1}`), Parallelism: new(int64(4)), ParallelMaxConcurrency: new(int64(2)), ParallelExport: new("Separated"),
		ProxyPoolID: new(int64(8)), ServerGroupID: new(int64(9)), LogLevel: new("Verbose"), LogMode: new("Text"), IsExclusive: true, Disabled: true, Timezone: "Asia/Tokyo",
	}
	for shape, v := range shapes {
		for _, settings := range []simulator.Schedule{{}, full} {
			for kind, set := range map[string]func(*simulator.Schedule){
				"cron": func(s *simulator.Schedule) { s.Type, s.Cron = simulator.ScheduleCRON, "0 3 * * *" },
				"every": func(s *simulator.Schedule) {
					s.Type, s.RunEveryCount, s.RunEveryPeriod = simulator.ScheduleRunEvery, 2, 5
				},
				"once": func(s *simulator.Schedule) {
					s.Type, s.StartTime.Time = simulator.ScheduleRunOnce, time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)
				},
			} {
				t.Run(fmt.Sprintf("%s, %s, with settings: %v", shape, kind, settings.Disabled), func(t *testing.T) {
					inScheduling(t, v, func(t *testing.T, s *scheduling) {
						settings.Name = "Grown by hand"
						set(&settings)
						s.cloud.AddSchedule(4711, settings)
						s.mustImport("4711/6000000001")
						s.wantAttribute("name", "Grown by hand")
						s.arguments = s.configured()
						s.wantPlan(core.ActionNone)
						if len(s.requests()) != 1 {
							t.Error("more than lists were asked for")
						}
						s.arguments["name"] = core.Text("Other")
						s.mustApply()
						s.wantPlan(core.ActionNone)
						held := s.held()
						if held.Disabled != settings.Disabled || held.IsExclusive != settings.IsExclusive || (held.LogLevel == nil) != (settings.LogLevel == nil && v.Unset != simulator.UnsetFilled) {
							t.Errorf("the cloud holds %+v", held)
						}
					})
				})
			}
		}
	}
}

// What a person writes for a plain schedule, without what is false anyhow, plans nothing after its import.
func TestScheduleImportOfAPlainOne(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.AddSchedule(4711, simulator.Schedule{Name: "Nightly", Type: simulator.ScheduleCRON, Cron: "0 3 * * *", Timezone: "UTC"})
		s.mustImport("4711/6000000001")
		s.arguments["cron"] = cronIn("0 3 * * *", "UTC")
		s.wantPlan(core.ActionNone)
		s.edit(func(s *simulator.Schedule) { s.LogLevel = new("Info") })
		s.wantPlan(core.ActionUpdate)
	})
}

// A schedule that has fired is imported as enabled: it was, or it would not have fired.
func TestScheduleImportOfOneThatHasFired(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.AddSchedule(4711, simulator.Schedule{Name: "Nightly", Type: simulator.ScheduleRunOnce, StartTime: simulator.Moment{Time: time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC)}})
		time.Sleep(2 * time.Hour)
		s.mustImport("4711/6000000001")
		s.fires("once", onceAt(at(time.Hour)))
		s.wantPlan(core.ActionNone)
	})
}

// A schedule that never fires is imported with a warning.
func TestScheduleImportOfOneThatNeverFires(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.AddSchedule(4711, simulator.Schedule{Name: "Nightly", Type: simulator.ScheduleNone})
		p := s.startProcess()
		o, _ := p.Import(s.typ, "4711/6000000001")
		a := p.Read(o)
		wantText(t, core.Warnings(a.Diagnostics), "does not fire in a way that the provider knows", `Its type is "None"`)
		s.state = &core.Object{Type: s.typ, Value: a.Value, Private: a.Private}
		s.wantPlan(core.ActionUpdate)
		s.mustApply()
		s.wantPlan(core.ActionNone)
	})
}

func TestScheduleImportOfNothing(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		p := s.startProcess()
		o, a := p.Import(s.typ, "4711/7")
		if a.Failed() {
			t.Fatal(core.Errors(a.Diagnostics))
		}
		a = p.Read(o)
		wantText(t, core.Errors(a.Diagnostics), "There is no schedule 4711/7 to import", "404 Not Found")
		for _, id := range []string{"4711", "4711/0", "a/b", "4711/07"} {
			_, a := p.Import(s.typ, id)
			wantText(t, core.Errors(a.Diagnostics), "agent_id/schedule_id, for example 4711/2001")
		}
	})
}

// gone are the ways in which a schedule is not found.
func TestScheduleIsNotFound(t *testing.T) {
	t.Run("for a moment", func(t *testing.T) {
		for name, times := range map[string]int{"once": 1, "twice": 2} {
			t.Run(name, func(t *testing.T) {
				inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
					s.mustApply()
					notFound := simulator.Fault{Action: simulator.StatusCode, Code: 404, Times: times}
					for _, kind := range []simulator.Kind{simulator.KindSchedules, simulator.KindSchedule} {
						notFound.Kind = kind
						s.cloud.Inject(notFound)
					}
					s.wantPlan(core.ActionNone)
				})
			})
		}
	})
	t.Run("it was deleted", func(t *testing.T) {
		inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
			s.mustApply()
			s.cloud.DeleteSchedule(s.id())
			began := time.Now()
			plan := s.wantPlan(core.ActionCreate, "Schedule 4711/6000000001 is gone: it was removed from state", "The next apply creates it again")
			wantTrouble(t, "Somebody deleted a schedule on the platform", plan.text)
			if waited := time.Since(began); waited < 10*time.Second || waited > 15*time.Second {
				t.Errorf("the refresh took %v", waited)
			}
			if got, want := s.requests(), (map[simulator.Kind]int{simulator.KindSchedules: 4, simulator.KindSchedule: 1, simulator.KindScheduleCreate: 1, simulator.KindAgent: 1}); !maps.Equal(got, want) {
				t.Errorf("the life of it took %v, want %v", got, want)
			}
		})
	})
	for name, test := range map[string]struct {
		change func(s *scheduling)
		want   string
	}{
		"its agent is gone too": {func(s *scheduling) { s.cloud.HideAgent(4711, true) }, "and its agent are not found"},
		"the agent cannot be asked": {func(s *scheduling) {
			s.cloud.DeleteSchedule(s.id())
			s.cloud.Inject(simulator.Fault{Kind: simulator.KindAgent, Action: simulator.StatusCode, Code: 403, Times: -1})
		}, "The request for its agent failed"},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.mustApply()
				test.change(s)
				s.wantPlan("", test.want, "State is unchanged.")
				text, failed := s.destroy()
				if !failed {
					t.Error("the destroy succeeded")
				}
				wantText(t, text, test.want, "State still holds the schedule.")
			})
		})
	}
	t.Run("when it is to be destroyed", func(t *testing.T) {
		inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
			s.mustApply()
			s.cloud.DeleteSchedule(s.id())
			s.mustDestroy()
		})
	})
	t.Run("for a moment, when it is to be destroyed", func(t *testing.T) {
		inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
			s.mustApply()
			s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleDelete, Action: simulator.StatusCode, Code: 404})
			s.mustDestroy()
			s.wantSchedules(0)
		})
	})
	t.Run("when it is to be changed", func(t *testing.T) {
		inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
			s.mustApply()
			s.arguments["name"] = core.Text("Other")
			plan := s.wantPlan(core.ActionUpdate)
			s.cloud.DeleteSchedule(s.id())
			a := s.startProcess().Apply(s.typ, plan.prior, core.ObjectOf(core.Schemas()[s.typ], s.arguments), plan.planned)
			wantText(t, core.Errors(a.Diagnostics), "Schedule 4711/6000000001 could not be changed", "The schedule is not found any more")
		})
	})
}

// A list that cannot be used, or that lacks the schedule, is no answer: the schedule itself is asked.
func TestScheduleListCannotBeUsed(t *testing.T) {
	list := func(f simulator.Fault) simulator.Fault {
		f.Kind, f.Times = simulator.KindSchedules, -1
		return f
	}
	for name, fault := range map[string]simulator.Fault{
		"not JSON":                          list(simulator.Fault{Action: simulator.Garbage}),
		"an object":                         list(simulator.Fault{Action: simulator.Garbage, Body: `{"schedules": []}`}),
		"elements that cannot be used":      list(simulator.Fault{Insert: simulator.OddSchedules(4711)}),
		"nothing but such elements":         list(simulator.Fault{Action: simulator.Garbage, Body: `[null, {"id": 0}]`}),
		"without it":                        list(simulator.Fault{Action: simulator.Garbage, Body: `[]`}),
		"null":                              list(simulator.Fault{Action: simulator.Garbage, Body: `null`}),
		"405":                               list(simulator.Fault{Action: simulator.StatusCode, Code: 405}),
		"half of each element":              list(simulator.Fault{Action: simulator.Garbage, Body: `[{"id": 6000000001, "name": "Nightly", "scheduleType": 3}]`}),
		"an old element":                    list(simulator.Fault{Action: simulator.Garbage, Body: `[{"id": 6000000001, "name": "Before", "scheduleType": 1}]`}),
		"the same twice, with another name": list(simulator.Fault{Action: simulator.Garbage, Body: `[{"id": 6000000001, "name": "Before"}, {"id": 6000000001, "name": "Nightly"}]`}),
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				maps.Copy(s.arguments, allSettings())
				s.mustApply()
				s.cloud.Inject(fault)
				s.wantPlan(core.ActionNone)
			})
		})
	}
	for name, fault := range map[string]simulator.Fault{
		"no access": list(simulator.Fault{Action: simulator.StatusCode, Code: 403}), "an outage": list(simulator.Fault{Action: simulator.StatusCode, Code: 503}),
		"no answer": list(simulator.Fault{Action: simulator.Hang}),
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.mustApply()
				s.cloud.Inject(fault)
				s.wantPlan("", "Schedule 4711/6000000001 could not be read", "State is unchanged.")
			})
		})
	}
}

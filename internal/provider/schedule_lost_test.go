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

// scheduleLosses are the ways in which an answer is lost.
var scheduleLosses = map[string]simulator.Fault{
	"connection reset":     {Action: simulator.Reset},
	"no answer":            {Action: simulator.Hang},
	"proxy's page":         {Action: simulator.HTML},
	"status 500":           {Action: simulator.StatusCode, Code: 500},
	"unreadable answer":    {Action: simulator.Garbage},
	"answer of another":    {Action: simulator.Garbage, Body: `{"id": 424242}`},
	"redirect":             {Action: simulator.Redirect, Location: "https://login.example.test/"},
	"status 408":           {Action: simulator.StatusCode, Code: 408},
	"proxy's 429":          {Action: simulator.HTML, Code: 429},
	"proxy's page, status": {Action: simulator.HTML, Code: 403},
}

// scheduleStreamLosses are the ways that HTTP/2 adds.
var scheduleStreamLosses = map[string]simulator.Fault{
	"stream reset":   {Action: simulator.ResetStream, StreamError: simulator.ProtocolError},
	"stream refused": {Action: simulator.ResetStream, StreamError: simulator.RefusedStream},
	"goaway":         {Action: simulator.GoAwayUnprocessed},
	"goaway and cut": {Action: simulator.GoAwayCut},
	"half an answer": {Action: simulator.TruncateBody, Bytes: 20},
}

// eachScheduleLoss tells a story for every way to lose an answer, with the effect of the request and without it, over
// both protocols.
func eachScheduleLoss(t *testing.T, kind simulator.Kind, story func(t *testing.T, s *scheduling, loss simulator.Fault)) {
	t.Helper()
	tell := func(protocol string, losses map[string]simulator.Fault, in func(*testing.T, simulator.ScheduleVariants, func(*testing.T, *scheduling))) {
		for name, loss := range losses {
			for _, after := range []bool{false, true} {
				loss.Kind, loss.After = kind, after
				t.Run(protocol+", "+name+map[bool]string{true: " after the effect", false: " without effect"}[after], func(t *testing.T) {
					in(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) { story(t, s, loss) })
				})
			}
		}
	}
	tell("HTTP/1.1", scheduleLosses, inScheduling)
	tell("HTTP/2", scheduleLosses, inSchedulingOverHTTP2)
	tell("HTTP/2", scheduleStreamLosses, inSchedulingOverHTTP2)
}

// However the answer to a create is lost, one schedule exists afterwards, and it is in state.
func TestScheduleCreateLosesItsAnswer(t *testing.T) {
	eachScheduleLoss(t, simulator.KindScheduleCreate, func(t *testing.T, s *scheduling, loss simulator.Fault) {
		s.cloud.AddSchedule(4711, simulator.Schedule{Name: "Nightly", Type: simulator.ScheduleCRON, Cron: "0 3 * * *"}) // there before, and just the same
		s.cloud.Inject(loss)
		text := s.mustApply()
		creates := s.cloud.Count(simulator.KindScheduleCreate)
		if loss.After {
			wantText(t, text, "The answer to the create of 4711/6000000002 was lost, and the schedule was found", "Agent 4711, schedule 6000000002")
		} else {
			wantText(t, text, "The create of 4711/6000000002 was sent twice")
		}
		if want := map[bool]int{true: 1, false: 2}[loss.After]; creates != want {
			t.Errorf("%d creates were sent, want %d", creates, want)
		}
		s.wantSchedules(2)
		s.held()
		s.wantPlan(core.ActionNone)
	})
}

// However the answer to a change is lost, the change is made.
func TestScheduleChangeLosesItsAnswer(t *testing.T) {
	eachScheduleLoss(t, simulator.KindScheduleUpdate, func(t *testing.T, s *scheduling, loss simulator.Fault) {
		s.mustApply()
		s.arguments["name"] = core.Text("Other")
		s.cloud.Inject(loss)
		if text, failed := s.apply(); failed { // no retry fixes a page or a refusal of a proxy
			wantText(t, text, "could not be changed", "The next plan shows whether it was changed.")
			s.mustApply()
		}
		if got := s.held().Name; got != "Other" {
			t.Errorf("the name is %q", got)
		}
		s.wantPlan(core.ActionNone)
	})
}

// A change that adds an argument, and has no effect, is not taken for made: the schedule does not show the argument.
func TestScheduleChangeThatWasNotMadeIsNotTakenForMade(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		s.arguments["server_group_id"], s.arguments["exclusive"] = core.Number(7), core.Bool(false)
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleUpdate, Action: simulator.Reset, Times: -1})
		s.mustFail("could not be changed", "The next plan shows whether it was changed.")
		s.cloud.ClearFaults()
		s.wantPlan(core.ActionUpdate)
		s.mustApply()
		if got := s.held().ServerGroupID; got == nil || *got != 7 {
			t.Errorf("the server group is %v", got)
		}
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleUpdate, Action: simulator.Reset, After: true, Times: -1})
		s.arguments["log_level"] = core.Text("Error")
		s.mustApply() // the schedule shows all that was sent, and no exclusive is false
		s.wantPlan(core.ActionNone)
	})
}

// However the answer to enabling or disabling is lost, the schedule is as it should be, and nothing is sent blindly.
func TestScheduleEnablingLosesItsAnswer(t *testing.T) {
	for kind, enabled := range map[simulator.Kind]bool{simulator.KindScheduleDisable: false, simulator.KindScheduleEnable: true} {
		eachScheduleLoss(t, kind, func(t *testing.T, s *scheduling, loss simulator.Fault) {
			s.arguments["enabled"] = core.Bool(!enabled)
			s.mustApply()
			s.arguments["enabled"] = core.Bool(enabled)
			s.cloud.Inject(loss)
			s.mustApply()
			if want := map[bool]int{true: 1, false: 2}[loss.After]; s.cloud.Count(kind) != want {
				t.Errorf("%d requests were sent, want %d", s.cloud.Count(kind), want)
			}
			if s.held().Disabled == enabled {
				t.Errorf("enabled is %v", !enabled)
			}
			s.wantPlan(core.ActionNone)
		})
	}
}

// However the answer to a delete is lost, the schedule is gone.
func TestScheduleDeleteLosesItsAnswer(t *testing.T) {
	eachScheduleLoss(t, simulator.KindScheduleDelete, func(t *testing.T, s *scheduling, loss simulator.Fault) {
		s.mustApply()
		s.cloud.Inject(loss)
		if text, failed := s.destroy(); failed {
			wantText(t, text, "could not be deleted", "State still holds the schedule.")
			s.mustDestroy()
		}
		s.wantSchedules(0)
	})
}

// Where it is not certain which schedule is ours, none is taken: the error names them all.
func TestScheduleCreateInDoubt(t *testing.T) {
	stranger := simulator.Schedule{Name: "Nightly", Type: simulator.ScheduleCRON, Cron: "0 3 * * *"}
	for name, test := range map[string]struct {
		others []simulator.Schedule // appear while the answer is lost
		effect bool
		want   []string
	}{
		"a stranger's beside ours": {[]simulator.Schedule{stranger}, true, []string{
			"Agent 4711: it is not certain which schedule was created", "Several new schedules with this name exist",
			`id = "4711/6000000001"`, `id = "4711/6000000002"`,
		}},
		"a stranger's with other settings": {[]simulator.Schedule{{Name: "Nightly ", Type: simulator.ScheduleCRON, Cron: "0 4 * * *"}}, false, []string{
			"A new schedule with this name exists", `its cron.expression is "0 4 * * *"`, `id = "4711/6000000001"`,
		}},
		"a stranger's of another type": {[]simulator.Schedule{{Name: "Nightly", Type: simulator.ScheduleRunEvery, RunEveryCount: 1, RunEveryPeriod: 3}}, false, []string{
			`its type is "RunEvery", but CRON was sent`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleCreate, After: test.effect, Action: simulator.Hang})
				time.AfterFunc(10*time.Second, func() {
					for _, other := range test.others {
						s.cloud.AddSchedule(4711, other)
					}
				})
				s.mustFail(test.want...)
				if s.state != nil {
					t.Error("something is in state")
				}
				if n := s.cloud.Count(simulator.KindScheduleCreate); n != 1 {
					t.Errorf("%d creates were sent", n)
				}
			})
		})
	}
}

// A stranger's schedule of another name is no doubt, also one that appears at the same time.
func TestScheduleCreateBesideAStranger(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.Hang, After: true})
		time.AfterFunc(10*time.Second, func() {
			s.cloud.AddSchedule(4711, simulator.Schedule{Name: "Hourly", Type: simulator.ScheduleCRON, Cron: "0 * * * *"})
		})
		s.mustApply()
		if s.held().Name != "Nightly" {
			t.Errorf("state holds %+v", s.held())
		}
		s.wantSchedules(2)
	})
}

// A change whose answer was lost is repeated, and refused by then: its time is too near. A look shows that it was made.
func TestScheduleChangeIsRepeatedTooLate(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		s.fires("once", onceAt(at(80*time.Second)))
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleUpdate, After: true, Action: simulator.Hang})
		s.mustApply()
		if n := s.cloud.Count(simulator.KindScheduleUpdate); n != 2 {
			t.Errorf("%d changes were sent", n)
		}
		s.wantPlan(core.ActionNone)
	})
}

// A delete whose answers are all lost is looked at.
func TestScheduleDeleteLosesEveryAnswer(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		s.cloud.Inject(
			simulator.Fault{Kind: simulator.KindScheduleDelete, After: true, Action: simulator.Reset},
			simulator.Fault{Kind: simulator.KindScheduleDelete, Action: simulator.StatusCode, Code: 503, Times: -1},
		)
		s.mustDestroy()
		s.wantSchedules(0)
	})
}

// A list can show one schedule twice. It is one candidate, not two.
func TestScheduleThatTheListShowsTwiceIsOneCandidate(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		again := simulator.Element(`{"id": 6000000001, "configId": 4711, "name": "Nightly", "scheduleType": 3, "schedule": "0 3 * * *"}`)
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.Reset, After: true},
			simulator.Fault{Kind: simulator.KindSchedules, Skip: 1, Times: -1, Insert: []simulator.Element{again}})
		wantText(t, s.mustApply(), "and the schedule was found")
		s.wantSchedules(1)
	})
}

// An import does not believe a list that contradicts itself.
func TestScheduleImportFromAListThatContradictsItself(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		twin := simulator.Element(`{"id": 6000000001, "configId": 4711, "name": "Twin", "scheduleType": 3, "schedule": "0 3 * * *"}`)
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, Times: -1, Insert: []simulator.Element{twin}})
		s.mustImport("4711/6000000001")
		s.wantAttribute("name", "Nightly")
	})
}

// A used-up budget makes the look after a change wait for up to a minute. The change is made, and no error says otherwise.
func TestScheduleChangeIsLookedAtInAFullBudget(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		s.arguments["name"] = core.Text("Other")
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedule, Skip: 1, Action: simulator.StatusCode, Code: 429, RetryAfter: "50"})
		began := time.Now()
		if text := s.mustApply(); text != "" || time.Since(began) < 50*time.Second {
			t.Errorf("after %v: %s", time.Since(began), text)
		}
		s.wantPlan(core.ActionNone)
	})
}

// A change that was accepted is in state, also where no look shows it. Then its next step is taken too.
func TestScheduleChangeCannotBeLookedAt(t *testing.T) {
	for name, look := range map[string]simulator.Fault{
		"no access": {Action: simulator.StatusCode, Code: 403}, "an outage": {Action: simulator.HTML, Code: 503}, "no answer": {Action: simulator.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{Unset: simulator.UnsetFilled}, func(t *testing.T, s *scheduling) {
				s.arguments["enabled"], s.arguments["log_level"] = core.Bool(false), core.Text("Error")
				s.mustApply()
				look.Kind, look.Skip, look.Times = simulator.KindSchedule, 1, -1
				s.cloud.Inject(look)
				s.arguments["name"] = core.Text("Other")
				wantText(t, s.mustApply(), "Schedule 4711/6000000001 was changed, but could not be read afterwards", "State holds the change.")
				s.wantAttribute("name", "Other")
				if s.held().Name != "Other" {
					t.Errorf("the cloud holds %+v", s.held())
				}
				s.cloud.ClearFaults()
				s.cloud.Release()
				s.wantPlan(core.ActionNone)

				s.cloud.Inject(look)
				s.arguments["name"], s.arguments["enabled"] = core.Text("Third"), core.Bool(true)
				s.mustFail("could not be enabled", "the API accepted the request, but the schedule could not be read", "Its other changes were made.")
				s.wantAttribute("name", "Third")
				s.cloud.ClearFaults()
				s.cloud.Release()
				s.wantPlan(core.ActionNone)
			})
		})
	}
}

// Where the outcome of enabling is unknown, and a look fails, the look is repeated and not the request.
func TestScheduleEnablingIsNotRepeatedBlindly(t *testing.T) {
	for name, test := range map[string]struct {
		looks int // that fail
		fails bool
	}{"one look fails": {1, false}, "every look fails": {-1, true}} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.arguments["enabled"] = core.Bool(false)
				s.mustApply()
				s.arguments["enabled"] = core.Bool(true)
				s.cloud.Inject(
					simulator.Fault{Kind: simulator.KindScheduleEnable, After: true, Action: simulator.Reset},
					simulator.Fault{Kind: simulator.KindSchedule, Skip: 1, Times: test.looks, Action: simulator.StatusCode, Code: 403},
				)
				text, failed := s.apply()
				if failed != test.fails {
					t.Fatal(text)
				}
				if failed {
					wantText(t, text, "could not be enabled", "the schedule could not be read either")
				}
				if n := s.cloud.Count(simulator.KindScheduleEnable); n != 1 {
					t.Errorf("%d requests were sent", n)
				}
				s.cloud.ClearFaults()
				s.wantPlan(core.ActionNone)
			})
		})
	}
}

// Many changes at once need more requests than a window of the rate limit has. Each is made and looked at.
func TestManyScheduleChangesInAFullWindow(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		all := make([]map[string]tftypes.Value, 40)
		for i := range all {
			all[i] = maps.Clone(s.arguments)
			all[i]["name"] = core.Text(fmt.Sprint("Schedule ", i))
		}
		objects := s.createMany(all)
		time.Sleep(time.Hour)
		p, schema := s.startProcess(), core.Schemas()[s.typ]
		atTheSameTime(len(objects), func(i int) {
			all[i]["log_level"] = core.Text("Error")
			config := core.ObjectOf(schema, all[i])
			planned := p.Plan(s.typ, objects[i], nil, config, core.ProposedNew(schema, objects[i].Value, config))
			if a := p.Apply(s.typ, objects[i], config, planned); a.Failed() || core.Warnings(a.Diagnostics) != "" {
				t.Errorf("schedule %d: %s", i, core.Errors(a.Diagnostics)+core.Warnings(a.Diagnostics))
			}
		})
		for _, held := range s.cloud.Schedules(4711) {
			if held.LogLevel == nil {
				t.Errorf("%s was not changed", held.Name)
			}
		}
	})
}

// A list that contradicts itself does not decide what a schedule is like, also when its own answer was "not found" once.
func TestScheduleThatWasNotFoundOnceIsReadAgain(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		twin := simulator.Element(`{"id": 6000000001, "configId": 4711, "name": "Twin", "scheduleType": 3, "schedule": "0 3 * * *"}`)
		s.cloud.Inject(
			simulator.Fault{Kind: simulator.KindSchedules, Times: -1, Insert: []simulator.Element{twin}},
			simulator.Fault{Kind: simulator.KindSchedule, Action: simulator.StatusCode, Code: 404},
		)
		s.wantPlan(core.ActionNone)
	})
}

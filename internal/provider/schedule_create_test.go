// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// createMany creates schedules in one process, ten at a time as the CLI does, and returns their objects.
func (s *scheduling) createMany(all []map[string]tftypes.Value) []*core.Object {
	s.t.Helper()
	p, schema := s.startProcess(), core.Schemas()[s.typ]
	objects := make([]*core.Object, len(all))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 10)
	for i, arguments := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			config := core.ObjectOf(schema, arguments)
			planned := p.Plan(s.typ, nil, nil, config, core.ProposedNew(schema, core.Null(s.typ), config))
			a := p.Apply(s.typ, nil, config, planned)
			if a.Failed() {
				s.t.Errorf("schedule %d: %s", i, core.Errors(planned.Diagnostics)+core.Errors(a.Diagnostics))
			}
			objects[i] = &core.Object{Type: s.typ, Value: a.Value, Private: a.Private}
		})
	}
	wg.Wait()
	return objects
}

// thirty are the arguments of 30 schedules of 3 agents.
func (s *scheduling) thirty() []map[string]tftypes.Value {
	all := make([]map[string]tftypes.Value, 30)
	for i := range all {
		agent := int64(4711 + i%3)
		s.cloud.SetAgent(simulator.Agent{ID: agent, Name: fmt.Sprint("Agent ", agent)})
		all[i] = maps.Clone(s.arguments)
		all[i]["agent_id"], all[i]["name"] = core.Number(agent), core.Text(fmt.Sprint("Schedule ", i))
	}
	return all
}

// Thirty schedules of three agents are created with one list for each agent and one request for each schedule, and
// refreshed with one list for each agent.
func TestThirtySchedules(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		objects := s.createMany(s.thirty())
		if got, want := s.requests(), (map[simulator.Kind]int{simulator.KindSchedules: 3, simulator.KindScheduleCreate: 30}); !maps.Equal(got, want) {
			t.Errorf("the create took %v, want %v", got, want)
		}
		p := s.startProcess()
		atTheSameTime(len(objects), func(i int) {
			if a := p.Read(objects[i]); a.Failed() || !a.Value.Equal(objects[i].Value) {
				t.Errorf("read %s %s", core.Errors(a.Diagnostics), a.Value)
			}
		})
		if got, want := s.requests(), (map[simulator.Kind]int{simulator.KindSchedules: 3}); !maps.Equal(got, want) {
			t.Errorf("the refresh took %v, want %v", got, want)
		}
	})
}

// Among thirty creates three lose their answers. Each finds its own schedule, although their creates run at the same time.
func TestThirtySchedulesLoseAnswers(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"after the effect": {Kind: simulator.KindScheduleCreate, After: true, Action: simulator.Reset, Skip: 4, Times: 3},
		"without effect":   {Kind: simulator.KindScheduleCreate, Action: simulator.Reset, Skip: 4, Times: 3},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.cloud.Inject(fault)
				seen := map[string]bool{}
				for i, o := range s.createMany(s.thirty()) {
					id := core.TextOf(o.Value, "id")
					held, ok := s.cloud.Schedule(core.NumberOf(o.Value, "schedule_id"))
					if seen[id] || !ok || held.Name != fmt.Sprint("Schedule ", i) || held.AgentID != int64(4711+i%3) {
						t.Errorf("schedule %d has the id %s, which is %+v", i, id, held)
					}
					seen[id] = true
				}
				if n := len(s.cloud.Schedules(4711)) + len(s.cloud.Schedules(4712)) + len(s.cloud.Schedules(4713)); n != 30 {
					t.Errorf("there are %d schedules", n)
				}
			})
		})
	}
}

// Schedules of one name and with the same settings are told apart, too.
func TestEqualSchedulesLoseAnswers(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleCreate, After: true, Action: simulator.Reset, Skip: 1, Times: 2})
		seen := map[string]bool{}
		for _, o := range s.createMany([]map[string]tftypes.Value{s.arguments, s.arguments, s.arguments, s.arguments}) {
			seen[core.TextOf(o.Value, "id")] = true
		}
		if len(seen) != 4 {
			t.Errorf("the ids are %v", seen)
		}
		s.wantSchedules(4)
	})
}

// So are schedules whose names differ in case alone.
func TestSchedulesOfNearlyOneNameLoseAnswers(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleCreate, After: true, Action: simulator.Reset, Times: 2})
		other := maps.Clone(s.arguments)
		other["name"] = core.Text("NIGHTLY ")
		seen := map[string]bool{}
		for _, o := range s.createMany([]map[string]tftypes.Value{s.arguments, other}) {
			seen[core.TextOf(o.Value, "id")] = true
		}
		if len(seen) != 2 {
			t.Errorf("the ids are %v", seen)
		}
		s.wantSchedules(2)
	})
}

// A list of which no element can be used keeps no schedule from being created.
func TestScheduleIsCreatedBesideAnUnusableOne(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.Bare, Code: 200, Body: "[7]"})
		s.mustApply()
		s.wantSchedules(1)
	})
}

// A refusal is an error with what the API said, and nothing is sent again.
func TestScheduleCreateIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		want  []string
	}{
		"invalid":     {simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.StatusCode, Code: 422, Body: `{"statusCode": 422, "message": "Too many schedules"}`}, []string{"The schedule of agent 4711 was not created", "The API refused it", "Too many schedules"}},
		"no access":   {simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.StatusCode, Code: 403}, []string{"403 Forbidden", "No schedule was created."}},
		"no list":     {simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.StatusCode, Code: 403}, []string{"The request was not sent", "listing the agent's schedules", "403"}},
		"no agent":    {simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.StatusCode, Code: 404}, []string{"The agent does not exist, was deleted, or this API key cannot see it."}},
		"a known one": {simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.Garbage, Body: `{"id": 2001, "configId": 4711, "name": "Nightly"}`}, []string{"schedule 2001, which existed before", `id = "4711/2001"`}},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.cloud.AddSchedule(4711, simulator.Schedule{ID: 2001, Name: "Nightly", Type: simulator.ScheduleCRON, Cron: "0 3 * * *"})
				s.cloud.Inject(test.fault)
				s.mustFail(test.want...)
				if s.state != nil || s.cloud.Count(simulator.KindScheduleCreate) > 1 {
					t.Error("something is in state, or the create was repeated")
				}
				s.wantSchedules(1)
			})
		})
	}
}

// An interrupt ends nothing that was sent: the schedule reaches state, or the error says what may exist.
func TestScheduleCreateIsInterrupted(t *testing.T) {
	slow := simulator.Fault{Kind: simulator.KindScheduleCreate, After: true, Delay: 10 * time.Second, Action: simulator.Pass}
	lost := simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.Hang}
	lostAfter := lost
	lostAfter.After = true
	for name, test := range map[string]struct {
		fault     simulator.Fault
		after     time.Duration
		want      []string
		inState   bool
		schedules int
	}{
		"while the answer is under way":  {slow, 5 * time.Second, nil, true, 1},
		"while a lost one is looked for": {lostAfter, 30500 * time.Millisecond, []string{"was lost, and the schedule was found"}, true, 1},
		"while one is looked for that is not there": {lost, 40 * time.Second, []string{
			"Agent 4711: a schedule may have been created", "Because of the interrupt, the create was not sent again", `id = "4711/SCHEDULE_ID"`,
		}, false, 0},
		"while the list is under way": {simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.Hang}, 5 * time.Second, []string{
			"was not created: interrupted", "No schedule was created.",
		}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.cloud.Inject(test.fault)
				s.interruptAfter(test.after)
				text, failed := s.apply()
				if failed == test.inState || (s.state != nil) != test.inState {
					t.Fatalf("in state: %v, failed: %v, %s", s.state != nil, failed, text)
				}
				wantText(t, text, test.want...)
				s.wantSchedules(test.schedules)
				if n := s.cloud.Count(simulator.KindScheduleCreate); n > 1 {
					t.Errorf("%d creates were sent", n)
				}
			})
		})
	}
}

// While the lists have no answer nothing is sent again: an outage is waited out.
func TestScheduleIsLookedForInAnOutage(t *testing.T) {
	lists := func(f simulator.Fault) simulator.Fault {
		f.Kind, f.Skip = simulator.KindSchedules, 1 // the list before the create
		return f
	}
	for name, test := range map[string]struct {
		list    simulator.Fault
		created bool // found
		want    []string
	}{
		"it ends":                   {lists(simulator.Fault{Action: simulator.HTML, Code: 503, Times: 40}), true, []string{"was lost, and the schedule was found"}},
		"the first look has a 404":  {lists(simulator.Fault{Action: simulator.StatusCode, Code: 404}), true, nil},
		"it does not end":           {lists(simulator.Fault{Action: simulator.HTML, Code: 503, Times: -1}), false, []string{"a schedule may have been created", "The time limit of timeouts.create (20m0s) has passed."}},
		"access is refused":         {lists(simulator.Fault{Action: simulator.StatusCode, Code: 403, Times: -1}), false, []string{"The search for the schedule failed too", "403 Forbidden"}},
		"an element cannot be used": {lists(simulator.Fault{Insert: []simulator.Element{simulator.OddSchedules(4711)[0]}, Times: -1}), false, []string{"a new element that cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleCreate, After: true, Action: simulator.Reset}, test.list)
				text, failed := s.apply()
				if failed == test.created {
					t.Fatal(text)
				}
				wantText(t, text, test.want...)
				s.wantSchedules(1)
				if n := s.cloud.Count(simulator.KindScheduleCreate); n != 1 {
					t.Errorf("%d creates were sent", n)
				}
			})
		})
	}
}

// The second create can be lost as well, or refused, or come too late.
func TestScheduleSecondCreate(t *testing.T) {
	lost := simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.Reset}
	lostAfter := lost
	lostAfter.After = true
	late := simulator.Fault{Kind: simulator.KindScheduleCreate, Delay: 85 * time.Second, Action: simulator.Hang}
	for name, test := range map[string]struct {
		faults    []simulator.Fault
		fails     bool
		want      []string
		schedules int
	}{
		"lost after its effect": {[]simulator.Fault{lost, lostAfter}, false, []string{"The create of 4711/6000000001 was sent twice"}, 1},
		"lost without effect":   {[]simulator.Fault{lost, lost}, true, []string{"a schedule may have been created", "A second create failed too."}, 0},
		"refused":               {[]simulator.Fault{lost, {Kind: simulator.KindScheduleCreate, Action: simulator.StatusCode, Code: 422}}, true, []string{"a second create ended with", "422"}, 0},
		"hangs":                 {[]simulator.Fault{late, lostAfter}, false, []string{"was sent twice"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.cloud.Inject(test.faults...)
				text, failed := s.apply()
				if failed != test.fails {
					t.Fatal(text)
				}
				wantText(t, text, test.want...)
				s.wantSchedules(test.schedules)
				if n := s.cloud.Count(simulator.KindScheduleCreate); n != 2 {
					t.Errorf("%d creates were sent", n)
				}
			})
		})
	}
}

// A schedule that shows just before the second create is ours: no second one is sent.
func TestScheduleShowsLate(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.cloud.Inject(
			simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.Reset},
			simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.StatusCode, Code: 429, RetryAfter: "60"},
		)
		time.AfterFunc(50*time.Second, func() { // the request was still queued somewhere
			s.cloud.AddSchedule(4711, simulator.Schedule{Name: "Nightly", Type: simulator.ScheduleCRON, Cron: "0 3 * * *"})
		})
		wantText(t, s.mustApply(), "was lost, and the schedule was found")
		s.wantSchedules(1)
		s.wantPlan(core.ActionNone)
	})
}

// Where the budget lets a create wait long, what was known before it is read anew; when even that is too old, a schedule
// that is found is in doubt.
func TestScheduleCreateWaitsForTheBudget(t *testing.T) {
	busy := simulator.Fault{Kind: simulator.KindScheduleCreate, Action: simulator.StatusCode, Code: 429, RetryAfter: "25"}
	for times, want := range map[int]string{1: "was lost, and the schedule was found", 4: "waited a long time for the request budget"} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				fault := busy
				fault.Times = times
				s.cloud.Inject(fault, simulator.Fault{Kind: simulator.KindScheduleCreate, After: true, Action: simulator.Reset})
				text, _ := s.apply()
				wantText(t, text, want)
				s.wantSchedules(1)
			})
		})
	}
}

// A server that creates the schedule otherwise than asked for is told again. If that fails, it is a warning: an error would
// make Terraform replace the schedule.
func TestScheduleIsCreatedEnabled(t *testing.T) {
	for name, test := range map[string]struct {
		disable simulator.Fault
		want    string
		plan    core.Action
	}{
		"and disabled":           {simulator.Fault{Kind: simulator.KindSchedule, AgentID: 1}, "", core.ActionNone},
		"and cannot be disabled": {simulator.Fault{Kind: simulator.KindScheduleDisable, Action: simulator.StatusCode, Code: 422}, "was created, but could not be disabled", core.ActionUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.arguments["enabled"] = core.Bool(false)
				s.transport = answeringEnabled{s.transport}
				s.cloud.Inject(test.disable)
				wantText(t, s.mustApply(), test.want)
				s.transport = s.cloud.Transport()
				s.wantPlan(test.plan)
				s.mustApply()
				if !s.held().Disabled {
					t.Error("it is enabled")
				}
			})
		})
	}
}

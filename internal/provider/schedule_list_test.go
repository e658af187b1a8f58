// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// scheduled is a cloud of agents with schedules: every kind, and one that is disabled.
func scheduled() simulator.Options {
	return simulator.Options{Agents: []simulator.Agent{
		{ID: 4711, Name: "Shoes", Schedules: []simulator.Schedule{
			{ID: 2004, Name: "once", Type: simulator.ScheduleRunOnce, StartTime: simulator.Moment{Time: time.Date(2030, 1, 31, 9, 0, 0, 0, time.UTC)}},
			{ID: 2001, Name: "nightly", Type: simulator.ScheduleCRON, Cron: "30 6 * * 1-5", Timezone: "Europe/Berlin", InputParameters: new(`{"category": "boots"}`)},
			{ID: 2002, Name: "often", Type: simulator.ScheduleRunEvery, RunEveryCount: 6, RunEveryPeriod: 2, Disabled: true, Parallelism: new(int64(2))},
		}},
		{ID: 4712, Schedules: []simulator.Schedule{{ID: 2010, Name: "hourly", Type: simulator.ScheduleRunEvery, RunEveryCount: 1, RunEveryPeriod: 2}}},
		{ID: 4713, Name: "Hats", Schedules: []simulator.Schedule{{ID: 2020, Name: "daily", Type: simulator.ScheduleCRON, Cron: "0 5 * * *", Timezone: "UTC"}}},
	}}
}

// schedules lists the schedules of an agent; 0: of all agents.
func (l *listing) schedules(limit, agentID int64) listed {
	l.t.Helper()
	config := map[string]tftypes.Value{}
	if agentID != 0 {
		config["agent_id"] = core.Number(agentID)
	}
	return l.list(l.t.Context(), scheduleType, limit, config)
}

// wantListed fails the test unless the list has these objects and says these texts as warnings, or nothing.
func (l *listing) wantListed(got listed, ids []int64, warnings ...string) {
	l.t.Helper()
	if got.errors != "" || !slices.Equal(got.ids(), ids) || len(warnings) == 0 && got.warnings != "" {
		l.t.Errorf("the list has %v, want %v; errors: %q; warnings: %q", got.ids(), ids, got.errors, got.warnings)
	}
	wantText(l.t, got.warnings, warnings...)
}

// asked fails the test unless so many lists of schedules were asked for since the last time.
func (l *listing) asked(want int) {
	l.t.Helper()
	if got := l.cloud.Count(simulator.KindSchedules); got != want {
		l.t.Errorf("%d lists of schedules were asked for, want %d", got, want)
	}
	l.cloud.ResetCounts()
	time.Sleep(time.Minute) // nothing is shared with what was read before
}

func TestListOfSchedules(t *testing.T) {
	inListing(t, scheduled(), func(t *testing.T, l *listing) {
		all := l.schedules(100, 0)
		l.wantListed(all, []int64{2001, 2002, 2004, 2010, 2020})
		for i, want := range []string{
			"Shoes, nightly, cron 30 6 * * 1-5 Europe/Berlin", "Shoes, often, every 6 hours, disabled", "Shoes, once, once at 2030-01-31T09:00:00Z",
			"Agent 4712, hourly, every 1 hour", "Hats, daily, cron 0 5 * * * UTC",
		} {
			if all.objects[i].name != want {
				t.Errorf("the name is %q, want %q", all.objects[i].name, want)
			}
		}
		l.asked(3)
		l.wantListed(l.schedules(3, 0), []int64{2001, 2002, 2004})
		l.asked(1)
		l.wantListed(l.schedules(4, 0), []int64{2001, 2002, 2004, 2010})
		l.asked(2)
		l.wantListed(l.schedules(1, 0), []int64{2001})
		l.asked(1)
		l.wantListed(l.schedules(0, 0), []int64{})
		l.asked(0)
		l.wantListed(l.schedules(100, 4713), []int64{2020})
		l.asked(1)
		if name, want := l.schedules(1, 4711).objects[0].name, "Agent 4711, nightly, cron 30 6 * * 1-5 Europe/Berlin"; name != want {
			t.Errorf("the name is %q, want %q", name, want)
		}
	})
}

// What a list gives is what an import of it reads: the plan after it is the same.
func TestListedScheduleIsWhatAnImportReads(t *testing.T) {
	inListing(t, scheduled(), func(t *testing.T, l *listing) {
		l.cloud.AddSchedule(4713, simulator.Schedule{ID: 2021, Name: "fired", Disabled: true, Type: simulator.ScheduleRunOnce, StartTime: simulator.Moment{Time: time.Now().Add(-time.Hour)}})
		all := l.schedules(100, 0)
		l.wantListed(all, []int64{2001, 2002, 2004, 2010, 2020, 2021})
		for _, one := range all.objects {
			imported, a := l.plugin.Import(scheduleType, fmt.Sprintf("%d/%d", one.agentID, one.id))
			if a.Failed() {
				t.Fatal(core.Errors(a.Diagnostics))
			}
			if read := l.plugin.Read(imported); !read.Value.Equal(one.resource) {
				t.Errorf("listed:   %s\nimported: %s", one.resource, read.Value)
			}
		}
	})
}

// One odd element never takes the rest with it.
func TestListOfSchedulesWithOddElements(t *testing.T) {
	for _, odd := range []simulator.Element{"null", "7", `"a schedule"`, "{}", `{"id":null,"configId":4712,"name":"x"}`, `{"id":-1,"configId":4712,"name":"x"}`, `{"id":9,"configId":4711,"name":"of another agent"}`} {
		t.Run(string(odd), func(t *testing.T) {
			inListing(t, scheduled(), func(t *testing.T, l *listing) {
				l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: 4712, Times: -1, Insert: []simulator.Element{odd}})
				says := []string{"The list of schedules is not complete", "Agent 4712: 1 element", "TF_LOG_PROVIDER=warn"}
				l.wantListed(l.schedules(100, 0), []int64{2001, 2002, 2004, 2010, 2020}, says...)
				l.wantListed(l.schedules(100, 4712), []int64{2010}, says...)
			})
		})
	}
}

func TestListOfSchedulesShowsEachOnce(t *testing.T) {
	inListing(t, scheduled(), func(t *testing.T, l *listing) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: 4712, Times: -1, Insert: []simulator.Element{`{"id":2010,"configId":4712,"name":"hourly","scheduleType":2,"runEveryCount":1,"runEveryPeriod":2}`}})
		l.wantListed(l.schedules(100, 4712), []int64{2010})
	})
}

func TestListOfSchedulesOfAnUnknownType(t *testing.T) {
	inListing(t, scheduled(), func(t *testing.T, l *listing) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: 4712, Times: -1, Insert: []simulator.Element{
			`{"id":2011,"configId":4712,"name":"odd","scheduleType":"Lunar"}`,
			`{"id":2012,"configId":4712,"name":null,"scheduleType":1,"startTime":null}`,
			`{"id":2013,"configId":4712,"name":"a\u001b[2J\nb","scheduleType":2,"runEveryCount":null,"runEveryPeriod":null}`,
			`{"id":2014,"configId":4712,"name":"null","scheduleType":3,"schedule":null,"timezone":null,"isEnabled":null}`,
		}})
		all := l.schedules(100, 4712)
		for i, want := range []string{`schedule 2012, of type "RunOnce"`, "a\ufffd[2J b, of type \"RunEvery\"", "null, cron"} {
			if name := all.objects[i+2].name; name != "Agent 4712, "+want {
				t.Errorf("the name is %q, want %q", name, want)
			}
		}
		l.wantListed(all, []int64{2010, 2011, 2012, 2013, 2014}, "Schedule 4712/2011 does not fire in a way that the provider knows", `Its type is "Lunar".`)
		if name := all.objects[1].name; name != `Agent 4712, odd, of type "Lunar"` {
			t.Errorf("the name is %q", name)
		}
	})
}

// The agent in the middle cannot be read. The others are listed.
func TestListOfSchedulesWithoutOneAgent(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"403 Forbidden":           {Action: simulator.StatusCode, Code: http.StatusForbidden},
		"404 Not Found":           {Action: simulator.StatusCode, Code: http.StatusNotFound},
		"400 Bad Request":         {Action: simulator.StatusCode, Code: http.StatusBadRequest},
		"503 Service Unavailable": {Action: simulator.HTML, Code: http.StatusServiceUnavailable},
		"no answer":               {Action: simulator.Hang},
		"200 OK":                  {Action: simulator.Garbage},
	} {
		t.Run(name, func(t *testing.T) {
			inListing(t, scheduled(), func(t *testing.T, l *listing) {
				fault.Kind, fault.AgentID, fault.Times = simulator.KindSchedules, 4712, -1
				l.cloud.Inject(fault)
				l.wantListed(l.schedules(100, 0), []int64{2001, 2002, 2004, 2020}, "The schedules of 1 agent could not be listed", "No list was read for: - 4712", name)
				l.wantListed(l.schedules(4, 0), []int64{2001, 2002, 2004, 2020}, "The schedules of 1 agent could not be listed") // before the CLI has enough
				wantText(t, l.schedules(100, 4712).errors, name)
				l.cloud.Release()
			})
		})
	}
}

// An agent of whose list nothing can be used is no failure: what can be read is listed, and a warning says what is left out.
func TestListOfSchedulesWithoutAUsableElement(t *testing.T) {
	inListing(t, scheduled(), func(t *testing.T, l *listing) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: 4712, Times: -1, Action: simulator.Bare, Code: http.StatusOK, Body: "[7]"})
		l.wantListed(l.schedules(100, 0), []int64{2001, 2002, 2004, 2020}, "The list of schedules is not complete", "Agent 4712: 1 element")
		l.wantListed(l.schedules(100, 4712), nil, "The list of schedules is not complete", "Agent 4712: 1 element")
	})
}

// many is a cloud of n agents with a schedule each.
func many(n int64) simulator.Options {
	var o simulator.Options
	for i := range n {
		o.Agents = append(o.Agents, simulator.Agent{ID: i + 1, Schedules: []simulator.Schedule{{ID: 100 + i, Name: "daily", Type: simulator.ScheduleCRON, Cron: "0 5 * * *", Timezone: "UTC"}}})
	}
	return o
}

// Asking on in an outage would take all retries for each agent.
func TestListOfSchedulesInAnOutage(t *testing.T) {
	inListing(t, many(20), func(t *testing.T, l *listing) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, Skip: 2, Times: -1, Action: simulator.HTML, Code: http.StatusServiceUnavailable})
		l.wantListed(l.schedules(100, 0), []int64{100, 101},
			"The schedules of 18 agents could not be listed", "No list was read for: - 3 ", "- 5 ", "The other 15 agents were not asked.")
		l.asked(2 + 3*6)
	})
}

// Agents that fail here and there are no outage.
func TestListOfSchedulesWithoutSomeAgents(t *testing.T) {
	inListing(t, many(11), func(t *testing.T, l *listing) {
		for _, id := range []int64{1, 2, 4, 5, 7, 8, 10} {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: id, Times: -1, Action: simulator.HTML, Code: http.StatusServiceUnavailable})
		}
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: 9, Times: -1, Action: simulator.StatusCode, Code: http.StatusForbidden})
		l.wantListed(l.schedules(100, 0), []int64{102, 105, 110}, "The schedules of 8 agents could not be listed", "- 9 ", "- 10 ")
	})
}

func TestListOfSchedulesWithoutAnyAgent(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		asked int
		says  []string
	}{
		"each is refused":             {simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.StatusCode, Code: http.StatusForbidden}, 20, []string{"The schedules could not be listed", "403 Forbidden", "… and 10 more"}},
		"the key has ended":           {simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.StatusCode, Code: http.StatusUnauthorized}, 1, []string{"401 Unauthorized", "The other 19 agents were not asked."}},
		"the agents are refused":      {simulator.Fault{Kind: simulator.KindAgents, Action: simulator.StatusCode, Code: http.StatusForbidden}, 0, []string{"The agents could not be listed", "403 Forbidden"}},
		"the agents cannot be listed": {simulator.Fault{Kind: simulator.KindAgents, Action: simulator.HTML, Code: http.StatusServiceUnavailable}, 0, []string{"The agents could not be listed", "503 Service Unavailable"}},
	} {
		t.Run(name, func(t *testing.T) {
			inListing(t, many(20), func(t *testing.T, l *listing) {
				test.fault.Times = -1
				l.cloud.Inject(test.fault)
				wantText(t, l.schedules(100, 0).errors, test.says...)
				l.asked(test.asked)
			})
		})
	}
}

// Without the scope, each request would be refused for the same reason.
func TestListOfSchedulesWithoutTheScope(t *testing.T) {
	inListing(t, many(20), func(t *testing.T, l *listing) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, Times: -1, Action: simulator.StatusCode, Code: http.StatusForbidden,
			Header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="agents:read"`}})
		wantText(t, l.schedules(100, 0).errors, "the access token lacks the scope agents:read", "The other 19 agents were not asked.")
		l.asked(1)
	})
}

func TestListOfSchedulesWithoutAgents(t *testing.T) {
	inListing(t, simulator.Options{}, func(t *testing.T, l *listing) {
		l.wantListed(l.schedules(100, 0), []int64{})
		wantText(t, l.schedules(100, 4711).errors, "Agent 4711 is not found")
	})
}

func TestListOfSchedulesIsInterrupted(t *testing.T) {
	inListing(t, many(20), func(t *testing.T, l *listing) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, AgentID: 10, Times: -1, Action: simulator.Hang})
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, interrupt)
		began := time.Now()
		wantText(t, l.list(ctx, scheduleType, 100, nil).errors, "The schedules could not be listed", "The operation was interrupted.")
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the interrupt ended the list after %v", took)
		}
		l.asked(10)
	})
}

func TestBadListOfSchedules(t *testing.T) {
	inListing(t, scheduled(), func(t *testing.T, l *listing) {
		for _, id := range []int64{-1, 1 << 31} {
			wantText(t, l.schedules(10, id).errors, "agent_id value must be between 1 and 2147483647")
		}
	})
}

// Only agents have schedules: templates, commands and shared files are not asked. What is of no known type is asked.
func TestListOfSchedulesAsksOnlyAgents(t *testing.T) {
	o := scheduled()
	for i, typ := range []simulator.ConfigType{simulator.SharedFile, simulator.TemplateType, simulator.CommandType, "Robot"} {
		o.Agents = append(o.Agents, simulator.Agent{ID: 4720 + int64(i), Name: "Other", Type: typ})
	}
	inListing(t, o, func(_ *testing.T, l *listing) {
		l.wantListed(l.schedules(100, 0), []int64{2001, 2002, 2004, 2010, 2020})
		l.asked(4)
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"reflect"
	"testing"
	"time"
)

func TestPersonMakesEditsAndDeletesASchedule(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		yesterday := time.Now().Add(-24 * time.Hour)
		s := tc.AddSchedule(4711, Schedule{Name: "Old", Type: ScheduleRunOnce, StartTime: Moment{yesterday}, ID: 7})
		path := "/agent/4711/schedules/7"
		if s.ID != 7 || s.AgentID != 4711 || !s.NextRunTime.IsZero() {
			tc.t.Errorf("the schedule is %+v", s)
		}
		object := tc.scheduleAt(path)
		tc.wantTime("startTime", object["startTime"], yesterday)
		if object["isEnabled"] != true || object["nextRunTime"] != nil {
			tc.t.Errorf("the schedule is %v", object)
		}
		edited := tc.EditSchedule(7, func(s *Schedule) {
			s.ID, s.Name, s.StartTime, s.Parallelism = 8, "New", Moment{time.Now().Add(time.Hour)}, new(int64(2))
		})
		if object = tc.scheduleAt(path); !edited || object["name"] != "New" || object["parallelism"] != 2.0 {
			tc.t.Errorf("the edited schedule is %v", object)
		}
		tc.wantTime("nextRunTime", object["nextRunTime"], time.Now().Add(time.Hour))
		if got, ok := tc.Schedule(7); !ok || got.Name != "New" {
			tc.t.Errorf("the control shows %+v", got)
		}
		if !tc.DeleteSchedule(7) || tc.DeleteSchedule(7) || tc.EditSchedule(7, func(*Schedule) {}) {
			tc.t.Error("it was not deleted once")
		}
		tc.wantCode(tc.send("GET", path, ""), http.StatusNotFound)
		if _, ok := tc.Schedule(7); ok || len(tc.Schedules(4711)) != 0 || tc.Schedules(2) != nil {
			tc.t.Error("the controls show a schedule that is not there")
		}
	})
}

func TestControlsShowAFiringThatNoRequestHasSeen(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		every := Schedule{Name: "Every", Type: ScheduleRunEvery, RunEveryCount: 1, RunEveryPeriod: everyHours}
		id := tc.AddSchedule(4711, every).ID
		for n, show := range []func() int{
			func() int { return tc.Schedules(4711)[0].Firings },
			func() int { s, _ := tc.Schedule(id); return s.Firings },
			func() int { return len(tc.Runs(4711)) },
			func() int {
				firings := 0
				tc.EditSchedule(id, func(s *Schedule) { firings = s.Firings })
				return firings
			},
			func() int { return tc.StartRun(4711).Sequence - 1 },
			func() int { tc.AddFinishedRuns(4711, 1, Success); return tc.Runs(4711)[1].Sequence - 2 },
		} {
			time.Sleep(time.Hour)
			if got := show(); got != n+1 {
				tc.t.Errorf("control %d shows %d", n, got)
			}
		}
	})
}

func TestNewVariantsOfSchedulesApplyToThoseThatAreThere(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, daily := tc.createSchedule(dailyBody)
		_, once := tc.createSchedule(onceBody(time.Now().Add(time.Hour)))
		tc.SetScheduleVariants(ScheduleVariants{Fired: FiredDeleted, DefaultTimezone: "America/New_York"})
		time.Sleep(2 * time.Hour)
		tc.wantCode(tc.send("GET", once, ""), http.StatusNotFound)
		tc.wantTime("nextRunTime", tc.scheduleAt(daily)["nextRunTime"], time.Date(2000, 1, 1, 14, 0, 0, 0, time.UTC))
	})
}

func TestSchedulesOfAnAgentAreThoseOfItsFirstDescription(t *testing.T) {
	a := products()
	a.Schedules = []Schedule{
		{ID: 9_007_199_254_740_993, Name: "Daily", Type: ScheduleCRON, Cron: "0 9 * * *"},
		{Name: "None", Disabled: true},
	}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		tc.SetAgent(a)
		all := tc.Schedules(4711)
		if len(all) != 2 || all[0].ID != a.Schedules[0].ID || all[1].ID != all[0].ID+1 {
			tc.t.Errorf("the schedules are %+v", all)
		}
		tc.DeleteSchedule(all[0].ID)
		tc.SetAgent(a)
		if all := tc.Schedules(4711); len(all) != 1 {
			tc.t.Errorf("a schedule came back: %+v", all)
		}
		tc.DeleteAgent(4711)
		tc.SetAgent(a)
		if all := tc.Schedules(4711); len(all) != 2 {
			tc.t.Errorf("the new agent has %+v", all)
		}
	})
}

func TestControlsRefuseAScheduleThatMakesNoSense(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		good := Schedule{Name: "a", Type: ScheduleCRON, Cron: "0 9 * * *"}
		good.ID = tc.AddSchedule(4711, good).ID
		for name, act := range map[string]func(){
			"cron":          func() { tc.AddSchedule(4711, Schedule{Name: "a", Type: ScheduleCRON, Cron: "x"}) },
			"taken id":      func() { tc.AddSchedule(4711, good) },
			"unknown agent": func() { tc.AddSchedule(3, Schedule{Name: "a"}) },
			"edited zone":   func() { tc.EditSchedule(good.ID, func(s *Schedule) { s.Timezone = "Mars" }) },
			"agent":         func() { tc.SetAgent(Agent{ID: 2, Schedules: []Schedule{{}}}) },
			"server's zone": func() { tc.SetScheduleVariants(ScheduleVariants{DefaultTimezone: "Mars"}) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						tc.t.Errorf("%s: no panic", name)
					}
				}()
				act()
			}()
		}
		if all := tc.Schedules(4711); len(all) != 1 || all[0].Timezone != "" {
			tc.t.Errorf("the schedules are %+v", all)
		}
	})
}

func TestSchedulesAreReadFromAnAgentsFile(t *testing.T) {
	config, err := parseConfig([]byte(`{"agents":[{"id":1,"schedules":[
		{"id":9007199254740993,"name":"Daily","type":"CRON","cron":"0 9 * * 1-5","timezone":"Europe/Berlin","disabled":true,
		 "input_parameters":"{\"a\":1}","parallelism":2,"parallel_max_concurrency":1,"parallel_export":"Separate","proxy_pool_id":3,
		 "server_group_id":4,"log_level":"Debug","log_mode":"None","tag":"t","is_exclusive":true,"is_wait_on_failure":true,"local_schedule":"x"},
		{"name":"Once","type":1,"start_time":"2030-01-31T09:00:00+01:00"},
		{"name":"Every","type":"RunEvery","run_every_count":2,"run_every_period":5}]}],
		"variants":{"schedules":{"fired":"deleted","fired_keeps_next":true,"fired_clears_start":true,"enable_past":true,"put_keeps_start_time":true,"absent_enabled":"kept","type_names":true,
		"other_spellings":true,"unset":"filled","older_server":true,"default_timezone":"Europe/Berlin"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Schedule{
		{
			ID: 9_007_199_254_740_993, Name: "Daily", Type: ScheduleCRON, Cron: "0 9 * * 1-5", Timezone: "Europe/Berlin", Disabled: true,
			InputParameters: new(`{"a":1}`), Parallelism: new(int64(2)), ParallelMaxConcurrency: new(int64(1)), ParallelExport: new("Separate"),
			ProxyPoolID: new(int64(3)), ServerGroupID: new(int64(4)), LogLevel: new("Debug"), LogMode: new("None"), Tag: new("t"),
			IsExclusive: true, IsWaitOnFailure: true, LocalSchedule: "x",
		},
		{Name: "Once", Type: ScheduleRunOnce, StartTime: config.Agents[0].Schedules[1].StartTime},
		{Name: "Every", Type: ScheduleRunEvery, RunEveryCount: 2, RunEveryPeriod: everyMonths},
	}
	if got := config.Agents[0].Schedules; !reflect.DeepEqual(got, want) ||
		!got[1].StartTime.Equal(time.Date(2030, 1, 31, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var o Options
	config.Apply(&o)
	if want := (ScheduleVariants{
		Fired: FiredDeleted, FiredKeepsNext: true, FiredClearsStart: true, EnablePast: true, PutKeepsStartTime: true, AbsentEnabled: AbsentIsKept, TypeNames: true,
		OtherSpellings: true, Unset: UnsetFilled, OlderServer: true, DefaultTimezone: "Europe/Berlin",
	}); o.Schedules != want {
		t.Errorf("got %+v, want %+v", o.Schedules, want)
	}
}

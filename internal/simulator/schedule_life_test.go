// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestCronScheduleStartsARunAtEachOfItsTimes(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, path := tc.createSchedule(`{"name":"Daily","scheduleType":3,"cronExpression":"0 9 * * *","inputParameters":"{\"a\":1}",
			"parallelism":3,"logLevel":"Error"}`)
		time.Sleep(9*time.Hour - time.Millisecond)
		if ids := tc.listedIDs(); len(ids) != 0 {
			tc.t.Errorf("it fired before its time: %v", ids)
		}
		time.Sleep(time.Millisecond + 5*time.Second)
		ids := tc.listedIDs()
		if len(ids) != 1 {
			tc.t.Fatalf("the runs are %v", ids)
		}
		tc.wantStatus(ids[0], Running)
		run := tc.runStatus(ids[0])
		tc.wantTime("the run's created", run["created"], time.Date(2000, 1, 1, 9, 0, 0, 0, time.UTC))
		if run["parallelism"] != 3.0 {
			tc.t.Errorf("the run is %v", run)
		}
		if r, _ := tc.Run(ids[0]); r.InputParameters != `{"a":1}` || r.ScheduleID != tc.Schedules(4711)[0].ID {
			tc.t.Errorf("the run is %+v", r)
		}
		tc.wantTime("nextRunTime", tc.scheduleAt(path)["nextRunTime"], time.Date(2000, 1, 2, 9, 0, 0, 0, time.UTC))
		time.Sleep(3 * 24 * time.Hour)
		if ids := tc.listedIDs(); len(ids) != 4 || ids[3] != ids[0]-3 {
			tc.t.Errorf("after three days the runs are %v", ids)
		}
		if s := tc.Schedules(4711)[0]; s.Firings != 4 || s.LastRunID != tc.listedIDs()[0] {
			tc.t.Errorf("the schedule is %+v", s)
		}
	})
}

func TestDisabledScheduleDoesNotFireAndContinuesWhenEnabled(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, path := tc.createSchedule(everyBody)
		time.Sleep(3 * time.Hour) // it has fired once, after two
		tc.send("POST", path+"/disable", "")
		if s := tc.scheduleAt(path); s["isEnabled"] != false || s["nextRunTime"] != nil {
			tc.t.Errorf("the disabled schedule is %v", s)
		}
		time.Sleep(10 * time.Hour)
		tc.send("POST", path+"/enable", "")
		tc.wantTime("nextRunTime", tc.scheduleAt(path)["nextRunTime"], time.Date(2000, 1, 1, 14, 0, 0, 0, time.UTC))
		enabled := time.Now()
		time.Sleep(time.Minute)
		tc.send("POST", path+"/enable", "") // once more: no change
		if s := tc.Schedules(4711)[0]; !s.Updated.Equal(enabled) {
			tc.t.Errorf("it was changed at %s", s.Updated)
		}
		if n := len(tc.listedIDs()); n != 1 {
			tc.t.Errorf("there are %d runs", n)
		}
		time.Sleep(time.Hour)
		if n := len(tc.listedIDs()); n != 2 {
			tc.t.Errorf("there are %d runs after it was enabled", n)
		}
	})
}

func TestRunOnceFiresOnceAndIsThenDisabledDeletedOrKept(t *testing.T) {
	for _, fired := range []FiredSchedule{FiredDisabled, FiredDeleted, FiredEnabled} {
		t.Run("then "+string(fired), func(t *testing.T) {
			o := withAgents(products())
			o.Schedules.Fired = fired
			inBubble(t, o, func(tc *testCloud) {
				start := time.Now().Add(time.Minute)
				created, path := tc.createSchedule(onceBody(start))
				tc.wantTime("startTime", created["startTime"], start)
				tc.wantTime("nextRunTime", created["nextRunTime"], start)
				time.Sleep(24 * time.Hour)
				if n := len(tc.listedIDs()); n != 1 {
					tc.t.Errorf("there are %d runs", n)
				}
				r := tc.send("GET", path, "")
				if fired == FiredDeleted {
					tc.wantCode(r, http.StatusNotFound)
					tc.wantCode(tc.send("PUT", path, onceBody(time.Now().Add(time.Hour))), http.StatusNotFound)
					return
				}
				if s := tc.Schedules(4711)[0]; fired == FiredDisabled && !s.Updated.Equal(start) {
					tc.t.Errorf("the server changed it at %s", s.Updated)
				}
				s := tc.jsonObject(r)
				if s["isEnabled"] != (fired == FiredEnabled) || s["nextRunTime"] != nil {
					tc.t.Errorf("the fired schedule is %v", s)
				}
				tc.wantCode(tc.send("PUT", path, onceBody(start)), http.StatusBadRequest)
				tc.send("PUT", path, onceBody(time.Now().Add(time.Hour)))
				time.Sleep(2 * time.Hour)
				if n := len(tc.listedIDs()); n != 2 {
					tc.t.Errorf("with a new time there are %d runs", n)
				}
				if s := tc.Schedules(4711)[0]; s.Firings != 2 || s.LastRunID != tc.listedIDs()[0] {
					tc.t.Errorf("it has fired twice: %+v", s)
				}
			})
		})
	}
}

func TestAFiredRunOnceKeepsItsTimeAsTheNextOrLosesIt(t *testing.T) {
	for _, v := range []ScheduleVariants{{FiredKeepsNext: true}, {FiredClearsStart: true}, {Fired: FiredEnabled, FiredKeepsNext: true, FiredClearsStart: true}} {
		o := withAgents(products())
		o.Schedules = v
		inBubble(t, o, func(tc *testCloud) {
			start := time.Now().Add(time.Hour)
			_, path := tc.createSchedule(onceBody(start))
			time.Sleep(2 * time.Hour)
			s := tc.scheduleAt(path)
			if (s["startTime"] == nil) != v.FiredClearsStart || (s["nextRunTime"] != nil) != v.FiredKeepsNext {
				tc.t.Errorf("with %+v the fired schedule is %v", v, s)
			}
			if v.FiredKeepsNext {
				tc.wantTime("nextRunTime", s["nextRunTime"], start)
			}
			for _, name := range []string{"Other", "Another"} {
				if !tc.EditSchedule(tc.Schedules(4711)[0].ID, func(s *Schedule) { s.Name = name }) {
					tc.t.Error("a person cannot change it")
				}
			}
			next := time.Now().Add(time.Hour)
			tc.send("PUT", path, onceBody(next))
			tc.wantTime("nextRunTime", tc.scheduleAt(path)["nextRunTime"], next)
			time.Sleep(24 * time.Hour)
			if n := len(tc.listedIDs()); n != 2 {
				tc.t.Errorf("there are %d runs", n)
			}
		})
	}
}

func TestEnablingAPastRunOnceIsRefusedOrHasNoEffect(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		o := withAgents(products())
		o.Schedules.EnablePast = accepted
		inBubble(t, o, func(tc *testCloud) {
			_, path := tc.createSchedule(onceBody(time.Now().Add(time.Hour)))
			tc.send("POST", path+"/disable", "")
			tc.send("POST", path+"/enable", "") // its time is still to come
			if tc.scheduleAt(path)["nextRunTime"] == nil {
				tc.t.Error("it was not enabled again")
			}
			time.Sleep(2 * time.Hour)
			r := tc.send("POST", path+"/enable", "")
			if refused := r.code == http.StatusUnprocessableEntity; refused == accepted {
				tc.t.Errorf("the enabling answers %d %s", r.code, r.text)
			}
			time.Sleep(time.Hour)
			if s := tc.scheduleAt(path); s["isEnabled"] != accepted || s["nextRunTime"] != nil || len(tc.listedIDs()) != 1 {
				tc.t.Errorf("the schedule is %v, the runs %v", s, tc.listedIDs())
			}
		})
	}
}

func TestScheduleOfAnAgentThatCannotStartLeavesASkippedRun(t *testing.T) {
	for name, change := range map[string]func(*Agent){
		"archived":       func(a *Agent) { a.Archived = true },
		"disabled":       func(a *Agent) { a.Disabled = true },
		"out of credits": func(a *Agent) { a.OutOfCredits = true },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, withAgents(products()), func(tc *testCloud) {
				tc.createSchedule(everyBody)
				time.Sleep(3 * time.Hour)
				a := products()
				change(&a)
				tc.SetAgent(a) // the firing before it stays a real run
				time.Sleep(2 * time.Hour)
				ids := tc.listedIDs()
				if len(ids) != 2 {
					tc.t.Fatalf("the runs are %v", ids)
				}
				tc.wantStatus(ids[0], Skipped)
				tc.wantStatus(ids[1], Completed)
				run := tc.runStatus(ids[0])
				if run["message"] == nil || run["dataCount"] != 0.0 || run["startTime"] != nil || run["endTime"] == nil {
					tc.t.Errorf("the skipped run is %v", run)
				}
				if r, _ := tc.Run(ids[0]); r.ScheduleID != tc.Schedules(4711)[0].ID {
					tc.t.Errorf("the skipped run is of schedule %d", r.ScheduleID)
				}
				if files := tc.jsonList(tc.send("GET", runPathOf(ids[0], "/files"), "")); len(files) != 0 {
					tc.t.Errorf("the skipped run has files: %v", files)
				}
				tc.SetAgent(products())
				time.Sleep(2 * time.Hour)
				tc.wantStatus(tc.listedIDs()[0], Completed)
			})
		})
	}
}

func TestScheduleOfAnExclusiveAgentWithAnActiveRun(t *testing.T) {
	for exclusive, want := range map[Exclusive][]Status{
		ExclusiveQueue: {Queuing, Running}, ExclusiveRefuse: {Skipped, Running}, ExclusiveAnswer: {Running},
	} {
		t.Run(string(exclusive), func(t *testing.T) {
			a := products()
			a.Exclusive, a.Phases = exclusive, []Phase{phase(Running, 3*3600)}
			inBubble(t, withAgents(a), func(tc *testCloud) {
				tc.createSchedule(`{"name":"Every","scheduleType":2,"runEveryCount":2,"runEveryPeriod":2,"isExclusive":true}`)
				time.Sleep(4*time.Hour + time.Minute)
				ids := tc.listedIDs()
				if len(ids) != len(want) {
					tc.t.Fatalf("the runs are %v", ids)
				}
				for i, id := range ids {
					tc.wantStatus(id, want[i])
				}
			})
		})
	}
}

func TestFiringsOfSeveralAgentsAreInTheOrderOfTime(t *testing.T) {
	inBubble(t, withAgents(products(), Agent{ID: 2}), func(tc *testCloud) {
		hourly := Schedule{Name: "Hourly", Type: ScheduleRunEvery, RunEveryCount: 1, RunEveryPeriod: everyHours}
		tc.AddSchedule(4711, hourly)
		time.Sleep(30 * time.Minute)
		tc.AddSchedule(2, hourly)
		time.Sleep(24 * time.Hour)
		one, two := tc.Runs(4711), tc.Runs(2)
		if len(one) != 24 || len(two) != 24 {
			tc.t.Fatalf("there are %d and %d runs", len(one), len(two))
		}
		for i := range one {
			if two[i].Sequence != one[i].Sequence+1 || !two[i].Created.Equal(one[i].Created.Add(30*time.Minute)) {
				tc.t.Errorf("after run %+v came %+v", one[i], two[i])
			}
		}
	})
}

func TestRunOfAScheduleHasItsSettings(t *testing.T) {
	a := failing(products())
	inBubble(t, withAgents(a), func(tc *testCloud) {
		tc.createSchedule(`{"name":"Every","scheduleType":2,"runEveryCount":2,"runEveryPeriod":2,"parallelism":2,
			"parallelMaxConcurrency":1,"parallelExport":"Separated","isWaitOnFailure":true}`)
		time.Sleep(3 * time.Hour)
		run := tc.runStatus(tc.listedIDs()[0])
		if run["status"] != float64(Waiting) || run["parallelMaxConcurrency"] != 1.0 || run["parallelExport"] != "Separated" {
			tc.t.Errorf("the run is %v", run)
		}
	})
}

func TestScheduleItselfSaysWhetherItsRunsAreExclusive(t *testing.T) {
	for _, exclusive := range []bool{false, true} {
		a := products()
		a.Phases = []Phase{phase(Running, 3*3600)}
		if !exclusive {
			a.Exclusive = ExclusiveRefuse // by which the agent itself runs exclusively
		}
		inBubble(t, withAgents(a), func(tc *testCloud) {
			tc.createSchedule(fmt.Sprintf(`{"name":"Every","scheduleType":2,"runEveryCount":2,"runEveryPeriod":2,"isExclusive":%v}`, exclusive))
			time.Sleep(4*time.Hour + time.Minute)
			want := Running
			if exclusive {
				want = Queuing
			}
			tc.wantStatus(tc.listedIDs()[0], want)
		})
	}
}

// A queued run that nobody has looked at since then has started and finished, before the next firing.
func TestFiringSeesThatAQueuedRunHasFinished(t *testing.T) {
	a := products()
	a.Exclusive, a.Phases = ExclusiveQueue, []Phase{phase(Running, 3600)}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		tc.createSchedule(`{"name":"Every","scheduleType":2,"runEveryCount":4,"runEveryPeriod":2,"isExclusive":true}`)
		time.Sleep(3*time.Hour + 30*time.Minute)
		tc.startRun()
		time.Sleep(time.Hour)
		a.Exclusive = ExclusiveRefuse
		tc.SetAgent(a)
		time.Sleep(5 * time.Hour)
		ids := tc.listedIDs()
		if len(ids) != 3 {
			tc.t.Fatalf("the runs are %v", ids)
		}
		for _, id := range ids {
			tc.wantStatus(id, Completed)
		}
	})
}

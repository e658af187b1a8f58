// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestRunGoesThroughItsPhases(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		for _, step := range []struct {
			after   time.Duration
			want    Status
			records float64
			files   int
		}{
			{0, Queuing, 0, 0},
			{2 * time.Second, Starting, 0, 0},
			{time.Second, Running, 0, 0},
			{5 * time.Second, Running, 50, 0},
			{5 * time.Second, Exporting, 100, 0},
			{2 * time.Second, Exporting, 100, 1},
			{2 * time.Second, Completed, 100, 2},
			{time.Hour, Completed, 100, 2},
		} {
			time.Sleep(step.after)
			tc.wantStatus(id, step.want)
			if got := tc.runStatus(id)["dataCount"]; got != step.records {
				tc.t.Errorf("%s: dataCount %v, want %v", step.want, got, step.records)
			}
			if got := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), "")); len(got) != step.files {
				tc.t.Errorf("%s: %d files, want %d", step.want, len(got), step.files)
			}
		}
		r, _ := tc.Run(id)
		if r.Started.Sub(r.Created) != 2*time.Second || r.Ended.Sub(r.Created) != 17*time.Second {
			tc.t.Errorf("created %v, started %v, ended %v", r.Created, r.Started, r.Ended)
		}
		if got := tc.runStatus(id)["runTimeSec"]; got != 15.0 {
			tc.t.Errorf("runTimeSec %v, want 15", got)
		}
	})
}

func TestRunsEndByTheOutcomesInOrder(t *testing.T) {
	a := products()
	a.Outcomes = []Outcome{{Status: Failure, Message: "First."}, {Status: Success, Files: &[]File{{Content: "x"}}}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		for i, want := range []Status{Failure, Success, Success} {
			id := tc.startRun()
			time.Sleep(time.Minute)
			tc.wantStatus(id, want)
			if files := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), "")); len(files) != 2-min(i, 1) {
				tc.t.Errorf("run %d left %d files", i+1, len(files))
			}
		}
		if got := tc.Runs(4711)[2].Message; got != "First." {
			tc.t.Errorf("the first run's message is %q", got)
		}
		tc.SetAgent(a)
		id := tc.startRun()
		time.Sleep(time.Minute)
		tc.wantStatus(id, Failure) // outcomes begin with the first again
	})
}

func TestStopKeepsTheExtractedRecords(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(8 * time.Second)
		tc.wantCode(tc.send("POST", runPathOf(id, "/stop"), ""), http.StatusOK)
		tc.wantStatus(id, Stopping)
		time.Sleep(time.Second)
		tc.wantCode(tc.send("POST", runPathOf(id, "/stop"), ""), http.StatusNoContent) // does not begin the stop again
		time.Sleep(time.Second)
		tc.wantStatus(id, Stopped)
		if got := tc.runStatus(id)["dataCount"]; got != 50.0 {
			tc.t.Errorf("dataCount %v after a stop half way, want 50", got)
		}
		r := tc.send("POST", runPathOf(id, "/stop"), "")
		if tc.wantCode(r, http.StatusConflict); r.header.Get("Content-Type") != "application/problem+json" {
			tc.t.Errorf("a stop of a finished run answers %v %s", r.header, r.text)
		}
		tc.wantCode(tc.send("POST", runPathOf(id, "/kill"), ""), http.StatusConflict)
		if run, _ := tc.Run(id); run.Stops != 3 || run.Kills != 1 {
			tc.t.Errorf("%d stops and %d kills were counted, want 3 and 1", run.Stops, run.Kills)
		}
	})
}

func TestKillForces(t *testing.T) {
	stubborn := products()
	stubborn.IgnoresStop = true
	deaf := stubborn
	deaf.IgnoresKills = 2
	for name, test := range map[string]struct {
		agent   Agent
		reading KillReading
		stop    bool // before the kills
		want    []Status
	}{
		"the second kill":                        {stubborn, SecondKillForces, false, []Status{Stopping, Stopped}},
		"the second kill after a stop":           {stubborn, SecondKillForces, true, []Status{Stopping, Stopped}},
		"any kill while stopping":                {stubborn, KillWhileStoppingForces, false, []Status{Stopping, Stopped}},
		"any kill while stopping, after a stop":  {stubborn, KillWhileStoppingForces, true, []Status{Stopped}},
		"none of the ignored kills":              {deaf, SecondKillForces, false, []Status{Queuing, Queuing, Stopping, Stopped}},
		"none of the ignored kills after a stop": {deaf, KillWhileStoppingForces, true, []Status{Stopping, Stopping, Stopped}},
	} {
		t.Run(name, func(t *testing.T) {
			o := withAgents(test.agent)
			o.Kill = test.reading
			inBubble(t, o, func(tc *testCloud) {
				id := tc.startRun()
				if test.stop {
					tc.send("POST", runPathOf(id, "/stop"), "")
				}
				for _, want := range test.want {
					tc.send("POST", runPathOf(id, "/kill"), "")
					tc.wantStatus(id, want)
				}
			})
		})
	}
}

func TestIgnoredStopLeavesTheRunStopping(t *testing.T) {
	a := products()
	a.IgnoresStop = true
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		tc.send("POST", runPathOf(id, "/stop"), "")
		time.Sleep(24 * time.Hour)
		tc.wantStatus(id, Stopping)
	})
}

func TestFirstKillOnlyStops(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		tc.send("POST", runPathOf(id, "/kill"), "")
		tc.wantStatus(id, Stopping)
		time.Sleep(2 * time.Second)
		tc.wantStatus(id, Stopped)
	})
}

func TestFinishedRunMovesToHistoryAndIsGoneAfterRetention(t *testing.T) {
	a := failing(products())
	a.HistoryAfter, a.Retention = Duration(time.Minute), Duration(time.Hour)
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(17 * time.Second)
		tc.wantStatus(id, Failure)
		if got := tc.runStatus(id)["tableType"]; got != "run" {
			tc.t.Errorf("tableType %v, want run", got)
		}
		time.Sleep(time.Minute)
		tc.wantStatus(id, Failed)
		if got := tc.runStatus(id)["tableType"]; got != "history" {
			tc.t.Errorf("tableType %v, want history", got)
		}
		if tc.Restart(id) {
			tc.t.Error("an archived run was restarted")
		}
		time.Sleep(time.Hour - time.Minute)
		tc.wantCode(tc.send("GET", runPathOf(id, "/status"), ""), http.StatusNotFound)
		tc.wantCode(tc.send("GET", runPathOf(id, "/files"), ""), http.StatusNotFound)
		if got := tc.jsonList(tc.send("GET", "/agent/4711/runs", "")); len(got) != 0 {
			tc.t.Errorf("the list shows %v after retention", got)
		}
		if r, ok := tc.Run(id); !ok || !r.Gone {
			tc.t.Errorf("the cloud itself knows %v, %v", r, ok)
		}
	})
}

func TestRetentionCanEndBeforeHistoryBegins(t *testing.T) {
	a := products()
	a.HistoryAfter, a.Retention = Duration(time.Hour), Duration(time.Minute)
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(17*time.Second + 59*time.Second)
		tc.wantStatus(id, Completed)
		time.Sleep(time.Second)
		tc.wantCode(tc.send("GET", runPathOf(id, "/status"), ""), http.StatusNotFound)
	})
}

func TestQueuedRunBeginsWhenTheRunBeforeItExpires(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveQueue
	inBubble(t, withAgents(a), func(tc *testCloud) {
		first, second := tc.startRun(), tc.startRun()
		time.Sleep(5 * time.Second)
		tc.Expire(first)
		time.Sleep(2500 * time.Millisecond)
		tc.wantStatus(second, Starting)
	})
}

func TestRestartCountsKillsFromZero(t *testing.T) {
	a := failing(products())
	a.IgnoresStop = true
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		tc.send("POST", runPathOf(id, "/kill"), "")
		tc.Finish(id, Failure)
		tc.Restart(id)
		for i, want := range []Status{Stopping, Stopping, Stopped} {
			call := "/kill"
			if i == 0 {
				call = "/stop"
			}
			tc.send("POST", runPathOf(id, call), "")
			tc.wantStatus(id, want)
		}
	})
}

func TestExclusiveRunsQueueForEachOther(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveQueue
	inBubble(t, withAgents(a), func(tc *testCloud) {
		first, second, third := tc.startRun(), tc.startRun(), tc.startRun()
		time.Sleep(10 * time.Second)
		tc.wantStatus(first, Running)
		tc.wantStatus(second, Queuing)
		time.Sleep(10 * time.Second) // the first ended 3 s ago
		tc.wantStatus(first, Completed)
		tc.wantStatus(second, Running)
		tc.wantStatus(third, Queuing)
		tc.send("POST", runPathOf(third, "/stop"), "")
		tc.Finish(second, Success)
		fourth := tc.startRun() // while the third is Stopping
		time.Sleep(time.Hour)
		tc.wantStatus(third, Stopped)
		r, _ := tc.Run(fourth)
		if before, _ := tc.Run(third); r.Status != Completed || r.Started.Sub(before.Ended) != 2*time.Second {
			tc.t.Errorf("the fourth run %+v did not begin when the third had ended", r)
		}
		tc.send("POST", "/agent/4711/start", `{"isExclusive":false}`)
		beside := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"isExclusive":false}`))
		time.Sleep(5 * time.Second)
		tc.wantStatus(int64(beside["id"].(float64)), Running)
	})
}

func TestExclusiveStartQueues(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.startRun()
		second := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"isExclusive":true}`))
		time.Sleep(5 * time.Second)
		tc.wantStatus(int64(second["id"].(float64)), Queuing)
	})
}

func TestExclusiveAgentCanRefuseASecondStart(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveRefuse
	inBubble(t, withAgents(a), func(tc *testCloud) {
		tc.startRun()
		r := tc.send("POST", "/agent/4711/start", "{}")
		tc.wantCode(r, http.StatusConflict)
		if got := tc.jsonObject(r)["detail"]; got != "Agent is already running" {
			tc.t.Errorf("the refusal says %v", got)
		}
		if got := len(tc.Runs(4711)); got != 1 {
			tc.t.Errorf("there are %d runs, want 1", got)
		}
		time.Sleep(time.Minute)
		tc.startRun()
	})
}

func TestRunThatWaitsOnFailureStaysWaiting(t *testing.T) {
	a := failing(products())
	a.Retention = Duration(time.Minute)
	inBubble(t, withAgents(a), func(tc *testCloud) {
		r := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"isWaitOnFailure":true}`))
		id := int64(r["id"].(float64))
		time.Sleep(time.Hour)
		tc.wantStatus(id, Waiting)
		tc.Finish(id, Failure)
		tc.wantStatus(id, Failure)
	})
}

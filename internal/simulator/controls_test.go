// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestRestartMakesAFailureActiveUnderItsID(t *testing.T) {
	a := failing(products())
	a.Outcomes = append(a.Outcomes, Outcome{Status: Success})
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		if tc.Restart(id) {
			tc.t.Error("an active run was restarted")
		}
		time.Sleep(time.Minute)
		tc.wantStatus(id, Failure)
		if !tc.Restart(id) {
			tc.t.Fatal("the failure was not restarted")
		}
		tc.wantStatus(id, Queuing)
		if r, _ := tc.Run(id); !r.Ended.IsZero() || !r.Started.IsZero() || r.Records != 0 {
			tc.t.Errorf("the restarted run still has %+v", r)
		}
		time.Sleep(time.Minute)
		tc.wantStatus(id, Success)
		if tc.Restart(id) {
			tc.t.Error("a success was restarted")
		}
	})
}

func TestRunFinishesIsArchivedAndExpiresOnce(t *testing.T) {
	a := failing(products())
	a.Retention = Duration(time.Hour)
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		if tc.Archive(id) {
			tc.t.Error("an active run was archived")
		}
		if !tc.Finish(id, Failure) || tc.Finish(id, Success) {
			tc.t.Error("a run finishes once")
		}
		tc.wantStatus(id, Failure)
		if got := tc.runStatus(id)["message"]; got != "The site refused." {
			tc.t.Errorf("message %v", got)
		}
		time.Sleep(10 * time.Minute)
		if !tc.Archive(id) || tc.Archive(id) {
			tc.t.Error("a run is archived once")
		}
		tc.wantStatus(id, Failed)
		time.Sleep(50 * time.Minute)
		if r, _ := tc.Run(id); !r.Gone || !r.Archived {
			tc.t.Errorf("archiving forgot the retention: %+v", r)
		}

		active := tc.startRun()
		if !tc.Expire(active) || tc.Expire(active) {
			tc.t.Error("a run expires once")
		}
		tc.wantCode(tc.send("GET", runPathOf(active, "/status"), ""), http.StatusNotFound)
		if tc.Finish(1, Success) || tc.Restart(active) || tc.Archive(active) || tc.Finish(active, Success) {
			tc.t.Error("a run that is not there was changed")
		}
	})
}

func TestDeletedOrHiddenAgentAnswers404UntilItIsBack(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		for name, change := range map[string]struct{ away, back func() }{
			"deleted": {func() { tc.DeleteAgent(4711) }, func() { tc.SetAgent(products()) }},
			"hidden":  {func() { tc.HideAgent(4711, true) }, func() { tc.HideAgent(4711, false) }},
		} {
			change.away()
			for _, call := range []string{"/agent/4711", "/agent/4711/runs", runPathOf(id, "/status"), runPathOf(id, "/files")} {
				if r := tc.send("GET", call, ""); r.code != http.StatusNotFound {
					tc.t.Errorf("%s: %s answers %d", name, call, r.code)
				}
			}
			tc.wantCode(tc.send("POST", "/agent/4711/start", "{}"), http.StatusNotFound)
			change.back()
			tc.wantStatus(id, Queuing)
		}
		tc.DeleteAgent(1)
		tc.HideAgent(1, true)
		if tc.Runs(1) != nil {
			tc.t.Error("an unknown agent has runs")
		}
		if _, ok := tc.Run(1); ok {
			tc.t.Error("an unknown run is known")
		}
	})
}

func TestListShowsRunsOfOthersAndFinishedRunsNewestFirst(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		bulk := tc.AddFinishedRuns(4711, 1200, Success)
		stranger := tc.StartRun(4711)
		mine := tc.startRun()
		if stranger.Body != nil || stranger.Status != Queuing || stranger.ID <= bulk[1199] || mine <= stranger.ID {
			tc.t.Errorf("stranger %+v, mine %d", stranger, mine)
		}
		list := tc.jsonList(tc.send("GET", "/agent/4711/runs?maxRecords=1000", ""))
		if len(list) != 1000 || int64(list[0]["id"].(float64)) != mine || list[2]["status"] != 10.0 {
			tc.t.Errorf("%d runs, the first %v", len(list), list[0])
		}
		if !slices.IsSortedFunc(list, func(a, b map[string]any) int { return int(b["id"].(float64) - a["id"].(float64)) }) {
			tc.t.Error("the list is not newest first")
		}
		oldest := tc.runStatus(bulk[0])
		if oldest["dataCount"] != 100.0 || oldest["endTime"] == nil || oldest["tableType"] != "run" {
			tc.t.Errorf("the oldest run is %v", oldest)
		}
		failed := tc.AddFinishedRuns(4711, 1, Failed)[0]
		if got := tc.runStatus(failed)["tableType"]; got != "history" {
			tc.t.Errorf("a Failed run is in the table %v", got)
		}
	})
}

func TestStartRunPanicsForAnUnknownAgent(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a stranger started an agent that does not exist")
		}
	}()
	New(Options{}).StartRun(1)
}

func TestLaggingListShowsOlderStatuses(t *testing.T) {
	o := withAgents(products())
	o.ListLag = 5 * time.Second
	inBubble(t, o, func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(4 * time.Second)
		if got := tc.jsonList(tc.send("GET", "/agent/4711/runs", "")); len(got) != 0 {
			tc.t.Errorf("the list already shows %v", got)
		}
		tc.send("POST", runPathOf(id, "/stop"), "")
		time.Sleep(3 * time.Second)
		tc.wantStatus(id, Stopped)
		wantListed := func(want Status) {
			tc.t.Helper()
			got := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))
			if len(got) != 1 || Status(got[0]["status"].(float64)) != want {
				tc.t.Errorf("the list shows %v, want %s", got, want)
			}
		}
		wantListed(Starting)
		time.Sleep(2 * time.Second)
		wantListed(Stopping)
		time.Sleep(2 * time.Second)
		wantListed(Stopped)
		tc.Expire(id)
		wantListed(Stopped)
	})
}

// A lagging list shows a run's past, whatever has happened to the run later.
func TestLaggingListShowsOlderCounters(t *testing.T) {
	o := withAgents(products())
	o.ListLag = 4 * time.Second
	inBubble(t, o, func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(8 * time.Second)
		tc.Finish(id, Stopped)
		time.Sleep(2 * time.Second)
		if got := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))[0]; got["dataCount"] != 30.0 || got["status"] != 1.0 {
			tc.t.Errorf("the list shows %v records, want 30", got["dataCount"])
		}
	})
}

func TestFinishedRunHasAllRecordsUnlessItWasStopped(t *testing.T) {
	for status, want := range map[Status]int64{Stopped: 50, Failure: 100, Success: 100} {
		inBubble(t, withAgents(products()), func(tc *testCloud) {
			id := tc.startRun()
			time.Sleep(8 * time.Second)
			tc.Finish(id, status)
			if r, _ := tc.Run(id); r.Status != status || r.Records != want {
				tc.t.Errorf("a run that is finished as %s is %s with %d records, want %d", status, r.Status, r.Records, want)
			}
		})
	}
}

func TestCloudIsSafeForConcurrentUse(t *testing.T) {
	o := withAgents(products())
	o.RateLimit = -1
	c := New(o)
	tc := newTestCloud(t, c)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			id := c.StartRun(4711).ID
			for _, act := range []func(){
				func() { _, _ = tc.trySend("POST", "/agent/4711/start", "{}") },
				func() { _, _ = tc.trySend("GET", "/agent/4711/runs", "") },
				func() { _, _ = tc.trySend("POST", runPathOf(id, "/stop"), "") },
				func() { c.Finish(id, Failure); c.Restart(id); c.Finish(id, Failure); c.Archive(id); c.Expire(id) },
				func() { c.SetAgent(products()); c.HideAgent(4711, false); c.AddFinishedRuns(4711, 10, Success) },
				func() { c.Inject(Fault{Kind: KindStop}); c.Release(); c.ClearFaults() },
				func() { c.SetCredentials("sk-simulator", ""); c.Forbid(false); c.Outage(false) },
				func() { c.SetSpace(Space{ID: 7}); c.DeleteSpace(7); c.SetCredits("1") },
				func() { _, _ = tc.trySend("GET", "/agent/all?pageIndex=1&recordsPerPage=5", "") },
				func() { _, _ = tc.trySend("GET", "/billing/agents/4711/runs"+thisYear, "") },
				func() { c.SetRateLimit(1000, time.Second); c.Runs(4711); c.Run(id) },
				func() { c.Log(); c.Requests(); c.Count(AnyKind); c.TooMany() },
			} {
				all.Go(act)
			}
		})
	}
	all.Wait()
	if got := c.Count(KindStart); got != 8 {
		t.Errorf("%d starts were counted, want 8", got)
	}
}

func BenchmarkListOfAThousand(b *testing.B) {
	c := New(Options{Agents: []Agent{products()}, RateLimit: -1})
	c.AddFinishedRuns(4711, 5000, Success)
	tc := newTestCloud(b, c)
	for b.Loop() {
		tc.wantCode(tc.send("GET", "/agent/4711/runs?maxRecords=1000", ""), http.StatusOK)
	}
}

package simulator

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestAFailureIsRestartedInPlace(t *testing.T) {
	a := failing(products())
	a.Outcomes = append(a.Outcomes, Outcome{Status: Success})
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		if l.Restart(id) {
			l.t.Error("an active run was restarted")
		}
		time.Sleep(time.Minute)
		l.wantStatus(id, Failure)
		if !l.Restart(id) {
			l.t.Fatal("the failure was not restarted")
		}
		l.wantStatus(id, Queuing)
		if r, _ := l.Run(id); !r.Ended.IsZero() || !r.Started.IsZero() || r.Records != 0 {
			l.t.Errorf("the restarted run still has %+v", r)
		}
		time.Sleep(time.Minute)
		l.wantStatus(id, Success)
		if l.Restart(id) {
			l.t.Error("a success was restarted")
		}
	})
}

func TestFinishArchiveExpire(t *testing.T) {
	a := failing(products())
	a.Retention = Duration(time.Hour)
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		if l.Archive(id) {
			l.t.Error("an active run was archived")
		}
		if !l.Finish(id, Failure) || l.Finish(id, Success) {
			l.t.Error("a run finishes once")
		}
		l.wantStatus(id, Failure)
		if got := l.status(id)["message"]; got != "The site refused." {
			l.t.Errorf("message %v", got)
		}
		time.Sleep(10 * time.Minute)
		if !l.Archive(id) || l.Archive(id) {
			l.t.Error("a run is archived once")
		}
		l.wantStatus(id, Failed)
		time.Sleep(50 * time.Minute)
		if r, _ := l.Run(id); !r.Gone || !r.Archived {
			l.t.Errorf("archiving forgot the retention: %+v", r)
		}

		active := l.start()
		if !l.Expire(active) || l.Expire(active) {
			l.t.Error("a run expires once")
		}
		l.wantCode(l.send("GET", path(active, "/status"), ""), http.StatusNotFound)
		if l.Finish(1, Success) || l.Restart(active) || l.Archive(active) || l.Finish(active, Success) {
			l.t.Error("a run that is not there was changed")
		}
	})
}

func TestAgentsComeAndGo(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
		for name, change := range map[string]struct{ away, back func() }{
			"deleted": {func() { l.DeleteAgent(4711) }, func() { l.SetAgent(products()) }},
			"hidden":  {func() { l.HideAgent(4711, true) }, func() { l.HideAgent(4711, false) }},
		} {
			change.away()
			for _, call := range []string{"/agent/4711", "/agent/4711/runs", path(id, "/status"), path(id, "/files")} {
				if r := l.send("GET", call, ""); r.code != http.StatusNotFound {
					l.t.Errorf("%s: %s answers %d", name, call, r.code)
				}
			}
			l.wantCode(l.send("POST", "/agent/4711/start", "{}"), http.StatusNotFound)
			change.back()
			l.wantStatus(id, Queuing)
		}
		l.DeleteAgent(1)
		l.HideAgent(1, true)
		if l.Runs(1) != nil {
			l.t.Error("an unknown agent has runs")
		}
		if _, ok := l.Run(1); ok {
			l.t.Error("an unknown run is known")
		}
	})
}

func TestRunsOfStrangersAndInBulk(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		bulk := l.AddFinishedRuns(4711, 1200, Success)
		stranger := l.StartRun(4711)
		mine := l.start()
		if stranger.Body != nil || stranger.Status != Queuing || stranger.ID <= bulk[1199] || mine <= stranger.ID {
			l.t.Errorf("stranger %+v, mine %d", stranger, mine)
		}
		list := l.list(l.send("GET", "/agent/4711/runs?maxRecords=1000", ""))
		if len(list) != 1000 || int64(list[0]["id"].(float64)) != mine || list[2]["status"] != 10.0 {
			l.t.Errorf("%d runs, the first %v", len(list), list[0])
		}
		if !slices.IsSortedFunc(list, func(a, b map[string]any) int { return int(b["id"].(float64) - a["id"].(float64)) }) {
			l.t.Error("the list is not newest first")
		}
		oldest := l.status(bulk[0])
		if oldest["dataCount"] != 100.0 || oldest["endTime"] == nil || oldest["tableType"] != "run" {
			l.t.Errorf("the oldest run is %v", oldest)
		}
		failed := l.AddFinishedRuns(4711, 1, Failed)[0]
		if got := l.status(failed)["tableType"]; got != "history" {
			l.t.Errorf("a Failed run is in the table %v", got)
		}
	})
}

func TestStartingAnUnknownAgentPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a stranger started an agent that does not exist")
		}
	}()
	New(Options{}).StartRun(1)
}

func TestTheListLags(t *testing.T) {
	o := cloudOf(products())
	o.ListLag = 5 * time.Second
	inLab(t, o, func(l *lab) {
		id := l.start()
		time.Sleep(4 * time.Second)
		if got := l.list(l.send("GET", "/agent/4711/runs", "")); len(got) != 0 {
			l.t.Errorf("the list already shows %v", got)
		}
		l.send("POST", path(id, "/stop"), "")
		time.Sleep(3 * time.Second)
		l.wantStatus(id, Stopped)
		wantListed := func(want Status) {
			l.t.Helper()
			got := l.list(l.send("GET", "/agent/4711/runs", ""))
			if len(got) != 1 || Status(got[0]["status"].(float64)) != want {
				l.t.Errorf("the list shows %v, want %s", got, want)
			}
		}
		wantListed(Starting)
		time.Sleep(2 * time.Second)
		wantListed(Stopping)
		time.Sleep(2 * time.Second)
		wantListed(Stopped)
		l.Expire(id)
		wantListed(Stopped)
	})
}

// What a lagging list shows of a run's past does not change with what happened to the run since.
func TestTheListLagsInItsCountersToo(t *testing.T) {
	o := cloudOf(products())
	o.ListLag = 4 * time.Second
	inLab(t, o, func(l *lab) {
		id := l.start()
		time.Sleep(8 * time.Second)
		l.Finish(id, Stopped)
		time.Sleep(2 * time.Second)
		if got := l.list(l.send("GET", "/agent/4711/runs", ""))[0]; got["dataCount"] != 30.0 || got["status"] != 1.0 {
			l.t.Errorf("the list shows %v records, want 30", got["dataCount"])
		}
	})
}

func TestWhatAFinishedRunHasExtracted(t *testing.T) {
	for status, want := range map[Status]int64{Stopped: 50, Failure: 100, Success: 100} {
		inLab(t, cloudOf(products()), func(l *lab) {
			id := l.start()
			time.Sleep(8 * time.Second)
			l.Finish(id, status)
			if r, _ := l.Run(id); r.Status != status || r.Records != want {
				l.t.Errorf("a run that is finished as %s is %s with %d records, want %d", status, r.Status, r.Records, want)
			}
		})
	}
}

func TestEverythingAtOnce(t *testing.T) {
	o := cloudOf(products())
	o.RateLimit = -1
	c := New(o)
	l := newLab(t, c)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			id := c.StartRun(4711).ID
			for _, act := range []func(){
				func() { _, _ = l.try("POST", "/agent/4711/start", "{}") },
				func() { _, _ = l.try("GET", "/agent/4711/runs", "") },
				func() { _, _ = l.try("POST", path(id, "/stop"), "") },
				func() { c.Finish(id, Failure); c.Restart(id); c.Finish(id, Failure); c.Archive(id); c.Expire(id) },
				func() { c.SetAgent(products()); c.HideAgent(4711, false); c.AddFinishedRuns(4711, 10, Success) },
				func() { c.Inject(Fault{Kind: KindStop}); c.Release(); c.ClearFaults() },
				func() { c.SetCredentials("sk-simulator", ""); c.Forbid(false); c.Outage(false) },
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
	client := newLab(nil, c)
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://api.invalid/api/v1/agent/4711/runs?maxRecords=1000", nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", client.key)
		if r, err := client.do(req); err != nil || r.code != http.StatusOK {
			b.Fatal(r.code, err)
		}
	}
}

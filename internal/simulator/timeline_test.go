package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestARunWalksItsPhases(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
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
			l.wantStatus(id, step.want)
			if got := l.status(id)["dataCount"]; got != step.records {
				l.t.Errorf("%s: dataCount %v, want %v", step.want, got, step.records)
			}
			if got := l.list(l.send("GET", path(id, "/files"), "")); len(got) != step.files {
				l.t.Errorf("%s: %d files, want %d", step.want, len(got), step.files)
			}
		}
		r, _ := l.Run(id)
		if r.Started.Sub(r.Created) != 2*time.Second || r.Ended.Sub(r.Created) != 17*time.Second {
			l.t.Errorf("created %v, started %v, ended %v", r.Created, r.Started, r.Ended)
		}
		if got := l.status(id)["runTimeSec"]; got != 15.0 {
			l.t.Errorf("runTimeSec %v, want 15", got)
		}
	})
}

func TestOutcomesFollowEachOther(t *testing.T) {
	a := products()
	a.Outcomes = []Outcome{{Status: Failure, Message: "First."}, {Status: Success, Files: &[]File{{Content: "x"}}}}
	inLab(t, cloudOf(a), func(l *lab) {
		for i, want := range []Status{Failure, Success, Success} {
			id := l.start()
			time.Sleep(time.Minute)
			l.wantStatus(id, want)
			if files := l.list(l.send("GET", path(id, "/files"), "")); len(files) != 2-min(i, 1) {
				l.t.Errorf("run %d left %d files", i+1, len(files))
			}
		}
		if got := l.Runs(4711)[2].Message; got != "First." {
			l.t.Errorf("the first run's message is %q", got)
		}
		l.SetAgent(a)
		id := l.start()
		time.Sleep(time.Minute)
		l.wantStatus(id, Failure) // counted afresh
	})
}

func TestStopKeepsWhatWasExtracted(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
		time.Sleep(8 * time.Second)
		l.wantCode(l.send("POST", path(id, "/stop"), ""), http.StatusOK)
		l.wantStatus(id, Stopping)
		time.Sleep(time.Second)
		l.wantCode(l.send("POST", path(id, "/stop"), ""), http.StatusNoContent) // does not begin anew
		time.Sleep(time.Second)
		l.wantStatus(id, Stopped)
		if got := l.status(id)["dataCount"]; got != 50.0 {
			l.t.Errorf("dataCount %v after a stop half way, want 50", got)
		}
		r := l.send("POST", path(id, "/stop"), "")
		if l.wantCode(r, http.StatusConflict); r.header.Get("Content-Type") != "application/problem+json" {
			l.t.Errorf("a stop of a finished run answers %v %s", r.header, r.text)
		}
		l.wantCode(l.send("POST", path(id, "/kill"), ""), http.StatusConflict)
		if run, _ := l.Run(id); run.Stops != 3 || run.Kills != 1 {
			l.t.Errorf("%d stops and %d kills were counted, want 3 and 1", run.Stops, run.Kills)
		}
	})
}

func TestKill(t *testing.T) {
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
		"second kill forces":                         {stubborn, SecondKillForces, false, []Status{Stopping, Stopped}},
		"second kill forces, after a stop":           {stubborn, SecondKillForces, true, []Status{Stopping, Stopped}},
		"kill while stopping forces":                 {stubborn, KillWhileStoppingForces, false, []Status{Stopping, Stopped}},
		"kill while stopping forces, after a stop":   {stubborn, KillWhileStoppingForces, true, []Status{Stopped}},
		"ignored kills have no effect":               {deaf, SecondKillForces, false, []Status{Queuing, Queuing, Stopping, Stopped}},
		"ignored kills have no effect, after a stop": {deaf, KillWhileStoppingForces, true, []Status{Stopping, Stopping, Stopped}},
	} {
		t.Run(name, func(t *testing.T) {
			o := cloudOf(test.agent)
			o.Kill = test.reading
			inLab(t, o, func(l *lab) {
				id := l.start()
				if test.stop {
					l.send("POST", path(id, "/stop"), "")
				}
				for _, want := range test.want {
					l.send("POST", path(id, "/kill"), "")
					l.wantStatus(id, want)
				}
			})
		})
	}
}

func TestAStopThatIsIgnored(t *testing.T) {
	a := products()
	a.IgnoresStop = true
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		l.send("POST", path(id, "/stop"), "")
		time.Sleep(24 * time.Hour)
		l.wantStatus(id, Stopping)
	})
}

func TestAGracefulKillEndsByItself(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
		l.send("POST", path(id, "/kill"), "")
		l.wantStatus(id, Stopping)
		time.Sleep(2 * time.Second)
		l.wantStatus(id, Stopped)
	})
}

func TestHistoryAndRetention(t *testing.T) {
	a := failing(products())
	a.HistoryAfter, a.Retention = Duration(time.Minute), Duration(time.Hour)
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		time.Sleep(17 * time.Second)
		l.wantStatus(id, Failure)
		if got := l.status(id)["tableType"]; got != "run" {
			l.t.Errorf("tableType %v, want run", got)
		}
		time.Sleep(time.Minute)
		l.wantStatus(id, Failed)
		if got := l.status(id)["tableType"]; got != "history" {
			l.t.Errorf("tableType %v, want history", got)
		}
		if l.Restart(id) {
			l.t.Error("an archived run was restarted")
		}
		time.Sleep(time.Hour - time.Minute)
		l.wantCode(l.send("GET", path(id, "/status"), ""), http.StatusNotFound)
		l.wantCode(l.send("GET", path(id, "/files"), ""), http.StatusNotFound)
		if got := l.list(l.send("GET", "/agent/4711/runs", "")); len(got) != 0 {
			l.t.Errorf("the list shows %v after retention", got)
		}
		if r, ok := l.Run(id); !ok || !r.Gone {
			l.t.Errorf("the cloud itself knows %v, %v", r, ok)
		}
	})
}

func TestRetentionBeforeHistory(t *testing.T) {
	a := products()
	a.HistoryAfter, a.Retention = Duration(time.Hour), Duration(time.Minute)
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		time.Sleep(17*time.Second + 59*time.Second)
		l.wantStatus(id, Completed)
		time.Sleep(time.Second)
		l.wantCode(l.send("GET", path(id, "/status"), ""), http.StatusNotFound)
	})
}

func TestAnExpiredRunLetsTheNextOneBegin(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveQueue
	inLab(t, cloudOf(a), func(l *lab) {
		first, second := l.start(), l.start()
		time.Sleep(5 * time.Second)
		l.Expire(first)
		time.Sleep(2500 * time.Millisecond)
		l.wantStatus(second, Starting)
	})
}

func TestARestartCountsKillsAfresh(t *testing.T) {
	a := failing(products())
	a.IgnoresStop = true
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		l.send("POST", path(id, "/kill"), "")
		l.Finish(id, Failure)
		l.Restart(id)
		for i, want := range []Status{Stopping, Stopping, Stopped} {
			call := "/kill"
			if i == 0 {
				call = "/stop"
			}
			l.send("POST", path(id, call), "")
			l.wantStatus(id, want)
		}
	})
}

func TestExclusiveRunsQueue(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveQueue
	inLab(t, cloudOf(a), func(l *lab) {
		first, second, third := l.start(), l.start(), l.start()
		time.Sleep(10 * time.Second)
		l.wantStatus(first, Running)
		l.wantStatus(second, Queuing)
		time.Sleep(10 * time.Second) // the first ended 3 s ago
		l.wantStatus(first, Completed)
		l.wantStatus(second, Running)
		l.wantStatus(third, Queuing)
		l.send("POST", path(third, "/stop"), "")
		l.Finish(second, Success)
		fourth := l.start() // while the third is Stopping
		time.Sleep(time.Hour)
		l.wantStatus(third, Stopped)
		r, _ := l.Run(fourth)
		if before, _ := l.Run(third); r.Status != Completed || r.Started.Sub(before.Ended) != 2*time.Second {
			l.t.Errorf("the fourth run %+v did not begin when the third had ended", r)
		}
		l.send("POST", "/agent/4711/start", `{"isExclusive":false}`)
		beside := l.object(l.send("POST", "/agent/4711/start", `{"isExclusive":false}`))
		time.Sleep(5 * time.Second)
		l.wantStatus(int64(beside["id"].(float64)), Running)
	})
}

func TestAStartThatAsksForExclusivenessQueues(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.start()
		second := l.object(l.send("POST", "/agent/4711/start", `{"isExclusive":true}`))
		time.Sleep(5 * time.Second)
		l.wantStatus(int64(second["id"].(float64)), Queuing)
	})
}

func TestAnExclusiveAgentRefuses(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveRefuse
	inLab(t, cloudOf(a), func(l *lab) {
		l.start()
		r := l.send("POST", "/agent/4711/start", "{}")
		l.wantCode(r, http.StatusConflict)
		if got := l.object(r)["detail"]; got != "Agent is already running" {
			l.t.Errorf("the refusal says %v", got)
		}
		if got := len(l.Runs(4711)); got != 1 {
			l.t.Errorf("there are %d runs, want 1", got)
		}
		time.Sleep(time.Minute)
		l.start()
	})
}

func TestARunThatWaitsOnFailure(t *testing.T) {
	a := failing(products())
	a.Retention = Duration(time.Minute)
	inLab(t, cloudOf(a), func(l *lab) {
		r := l.object(l.send("POST", "/agent/4711/start", `{"isWaitOnFailure":true}`))
		id := int64(r["id"].(float64))
		time.Sleep(time.Hour)
		l.wantStatus(id, Waiting)
		l.Finish(id, Failure)
		l.wantStatus(id, Failure)
	})
}

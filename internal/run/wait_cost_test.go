// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// polls are the requests that waits have cost, apart from the one list before an agent's first start.
func (w *workbench) polls() int {
	return w.cloud.Count(simulator.KindStatus) + w.cloud.Count(simulator.KindRuns) - 1
}

// tardiness measures how long after the end of its run a wait has ended.
type tardiness struct {
	mu    sync.Mutex
	most  time.Duration
	count int
}

func (l *tardiness) note(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = max(l.most, d)
	l.count++
}

// startAndWait begins a run that takes d, waits for it, and notes how late its end was seen.
func (w *workbench) startAndWait(agent int64, d time.Duration, late *tardiness) {
	started, err := w.runs.Start(w.t.Context(), run.StartRequest{AgentID: agent})
	if err != nil {
		w.t.Error(err)
		return
	}
	end := time.Now().Add(d)
	time.AfterFunc(d, func() { w.cloud.Finish(started.Run.ID, simulator.Success) })
	r, err := w.runs.Wait(w.t.Context(), run.WaitRequest{Ref: started.Run.Ref(), Known: started.Run})
	if err != nil {
		w.t.Error(err)
		return
	}
	wantStatus(w.t, r, sequentum.StatusSuccess)
	late.note(time.Since(end))
}

func TestCostOfOneWait(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.transport.Latency = 50 * time.Millisecond
		var late tardiness
		w.startAndWait(agentID, 20*time.Second, &late)
		if polls := w.polls(); polls > 12 {
			t.Errorf("%d polls", polls)
		}
		if late.most > 3*time.Second {
			t.Errorf("its end was seen after %v", late.most)
		}
	})
}

func TestCostOfManyWaits(t *testing.T) {
	for name, test := range map[string]struct {
		waits    int
		duration func(i int) time.Duration
		polls    int
		late     time.Duration
	}{
		"50 runs of 30 s":            {50, func(int) time.Duration { return 30 * time.Second }, 40, 5 * time.Second},
		"200 runs of 1 to 5 minutes": {200, func(i int) time.Duration { return time.Minute + time.Duration(i*7%200)*1200*time.Millisecond }, 200, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.transport.Latency = 50 * time.Millisecond
				var late tardiness
				var all sync.WaitGroup
				for i := range test.waits {
					all.Go(func() { w.startAndWait(agentID, test.duration(i), &late) })
				}
				all.Wait()
				if polls := w.polls(); polls > test.polls {
					t.Errorf("%d polls, expected at most %d", polls, test.polls)
				}
				if late.most > test.late {
					t.Errorf("an end was seen after %v, expected at most %v", late.most, test.late)
				}
				if n := w.cloud.TooMany(); n > 0 {
					t.Errorf("%d requests were too many", n)
				}
			})
		})
	}
}

// A long row of starts leaves the watchers of all agents their turn.
func TestStartsLeaveWatchersTheirTurn(t *testing.T) {
	o := with(lasting(time.Hour))
	for id := range int64(3) {
		o.Agents = append(o.Agents, simulator.Agent{ID: id + 1, Phases: lasting(time.Hour).Phases})
	}
	inBubble(t, o, func(t *testing.T, w *workbench) {
		w.transport.Latency = 50 * time.Millisecond
		var late tardiness
		var all sync.WaitGroup
		for id := range int64(3) {
			all.Go(func() { w.startAndWait(id+1, 100*time.Second, &late) })
		}
		time.Sleep(time.Second)
		for range 300 {
			all.Go(func() { w.startAndWait(agentID, 10*time.Minute, &late) })
		}
		all.Wait()
		// As far as the budget allows: without a share of their own they would wait for a minute.
		if late.most > 30*time.Second {
			t.Errorf("an end was seen after %v", late.most)
		}
		if n := w.cloud.TooMany(); n > 0 {
			t.Errorf("%d requests were too many", n)
		}
	})
}

// Two processes share a key, as two pipelines do. Together they have more to start in a minute than it allows: the
// server holds the first requests over the limit back for longer than a request's timeout.
func TestTwoProcessesOnOneKey(t *testing.T) {
	for name, perMinute := range map[string]int{"each provider is limited to 45 a minute": 45, "neither provider knows of the other": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(with(lasting(time.Hour)))
				var late tardiness
				var all sync.WaitGroup
				for range 2 {
					w := newWorkbench(t, cloud, sequentum.Config{MaxRetries: 5, RequestsPerMinute: perMinute})
					for range 60 {
						all.Go(func() { w.startAndWait(agentID, 5*time.Minute, &late) })
					}
				}
				all.Wait()
				if late.count != 120 {
					t.Errorf("%d of 120 waits ended", late.count)
				}
				if n := cloud.Count(simulator.KindStart); n != 120 {
					t.Errorf("%d starts were sent for 120 runs", n)
				}
				if n := cloud.TooMany(); perMinute > 0 && n > 0 {
					t.Errorf("%d requests were too many", n)
				}
			})
		})
	}
}

// Runs that one apply has started, and then waits for one after the other, share their lists too.
func TestWaitsOneAfterTheOther(t *testing.T) {
	for name, test := range map[string]struct {
		agent           simulator.Agent
		lists, statuses int
	}{
		"they have finished":                    {lasting(time.Minute), 1, 0},
		"a list shows the end without its time": {func() simulator.Agent { a := lasting(time.Minute); a.NullFields = true; return a }(), 1, 20},
		"they have failed and may be restarted": {lasting(time.Minute, simulator.Failure), 1, 20},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(test.agent), func(t *testing.T, w *workbench) {
				var runs []int64
				for range 20 {
					runs = append(runs, w.start().ID)
				}
				time.Sleep(2 * time.Minute)
				w.cloud.ResetCounts()
				for _, id := range runs {
					if _, err := w.resume(t.Context(), id); err != nil {
						t.Error(err)
					}
				}
				w.wantCount(simulator.KindRuns, test.lists)
				w.wantCount(simulator.KindStatus, test.statuses)
			})
		})
	}
}

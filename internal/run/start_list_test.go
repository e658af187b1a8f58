// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A start does not wait for its own list if the watcher's list arrives first.
func TestStartTakesTheListOfTheWatcher(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		var mu sync.Mutex
		var listed time.Time
		w.transport.After = func(req *http.Request) {
			if strings.HasSuffix(req.URL.Path, "/runs") {
				mu.Lock()
				defer mu.Unlock()
				listed = time.Now()
			}
		}
		ctx := w.cancelAfter(30 * time.Minute)
		for _, r := range []*sequentum.Run{w.start(), w.start()} {
			go w.wait(ctx, r)
		}
		since := func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Since(listed)
		}
		for time.Sleep(10 * time.Minute); since() < 11*time.Second; {
			time.Sleep(100 * time.Millisecond) // the watcher looks every 14 s or so
		}
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Hang})
		begin := time.Now()
		w.start()
		wantWithin(t, begin, time.Millisecond, 5*time.Second) // it has waited for a list
		time.Sleep(30 * time.Minute)
	})
}

// The list before a start is a part of it: a request that came earlier and has a lower priority does not go first.
func TestListBeforeAStartGoesFirst(t *testing.T) {
	for name, prepare := range map[string]func(w *workbench){
		"the first start of the agent": func(w *workbench) { w.readFinished(1) },
		"a later one":                  func(w *workbench) { w.start() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := with(lasting(time.Hour))
				o.Agents = append(o.Agents, simulator.Agent{ID: 1}, simulator.Agent{ID: 2})
				w := newWorkbench(t, simulator.New(o), sequentum.Config{MaxRetries: 5, RequestsPerMinute: 1})
				prepare(w)
				time.Sleep(20 * time.Second)
				sent := make(chan string, 100)
				w.transport.Before = func(req *http.Request) { sent <- req.URL.Path }
				var all sync.WaitGroup
				all.Go(func() { w.readFinished(2) })
				synctest.Wait()
				all.Go(func() {
					if _, err := w.runs.Start(w.cancelAfter(time.Minute), w.startRequest()); err == nil {
						t.Error("the start was sent, expected an error")
					}
				})
				all.Wait()
				if first := <-sent; !strings.HasSuffix(first, "/agent/4711/runs") {
					t.Errorf("the first request was %s", first)
				}
			})
		})
	}
}

// readFinished reads a finished run of an agent, as a refresh does.
func (w *workbench) readFinished(agent int64) {
	id := w.cloud.AddFinishedRuns(agent, 1, simulator.Completed)[0]
	if _, err := w.runs.Read(w.t.Context(), sequentum.RunRef{AgentID: agent, RunID: id}); err != nil {
		w.t.Error(err)
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A start's own answer shows the agent's newest runs as long as it is at most ten seconds old.
func TestKnowledgeGrowsOld(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		time.Sleep(9 * time.Second)
		w.start()
		w.wantCount(simulator.KindRuns, 1)
		time.Sleep(11 * time.Second)
		w.start()
		w.wantCount(simulator.KindRuns, 2)
	})
}

// A place that this process has freed may have let a stranger's run in.
func TestKnowledgeFromBeforeOwnStop(t *testing.T) {
	for name, change := range map[string]func(w *workbench){
		"after a stop": func(w *workbench) {
			if _, err := w.runs.Stop(w.cancelAfter(100*time.Millisecond), w.stopRequest(ref(100001), time.Minute)); err == nil {
				w.t.Error("it has stopped already")
			}
		},
		"after the end of a stopped run": func(w *workbench) {
			go w.runs.Stop(w.t.Context(), w.stopRequest(ref(100001), time.Minute))
			time.Sleep(time.Second)
			w.start() // asks for the list, since the stop
			w.cloud.ResetCounts()
			time.Sleep(4 * time.Second)
		},
		"after a refused stop": func(w *workbench) {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 403})
			if _, err := w.runs.Stop(w.t.Context(), w.stopRequest(ref(100001), time.Minute)); err == nil {
				w.t.Error("it was not refused")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.start()
				w.cloud.ResetCounts()
				change(w)
				lists := w.cloud.Count(simulator.KindRuns)
				w.start()
				w.wantCount(simulator.KindRuns, lists+1)
			})
		})
	}
}

// A stop that comes while a start waits for its turn in the budget makes it ask for a new list.
func TestStopWhileStartWaits(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		if _, err := w.runs.Read(t.Context(), ref(100001)); err != nil {
			t.Fatal(err)
		}
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Action: simulator.StatusCode, Code: 429, RetryAfter: "6"})
		go w.begin()
		synctest.Wait()
		w.cloud.ResetCounts()
		if _, err := w.runs.Stop(w.cancelAfter(time.Second), w.stopRequest(ref(100001), time.Minute)); err == nil {
			t.Error("it has stopped in the pause of a 429")
		}
		time.Sleep(10 * time.Second)
		w.wantCount(simulator.KindStart, 1)
		w.wantCount(simulator.KindRuns, 2) // asked for when the stop began, and again when it had ended
		w.wantRuns(100001, 100002)
	})
}

// A list that was overtaken by a later answer makes what is known no younger.
func TestKnowledgeAndOvertakenList(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, After: true, Delay: 15 * time.Second})
		go w.runs.ReadListed(t.Context(), ref(100001))
		time.Sleep(8 * time.Second)
		w.start()
		time.Sleep(12 * time.Second)
		w.cloud.ResetCounts()
		w.start()
		w.wantCount(simulator.KindRuns, 1)
	})
}

// What is known can expire while a 429 is on its way.
func TestKnowledgeExpiresDuringA429(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Delay: 12 * time.Second, Action: simulator.StatusCode, Code: 429, RetryAfter: "1"})
		w.start()
		w.wantCount(simulator.KindStart, 2)
		w.wantCount(simulator.KindRuns, 2)
	})
}

// A parallel start may show as several runs, and its answer names only one of them.
func TestKnowledgeAfterParallelStart(t *testing.T) {
	agent := lasting(time.Hour)
	agent.ParallelSet = true
	bare := agent
	bare.NullFields = true
	for name, test := range map[string]struct {
		agent  simulator.Agent
		lag    time.Duration
		answer string // to the first start
	}{
		"the answer names the set":                   {agent: agent},
		"the answer names the set and the list lags": {agent: agent, lag: 13 * time.Second},
		"only the list names the set":                {agent: agent, lag: 13 * time.Second, answer: `{"id": 100001, "status": 1}`},
		"nothing names the set":                      {agent: bare},
	} {
		t.Run(name, func(t *testing.T) {
			o := with(test.agent)
			o.ListLag = test.lag
			inBubble(t, o, func(t *testing.T, w *workbench) {
				parallel := w.startRequest()
				parallel.Settings.Parallelism = new(int64(3))
				if test.answer != "" {
					w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Action: simulator.Garbage, Body: test.answer})
				}
				if _, err := w.runs.Start(t.Context(), parallel); err != nil {
					t.Fatal(err)
				}
				w.cloud.Inject(lose(losses["connection reset"], false))
				started, err := w.runs.Start(t.Context(), parallel)
				if err != nil {
					t.Fatal(err)
				}
				if started.Run.ID != 100004 || started.Again == nil {
					t.Errorf("the second start has run %d: one of the first start's set", started.Run.ID)
				}
				w.wantCount(simulator.KindStart, 3)
			})
		})
	}
}

func TestRowOfStarts(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.transport.Latency = 20 * time.Millisecond
		begin := time.Now()
		done := make(chan bool)
		for range 200 {
			go func() {
				w.start()
				done <- true
			}()
		}
		for range 200 {
			<-done
		}
		wantWithin(t, begin, 2*time.Minute, 2*time.Minute+15*time.Second)
		w.wantCount(simulator.KindStart, 200)
		w.wantAtMost(simulator.KindRuns, 10)
		if n := w.cloud.TooMany(); n != 0 {
			t.Errorf("%d requests were too many", n)
		}
	})
}

// With a few requests a minute no two turns come while what is known is fresh. The start is sent nevertheless, and then
// no new run is taken for its run.
func TestStartWithTinyBudget(t *testing.T) {
	tiny := func(t *testing.T, story func(t *testing.T, w *workbench)) {
		synctest.Test(t, func(t *testing.T) {
			cloud := simulator.New(with(lasting(time.Hour)))
			w := newWorkbench(t, cloud, sequentum.Config{RequestsPerMinute: 3})
			// From now on a turn comes every 20 s.
			for range 3 {
				if _, err := w.client.Agent(t.Context(), agentID); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Second)
			}
			story(t, w)
		})
	}
	t.Run("the start is answered", func(t *testing.T) {
		tiny(t, func(t *testing.T, w *workbench) {
			begin := time.Now()
			w.start()
			wantWithin(t, begin, 0, 2*time.Minute)
			w.wantCount(simulator.KindStart, 1)
			w.wantCount(simulator.KindRuns, 3) // it has given up its turn twice
		})
	})
	t.Run("the answer to the start is lost", func(t *testing.T) {
		tiny(t, func(t *testing.T, w *workbench) {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Action: simulator.Reset})
			_, err := w.runs.Start(t.Context(), w.startRequest())
			lost := as[*run.LostStartError](t, err)
			wantIDs(t, lost.Candidates, 100001)
			if !strings.Contains(lost.Doubt, "budget") {
				t.Errorf("the doubt is %q", lost.Doubt)
			}
			w.wantCount(simulator.KindStart, 1)
		})
	})
}

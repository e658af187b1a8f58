// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestStart(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		started, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, Settings: sequentum.StartRequest{InputParameters: `{"a":1}`}})
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, started.Run, sequentum.StatusRunning)
		if started.Lost != nil || started.Again != nil || started.Others != nil {
			t.Errorf("a plain start says %+v", started)
		}
		if late, err := w.runs.LateRuns(t.Context(), started); late != nil || err != nil {
			t.Errorf("a plain start has late runs: %v, %v", late, err)
		}
		if sent, _ := w.cloud.Run(started.Run.ID); sent.InputParameters != `{"a":1}` {
			t.Errorf("the input was %q", sent.InputParameters)
		}
		w.wantCount(simulator.AnyKind, 2) // the agent's runs, and the start
		w.wantRuns(100001)
	})
}

func TestStartAfterTooManyRequests(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Action: simulator.StatusCode, Code: 429, RetryAfter: "40"})
		begin := time.Now()
		w.start()
		wantWithin(t, begin, 40*time.Second, 42*time.Second)
		w.wantCount(simulator.KindStart, 2)
		w.wantCount(simulator.KindRuns, 2) // what was known had grown too old in the meantime
		w.wantRuns(100001)
	})
}

func TestStartRefused(t *testing.T) {
	for _, code := range []int{400, 401, 403, 404, 409, 422} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(simulator.Fault{
					Kind: simulator.KindStart, Action: simulator.StatusCode, Code: code, Times: -1,
					Body: fmt.Sprintf(`{"statusCode": %d, "message": "Agent is already running"}`, code),
				})
				_, err := w.runs.Start(t.Context(), w.startRequest())
				if not := as[*run.NotStartedError](t, err); !not.Sent || !strings.Contains(not.Error(), "Agent is already running") {
					t.Errorf("sent: %t; %v", not.Sent, err)
				}
				w.wantCount(simulator.KindStart, 1)
				w.wantRuns()
			})
		})
	}
}

func TestStartOfUnknownAgent(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *workbench) {
		_, err := w.runs.Start(t.Context(), w.startRequest())
		if not := as[*run.NotStartedError](t, err); not.Sent || !sequentum.IsNotFound(err) {
			t.Errorf("sent: %t; %v", not.Sent, err)
		}
		w.wantCount(simulator.AnyKind, 1)
	})
}

func TestStartConnectionRefused(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		w.start()
		w.transport.refusing("/start")
		_, err := w.runs.Start(t.Context(), w.startRequest())
		if not := as[*run.NotStartedError](t, err); not.Sent || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("sent: %t; %v", not.Sent, err)
		}
		w.wantCount(simulator.KindStart, 1)
	})
}

// A list before the start that failed is no lost start: whatever runs it would find are a stranger's.
func TestStartWithoutList(t *testing.T) {
	for name, first := range map[string]bool{"before the first start": true, "later": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				if !first {
					w.start()
					w.cloud.StartRun(agentID)
					time.Sleep(11 * time.Second) // what is known is too old
				}
				w.cloud.ResetCounts()
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.HTML, Times: -1})
				_, err := w.runs.Start(t.Context(), w.startRequest())
				if not := as[*run.NotStartedError](t, err); not.Sent {
					t.Error("it says that the start was sent")
				}
				w.wantCount(simulator.KindStart, 0)
			})
		})
	}
}

func TestStartInterruptedBeforeItsTurn(t *testing.T) {
	for name, block := range map[string]func(w *workbench) (others int){
		"the start waits behind another start": func(w *workbench) int {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Delay: 20 * time.Second})
			go w.begin()
			time.Sleep(time.Second)
			return 1
		},
		"the start waits in the request budget": func(w *workbench) int {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.StatusCode, Code: 429, RetryAfter: "50"})
			return 0
		},
		"the start waits behind a 429": func(w *workbench) int {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Action: simulator.StatusCode, Code: 429, RetryAfter: "50"})
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
				others := block(w)
				_, err := w.runs.Start(w.cancelAfter(5*time.Second), w.startRequest())
				if not := as[*run.NotStartedError](t, err); not.Sent || !errors.Is(err, context.Canceled) {
					t.Errorf("sent: %t; %v", not.Sent, err)
				}
				time.Sleep(time.Minute)
				if runs := w.cloud.Runs(agentID); len(runs) > others {
					t.Errorf("%d runs, expected %d", len(runs), others)
				}
			})
		})
	}
}

// An interrupt while the start is under way does not throw its answer away.
func TestStartInterruptedOnItsWay(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Delay: 20 * time.Second})
		begin := time.Now()
		started, err := w.runs.Start(w.cancelAfter(5*time.Second), w.startRequest())
		if err != nil || started.Run.ID != 100001 || started.Lost != nil {
			t.Fatalf("%+v, %v", started, err)
		}
		wantWithin(t, begin, 20*time.Second, 21*time.Second)
		w.wantCount(simulator.KindStart, 1)
	})
}

func TestStartIfActive(t *testing.T) {
	start := func(w *workbench, policy run.IfActive) (*run.Started, error) {
		return w.runs.Start(w.t.Context(), run.StartRequest{AgentID: agentID, IfActive: policy})
	}
	// Two strangers' runs are active, and one has finished.
	options := with(lasting(time.Hour))
	strangers := func(w *workbench) {
		for range 3 {
			w.cloud.StartRun(agentID)
		}
		w.cloud.Finish(100002, simulator.Success)
	}
	t.Run("warn starts and tells of the active runs once", func(t *testing.T) {
		inBubble(t, options, func(t *testing.T, w *workbench) {
			strangers(w)
			first, err := start(w, run.ActiveWarn)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, first.Others, 100003, 100001)
			second, err := start(w, run.ActiveWarn)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, second.Others) // told once per agent
			w.wantCount(simulator.KindRuns, 1)
		})
	})
	t.Run("start starts and says nothing", func(t *testing.T) {
		inBubble(t, options, func(t *testing.T, w *workbench) {
			strangers(w)
			started, err := start(w, run.ActiveStart)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, started.Others)
		})
	})
	t.Run("fail starts nothing", func(t *testing.T) {
		inBubble(t, options, func(t *testing.T, w *workbench) {
			strangers(w)
			for range 2 {
				_, err := start(w, run.ActiveFail)
				wantIDs(t, as[*run.ActiveError](t, err).Runs, 100003, 100001)
			}
			w.wantCount(simulator.KindStart, 0)
			w.wantCount(simulator.KindRuns, 1)
		})
	})
	t.Run("fail ignores runs that this process started", func(t *testing.T) {
		inBubble(t, options, func(t *testing.T, w *workbench) {
			for range 3 {
				if _, err := start(w, run.ActiveFail); err != nil {
					t.Fatal(err)
				}
			}
			w.wantCount(simulator.KindRuns, 1)
		})
	})
	t.Run("fail ignores runs that this process has stopped", func(t *testing.T) {
		inBubble(t, options, func(t *testing.T, w *workbench) {
			strangers(w)
			if _, err := start(w, run.ActiveFail); err == nil {
				t.Fatal("it was started beside active runs")
			}
			for _, id := range []int64{100001, 100003} {
				if _, err := w.runs.Stop(t.Context(), w.stopRequest(ref(id), time.Minute)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := start(w, run.ActiveFail); err != nil {
				t.Error(err)
			}
		})
	})
}

// The exclusive agent's own refusal is shown as it is, after one start.
func TestStartOfBusyExclusiveAgent(t *testing.T) {
	agent := lasting(time.Hour)
	agent.Exclusive = simulator.ExclusiveRefuse
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		w.start()
		_, err := w.runs.Start(t.Context(), w.startRequest())
		if not := as[*run.NotStartedError](t, err); !not.Sent || !strings.Contains(err.Error(), "Agent is already running") {
			t.Errorf("sent: %t; %v", not.Sent, err)
		}
		w.wantCount(simulator.KindStart, 2)
	})
}

func TestStartsOfOneAgentGoOneAtATime(t *testing.T) {
	options := with(lasting(time.Hour))
	options.Agents = append(options.Agents, simulator.Agent{ID: 1, Phases: lasting(time.Hour).Phases})
	options.RateLimit = -1
	inBubble(t, options, func(t *testing.T, w *workbench) {
		var now, most, both atomic.Int32
		w.transport.Latency = 100 * time.Millisecond
		w.transport.Before = func(req *http.Request) {
			switch req.URL.Path {
			case "/api/v1/agent/1/start":
				both.Store(max(both.Load(), now.Load()))
			case "/api/v1/agent/4711/start":
				most.Store(max(most.Load(), now.Add(1)))
			}
		}
		w.transport.After = func(req *http.Request) {
			if req.URL.Path == "/api/v1/agent/4711/start" {
				now.Add(-1)
			}
		}
		seen := make(chan int64)
		for i := range 200 {
			go func() {
				if i%20 == 0 { // another agent's starts do not stand in the same row
					if _, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: 1}); err != nil {
						t.Error(err)
					}
				}
				seen <- w.start().ID
			}()
		}
		distinct := map[int64]bool{}
		for range 200 {
			distinct[<-seen] = true
		}
		if len(distinct) != 200 || most.Load() != 1 || both.Load() != 1 {
			t.Errorf("%d distinct runs; at most %d starts of the agent at once, %d beside another agent's", len(distinct), most.Load(), both.Load())
		}
		w.wantCount(simulator.KindRuns, 2) // one list per agent
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The request timeout is 30 s, so a start that hangs is lost after 30 s, and its run is looked for until 60 s.

func TestSecondAnswerLost(t *testing.T) {
	for name, fault := range losses {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				first, second := lose(fault, false), lose(fault, true)
				w.cloud.Inject(first, second)
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if err != nil || started.Run.ID != 100001 || started.Lost == nil || started.Again == nil {
					t.Fatalf("with the second's effect: %+v, %v", started, err)
				}
				w.wantCount(simulator.KindStart, 2)
				if late, err := w.runs.LateRuns(t.Context(), started); late != nil || err != nil {
					t.Errorf("late runs: %v, %v", ids(late), err)
				}

				w.cloud.Inject(first, first)
				_, err = w.runs.Start(t.Context(), w.startRequest())
				if lost := as[*run.LostStartError](t, err); len(lost.Candidates) != 0 || lost.Err != nil {
					t.Errorf("without any effect: %v, candidates %v, %v", err, ids(lost.Candidates), lost.Err)
				}
				if !strings.Contains(err.Error(), "a second start ended with") {
					t.Errorf("the error tells only of one start: %v", err)
				}
				w.wantCount(simulator.KindStart, 4)
				w.wantRuns(100001)
			})
		})
	}
}

// Two starts have had their effect in the end, the first one late: both are named.
func TestBothAnswersLost(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(
			simulator.Fault{Kind: simulator.KindStart, Delay: 85 * time.Second},
			simulator.Fault{Kind: simulator.KindStart, After: true, Action: simulator.Reset},
		)
		_, err := w.runs.Start(t.Context(), w.startRequest())
		wantIDs(t, as[*run.LostStartError](t, err).Candidates, 100002, 100001)
		w.wantCount(simulator.KindStart, 2)
	})
}

func TestLateEffect(t *testing.T) {
	late := func(delay time.Duration) simulator.Fault {
		return simulator.Fault{Kind: simulator.KindStart, Delay: delay}
	}
	t.Run("the run of the first start shows within the search", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.cloud.Inject(late(45 * time.Second))
			started, err := w.runs.Start(t.Context(), w.startRequest())
			if err != nil || started.Run.ID != 100001 || started.Lost == nil || started.Again != nil {
				t.Errorf("%+v, %v", started, err)
			}
			w.wantCount(simulator.KindStart, 1)
		})
	})
	t.Run("the run of the first start shows after the second start", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.cloud.Inject(late(75 * time.Second))
			started, err := w.runs.Start(t.Context(), w.startRequest())
			if err != nil || started.Run.ID != 100001 || started.Lost != nil || started.Again == nil {
				t.Fatalf("%+v, %v", started, err)
			}
			runs, err := w.runs.LateRuns(t.Context(), started)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, runs)
			time.Sleep(time.Minute)
			w.start() // known as this process's own
			interrupted, cancel := context.WithCancel(t.Context())
			cancel()
			runs, err = w.runs.LateRuns(interrupted, started)
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, runs, 100002)
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Hang})
			begin := time.Now()
			if _, err := w.runs.LateRuns(t.Context(), started); err == nil {
				t.Error("a list that hangs has an answer")
			}
			wantWithin(t, begin, 30*time.Second, 30*time.Second)
			w.cloud.Forbid(true)
			if _, err := w.runs.LateRuns(t.Context(), started); !sequentum.IsForbidden(err) {
				t.Errorf("without access: %v", err)
			}
		})
	})
	t.Run("the run of the first start shows while the second start waits for its turn", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.cloud.Inject(
				late(65*time.Second),
				simulator.Fault{Kind: simulator.KindStart, Action: simulator.StatusCode, Code: 429, RetryAfter: "20"},
			)
			started, err := w.runs.Start(t.Context(), w.startRequest())
			if err != nil || started.Run.ID != 100001 || started.Lost == nil || started.Again != nil {
				t.Errorf("%+v, %v", started, err)
			}
			w.wantCount(simulator.KindStart, 2) // the second was not accepted
			w.wantRuns(100001)
		})
	})
	// The second start is refused because the first has taken the agent.
	t.Run("an exclusive agent answers the second start with the run of the first", func(t *testing.T) {
		agent := lasting(time.Hour)
		agent.Exclusive = simulator.ExclusiveRefuse
		o := with(agent)
		o.ListLag = 5 * time.Second
		inBubble(t, o, func(t *testing.T, w *workbench) {
			w.cloud.Inject(late(58 * time.Second))
			started, err := w.runs.Start(t.Context(), w.startRequest())
			if err != nil || started.Run.ID != 100001 || started.Lost == nil || started.Again != nil {
				t.Errorf("%+v, %v", started, err)
			}
			w.wantCount(simulator.KindStart, 2)
			w.wantRuns(100001)
		})
	})
}

// A list that lags for longer than the search takes shows fewer runs than were known: none of them is new.
func TestSecondStartWithListFarBehind(t *testing.T) {
	o := with(lasting(time.Hour))
	o.ListLag = time.Minute
	inBubble(t, o, func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(lose(losses["connection reset"], false))
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil || started.Run.ID != 100002 || started.Again == nil {
			t.Errorf("%+v, %v", started, err)
		}
		w.wantRuns(100001, 100002)
	})
}

func TestSecondStartRefused(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(
			lose(losses["connection reset"], false),
			simulator.Fault{Kind: simulator.KindStart, Action: simulator.StatusCode, Code: 422},
		)
		_, err := w.runs.Start(t.Context(), w.startRequest())
		if lost := as[*run.LostStartError](t, err); len(lost.Candidates) != 0 || !strings.Contains(err.Error(), "422") {
			t.Errorf("%v, candidates %v", err, ids(lost.Candidates))
		}
	})
}

func TestSecondStartNotSent(t *testing.T) {
	t.Run("an interrupt comes before the second start is sent", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.cloud.Inject(
				lose(losses["connection reset"], false),
				simulator.Fault{Kind: simulator.KindStart, Action: simulator.StatusCode, Code: 429, RetryAfter: "50"},
			)
			_, err := w.runs.Start(w.cancelAfter(40*time.Second), w.startRequest())
			if lost := as[*run.LostStartError](t, err); !errors.Is(lost.Err, context.Canceled) || len(lost.Candidates) != 0 {
				t.Errorf("%v; %v", err, lost.Err)
			}
			w.wantCount(simulator.KindStart, 2)
			w.wantRuns()
		})
	})
	t.Run("the connection is refused for the second start", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.cloud.Inject(lose(losses["connection reset"], false))
			time.AfterFunc(20*time.Second, func() { w.transport.refusing("/start") })
			_, err := w.runs.Start(t.Context(), w.startRequest())
			if lost := as[*run.LostStartError](t, err); lost.Err == nil || !strings.Contains(lost.Err.Error(), "connection refused") {
				t.Errorf("%v; %v", err, lost.Err)
			}
			w.wantCount(simulator.KindStart, 1)
		})
	})
}

// In an outage the search continues as long as the caller waits, and a little longer: the answer is too valuable to
// lose.
func TestLookWithoutAnswer(t *testing.T) {
	list := func(f simulator.Fault) simulator.Fault {
		f.Kind, f.Skip = simulator.KindRuns, 1 // the list before the start
		return f
	}
	for name, test := range map[string]struct {
		fault      simulator.Fault
		after      bool // the start had its effect
		candidates []int64
		doubt      string
		started    bool
		low, high  time.Duration
	}{
		"each look gets a page of a proxy": {
			fault: list(simulator.Fault{Action: simulator.HTML, Code: 503, Times: -1}), after: true,
			low: time.Hour, high: time.Hour + 2*time.Minute,
		},
		"each look hangs": {
			fault: list(simulator.Fault{Action: simulator.Hang, Times: -1}), after: true,
			low: time.Hour, high: time.Hour + 2*time.Minute,
		},
		"the first looks get a page of a proxy": {
			fault: list(simulator.Fault{Action: simulator.HTML, Times: 6}), after: true, started: true,
			high: 30 * time.Second,
		},
		"the first looks get a 404 of a proxy": {
			fault: list(simulator.Fault{Action: simulator.HTML, Code: 404}), after: true, started: true,
			high: 10 * time.Second,
		},
		"the looks are refused access": {
			fault: list(simulator.Fault{Action: simulator.StatusCode, Code: 403, Times: -1}), after: true,
			low: 30 * time.Second, high: 35 * time.Second,
		},
		"the looks do not find the agent": {
			fault: list(simulator.Fault{Action: simulator.StatusCode, Code: 404, Times: -1}), after: true,
			low: 30 * time.Second, high: 35 * time.Second,
		},
		"each look gets an error that no retry fixes": {
			fault: list(simulator.Fault{Action: simulator.StatusCode, Code: 410, Times: -1}), after: true,
			low: 2 * time.Minute, high: 3 * time.Minute,
		},
		"the looks after the second start are refused access": {
			fault: list(simulator.Fault{Action: simulator.StatusCode, Code: 403, Times: 2}), after: true, started: true,
			high: 10 * time.Second,
		},
		"the look that would confirm the run fails": {
			fault: simulator.Fault{Kind: simulator.KindRuns, Skip: 2, Times: -1, Action: simulator.StatusCode, Code: 403}, after: true,
			candidates: []int64{100001}, doubt: "the request to confirm it failed", low: 30 * time.Second, high: 40 * time.Second,
		},
		"no look is answered and the start had no effect": {
			fault: list(simulator.Fault{Action: simulator.HTML, Times: -1}),
			low:   time.Hour, high: time.Hour + 2*time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(lose(losses["connection reset"], test.after), test.fault)
				begin := time.Now()
				ctx, cancel := sequentum.WithTimeout(t.Context(), w.client.Clock(), time.Hour)
				defer cancel()
				started, err := w.runs.Start(ctx, w.startRequest())
				wantWithin(t, begin, test.low, test.high)
				w.wantCount(simulator.KindStart, 1)
				if test.started {
					if err != nil || started.Run.ID != 100001 {
						t.Errorf("%+v, %v", started, err)
					}
					return
				}
				lost := as[*run.LostStartError](t, err)
				wantIDs(t, lost.Candidates, test.candidates...)
				if lost.Err == nil || !strings.Contains(lost.Doubt, test.doubt) {
					t.Errorf("%v; the doubt is %q", lost.Err, lost.Doubt)
				}
			})
		})
	}
}

// The only run that has shown is not adopted unseen: its own status must know it. Until then it is in doubt.
func TestLostAnswerAndAStatusThatCannotTell(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		found bool
	}{
		"its status never can be read":           {simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 405}, false},
		"its status can be read later":           {simulator.Fault{Times: 4, Action: simulator.StatusCode, Code: 405}, true},
		"its status can be read after an outage": {simulator.Fault{Times: 8, Action: simulator.HTML}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				test.fault.Kind = simulator.KindStatus
				w.cloud.Inject(lose(losses["connection reset"], true), test.fault)
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if test.found {
					if err != nil || started.Run.ID != 100001 || started.Lost == nil {
						t.Errorf("%+v, %v", started, err)
					}
					return
				}
				lost := as[*run.LostStartError](t, err)
				wantIDs(t, lost.Candidates, 100001)
				if lost.Doubt == "" || !sequentum.IsPermanent(lost.Err) {
					t.Errorf("%q, %v", lost.Doubt, lost.Err)
				}
			})
		})
	}
}

// A run that one look has shown stays a candidate when the next one lacks it: it may have been ours.
func TestLostAnswerBesideARunThatIsRemoved(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(lose(losses["no answer"], true))
		time.AfterFunc(time.Second, func() { w.cloud.StartRun(agentID) })
		time.AfterFunc(31*time.Second, func() { w.cloud.Expire(100002) })
		_, err := w.runs.Start(t.Context(), w.startRequest())
		wantIDs(t, as[*run.LostStartError](t, err).Candidates, 100001, 100002)
	})
}

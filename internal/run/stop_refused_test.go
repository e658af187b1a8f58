// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A stop that fails says what was sent: what may have been accepted, and each once.
func TestWhatAStopSays(t *testing.T) {
	stubborn := lasting(time.Hour)
	stubborn.IgnoresStop = true
	refuse := func(kind simulator.Kind, code int) simulator.Fault {
		return forever(simulator.Fault{Kind: kind, Action: simulator.StatusCode, Code: code})
	}
	for name, test := range map[string]struct {
		agent simulator.Agent
		fault simulator.Fault
		sent  []string
	}{
		"the stop is refused access":                {stubborn, refuse(simulator.KindStop, 403), nil},
		"the kill is refused access":                {stubborn, refuse(simulator.KindKill, 403), []string{"stop"}},
		"the kills are lost":                        {stubborn, forever(simulator.Fault{Kind: simulator.KindKill, Action: simulator.HTML}), []string{"stop", "kill", "second kill"}},
		"the look after the kill is refused access": {stubborn, refuse(simulator.KindStatus, 403), []string{"stop", "kill"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(test.agent), func(t *testing.T, w *workbench) {
				w.start()
				w.cloud.Inject(test.fault)
				_, err := w.stop()
				if failed := as[*run.StopError](t, err); !slices.Equal(failed.Sent, test.sent) || failed.Run == nil {
					t.Errorf("%v: sent %q, and the run is %+v", err, failed.Sent, failed.Run)
				}
			})
		})
	}
}

// A stop that the API refuses for another reason than access is sent once, and not waited for.
func TestStopThatIsRefused(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(forever(simulator.Fault{Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 422}))
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		wantWithin(t, begin, 0, 20*time.Second) // without the grace period
		w.wantCount(simulator.KindStop, 1)
	})
}

// A run that ends by itself while it is told to stop was not killed.
func TestStopOfARunThatHasJustFinished(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"the stop is refused": {Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 422},
		"the stop is lost":    {Kind: simulator.KindStop, Action: simulator.HTML},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Minute, simulator.Failure)), func(t *testing.T, w *workbench) {
				w.start()
				time.Sleep(time.Minute - time.Second)
				fault.Delay = 3 * time.Second
				w.cloud.Inject(forever(fault))
				begin := time.Now()
				ending, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100001), grace))
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, ending.Run, sequentum.StatusFailure)
				if !ending.StopSent || ending.Killed {
					t.Errorf("%+v", ending)
				}
				wantWithin(t, begin, 3*time.Second, 3*time.Second)
				w.wantCount(simulator.KindStop, 1)
				w.wantCount(simulator.KindKill, 0)
			})
		})
	}
}

// An interrupt in the grace period is not the end of that period: no kill is sent.
func TestStopInterruptedInGrace(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	for name, test := range map[string]struct {
		ctx  func(w *workbench) (context.Context, context.CancelFunc)
		want error
	}{
		"the stop is interrupted": {func(w *workbench) (context.Context, context.CancelFunc) {
			return w.cancelAfter(10 * time.Second), func() {}
		}, context.Canceled},
		"the time for the stop is over": {func(w *workbench) (context.Context, context.CancelFunc) {
			return sequentum.WithTimeout(w.t.Context(), w.client.Clock(), 10*time.Second)
		}, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				w.start()
				ctx, cancel := test.ctx(w)
				defer cancel()
				_, err := w.runs.Stop(ctx, w.stopRequest(ref(100001), grace))
				if failed := as[*run.StopError](t, err); failed.Step != "waiting for the stopped run to end" || !errors.Is(err, test.want) {
					t.Errorf("%q: %v", failed.Step, err)
				}
				w.wantCount(simulator.KindKill, 0)
			})
		})
	}
}

// An interrupt between two tries of a stop ends the tries.
func TestStopInterruptedBetweenTwoTries(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(forever(simulator.Fault{Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 500}))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w.transport.After = func(*http.Request) {
			if w.cloud.Count(simulator.KindStop) > 0 && w.cloud.Count(simulator.KindStatus) > 0 {
				time.AfterFunc(time.Second, cancel) // the look after the stop has its answer, and the next try is due later
			}
		}
		_, err := w.runs.Stop(ctx, w.stopRequest(ref(100001), grace))
		if failed := as[*run.StopError](t, err); failed.Step != "stop" || !errors.Is(err, context.Canceled) {
			t.Errorf("%q: %v", failed.Step, err)
		}
		w.wantCount(simulator.KindStop, 1)
		w.wantCount(simulator.KindKill, 0)
	})
}

// A wait in the grace period that cannot go on is not the end of that period either.
func TestStopWithoutALookInGrace(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(forever(simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 403}))
		_, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100001), 10*time.Minute))
		if failed := as[*run.StopError](t, err); failed.Step != "waiting for the stopped run to end" || !sequentum.IsForbidden(err) {
			t.Errorf("%q: %v", failed.Step, err)
		}
		w.wantCount(simulator.KindKill, 0)
	})
}

// A run that is not found is looked for before it is stopped, and how the look ends is told.
func TestStopOfARunThatIsNotFound(t *testing.T) {
	notFound := simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404}
	for name, test := range map[string]struct {
		faults []simulator.Fault
		step   string
		stops  int
	}{
		"access is refused before the answer is confirmed": {[]simulator.Fault{listed(), notFound, forever(simulator.Fault{Action: simulator.StatusCode, Code: 403})}, "reading the run", 0},
		"the stop is refused": {[]simulator.Fault{forever(listed()), forever(notFound),
			forever(simulator.Fault{Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 403})}, "stop", 1},
		"no look finds the run after the stop": {[]simulator.Fault{forever(listed()), forever(notFound)}, "reading the run after the stop", 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.start()
				time.Sleep(time.Minute)
				w.cloud.Inject(test.faults...)
				begin := time.Now()
				_, err := w.stop()
				if failed := as[*run.StopError](t, err); failed.Step != test.step {
					t.Errorf("%q: %v", failed.Step, err)
				}
				if test.stops > 0 && time.Since(begin) < 11*time.Second {
					t.Errorf("it was stopped after %v: three looks take longer", time.Since(begin))
				}
				w.wantCount(simulator.KindStop, test.stops)
			})
		})
	}
}

// What is known of one of several runs of a parallel start that cannot be ended goes into the error, and each has the
// grace period.
func TestStopOfAParallelStartSays(t *testing.T) {
	agent := lasting(time.Hour)
	agent.ParallelSet = true
	agent.StopTakes = simulator.Duration(20 * time.Second)
	start := func(w *workbench) {
		parallel := w.startRequest()
		parallel.Settings.Parallelism = new(int64(2))
		if _, err := w.runs.Start(w.t.Context(), parallel); err != nil {
			w.t.Fatal(err)
		}
		time.Sleep(time.Minute)
	}
	t.Run("a run that cannot be killed ends the stop", func(t *testing.T) {
		stubborn := agent
		stubborn.IgnoresStop = true
		inBubble(t, with(stubborn), func(t *testing.T, w *workbench) {
			start(w)
			w.cloud.Inject(forever(simulator.Fault{Kind: simulator.KindKill, RunID: 100002, Action: simulator.StatusCode, Code: 403}))
			_, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100001), grace))
			failed := as[*run.StopError](t, err)
			if !slices.Equal(failed.Sent, []string{"stop"}) || failed.Run == nil || failed.Run.ID != 100002 || !strings.HasPrefix(failed.Step, "run 100002 ") {
				t.Errorf("%q of %+v: %v", failed.Sent, failed.Run, err)
			}
		})
	})
	t.Run("each run is given its grace period", func(t *testing.T) {
		inBubble(t, with(agent), func(t *testing.T, w *workbench) {
			start(w)
			if _, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100001), grace)); err != nil {
				t.Fatal(err)
			}
			w.wantCount(simulator.KindKill, 0)
		})
	})
}

// A stop that was never sent is tried again, and then has its full grace period: it is no refusal.
func TestStopThatIsNeverSent(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		w.transport.refusing("/stop")
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		wantWithin(t, begin, grace, 3*time.Minute)
	})
}

// A run that belongs to no set has no siblings: the other runs of its agent go on.
func TestStopLeavesOtherRunsAlone(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		stranger, own := w.cloud.StartRun(agentID), w.start()
		if _, err := w.stop(); err != nil {
			t.Fatal(err)
		}
		for _, id := range []int64{stranger.ID, own.ID} {
			if r, _ := w.cloud.Run(id); r.Status != simulator.Running || r.Stops > 0 {
				t.Errorf("run %d is %s after %d stops", id, r.Status, r.Stops)
			}
		}
	})
}

// A run that ends by itself while it is killed is not waited for any more.
func TestKillOfARunThatHasJustFinished(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindKill, Delay: 3 * time.Second, Action: simulator.StatusCode, Code: 422})
		time.AfterFunc(grace+time.Second, func() { w.cloud.Finish(100001, simulator.Failure) })
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusFailure)
		wantWithin(t, begin, grace+3*time.Second, grace+3*time.Second)
		w.wantCount(simulator.KindKill, 1)
	})
}

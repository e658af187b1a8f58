// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// readConfirmed reads a run as a refresh does.
func (w *workbench) readConfirmed(ctx context.Context, runID int64) (*sequentum.Run, error) {
	r, err := w.runs.Read(ctx, ref(runID))
	if sequentum.IsNotFound(err) {
		r, err = w.runs.ConfirmGone(ctx, ref(runID), err)
	}
	return r, err
}

func TestConfirmGone(t *testing.T) {
	notFound := simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404}
	empty := simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage, Body: "[]"}
	gone := func(w *workbench) { w.cloud.Expire(100001) }
	for name, test := range map[string]struct {
		before func(w *workbench)
		faults []simulator.Fault
		found  bool
		err    func(error) bool
	}{
		"the API does not know the run any more":                       {before: gone, err: run.IsGone},
		"one status and one list lack a run that is there":             {faults: []simulator.Fault{notFound, empty}, found: true},
		"all lists and one status lack the run":                        {faults: []simulator.Fault{notFound, forever(empty)}, err: run.IsGone}, // three looks agree
		"the list shows the run twice with two statuses":               {faults: []simulator.Fault{notFound, empty, listed(`{"id": 100001, "status": 1}`, `{"id": 100001, "status": 8}`)}, found: true},
		"the lists cannot be read and the run is gone":                 {before: gone, faults: []simulator.Fault{forever(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage})}, err: run.IsGone},
		"the lists cannot be read and the second status shows the run": {faults: []simulator.Fault{notFound, forever(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage})}, found: true},
		"access is refused before the answer is confirmed": {faults: []simulator.Fault{notFound, empty,
			forever(simulator.Fault{Action: simulator.StatusCode, Code: 401})}, err: sequentum.IsUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.StartRun(agentID)
				if test.before != nil {
					test.before(w)
				}
				w.cloud.Inject(test.faults...)
				begin := time.Now()
				r, err := w.readConfirmed(t.Context(), 100001)
				if test.found {
					if err != nil {
						t.Fatal(err)
					}
					wantStatus(t, r, sequentum.StatusRunning)
					return
				}
				if !test.err(err) {
					t.Error(err)
				}
				if run.IsGone(err) {
					wantWithin(t, begin, 10*time.Second, time.Minute)
				}
			})
		})
	}
}

func TestConfirmGoneInterrupted(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		_, err := w.readConfirmed(w.cancelAfter(3*time.Second), 100001)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// Many runs that are gone cost one status each and a few lists, and only the first have to wait.
func TestCostOfManyRunsThatAreGone(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		begin := time.Now()
		next := make(chan int64)
		var readers sync.WaitGroup
		for range 10 {
			readers.Go(func() {
				for id := range next {
					if _, err := w.readConfirmed(t.Context(), id); !run.IsGone(err) {
						t.Error(err)
					}
				}
			})
		}
		for id := range int64(90) {
			next <- id + 1
		}
		close(next)
		readers.Wait()
		w.wantCount(simulator.KindStatus, 90)
		w.wantAtMost(simulator.KindRuns, 15)
		wantWithin(t, begin, 10*time.Second, 90*time.Second) // what is beyond the first 10 s is the request budget
		t.Logf("%d lists, %v", w.cloud.Count(simulator.KindRuns), time.Since(begin))
	})
}

// A single "not found" after half a minute of refused access is not confirmed by the refusals.
func TestRefusalsDoNotConfirmThatARunIsGone(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.StartRun(agentID)
		w.cloud.Inject(
			simulator.Fault{Kind: simulator.KindStatus, Times: 6, Action: simulator.StatusCode, Code: 403}, // one each 5.5 s
			forever(simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404}))
		_, err := w.runs.ReadConfirmed(t.Context(), ref(100001))
		if run.IsGone(err) || !sequentum.IsForbidden(err) {
			t.Error(err)
		}
		w.wantCount(simulator.KindStatus, 7)
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// sharedWaits resumes a wait for every run, and returns what they end with, in the order of the runs.
func (w *workbench) sharedWaits(runIDs ...int64) []*sequentum.Run {
	w.t.Helper()
	ended := make([]*sequentum.Run, len(runIDs))
	var all sync.WaitGroup
	for i, id := range runIDs {
		all.Go(func() {
			r, err := w.resume(w.t.Context(), id)
			if err != nil {
				w.t.Error(err)
			}
			ended[i] = r
		})
	}
	all.Wait()
	return ended
}

// What the list shows finished is finished: nobody is asked for by itself.
func TestListEndsWaits(t *testing.T) {
	inBubble(t, with(lasting(time.Minute, simulator.Completed, simulator.Success, simulator.Stopped, simulator.Skipped, simulator.Failed)), func(t *testing.T, w *workbench) {
		for range 5 {
			w.start()
		}
		for i, r := range w.sharedWaits(100001, 100002, 100003, 100004, 100005) {
			wantStatus(t, r, []sequentum.Status{
				sequentum.StatusCompleted, sequentum.StatusSuccess, sequentum.StatusStopped, sequentum.StatusSkipped, sequentum.StatusFailed,
			}[i])
		}
		w.wantAtMost(simulator.KindStatus, 1) // the wait that came first was alone for a moment
	})
}

// A failure in the list may have been restarted, so it is asked for once more by itself.
func TestListedFailure(t *testing.T) {
	t.Run("the failure is one", func(t *testing.T) {
		inBubble(t, with(lasting(time.Minute, simulator.Failure)), func(t *testing.T, w *workbench) {
			w.start()
			w.start()
			time.Sleep(time.Minute)
			for _, r := range w.sharedWaits(100001, 100002) {
				wantStatus(t, r, sequentum.StatusFailure)
			}
			w.wantCount(simulator.KindStatus, 2)
		})
	})
	t.Run("the run was restarted", func(t *testing.T) {
		o := with(lasting(time.Minute, simulator.Failure, simulator.Failure, simulator.Completed))
		o.ListLag = 20 * time.Second
		inBubble(t, o, func(t *testing.T, w *workbench) {
			w.start()
			w.start()
			time.Sleep(90 * time.Second)
			w.cloud.Restart(100001) // the list still shows a failure for a while
			ended := w.sharedWaits(100001, 100002)
			wantStatus(t, ended[0], sequentum.StatusCompleted)
			wantStatus(t, ended[1], sequentum.StatusFailure)
		})
	})
}

// An end without its time is half an answer. The run's own status is taken as it is.
func TestListedEndWithoutTime(t *testing.T) {
	agent := lasting(time.Minute)
	agent.NullFields = true
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		w.start()
		w.start()
		time.Sleep(time.Minute)
		w.sharedWaits(100001, 100002)
		w.wantCount(simulator.KindStatus, 2)
	})
}

func TestWaitWithListLag(t *testing.T) {
	for _, lag := range []time.Duration{3 * time.Second, 30 * time.Second} {
		t.Run("the list lags by "+lag.String(), func(t *testing.T) {
			o := with(lasting(5*time.Minute, simulator.Success))
			o.ListLag = lag
			inBubble(t, o, func(t *testing.T, w *workbench) {
				begin := time.Now()
				var all sync.WaitGroup
				for range 10 {
					all.Go(func() {
						r, err := w.wait(t.Context(), w.start())
						if err != nil {
							t.Error(err)
						}
						wantStatus(t, r, sequentum.StatusSuccess)
					})
				}
				all.Wait()
				wantWithin(t, begin, 5*time.Minute, 5*time.Minute+lag+15*time.Second)
				if lag < 10*time.Second {
					w.wantCount(simulator.KindStatus, 0) // the starts' answers are younger than what the list lacks
				}
			})
		})
	}
}

// A run that the list does not reach, or does not know, is asked for by itself; the others are not the worse for it.
func TestRunMissingFromList(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		old, other := w.start(), w.start()
		for range 1000 {
			w.cloud.StartRun(agentID)
		}
		gone := w.cloud.StartRun(agentID)
		w.cloud.Expire(gone.ID)
		time.AfterFunc(15*time.Second, func() { w.cloud.Finish(old.ID, simulator.Success) })
		time.AfterFunc(30*time.Second, func() { w.cloud.Finish(other.ID, simulator.Success) })
		var all sync.WaitGroup
		all.Go(func() {
			begin := time.Now()
			_, err := w.resume(t.Context(), gone.ID)
			if as[*run.WaitError](t, err); !run.IsGone(err) {
				t.Error(err)
			}
			wantWithin(t, begin, 30*time.Second, 45*time.Second)
		})
		for _, r := range w.sharedWaits(old.ID, other.ID) {
			wantStatus(t, r, sequentum.StatusSuccess)
		}
		all.Wait()
	})
}

// A watcher outlives the wait that began it, and takes nothing of its interrupt.
func TestFirstWaitInterrupted(t *testing.T) {
	inBubble(t, with(lasting(5*time.Minute)), func(t *testing.T, w *workbench) {
		first, second := w.start(), w.start()
		begin := time.Now()
		interrupted := make(chan error)
		ctx := w.cancelAfter(time.Minute)
		go func() {
			_, err := w.wait(ctx, first)
			interrupted <- err
		}()
		synctest.Wait()
		done := make(chan error)
		go func() {
			_, err := w.wait(t.Context(), second)
			done <- err
		}()
		if err := <-interrupted; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		wantWithin(t, begin, time.Minute, time.Minute)
		if err := <-done; err != nil {
			t.Error(err)
		}
		wantWithin(t, begin, 5*time.Minute, 5*time.Minute+15*time.Second)
	})
}

// The watcher ends with the last wait, and another wait begins a new one.
func TestWatcherEnds(t *testing.T) {
	inBubble(t, with(lasting(5*time.Minute)), func(t *testing.T, w *workbench) {
		for i := range 3 {
			started := w.start()
			before := goroutines.InBubble()
			if _, err := w.wait(w.cancelAfter(time.Minute), started); err == nil {
				t.Error("the wait was not interrupted")
			}
			synctest.Wait()
			if now := goroutines.InBubble(); now > before {
				t.Errorf("round %d: %d goroutines before the wait, %d after it", i, before, now)
			}
			asked := w.cloud.Count(simulator.AnyKind)
			time.Sleep(time.Hour)
			w.wantCount(simulator.AnyKind, asked)
		}
	})
}

// Waits of a simulated day need no more of anything than those of an hour.
func TestWaitForADay(t *testing.T) {
	o := with(lasting(25 * time.Hour))
	o.Agents = append(o.Agents, simulator.Agent{ID: 1, Phases: lasting(25 * time.Hour).Phases}) // waited for alone
	inBubble(t, o, func(t *testing.T, w *workbench) {
		var all sync.WaitGroup
		var late tardiness
		for _, agent := range []int64{1, agentID, agentID} {
			all.Go(func() { w.startAndWait(agent, 24*time.Hour, &late) })
		}
		time.Sleep(time.Hour)
		before := usage()
		time.Sleep(22 * time.Hour)
		after := usage()
		if after.goroutines > before.goroutines {
			t.Errorf("%d goroutines after an hour, %d after a day", before.goroutines, after.goroutines)
		}
		// The simulator's log of 12,000 requests is part of it.
		if grown := int64(after.heap) - int64(before.heap); grown > 8<<20 {
			t.Errorf("the heap grew by %d bytes", grown)
		}
		all.Wait()
		if polls := w.polls(); polls < 10_000 || polls > 14_000 {
			t.Errorf("%d polls in a day", polls)
		}
	})
}

type used struct {
	goroutines int
	heap       uint64
}

func usage() used {
	synctest.Wait()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return used{goroutines.InBubble(), m.HeapAlloc}
}

// Waits that are resumed one after the other share their first look.
func TestResumedWaitsShareFirstLook(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		for range 50 {
			w.start()
		}
		w.cloud.ResetCounts()
		for id := range int64(50) {
			go w.resume(w.cancelAfter(time.Minute), 100001+id)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		w.wantAtMost(simulator.AnyKind, 4)
		time.Sleep(time.Minute)
	})
}

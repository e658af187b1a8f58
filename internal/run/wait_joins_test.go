// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A wait that joins others is looked at within a second, however long the others have been waiting.
func TestWaitThatJoinsAnOldOne(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		old, finished := w.start(), w.start()
		go w.wait(w.cancelAfter(30*time.Minute), old)
		time.Sleep(10*time.Minute + 3*time.Second)
		w.cloud.Finish(finished.ID, simulator.Success)
		for range 5 {
			begin := time.Now()
			if _, err := w.resume(t.Context(), finished.ID); err != nil {
				t.Fatal(err)
			}
			wantWithin(t, begin, 0, time.Second)
			time.Sleep(37 * time.Second)
		}
		time.Sleep(30 * time.Minute)
	})
}

// What a shared list showed as finished for good costs nothing ever after.
func TestListedEndIsRemembered(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		_, errs := w.waitAll(3)
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		w.cloud.ResetCounts()
		w.sharedWaits(100001, 100002, 100003)
		w.wantCount(simulator.AnyKind, 0)
	})
}

// A run that the list shows in two ways is asked for by itself at once, also when it was seen a moment before.
func TestWaitForYoungRunThatIsListedTwice(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.listOf(time.Second, -1, `{"id": 100001, "status": 1}`, `{"id": 100001, "status": 8}`, `{"id": 100002, "status": 1}`)
		time.AfterFunc(8*time.Second, func() {
			lists, statuses := w.cloud.Count(simulator.KindRuns)-1, w.cloud.Count(simulator.KindStatus)
			if lists == 0 || statuses != lists {
				t.Errorf("%d statuses after %d lists", statuses, lists)
			}
			w.cloud.ClearFaults()
			w.cloud.Finish(100001, simulator.Success)
			w.cloud.Finish(100002, simulator.Success)
		})
		if _, errs := w.waitAll(2); errs[0] != nil || errs[1] != nil {
			t.Error(errs)
		}
	})
}

// A list on its way when a run is started does not answer a read of that run.
func TestReadBesideAListOnItsWay(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		first := w.start()
		time.Sleep(time.Second)
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, After: true, Delay: 3 * time.Second})
		go func() { _, _ = w.runs.ReadListed(t.Context(), ref(first.ID)) }()
		time.Sleep(time.Second)
		second := w.start() // what the first start told is still fresh: it needs no list
		r, err := w.runs.ReadListed(t.Context(), ref(second.ID))
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusRunning)
		time.Sleep(5 * time.Second)
	})
}

// An answer about a run that comes when its wait has ended changes nothing for the other waits.
func TestAnswerAfterTheEndOfItsWait(t *testing.T) {
	for name, late := range map[string]simulator.Fault{
		"the run was seen": {Action: simulator.Pass},
		"a failure":        {Action: simulator.StatusCode, Code: 403},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				first, other := w.start(), w.start()
				time.Sleep(time.Minute)
				late.Kind, late.RunID, late.Delay = simulator.KindStatus, first.ID, 20*time.Second
				w.cloud.Inject(listed(), late) // the first list lacks both runs, so that they are asked for one by one
				time.AfterFunc(2*time.Second, func() { w.cloud.Finish(first.ID, simulator.Success) })
				time.AfterFunc(time.Minute, func() { w.cloud.Finish(other.ID, simulator.Success) })
				ended := make(chan error)
				go func() {
					r, err := w.resume(t.Context(), other.ID)
					if err == nil {
						wantStatus(t, r, sequentum.StatusSuccess)
					}
					ended <- err
				}()
				begin := time.Now()
				r, err := w.resume(t.Context(), first.ID)
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, r, sequentum.StatusSuccess)
				wantWithin(t, begin, 2*time.Second, 19*time.Second)
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

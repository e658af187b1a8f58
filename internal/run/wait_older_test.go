// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A list reaches the newest 1,000 runs. While 300 older ones are waited for too, each of them has its turn, and the ends
// of all others are seen as early as ever: those in the list, and those of other agents.
func TestWaitsThatTheListDoesNotReach(t *testing.T) {
	const older, other = 300, 2
	o := with(lasting(time.Hour))
	o.Agents = append(o.Agents, simulator.Agent{ID: other, Phases: lasting(time.Hour).Phases})
	inBubble(t, o, func(t *testing.T, w *workbench) {
		w.transport.Latency = 50 * time.Millisecond
		var runs []int64
		for range older + 1000 {
			runs = append(runs, w.cloud.StartRun(agentID).ID)
		}
		var unlisted, listed, others tardiness
		var all sync.WaitGroup
		await := func(runID int64, late *tardiness) {
			all.Go(func() {
				if _, err := w.resume(t.Context(), runID); err != nil {
					t.Error(err)
				}
				r, _ := w.cloud.Run(runID)
				late.note(time.Since(r.Ended))
			})
		}
		finishAfter := func(d time.Duration, s simulator.Status, runs ...int64) {
			time.AfterFunc(d, func() {
				for _, id := range runs {
					w.cloud.Finish(id, s)
				}
			})
		}
		for _, id := range runs[:older] {
			await(id, &unlisted)
		}
		for _, id := range runs[len(runs)-20:] {
			await(id, &listed)
		}
		finishAfter(50*time.Second, simulator.Success, runs[len(runs)-20:len(runs)-15]...)
		finishAfter(90*time.Second, simulator.Failure, runs[len(runs)-15:]...) // these are asked for by themselves too
		time.AfterFunc(time.Minute, func() { w.startAndWait(other, time.Minute, &others) })
		finishAfter(time.Minute, simulator.Success, runs[:20]...)
		finishAfter(7*time.Minute, simulator.Success, runs[20:older]...)
		all.Wait()
		if listed.most > 25*time.Second || others.most > 15*time.Second || listed.count != 20 || others.count != 1 {
			t.Errorf("the ends of %d listed runs were seen after at most %v, and of %d of another agent after %v", listed.count, listed.most, others.count, others.most)
		}
		// At 80 polls a minute a round takes less than four minutes.
		if unlisted.most > 5*time.Minute || unlisted.count != older {
			t.Errorf("the ends of %d older runs were seen after at most %v", unlisted.count, unlisted.most)
		}
		if n := w.cloud.TooMany(); n > 0 {
			t.Errorf("%d requests were too many", n)
		}
	})
}

// New waits for older runs that have finished do not delay an older wait.
func TestNewWaitsLeaveOldOnesTheirTurn(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.transport.Latency = 50 * time.Millisecond
		waiting, second := w.cloud.StartRun(agentID), w.cloud.StartRun(agentID)
		var finished []int64
		for range 400 {
			finished = append(finished, w.cloud.StartRun(agentID).ID)
		}
		for _, id := range finished {
			w.cloud.Finish(id, simulator.Success)
		}
		w.cloud.Inject(forever(listed())) // it reaches none of them
		var late tardiness
		var all sync.WaitGroup
		for _, id := range []int64{waiting.ID, second.ID} {
			all.Go(func() {
				if _, err := w.resume(t.Context(), id); err != nil {
					t.Error(err)
				}
				r, _ := w.cloud.Run(id)
				late.note(time.Since(r.Ended))
			})
		}
		time.AfterFunc(time.Minute, func() {
			w.cloud.Finish(waiting.ID, simulator.Success)
			w.cloud.Finish(second.ID, simulator.Success)
		})
		places := make(chan struct{}, 10) // as the CLI does
		for _, id := range finished {
			places <- struct{}{}
			all.Go(func() {
				defer func() { <-places }()
				if _, err := w.resume(t.Context(), id); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if late.most > 25*time.Second {
			t.Errorf("the end of a run was seen after %v", late.most)
		}
	})
}

// A question that hangs leaves the others their turn, also where a look may ask only one, as in this budget.
func TestHangingQuestionLeavesOthersTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(with(lasting(time.Hour)))
		w := newWorkbench(t, cloud, sequentum.Config{MaxRetries: 5, RequestsPerMinute: 20})
		hanging, other := cloud.StartRun(agentID), cloud.StartRun(agentID)
		for range 1000 {
			cloud.StartRun(agentID)
		}
		cloud.Inject(forever(simulator.Fault{Kind: simulator.KindStatus, RunID: hanging.ID, Action: simulator.Hang}))
		ctx := w.cancelAfter(2 * time.Minute)
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := w.resume(ctx, hanging.ID); err == nil {
				t.Error("the wait for the run whose status hangs has ended without an error")
			}
		})
		time.Sleep(10 * time.Second)
		cloud.Finish(other.ID, simulator.Success)
		begin := time.Now()
		r, err := w.resume(t.Context(), other.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusSuccess)
		wantWithin(t, begin, 0, 20*time.Second)
		all.Wait()
	})
}

// Some runs show one status in the list and another one by themselves. The watcher requests them at each look. The other runs
// still have their turn.
func TestRunsInDoubtLeaveOthersTheirTurn(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		unlisted := w.cloud.StartRun(agentID)
		var entries []string
		ctx := w.cancelAfter(5 * time.Minute)
		var all sync.WaitGroup
		for range 60 {
			id := w.cloud.StartRun(agentID).ID
			entries = append(entries, fmt.Sprintf(`{"id": %d, "status": %d, "endTime": %q}`, id, simulator.Failure, noon))
			all.Go(func() {
				if _, err := w.resume(ctx, id); err == nil {
					t.Error("a run has ended")
				}
			})
		}
		w.cloud.Inject(forever(listed(entries...)))
		time.AfterFunc(time.Minute, func() { w.cloud.Finish(unlisted.ID, simulator.Success) })
		begin := time.Now()
		if _, err := w.resume(t.Context(), unlisted.ID); err != nil {
			t.Error(err)
		}
		wantWithin(t, begin, time.Minute, 90*time.Second)
		all.Wait()
	})
}

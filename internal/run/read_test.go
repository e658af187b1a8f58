// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// strangers starts n runs of an agent beside this process, and returns their refs, oldest first.
func (w *workbench) strangers(agent int64, n int) []sequentum.RunRef {
	refs := make([]sequentum.RunRef, n)
	for i := range refs {
		refs[i] = sequentum.RunRef{AgentID: agent, RunID: w.cloud.StartRun(agent).ID}
	}
	return refs
}

// refresh reads all runs, as many at a time as Terraform does, and checks their status.
func (w *workbench) refresh(refs []sequentum.RunRef, want sequentum.Status) {
	w.t.Helper()
	next := make(chan sequentum.RunRef)
	var readers sync.WaitGroup
	for range 10 {
		readers.Go(func() {
			for ref := range next {
				r, err := w.runs.Read(w.t.Context(), ref)
				if err != nil || r.Ref() != ref {
					w.t.Errorf("%v is %+v, %v", ref, r, err)
				}
				wantStatus(w.t, r, want)
			}
		})
	}
	for _, ref := range refs {
		next <- ref
	}
	close(next)
	readers.Wait()
}

func TestCostOfRefresh(t *testing.T) {
	for name, test := range map[string]struct{ agents, each, limit int }{
		"1 run of 1 agent":        {1, 1, 1},
		"100 runs of 1 agent":     {1, 100, 1},
		"1,000 runs of 1 agent":   {1, 1000, 20},
		"1,000 runs of 20 agents": {20, 50, 60},
		"1,100 runs of 1 agent":   {1, 1100, 105}, // the API lists no more than 1,000
	} {
		t.Run(name, func(t *testing.T) {
			var o simulator.Options
			for i := range test.agents {
				o.Agents = append(o.Agents, simulator.Agent{ID: int64(i + 1), Phases: lasting(time.Hour).Phases})
			}
			inBubble(t, o, func(t *testing.T, w *workbench) {
				w.transport.Latency = 100 * time.Millisecond
				var refs []sequentum.RunRef
				for i := range test.agents {
					refs = append(refs, w.strangers(int64(i+1), test.each)...)
				}
				begin := time.Now()
				w.refresh(refs, sequentum.StatusRunning)
				w.wantAtMost(simulator.AnyKind, test.limit)
				if test.each <= 1000 {
					wantWithin(t, begin, 0, 10*time.Second)
				}
			})
		})
	}
}

// A thousand failures that were accepted as they are cost a list or two.
func TestCostOfRefreshOfFailures(t *testing.T) {
	inBubble(t, with(lasting(time.Minute, simulator.Failure)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1000)
		time.Sleep(time.Minute)
		w.refresh(refs, sequentum.StatusFailure)
		w.wantAtMost(simulator.AnyKind, 3)
	})
}

func TestReadOfFinishedRunCostsNothing(t *testing.T) {
	inBubble(t, with(lasting(time.Minute, simulator.Success)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1)
		time.Sleep(time.Minute)
		w.refresh(refs, sequentum.StatusSuccess)
		w.cloud.Expire(refs[0].RunID)
		time.Sleep(time.Hour)
		w.refresh(refs, sequentum.StatusSuccess)
		w.wantCount(simulator.AnyKind, 1)
	})
}

// A list answers the reads of the next five seconds.
func TestListGrowsOld(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 2)
		w.refresh(refs, sequentum.StatusRunning)
		w.cloud.Finish(refs[0].RunID, simulator.Failure)
		time.Sleep(5 * time.Second)
		w.refresh(refs, sequentum.StatusRunning)
		w.wantCount(simulator.AnyKind, 1)
		time.Sleep(time.Second)
		w.refresh(refs[:1], sequentum.StatusFailure)
		w.refresh(refs[1:], sequentum.StatusRunning)
		w.wantCount(simulator.AnyKind, 2)
	})
}

// A read after this process has changed the run never gets an older answer than the change.
func TestReadAfterOwnChange(t *testing.T) {
	t.Run("a read after a start gets a new list", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			started := w.start() // after the list of the agent's runs
			r, err := w.runs.ReadListed(t.Context(), ref(started.ID))
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, sequentum.StatusRunning)
		})
	})
	t.Run("a read after a stop gets a new list", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			refs := w.strangers(agentID, 2)
			w.refresh(refs, sequentum.StatusRunning)
			_, err := w.runs.Stop(w.cancelAfter(time.Second), w.stopRequest(refs[0], time.Minute))
			as[*run.StopError](t, err)
			w.refresh(refs[:1], sequentum.StatusStopping)
			w.refresh(refs[1:], sequentum.StatusRunning)
			w.wantCount(simulator.KindRuns, 2)
		})
	})
	// A list that was asked for before the change has its effect does not count as newer.
	t.Run("a read while a stop is on its way gets a new list", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			refs := w.strangers(agentID, 1)
			w.refresh(refs, sequentum.StatusRunning)
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Delay: 2 * time.Second})
			ctx := w.cancelAfter(2500 * time.Millisecond)
			go w.runs.Stop(ctx, w.stopRequest(refs[0], time.Minute))
			time.Sleep(time.Second)
			w.refresh(refs, sequentum.StatusRunning)
			time.Sleep(1200 * time.Millisecond)
			w.refresh(refs, sequentum.StatusStopping)
		})
	})
}

// A run that the list lacks is asked for by itself.
func TestReadOfRunOutsideTheList(t *testing.T) {
	o := with(lasting(time.Hour))
	o.ListLag = time.Minute
	inBubble(t, o, func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1)
		w.refresh(refs, sequentum.StatusRunning)
		w.wantCount(simulator.KindRuns, 1)
		w.wantCount(simulator.KindStatus, 1)
		if r, err := w.runs.ReadListed(t.Context(), refs[0]); r != nil || err != nil {
			t.Errorf("ReadListed has it: %+v, %v", r, err)
		}
		w.wantCount(simulator.AnyKind, 2)
		if _, err := w.runs.Read(t.Context(), ref(1)); !sequentum.IsNotFound(err) {
			t.Errorf("a run that never was: %v", err)
		}
	})
}

// A run that is being archived is in a list twice: the list is nevertheless as full as it was asked to be, and what it
// lacks is looked for further back.
func TestReadBehindARunThatIsListedTwice(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.transport.Latency = time.Second // all reads have begun when the first list is there
		refs := w.strangers(agentID, 150)
		var listed []map[string]any
		for _, r := range append(slices.Clone(refs[51:]), refs[149]) {
			listed = append(listed, map[string]any{"id": r.RunID, "status": simulator.Running})
		}
		body, err := json.Marshal(listed)
		if err != nil {
			t.Fatal(err)
		}
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage, Body: string(body)})
		w.refresh(refs, sequentum.StatusRunning)
		w.wantCount(simulator.KindRuns, 2)
		w.wantCount(simulator.KindStatus, 0)
	})
}

// Half an answer of the list is completed by the run's own status, as far as the API can.
func TestReadOfEndWithoutTime(t *testing.T) {
	inBubble(t, with(lasting(time.Minute, simulator.Success)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1)
		time.Sleep(time.Minute)
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.Garbage, Body: `[{"id": 100001, "status": 10}]`})
		r, err := w.runs.ReadListed(t.Context(), refs[0])
		if err != nil || !r.FinishedAt.IsZero() {
			t.Errorf("listed: %+v, %v", r, err)
		}
		if r, err = w.runs.Read(t.Context(), refs[0]); err != nil || r.FinishedAt.IsZero() {
			t.Errorf("read: %+v, %v", r, err)
		}
		w.wantCount(simulator.KindStatus, 1)
	})
	agent := lasting(time.Minute, simulator.Success)
	agent.NullFields = true
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1)
		time.Sleep(time.Minute)
		w.refresh(refs, sequentum.StatusSuccess)
		w.refresh(refs, sequentum.StatusSuccess)
		w.wantCount(simulator.KindStatus, 1) // it does not say either, and that is that
	})
}

func TestReadOwn(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1)
		w.refresh(refs, sequentum.StatusRunning)
		w.cloud.Finish(refs[0].RunID, simulator.Failure)
		r, err := w.runs.ReadOwn(t.Context(), refs[0])
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusFailure)
	})
}

func TestReadWithoutAnswer(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1)
		w.cloud.Outage(true)
		if _, err := w.runs.Read(t.Context(), refs[0]); err == nil {
			t.Error("an answer in an outage")
		}
		w.cloud.Outage(false)
		w.cloud.HideAgent(agentID, true)
		if _, err := w.runs.Read(t.Context(), refs[0]); !sequentum.IsNotFound(err) {
			t.Error(err)
		}
		w.cloud.HideAgent(agentID, false)
		w.refresh(refs, sequentum.StatusRunning)
	})
}

// Reads that share a list do not share an interrupt; the request ends when nobody waits for it any more.
func TestReadInterrupted(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 2)
		w.transport.Latency = 10 * time.Second
		first, second := make(chan error), make(chan error)
		ctx := w.cancelAfter(3 * time.Second)
		read := func(ctx context.Context, ref sequentum.RunRef, ended chan error) {
			_, err := w.runs.Read(ctx, ref)
			ended <- err
		}
		begin := time.Now()
		go read(ctx, refs[0], first)
		synctest.Wait()
		go read(t.Context(), refs[1], second)
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		wantWithin(t, begin, 3*time.Second, 3*time.Second)
		if err := <-second; err != nil {
			t.Error(err)
		}
		w.wantCount(simulator.KindRuns, 1)

		time.Sleep(time.Minute)
		begin = time.Now()
		go read(w.cancelAfter(3*time.Second), refs[0], first)
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		synctest.Wait()
		w.refresh(refs, sequentum.StatusRunning) // a new request: the one before was given up
		wantWithin(t, begin, 13*time.Second, 13*time.Second)
	})
}

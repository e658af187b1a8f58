// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// caller is one call that waits, and what its log was given.
type caller struct {
	mu    sync.Mutex
	lines []string
	ended bool // the call has returned
	late  bool // a line came after that
}

type callerKey struct{}

// log keeps a line with the run that it is about, and the caller that its context belongs to.
func (c *caller) log(ctx context.Context, message string, fields map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = c.late || c.ended
	c.lines = append(c.lines, fmt.Sprintf("caller %v, run %v: %s", ctx.Value(callerKey{}), fields["run_id"], message))
}

// wait waits for a run in the name of the caller.
func (c *caller) wait(ctx context.Context, w *workbench, name string, runID int64) error {
	_, err := w.runs.Wait(context.WithValue(ctx, callerKey{}, name), run.WaitRequest{Ref: ref(runID), Log: c.log})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	return err
}

// Waits share one watcher, and each gets the lines about its own run, in its own context.
func TestEachWaitHasItsOwnLines(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		w.start()
		w.start()
		var callers [2]caller
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				if err := callers[i].wait(t.Context(), w, fmt.Sprint(i), int64(100001+i)); err != nil {
					t.Error(err)
				}
			})
		}
		if _, err := w.runs.Wait(t.Context(), run.WaitRequest{Ref: ref(100001)}); err != nil { // it reports nothing
			t.Error(err)
		}
		all.Wait()
		for i := range callers {
			about := fmt.Sprintf("caller %d, run %d: Run 4711/%[2]d ", i, 100001+i)
			lines := callers[i].lines
			if len(lines) < 2 || !strings.HasPrefix(lines[len(lines)-1], about+"finished as Completed") ||
				slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(l, about) }) {
				t.Errorf("%q, each expected to begin with %q", lines, about)
			}
		}
	})
}

// A wait that ends early gets no line after its end, although the watcher continues for another wait.
func TestNoLineAfterTheEndOfAWait(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		w.start()
		w.start()
		var left, stays caller
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Skip: 1, Times: 3, Action: simulator.HTML})
		go func() { _ = left.wait(w.cancelAfter(10*time.Second), w, "left", 100001) }()
		if err := stays.wait(t.Context(), w, "stays", 100002); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !left.ended || left.late || len(left.lines) == 0 {
			t.Errorf("ended: %t, late: %t, lines: %q", left.ended, left.late, left.lines)
		}
	})
}

// A log that shows lines to a user must not do so after its call was interrupted, and has to until then. It asks its
// context, so that is the call's, whatever context a step of the call has.
func TestALogGetsTheContextOfItsCall(t *testing.T) {
	t.Run("the search for a lost start outlives its interrupt", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.transport.Latency = 2 * time.Second
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Action: simulator.Reset})
			ctx, lines := w.cancelAfter(3*time.Second), 0 // the start is on its way
			started, err := w.runs.Start(ctx, run.StartRequest{AgentID: agentID, Log: func(got context.Context, message string, _ map[string]any) {
				lines++
				wantSameEnd(t, ctx.Err(), got.Err(), message)
			}})
			if err != nil || started.Lost == nil || lines == 0 {
				t.Errorf("%+v, %v, %d lines", started, err, lines)
			}
		})
	})
	t.Run("the request for a diagnosis outlives its interrupt", func(t *testing.T) {
		inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
			ctx, lines := w.cancelAfter(0), 0
			<-ctx.Done()
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindDiagnostics, Action: simulator.StatusCode, Code: 400})
			w.runs.Diagnosis(ctx, ref(100001), func(got context.Context, message string, _ map[string]any) {
				lines++
				wantSameEnd(t, ctx.Err(), got.Err(), message)
			})
			if lines != 1 {
				t.Errorf("%d lines", lines)
			}
		})
	})
	t.Run("the end of the grace period is not the end of a stop", func(t *testing.T) {
		stubborn := lasting(time.Hour)
		stubborn.IgnoresStop = true
		inBubble(t, with(stubborn), func(t *testing.T, w *workbench) {
			r := w.start()
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Times: 5, Action: simulator.StatusCode, Code: 400})
			failed, late := false, 0
			_, err := w.runs.Stop(t.Context(), run.StopRequest{Ref: r.Ref(), Grace: grace, Active: true, Log: func(got context.Context, message string, _ map[string]any) {
				wantSameEnd(t, nil, got.Err(), message)
				switch {
				case failed && strings.Contains(message, "Status requests succeed again"):
					late++
				case !failed && strings.Contains(message, "Run 4711/100001: a status request failed: "):
					failed = true
					time.Sleep(2 * grace) // other lines come during this time, and the grace period ends
				}
			}})
			if err != nil || late == 0 {
				t.Errorf("%v, %d lines came late", err, late)
			}
		})
	})
}

// wantSameEnd checks that the context of a line has ended if its call's has, and not otherwise.
func wantSameEnd(t *testing.T, call, line error, message string) {
	t.Helper()
	if (call == nil) != (line == nil) {
		t.Errorf("the line %q has a context that ended with %v, its call's ended with %v", message, line, call)
	}
}

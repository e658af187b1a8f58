package run_test

import (
	"context"
	"fmt"
	"slices"
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
			line := fmt.Sprintf("caller %d, run %d: the run's status changed", i, 100001+i)
			if want := []string{line, line}; !slices.Equal(callers[i].lines, want) {
				t.Errorf("%q, expected %q", callers[i].lines, want)
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

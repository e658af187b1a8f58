// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// watcher looks at all runs of one agent that somebody waits for, and ends when nobody waits any more. One run is asked
// for by its own status; two or more share a list. What it has seen it records in the list of the waits. Only its own
// goroutine uses its fields, except waitsFor.
type watcher struct {
	agent    *agent
	wake     chan struct{}
	ctx      context.Context
	cancel   context.CancelFunc
	waitsFor sequentum.WaitingFor // what its latest request waits for
	began    bool                 // it has looked once
	looked   time.Time            // when; before that, when it was made
	size     int                  // of the next list
}

// newWatcher takes the context of the wait that begins it, without its cancellation: the watcher continues after that
// wait as long as there is another wait.
func newWatcher(ctx context.Context, a *agent) *watcher {
	w := &watcher{agent: a, wake: make(chan struct{}, 1), looked: a.clock.Now(), size: smallList}
	ctx, w.cancel = context.WithCancel(sequentum.WithPriority(context.WithoutCancel(ctx), sequentum.PriorityPoll))
	w.ctx = w.waitsFor.Follow(ctx)
	return w
}

// wakeUp tells the watcher that another wait has joined.
func (w *watcher) wakeUp() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// watch looks again and again until nobody waits any more.
func (w *watcher) watch() {
	defer w.agent.client.Budget().Watch()()
	defer sequentum.Recover(func(p *sequentum.PanicError) { w.agent.waits.endAll(w, p) })
	go w.report()
	for w.sleepUntilDue() {
		w.lookAtRuns()
		w.began, w.looked = true, w.agent.clock.Now()
	}
}

// sleepUntilDue blocks until the next look is due, and reports false when there will be none. A wait that joins
// during this time can make the next look come earlier.
func (w *watcher) sleepUntilDue() bool {
	factor := 1 + pollJitter*(2*rand.Float64()-1)
	clock := w.agent.clock
	for {
		left := w.looked.Add(w.interval(factor)).Sub(clock.Now())
		if left <= 0 {
			return w.ctx.Err() == nil
		}
		select {
		case <-w.ctx.Done():
			return false
		case <-w.wake:
		case <-clock.After(left):
		}
	}
}

// interval is how long after the latest look the next one is due: what the waits ask for, times factor, and longer when
// the budget is short.
func (w *watcher) interval(factor float64) time.Duration {
	want, urgent := w.agent.waits.wantedInterval()
	switch {
	case urgent && !w.began:
		return 0
	case urgent:
		return firstLooksInterval
	}
	want = min(longestPollInterval, time.Duration(float64(want)*factor))
	return w.agent.client.Budget().PollInterval(want)
}

// lookAtRuns looks once at all runs that somebody waits for.
func (w *watcher) lookAtRuns() {
	pending := w.agent.waits.beginLook()
	defer sequentum.Recover(func(p *sequentum.PanicError) { w.recordFailure(pending, p) })
	if !w.needsList(pending) {
		w.askForEach(pending, nil)
		return
	}
	l, err := w.listDownTo(oldestOf(pending))
	if err != nil {
		w.askDespite(err, pending)
		return
	}
	var doubtful, unlisted []*wait
	for _, each := range pending {
		r := l.find(each.ref.RunID)
		switch {
		case r != nil && trustworthy(r):
			w.recordRun(each, r)
		case l.byID[each.ref.RunID] != nil:
			doubtful = append(doubtful, each)
		case !w.agent.waits.seenSince(each, l.at.Add(-listLag)):
			unlisted = append(unlisted, each)
		}
	}
	w.askForEach(doubtful, unlisted)
}

// needsList reports whether to request a list and not the status of a single run: several runs have a wait, or this process
// has started several runs that have not ended, and their waits may come one after the other.
func (w *watcher) needsList(pending []*wait) bool {
	return len(pending) > 1 || len(pending) == 1 && w.agent.history.openRuns() > 1
}

// trustworthy reports whether what a list shows of a run can be believed. A list that lags shows an earlier phase,
// never a later one. The exception is a failure: somebody may have restarted it.
func trustworthy(r *sequentum.Run) bool {
	return r.Status.Active() || FinalStatus(r.Status) && !endMissing(r)
}

func oldestOf(pending []*wait) int64 {
	oldest := pending[0].ref.RunID
	for _, each := range pending {
		oldest = min(oldest, each.ref.RunID)
	}
	return oldest
}

// listDownTo asks for as many runs as it takes to reach one.
func (w *watcher) listDownTo(runID int64) (*list, error) {
	for {
		l, err := w.agent.list(w.ctx, w.size)
		if err != nil || l.reaches(runID) || w.size == largeList {
			return l, err
		}
		w.size = largeList
	}
}

// askDespite asks for the runs' own statuses after a list that failed with err. It asks for one of them first, which
// shows whether only the list is at fault. In an outage it does not ask for the others.
func (w *watcher) askDespite(err error, pending []*wait) {
	if sequentum.IsAccessDenied(err) {
		w.recordFailure(pending, err)
		return
	}
	probe, rest := pending[:1], pending[1:]
	if w.askForEach(probe, nil) {
		w.askForEach(rest, nil)
	} else {
		w.recordFailure(rest, err)
	}
}

// recordRun passes on what a look showed.
func (w *watcher) recordRun(each *wait, r *sequentum.Run) {
	w.agent.history.recordFinal(r)
	w.agent.waits.recordRun(each, r)
}

// recordFailure passes on a look that failed, unless it failed because nobody waits any more.
func (w *watcher) recordFailure(waits []*wait, err error) {
	if w.ctx.Err() != nil {
		return
	}
	for _, each := range waits {
		w.agent.waits.recordFailure(each, err)
	}
}

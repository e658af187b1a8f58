// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// waitList holds the waits for the runs of one agent. It has a watcher as long as it holds a wait.
type waitList struct {
	agent *agent

	mu      sync.Mutex
	waits   map[*wait]bool
	watcher *watcher // that looks for the waits; nil: there are none, or a panic ended it
}

// wait is one caller's wait for one run. Its fields are guarded by the lock of the list.
type wait struct {
	watcher  *watcher
	ref      sequentum.RunRef
	since    time.Time
	urgent   bool           // nothing is known of the run yet: look at once
	asking   bool           // a question about this run alone is under way
	asked    time.Time      // when the latest question began; at first when the wait began
	last     *sequentum.Run // as last seen
	seen     time.Time      // when that was; zero: never
	failure  error          // why the latest look failed
	refusals confirmation
	said     progress      // what the caller's log was told
	lines    []logLine     // that the caller has not written yet
	news     chan struct{} // gets a token when there are lines
	ended    bool
	err      error         // why the wait cannot go on; nil: its run has finished
	done     chan struct{} // closed when it has ended
}

// endWith ends the wait. It is called once, with the lock held.
func (w *wait) endWith(err error) {
	w.ended, w.err = true, err
	close(w.done)
}

// goesOn blocks until the caller of the wait has something to do. It returns true if there are lines to write. It
// returns false if the wait or ctx has ended.
func (w *wait) goesOn(ctx context.Context) bool {
	select {
	case <-w.news:
		return true
	case <-w.done:
		return false
	case <-ctx.Done():
		return false
	}
}

func (l *waitList) init(a *agent) {
	l.agent, l.waits = a, map[*wait]bool{}
}

// join adds a wait, and starts a watcher when there is none.
func (l *waitList) join(ctx context.Context, r WaitRequest) *wait {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &wait{
		ref: r.Ref, since: l.agent.clock.Now(), last: r.Known, urgent: r.Known == nil,
		news: make(chan struct{}, 1), done: make(chan struct{}),
	}
	w.asked, w.said.at = w.since, w.since
	if r.Known != nil {
		w.seen = w.since
	}
	if l.watcher == nil {
		l.watcher = newWatcher(ctx, l.agent)
		go l.watcher.watch()
	}
	w.watcher = l.watcher
	l.waits[w] = true
	l.watcher.wakeUp()
	return w
}

// takeLines returns the lines that the caller of a wait has not written yet.
func (l *waitList) takeLines(w *wait) []logLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := w.lines
	w.lines = nil
	return lines
}

// leave removes a wait, ends the watcher when it was the last one, and says how the wait ended. ctx is the caller's.
func (l *waitList) leave(ctx context.Context, w *wait) (*sequentum.Run, error) {
	waitingFor := w.watcher.waitsFor.Describe() // before the watcher's request can be cancelled here
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waits, w)
	if len(l.waits) == 0 && l.watcher != nil {
		l.watcher.cancel()
		l.watcher = nil
	}
	switch {
	case !w.ended:
		return nil, &WaitError{Run: w.last, Err: context.Cause(ctx), LastFailure: w.failure, WaitingFor: waitingFor}
	case w.err != nil:
		return nil, &WaitError{Run: w.last, Err: w.err}
	default:
		return w.last, nil
	}
}

// wantedInterval is the interval between looks that the youngest wait asks for: an older one is not harmed by
// being looked at more often. urgent: nothing is known yet of one of the runs.
func (l *waitList) wantedInterval() (interval time.Duration, urgent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	interval = longestPollInterval
	for w := range l.waits {
		urgent = urgent || w.urgent
		interval = min(interval, max(shortestPollInterval, l.agent.clock.Now().Sub(w.since)/pollAgeDivisor))
	}
	return interval, urgent
}

// beginLook lists the waits that a look must answer, in no order. None of them is urgent any more.
func (l *waitList) beginLook() []*wait {
	l.mu.Lock()
	defer l.mu.Unlock()
	pending := make([]*wait, 0, len(l.waits))
	for w := range l.waits {
		if !w.ended {
			w.urgent = false
			pending = append(pending, w)
		}
	}
	return pending
}

// seenSince reports whether the run of a wait has been seen since a time.
func (l *waitList) seenSince(w *wait, at time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return w.seen.After(at)
}

// beginQuestions begins questions about at most limit runs, and returns their waits. The run whose last question is oldest
// comes first. A run for which nobody waits any more, or that has an open question, is left out. The caller ends the
// questions.
func (l *waitList) beginQuestions(waits []*wait, limit int) (begun []*wait) {
	l.mu.Lock()
	defer l.mu.Unlock()
	inTurn := slices.SortedStableFunc(slices.Values(waits), func(a, b *wait) int { return a.asked.Compare(b.asked) })
	for _, w := range inTurn {
		if len(begun) < limit && !w.asking && !w.ended && l.waits[w] {
			w.asking, w.asked = true, l.agent.clock.Now()
			begun = append(begun, w)
		}
	}
	return begun
}

func (l *waitList) endQuestion(w *wait) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.asking = false
}

// recordRun passes on what a look showed, and ends the wait when its run has finished.
func (l *waitList) recordRun(w *wait, r *sequentum.Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.ended {
		return
	}
	now := l.agent.clock.Now()
	w.sayRun(r, now)
	w.last, w.seen, w.failure, w.refusals = r, now, nil, confirmation{}
	if r.Status.Finished() {
		w.endWith(nil)
	}
}

// recordFailure passes on a look that failed. Only a confirmed answer ends a wait: access is refused, the API
// does not know the run, or no retry will help. During an outage the wait continues.
func (l *waitList) recordFailure(w *wait, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.ended {
		return
	}
	now := l.agent.clock.Now()
	w.sayFailure(err, now)
	w.failure = err
	if w.refusals.add(now, err) {
		w.endWith(w.refusals.conclusion())
	}
}

// endAll ends all waits of a watcher that a panic has ended: nobody looks for them any more.
func (l *waitList) endAll(of *watcher, p *sequentum.PanicError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of.cancel()
	if l.watcher == of {
		l.watcher = nil
	}
	for w := range l.waits {
		if w.watcher == of && !w.ended {
			w.endWith(p)
		}
	}
}

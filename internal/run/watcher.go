package run

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// The interval between looks at a run is a tenth of the wait's age, within these bounds, give or take a tenth so
	// that pipelines that began together drift apart. The longest leaves the look itself a second, so that an end is
	// seen within 15 s.
	shortestInterval = 2 * time.Second
	longestInterval  = 14 * time.Second
	jitter           = 0.1
	// urgentInterval has the first looks for waits that join one after the other share a request.
	urgentInterval = 500 * time.Millisecond
	// listLag is how far a list may be behind. A run that was seen within that time, as in its start's answer, is not
	// asked for by itself because the list lacks it.
	listLag = 10 * time.Second
	// questionPatience is how long a look waits for questions about single runs before it lets the next look begin.
	questionPatience = 5 * time.Second
)

// watcher looks at all runs of one agent that somebody waits for. One run is asked for by its own status; two or more
// share a list.
type watcher struct {
	agent  *agent
	waits  map[*wait]bool // guarded by the agent's lock
	wake   chan struct{}
	cancel context.CancelFunc
	ctx    context.Context
	// waiting is what its latest request waits for; guarded by the agent's lock.
	waiting sequentum.Waiting
	began   bool      // it has looked once
	looked  time.Time // when; before that, when it was made
	size    int       // of the next list
}

// newWatcher takes the context of the wait that begins it, without its cancellation: it outlives that wait as long as
// another is there.
func newWatcher(ctx context.Context, a *agent) *watcher {
	w := &watcher{agent: a, waits: map[*wait]bool{}, wake: make(chan struct{}, 1), looked: a.m.clock.Now(), size: smallList}
	w.ctx, w.cancel = context.WithCancel(sequentum.WithPriority(context.WithoutCancel(ctx), sequentum.PriorityPoll))
	w.ctx = a.reporting(w.ctx, &w.waiting)
	return w
}

func (w *watcher) wakeUp() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// watch looks again and again until nobody waits any more.
func (w *watcher) watch() {
	defer w.agent.m.client.Budget().Watch()()
	defer sequentum.Recover(w.endAll)
	for w.sleep() {
		w.look()
		w.began, w.looked = true, w.agent.m.clock.Now()
	}
}

// endAll ends all waits when nobody looks for them any more.
func (w *watcher) endAll(p *sequentum.PanicError) {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	if w.agent.watcher == w {
		w.agent.watcher = nil
	}
	for each := range w.waits {
		if !each.ended {
			each.end(p)
		}
	}
}

// sleep blocks until the next look is due, and reports false when there will be none. A wait that joins meanwhile can
// bring it forward.
func (w *watcher) sleep() bool {
	factor := 1 + jitter*(2*rand.Float64()-1)
	clock := w.agent.m.clock
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

// interval is how long after the latest look the next one is due: what the youngest wait asks for, since an older one
// is not harmed by being looked at more often, and longer when the budget is short.
func (w *watcher) interval(factor float64) time.Duration {
	want, urgent := w.wanted()
	switch {
	case urgent && !w.began:
		return 0
	case urgent:
		return urgentInterval
	}
	want = min(longestInterval, time.Duration(float64(want)*factor))
	return w.agent.m.client.Budget().PollInterval(want)
}

func (w *watcher) wanted() (interval time.Duration, urgent bool) {
	a := w.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	interval = longestInterval
	for each := range w.waits {
		urgent = urgent || each.urgent
		interval = min(interval, max(shortestInterval, a.m.clock.Now().Sub(each.since)/10))
	}
	return interval, urgent
}

// pending lists the waits that a look must answer, in no order.
func (w *watcher) pending() []*wait {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	pending := make([]*wait, 0, len(w.waits))
	for each := range w.waits {
		if !each.ended {
			each.urgent = false
			pending = append(pending, each)
		}
	}
	return pending
}

func (w *watcher) look() {
	pending := w.pending()
	defer sequentum.Recover(func(p *sequentum.PanicError) { w.lookFailed(pending, p) })
	if len(pending) <= 1 {
		w.askEach(pending)
		return
	}
	l, err := w.list(pending)
	if err != nil {
		w.listFailed(pending, err)
		return
	}
	var alone []*wait
	for _, each := range pending {
		r := l.find(each.runID)
		switch {
		case r != nil && trustworthy(r):
			w.show(each, r)
		case l.byID[each.runID] == nil && w.seenSince(each, l.at.Add(-listLag)):
		default:
			alone = append(alone, each)
		}
	}
	w.askEach(alone)
}

// seenSince reports whether the run has been seen since a time.
func (w *watcher) seenSince(each *wait, at time.Time) bool {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	return each.seen.After(at)
}

// trustworthy reports whether a list's word on a run can be taken. A list that lags shows an earlier phase, never a
// later one; only a failure may have been restarted meanwhile.
func trustworthy(r *sequentum.Run) bool {
	return r.Status.Active() || FinalStatus(r.Status) && !endMissing(r)
}

// list asks for as many runs as it takes to reach the oldest one waited for.
func (w *watcher) list(pending []*wait) (*list, error) {
	oldest := pending[0].runID
	for _, each := range pending {
		oldest = min(oldest, each.runID)
	}
	for {
		l, err := w.agent.list(w.ctx, w.size)
		if err != nil || l.reaches(oldest) || w.size == largeList {
			return l, err
		}
		w.size = largeList
	}
}

// listFailed falls back to the runs' own statuses. Whether the list alone is at fault shows when one of them is asked
// for first: in an outage the others are spared.
func (w *watcher) listFailed(pending []*wait, err error) {
	if sequentum.IsAccessDenied(err) {
		w.lookFailed(pending, err)
		return
	}
	probe, rest := pending[:1], pending[1:]
	if w.askEach(probe) {
		w.askEach(rest)
	} else {
		w.lookFailed(rest, err)
	}
}

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
)

// wait is one caller's wait for one run. Its fields are guarded by the agent's lock.
type wait struct {
	watcher *watcher
	runID   int64
	since   time.Time
	urgent  bool           // nothing is known of the run yet: look at once
	last    *sequentum.Run // as last seen
	seen    time.Time      // when that was; zero: never
	failure error          // why the latest look had no answer
	err     error          // why the wait cannot go on
	done    chan struct{}  // closed when the run has finished or the wait cannot go on
}

// watcher looks at all runs of one agent that somebody waits for. One run is asked for by its own status; two or more
// share a list.
type watcher struct {
	agent  *agent
	waits  map[*wait]bool // guarded by the agent's lock
	wake   chan struct{}
	cancel context.CancelFunc
	ctx    context.Context
	began  bool      // it has looked once
	looked time.Time // when; before that, when it was made
	size   int       // of the next list
}

// newWatcher takes the context of the wait that begins it, without its cancellation: it outlives that wait as long as
// another is there.
func newWatcher(ctx context.Context, a *agent) *watcher {
	w := &watcher{agent: a, waits: map[*wait]bool{}, wake: make(chan struct{}, 1), looked: a.m.clock.Now(), size: smallList}
	w.ctx, w.cancel = context.WithCancel(sequentum.WithPriority(context.WithoutCancel(ctx), sequentum.PriorityPoll))
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
	for w.sleep() {
		w.look()
		w.began, w.looked = true, w.agent.m.clock.Now()
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

// pending snapshots the waits that a look must answer.
func (w *watcher) pending() []*wait {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	pending := make([]*wait, 0, len(w.waits))
	for each := range w.waits {
		select {
		case <-each.done:
		default:
			each.urgent = false
			pending = append(pending, each)
		}
	}
	return pending
}

func (w *watcher) look() {
	pending := w.pending()
	if len(pending) <= 1 {
		w.askEach(pending)
		return
	}
	l, err := w.list(pending)
	if err != nil {
		w.failed(pending, err)
		return
	}
	var alone []*wait
	for _, each := range pending {
		switch r := l.byID[each.runID]; {
		case r == nil && l.at.Sub(each.seen) < listLag:
		case r == nil, !trustworthy(r):
			alone = append(alone, each)
		default:
			w.show(each, r)
		}
	}
	w.askEach(alone)
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

// askEach asks for each run by itself.
func (w *watcher) askEach(waits []*wait) {
	for _, each := range waits {
		if w.ctx.Err() != nil {
			return
		}
		if !w.joined(each) {
			continue // it has left while others were asked for
		}
		r, err := w.agent.status(w.ctx, each.runID)
		if err != nil {
			w.failed([]*wait{each}, err)
			continue
		}
		w.show(each, r)
	}
}

func (w *watcher) joined(each *wait) bool {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	return w.waits[each]
}

// show passes on what a look showed, and ends the wait when its run has finished.
func (w *watcher) show(each *wait, r *sequentum.Run) {
	w.agent.noteRun(r)
	if w.update(each, r) {
		message := "the run's status changed"
		if !r.Status.Known() {
			message = "the run has a status that this provider does not know: taken for active"
		}
		w.agent.m.log(w.ctx, message, map[string]any{"agent_id": r.AgentID, "run_id": r.ID, "status": r.Status.String()})
	}
	if r.Status.Finished() {
		close(each.done)
	}
}

// update reports whether the run's status is a new one.
func (w *watcher) update(each *wait, r *sequentum.Run) bool {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	changed := each.last == nil || each.last.Status != r.Status
	each.last, each.seen, each.failure = r, w.agent.m.clock.Now(), nil
	return changed
}

// failed passes on a look without an answer. Only a refusal of access or a run that the API does not know ends the
// waits; an outage is sat out.
func (w *watcher) failed(waits []*wait, err error) {
	if w.ctx.Err() != nil {
		return
	}
	w.agent.m.log(w.ctx, "a look at the run had no answer", map[string]any{"agent_id": w.agent.id, "error": err.Error()})
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	for _, each := range waits {
		each.failure = err
		if sequentum.IsRefused(err) || sequentum.IsNotFound(err) {
			each.err = err
			close(each.done)
		}
	}
}

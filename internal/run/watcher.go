package run

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// The interval between looks at a run is a tenth of the wait's age, within these bounds, give or take a tenth so that
// pipelines that began together drift apart.
const (
	shortestInterval = 2 * time.Second
	longestInterval  = 15 * time.Second
	jitter           = 0.1
)

// wait is one caller's wait for one run. Its fields are guarded by the agent's lock.
type wait struct {
	watcher *watcher
	runID   int64
	since   time.Time
	urgent  bool           // nothing is known of the run yet: look at once
	last    *sequentum.Run // as last seen
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
	looked time.Time
	size   int // of the next list
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
		w.looked = w.agent.m.clock.Now()
	}
}

// sleep blocks until the next look is due, and reports false when there will be none. A wait that joins meanwhile can
// bring it forward.
func (w *watcher) sleep() bool {
	factor := 1 + jitter*(2*rand.Float64()-1)
	for {
		want := w.agent.m.client.Budget().PollInterval(w.interval())
		due := w.looked.Add(time.Duration(float64(want) * factor))
		left := due.Sub(w.agent.m.clock.Now())
		if left <= 0 {
			return w.ctx.Err() == nil
		}
		select {
		case <-w.ctx.Done():
			return false
		case <-w.wake:
		case <-w.agent.m.clock.After(left):
		}
	}
}

// interval is what the youngest wait asks for: an older one is not harmed by being looked at more often.
func (w *watcher) interval() time.Duration {
	a := w.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	interval := longestInterval
	for each := range w.waits {
		if each.urgent {
			return 0
		}
		interval = min(interval, max(shortestInterval, a.m.clock.Now().Sub(each.since)/10))
	}
	return interval
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
		if r := l.byID[each.runID]; r != nil && trustworthy(r) {
			w.seen(each, r)
		} else {
			alone = append(alone, each)
		}
	}
	w.askEach(alone)
}

// trustworthy reports whether a list's word on a run can be taken. A list that lags shows an earlier phase, never a
// later one; only a failure may have been restarted meanwhile, and an end without its time is half an answer.
func trustworthy(r *sequentum.Run) bool {
	return r.Status.Active() || FinalStatus(r.Status) && !r.Ended.IsZero()
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
		r, err := w.agent.status(w.ctx, each.runID)
		if err != nil {
			w.failed([]*wait{each}, err)
			continue
		}
		w.seen(each, r)
	}
}

// seen passes on what a look showed, and ends the wait when its run has finished.
func (w *watcher) seen(each *wait, r *sequentum.Run) {
	w.agent.noteRun(r)
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	if each.last == nil || each.last.Status != r.Status {
		w.agent.m.log(w.ctx, "the run's status changed", map[string]any{"agent_id": r.AgentID, "run_id": r.ID, "status": r.Status.String()})
	}
	if !r.Status.Known() {
		w.agent.m.log(w.ctx, "the run has a status that this provider does not know: taken for active", map[string]any{"agent_id": r.AgentID, "run_id": r.ID, "status": r.Status.String()})
	}
	each.last, each.failure = r, nil
	if r.Status.Finished() {
		close(each.done)
	}
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

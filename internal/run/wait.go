package run

import (
	"context"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// WaitError says why a wait ended before its run had finished. The run itself is untouched.
type WaitError struct {
	// Run is the run as it was last seen; nil when no answer about it came at all.
	Run *sequentum.Run
	// Err is the context's error (an interrupt or a timeout), or what several looks in a row have confirmed: see
	// [sequentum.IsAccessDenied], [sequentum.IsNotFound] and [sequentum.IsPermanent]. It can be a [sequentum.PanicError].
	Err error
	// LastFailure is why the latest look at the run failed; nil when it did not.
	LastFailure error
	// WaitingFor is what the latest status request was waiting for when ctx ended; empty: it had been answered.
	WaitingFor string
}

func (e *WaitError) Error() string { return "the wait ended before the run: " + e.Err.Error() }
func (e *WaitError) Unwrap() error { return e.Err }

// wait is one caller's wait for one run. Its fields are guarded by the agent's lock.
type wait struct {
	watcher  *watcher
	runID    int64
	since    time.Time
	urgent   bool           // nothing is known of the run yet: look at once
	asking   bool           // a question about this run alone is under way
	last     *sequentum.Run // as last seen
	seen     time.Time      // when that was; zero: never
	failure  error          // why the latest look failed
	refusals confirmation
	ended    bool
	err      error         // why the wait cannot go on; nil: its run has finished
	done     chan struct{} // closed when it has ended
}

// end is called once, with the agent's lock held.
func (w *wait) end(err error) {
	w.ended, w.err = true, err
	close(w.done)
}

// Wait blocks until the run has finished, successfully or not, and returns it as it then is. All waits for runs of one
// agent share one watcher. An outage does not end a wait. The end of ctx does, and so do answers that are confirmed by
// others: a refusal of access, the API no longer knowing the run, or something that no retry mends. Each is a
// [WaitError], which carries the run as last seen.
//
// known is the run as the caller has just seen it. With nil, as when a wait is resumed, the first look comes at once.
func (m *Manager) Wait(ctx context.Context, ref sequentum.RunRef, known *sequentum.Run) (*sequentum.Run, error) {
	a := m.agent(ref.AgentID)
	if r := a.finishedForGood(ref.RunID); r != nil {
		return r, nil
	}
	w := a.join(ctx, ref.RunID, known)
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	return a.leave(ctx, w)
}

// join adds a wait to the agent's watcher, and starts one when there is none.
func (a *agent) join(ctx context.Context, runID int64, known *sequentum.Run) *wait {
	a.mu.Lock()
	defer a.mu.Unlock()
	w := &wait{runID: runID, since: a.m.clock.Now(), last: known, urgent: known == nil, done: make(chan struct{})}
	if known != nil {
		w.seen = w.since
	}
	if a.watcher == nil {
		a.watcher = newWatcher(ctx, a)
		go a.watcher.watch()
	}
	w.watcher = a.watcher
	a.watcher.waits[w] = true
	a.watcher.wakeUp()
	return w
}

// leave takes a wait off its watcher, ends the watcher when it was the last one, and says how the wait ended.
func (a *agent) leave(ctx context.Context, w *wait) (*sequentum.Run, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(w.watcher.waits, w)
	if len(w.watcher.waits) == 0 {
		w.watcher.cancel()
		if a.watcher == w.watcher {
			a.watcher = nil
		}
	}
	select {
	case <-w.done:
		if w.err == nil {
			return w.last, nil
		}
		return nil, &WaitError{Run: w.last, Err: w.err}
	default:
		return nil, &WaitError{Run: w.last, Err: context.Cause(ctx), LastFailure: w.failure, WaitingFor: describeWaiting(w.watcher.waiting)}
	}
}

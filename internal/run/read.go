package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// flight is a list request under way, shared by the reads that wait for it. It ends when none of them does any more.
type flight struct {
	done     chan struct{}
	cancel   context.CancelFunc
	waiting  int
	seq      uint64
	size     int
	list     *list
	err      error
	waitsFor sequentum.Waiting // what its request waits for
}

// Read gives a run as a refresh sees it. Reads of one agent share its lists; a run that the list lacks, or shows as
// finished for good without the time of its end, is asked for by itself, and one that this process saw finished for good costs
// nothing. So is one whose list the API answers with something that cannot be used. Its errors are the API's: see
// [sequentum.IsNotFound], which one answer suffices for: ask [Manager.ConfirmGone] before anything is given up for it.
func (m *Manager) Read(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	a := m.agent(ref.AgentID)
	r, err := a.listed(ctx, ref.RunID)
	switch {
	case err != nil && !listAtFault(err):
		return nil, err
	case r != nil && (!endMissing(r) || r == a.finishedForGood(ref.RunID)):
		return r, nil
	}
	return a.status(sequentum.WithPriority(ctx, sequentum.PriorityList), ref.RunID)
}

// listAtFault reports whether a list failed in a way that says nothing of the runs' own statuses.
func listAtFault(err error) bool {
	return cannotBeRead(err) || isPermanent(err) || sequentum.IsNotFound(err)
}

// ReadListed is Read without the last resort: a run that the agent's list lacks is nil, not a request of its own.
func (m *Manager) ReadListed(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).listed(ctx, ref.RunID)
}

// ReadConfirmed asks for the run by itself, whatever is known of it already. An answer that refuses access or does not
// find the run is confirmed first, which takes half a minute; then the error is a [GoneError] if all answers said "not found".
func (m *Manager) ReadConfirmed(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).confirmStatus(sequentum.WithPriority(ctx, sequentum.PriorityList), ref.RunID, endAtOutage)
}

// ReadOwn asks for the run by itself, whatever is known of it already.
func (m *Manager) ReadOwn(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).status(sequentum.WithPriority(ctx, sequentum.PriorityList), ref.RunID)
}

// listed finds the run in a shared list, nil when the list lacks it.
func (a *agent) listed(ctx context.Context, runID int64) (*sequentum.Run, error) {
	if r := a.finishedForGood(runID); r != nil {
		return r, nil
	}
	a.countReader(1)
	defer a.countReader(-1)
	l, err := a.sharedList(ctx, runID)
	if err == nil && l.byID[runID] == nil && a.worthLonger(l, runID) {
		l, err = a.sharedList(ctx, runID)
	}
	if err != nil {
		return nil, err
	}
	r := l.find(runID)
	if r != nil && !endMissing(r) {
		a.noteRun(r)
	}
	return r, nil
}

// endMissing reports whether a list shows a run as finished for good and does not say when: half an answer, which the
// run's own status may complete.
func endMissing(r *sequentum.Run) bool { return FinalStatus(r.Status) && r.FinishedAt.IsZero() }

func (a *agent) countReader(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.readers += n
}

// worthLonger reports whether a list that was too short should be asked for at full length: not for one read alone,
// which its own status answers as well.
func (a *agent) worthLonger(l *list, runID int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l.reaches(runID) || l.size >= largeList {
		return false
	}
	a.readSize = largeList
	return a.readers > 1
}

// sharedList returns a list no older than listLife and than this process's last change of the run: the latest, one
// under way, or a new one.
func (a *agent) sharedList(ctx context.Context, runID int64) (*list, error) {
	a.mu.Lock()
	changed := a.changed[runID]
	if l := a.latest; l != nil && a.fresh(l) && l.seq > changed && (l.reaches(runID) || l.size >= a.readSize) {
		a.mu.Unlock()
		return l, nil
	}
	f := a.flight
	if f == nil || f.seq <= changed || f.size < a.readSize {
		f = a.newFlight(ctx)
	}
	f.waiting++
	a.mu.Unlock()
	defer a.leaveFlight(f)

	select {
	case <-f.done:
		return f.list, f.err
	case <-ctx.Done():
		a.mu.Lock()
		defer a.mu.Unlock()
		return nil, endedWhile(ctx, describeWaiting(f.waitsFor))
	}
}

// fresh is called with the lock held.
func (a *agent) fresh(l *list) bool {
	return a.m.clock.Now().Sub(l.at) <= listLife
}

// newFlight is called with the lock held. The request takes the context of the read that began it, without its
// cancellation: the others that wait for it must not lose it.
func (a *agent) newFlight(ctx context.Context) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel, seq: a.seq + 1, size: a.readSize}
	ctx = a.reporting(ctx, &f.waitsFor)
	a.flight = f
	go func() {
		defer close(f.done)
		defer sequentum.Recover(func(p *sequentum.PanicError) { f.err = p })
		f.list, f.err = a.list(ctx, f.size)
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.flight == f {
			a.flight = nil
		}
	}()
	return f
}

func (a *agent) leaveFlight(f *flight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.waiting--
	if f.waiting > 0 {
		return
	}
	f.cancel()
	if a.flight == f {
		a.flight = nil
	}
}

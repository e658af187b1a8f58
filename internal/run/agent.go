package run

import (
	"context"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// agent is what this process knows of one agent and its runs.
type agent struct {
	m  *Manager
	id int64

	// turn holds one token: starts of one agent go one at a time, or a lost answer could not be told from a
	// neighbour's start. Whoever holds it also owns the fields about others.
	turn         chan struct{}
	others       []sequentum.Run // active before this process's first start
	othersListed bool
	othersTold   bool

	mu sync.Mutex
	// order numbers requests and changes, so that an answer can be told to be older than a change without trusting a
	// clock.
	order       uint64
	changed     map[int64]uint64 // by run: when this process last started, stopped or killed it
	lastChange  uint64           // the latest stop or kill, or end that came of one
	started     map[int64]bool   // runs that this process started or adopted
	startedSets map[int64]bool   // the parallel sets that they belong to
	final       map[int64]*sequentum.Run
	newest      newestRun
	giveUpTurn  context.CancelFunc // of a start that waits for its turn in the budget; nil: none does
	latest      *list
	flight      *flight
	readers     int
	readSize    int
	watcher     *watcher
}

// newestRun is the highest run id of the agent known so far, and when it was last known to be the highest.
type newestRun struct {
	id    int64
	at    time.Time // zero: it may not be the highest
	order uint64
}

func newAgent(m *Manager, id int64) *agent {
	return &agent{
		m: m, id: id,
		turn:        make(chan struct{}, 1),
		changed:     map[int64]uint64{},
		started:     map[int64]bool{},
		startedSets: map[int64]bool{},
		final:       map[int64]*sequentum.Run{},
		readSize:    smallList,
	}
}

// next numbers a request that begins now.
func (a *agent) next() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.order++
	return a.order
}

// noteChange is called before and after each request that changes a run: an answer from before no longer holds for the
// run, and one from meanwhile may be of either side.
func (a *agent) noteChange(runID int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noteFreed()
	a.changed[runID] = a.lastChange
}

// noteEnd is called when a run that this process stopped has ended: only then may its place let another run in.
func (a *agent) noteEnd() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noteFreed()
}

// noteFreed has all marks learned so far expire. It is called with the lock held.
func (a *agent) noteFreed() {
	a.order++
	a.lastChange = a.order
	if a.giveUpTurn != nil {
		a.giveUpTurn()
	}
}

// noteStarted remembers a run as this process's own, and all of its parallel set with it. A list from before its start
// says nothing about it.
func (a *agent) noteStarted(r *sequentum.Run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.started[r.ID] = true
	a.order++
	a.changed[r.ID] = a.order
	if set := parallelSet(r); set != 0 {
		a.startedSets[set] = true
	}
}

// noteNewest remembers the highest run id of an answer whose request was numbered order.
func (a *agent) noteNewest(id int64, order uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.newest.id = max(a.newest.id, id)
	if order >= a.newest.order { // else an answer that was overtaken: no younger for having come late
		a.newest.at, a.newest.order = a.m.clock.Now(), order
	}
}

// noteRun remembers a run that has finished for good: it need never be asked about again.
func (a *agent) noteRun(r *sequentum.Run) {
	if !FinalStatus(r.Status) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	own := *r // a pointer into a list would keep all of the list
	a.final[r.ID] = &own
}

// finishedForGood returns a run that this process has seen finished for good, else nil.
func (a *agent) finishedForGood(runID int64) *sequentum.Run {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.final[runID]
}

// status asks for one run by itself: the answer that is trusted over every list.
func (a *agent) status(ctx context.Context, runID int64) (*sequentum.Run, error) {
	r, err := a.m.client.RunStatus(ctx, a.id, runID)
	if err != nil {
		return nil, err
	}
	a.noteRun(r)
	return r, nil
}

// parallelSet is the set of runs of one parallel start that a run belongs to, 0 for none.
func parallelSet(r *sequentum.Run) int64 {
	if r.ParallelSet == nil || r.Parallelism == nil || *r.Parallelism <= 1 {
		return 0
	}
	return *r.ParallelSet
}

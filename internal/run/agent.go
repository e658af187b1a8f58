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
	// neighbour's start.
	turn chan struct{}

	mu sync.Mutex
	// order numbers requests and changes as they begin, so that an answer can be told to be older than a change
	// without trusting a clock.
	order      uint64
	changed    map[int64]uint64 // by run: when this process last stopped or killed it
	lastChange uint64           // the latest of them
	started    map[int64]bool   // runs that this process started or adopted
	final      map[int64]*sequentum.Run
	newest     newestRun
	latest     *list
	flight     *flight
	readers    int
	readSize   int
	watcher    *watcher

	others       []sequentum.Run // active before this process's first start
	othersListed bool
	othersTold   bool
}

// newestRun is the highest run id of the agent known so far, and when it was learned.
type newestRun struct {
	id    int64
	at    time.Time
	order uint64
}

func newAgent(m *Manager, id int64) *agent {
	return &agent{
		m: m, id: id,
		turn:     make(chan struct{}, 1),
		changed:  map[int64]uint64{},
		started:  map[int64]bool{},
		final:    map[int64]*sequentum.Run{},
		readSize: smallList,
	}
}

// next numbers a request or a change that begins now.
func (a *agent) next() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.order++
	return a.order
}

// noteChange remembers that this process is about to change a run: older answers no longer hold for it.
func (a *agent) noteChange(runID int64) {
	order := a.next()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changed[runID] = order
	a.lastChange = order
	delete(a.final, runID)
}

// noteStarted remembers a run as this process's own.
func (a *agent) noteStarted(runID int64, order uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.started[runID] = true
	a.noteNewest(runID, order)
}

// noteNewest is called with the lock held.
func (a *agent) noteNewest(id int64, order uint64) {
	a.newest = newestRun{id: max(id, a.newest.id), at: a.m.clock.Now(), order: max(order, a.newest.order)}
}

// noteRun remembers a run that has finished for good: it need never be asked about again.
func (a *agent) noteRun(r *sequentum.Run) {
	if !FinalStatus(r.Status) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.final[r.ID] = r
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

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
	// seq numbers requests and changes, so that an answer can be told to be older than a change without trusting a
	// clock.
	seq         uint64
	changed     map[int64]uint64 // by run: when this process last started, stopped or killed it
	lastChange  uint64           // the latest stop or kill, or end that came of one
	started     map[int64]bool   // runs that this process started or adopted
	startedSets map[int64]bool   // the parallel sets that they belong to
	final       map[int64]*sequentum.Run
	seen        map[int64]uint64 // by run: the number of the answer that first named it
	known       knowledge
	unreal      map[int64]bool     // runs that a list has shown and that the API does not know
	giveUpTurn  context.CancelFunc // of a start that waits for its turn in the budget; nil: none does
	latest      *list              // the best to answer a read with
	last        *list              // of those that were asked for last
	absences    []absence          // which runs earlier lists held, oldest first
	flight      *flight
	readers     int
	readSize    int
	watcher     *watcher
}

// knowledge says how old the latest answer is that shows all of the agent's newest runs.
type knowledge struct {
	at  time.Time // zero: there may be newer runs than any answer has shown
	seq uint64    // of its request
}

func newAgent(m *Manager, id int64) *agent {
	return &agent{
		m: m, id: id,
		turn:        make(chan struct{}, 1),
		changed:     map[int64]uint64{},
		started:     map[int64]bool{},
		startedSets: map[int64]bool{},
		final:       map[int64]*sequentum.Run{},
		seen:        map[int64]uint64{},
		unreal:      map[int64]bool{},
		readSize:    smallList,
	}
}

// next numbers a request that begins now.
func (a *agent) next() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seq++
	return a.seq
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

// noteFreed has all that is known of the newest runs expire. It is called with the lock held.
func (a *agent) noteFreed() {
	a.seq++
	a.lastChange = a.seq
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
	a.seq++
	a.changed[r.ID] = a.seq
	a.noteSeen(r.ID)
	if set := setOf(r); set != 0 {
		a.startedSets[set] = true
	}
}

// noteSeen numbers the first answer that named a run. The number is that of the answer, not of its request: a list that
// was on its way when a start was sent may show the run of that start. It is called with the lock held.
func (a *agent) noteSeen(runID int64) {
	if a.seen[runID] == 0 {
		a.seen[runID] = a.seq
	}
}

// noteKnown remembers that an answer, whose request was numbered order, has shown the agent's newest runs. It is called
// with the lock held.
func (a *agent) noteKnown(order uint64) {
	if order >= a.known.seq { // else an answer that was overtaken: no younger for having come late
		a.known = knowledge{at: a.m.clock.Now(), seq: order}
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

// setOf is the set of runs of one parallel start that a run belongs to, 0 for none. Only the set says so: its runs may
// report any parallelism of themselves, or none.
func setOf(r *sequentum.Run) int64 {
	if r.ParallelSet == nil {
		return 0
	}
	return *r.ParallelSet
}

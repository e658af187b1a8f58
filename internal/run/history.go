// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// history is what this process has learned of one agent's runs, and what it has done to them. It numbers requests,
// answers and changes. The numbers show whether an answer is older than a change: no clock is needed for that.
type history struct {
	clock sequentum.Clock

	mu         sync.Mutex
	seq        uint64                   // the latest number
	changed    map[int64]uint64         // by run: when this process last started, stopped or killed it
	lastChange uint64                   // the latest stop or kill, or the end of a run that this process stopped
	own        map[int64]bool           // runs that this process started or adopted
	ownSets    map[int64]bool           // the parallel sets that they belong to
	final      map[int64]*sequentum.Run // runs that have finished for good
	seen       map[int64]uint64         // by run: the number of the answer that first named it
	unreal     map[int64]bool           // runs that a list has shown and that the API does not know
	newest     freshness                // of the agent's newest runs
	lastList   *list                    // of all lists, the one that was asked for last
	giveUpList context.CancelFunc       // of a start that asks for the newest runs; nil: none does
	giveUpTurn context.CancelFunc       // of a start that waits for its turn in the request budget; nil: none does
}

// freshness says how old the latest answer is that shows all of the agent's newest runs.
type freshness struct {
	at  time.Time // when it came; zero: there may be newer runs than any answer has shown
	seq uint64    // of its request
}

func (h *history) init(clock sequentum.Clock) {
	h.clock = clock
	h.changed, h.seen = map[int64]uint64{}, map[int64]uint64{}
	h.own, h.ownSets, h.unreal = map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
	h.final = map[int64]*sequentum.Run{}
}

// nextSeq numbers a request that begins now.
func (h *history) nextSeq() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	return h.seq
}

// changeOf returns the number of this process's last change of a run, 0 for none, and the latest number of all.
func (h *history) changeOf(runID int64) (changed, latest uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed[runID], h.seq
}

// latestChange returns the number of this process's last change of any run of the agent, 0 for none, and the latest number
// of all.
func (h *history) latestChange() (changed, latest uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	changed = h.lastChange
	for _, own := range h.changed {
		changed = max(changed, own)
	}
	return changed, h.seq
}

// recordChange is called before and after each request that changes a run. An older answer no longer holds for
// the run. An answer to a request that was sent during the change may be from before or after it.
func (h *history) recordChange(runID int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expireNewest()
	h.changed[runID] = h.lastChange
}

// recordEnd is called when a run that this process stopped has ended: only then may its place let another run in.
func (h *history) recordEnd() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expireNewest()
}

// expireNewest makes all that is known of the newest runs outdated. It is called with the lock held.
func (h *history) expireNewest() {
	h.seq++
	h.lastChange = h.seq
	if h.giveUpTurn != nil {
		h.giveUpTurn()
	}
}

// recordOwn remembers a run as this process's own, and all of its parallel set with it. A list from before its start
// says nothing about it.
func (h *history) recordOwn(r *sequentum.Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addOwn(r)
}

// addOwn is called with the lock held.
func (h *history) addOwn(r *sequentum.Run) {
	h.own[r.ID] = true
	h.seq++
	h.changed[r.ID] = h.seq
	h.addSeen(r.ID)
	if set := setOf(r); set != 0 {
		h.ownSets[set] = true
	}
}

// recordAccepted remembers the run that answered a start, whose request was numbered seq. several: the start may show
// as several runs, and its answer names only one.
func (h *history) recordAccepted(r *sequentum.Run, seq uint64, several bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addOwn(r)
	h.refreshNewest(seq)
	if several {
		h.newest.at = time.Time{}
	}
}

// addSeen numbers the first answer that named a run. The number is that of the answer, not of its request: a list that
// was on its way when a start was sent may show the run of that start. It is called with the lock held.
func (h *history) addSeen(runID int64) {
	if h.seen[runID] == 0 {
		h.seen[runID] = h.seq
	}
}

// refreshNewest remembers that an answer, whose request was numbered seq, has shown the agent's newest runs. It is
// called with the lock held.
func (h *history) refreshNewest(seq uint64) {
	if seq < h.newest.seq { // a newer request has been answered already
		return
	}
	h.newest = freshness{at: h.clock.Now(), seq: seq}
	if h.giveUpList != nil && h.freshLeft() > 0 {
		h.giveUpList()
	}
}

// recordList remembers what a list tells, also of runs of this process that nobody waits for yet: their waits then cost
// nothing.
func (h *history) recordList(l *list) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++ // of the answer
	for i := range l.runs {
		r := &l.runs[i]
		h.addSeen(r.ID)
		if h.own[r.ID] && h.final[r.ID] == nil && !l.odd[r.ID] && !endMissing(r) {
			h.addFinal(r)
		}
	}
	h.refreshNewest(l.seq)
	if h.lastList == nil || l.seq > h.lastList.seq {
		h.lastList = l
	}
}

// recordFinal remembers a run that has finished for good: it need never be asked about again. Any other run is ignored.
func (h *history) recordFinal(r *sequentum.Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addFinal(r)
}

// addFinal is called with the lock held.
func (h *history) addFinal(r *sequentum.Run) {
	if FinalStatus(r.Status) {
		single := *r // a pointer into a list would keep all of the list
		h.final[r.ID] = &single
	}
}

// openRuns counts the runs of this process that the latest list shows as active, and those that are newer than that list. A run
// that the list does not show is not counted: it can be gone.
func (h *history) openRuns() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.own {
		if h.final[id] == nil && (h.lastList == nil || h.changed[id] > h.lastList.seq || h.lastList.showsActive(id)) {
			n++
		}
	}
	return n
}

// finalRun returns the run if this process has seen it finished for good, else nil.
func (h *history) finalRun(runID int64) *sequentum.Run {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.final[runID]
}

// recordUnreal remembers that the API does not know a run that its list has shown.
func (h *history) recordUnreal(runID int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unreal[runID] = true
}

// known returns what is known of the agent's runs at this moment.
func (h *history) known() knownBefore {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := knownBefore{newestSeq: h.newest.seq, listSize: smallList}
	if h.lastList != nil {
		k.skipped, k.listSize = h.lastList.skipped, h.lastList.size
	}
	k.left = h.freshLeft()
	return k
}

// freshLeft returns how long the knowledge of the newest runs stays valid. 0 or less: it is outdated. It is called with the
// lock held.
func (h *history) freshLeft() time.Duration {
	if h.newest.at.IsZero() || h.newest.seq <= h.lastChange {
		return 0
	}
	return knowledgeLife - h.clock.Now().Sub(h.newest.at)
}

// cancelWhenFresh calls cancel when an answer shows the newest runs: at once if one already has. The caller must call end
// when it no longer needs that.
func (h *history) cancelWhenFresh(cancel context.CancelFunc) (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.giveUpList = cancel
	if h.freshLeft() > 0 {
		cancel()
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.giveUpList = nil
	}
}

// cancelAtChange calls cancel when a stop or kill by this process makes k outdated: at once if one already has. The
// caller must call end when it no longer needs that.
func (h *history) cancelAtChange(k knownBefore, cancel context.CancelFunc) (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.giveUpTurn = cancel
	if k.newestSeq < h.lastChange {
		cancel()
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.giveUpTurn = nil
	}
}

// wasKnown reports whether k, from before a start, holds the run.
func (h *history) wasKnown(runID int64, k knownBefore) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seenBy(k.seq, runID)
}

// seenBy reports whether the answers up to number seq had named the run. It is called with the lock held.
func (h *history) seenBy(seq uint64, runID int64) bool {
	seen := h.seen[runID]
	return seen != 0 && seen <= seq
}

// newRuns returns the runs of a list that have begun since a start was sent, without those that this process started.
// Such a run was not known then, and it stands before the newest known run, or did not begin before that run. nil means
// the latest list.
func (h *history) newRuns(l *list, k knownBefore) []sequentum.Run {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l == nil {
		l = h.lastList
	}
	h.addOwnSets(l)
	var newRuns []sequentum.Run
	var newestKnown *sequentum.Run
	for i := range l.runs {
		r := &l.runs[i]
		switch {
		case h.unreal[r.ID]:
		case h.seenBy(k.seq, r.ID):
			if newestKnown == nil {
				newestKnown = r
			}
		case h.own[r.ID] || h.ownSets[setOf(r)]:
		case newestKnown == nil, noOlder(r, newestKnown):
			newRuns = append(newRuns, *r)
		}
	}
	return newRuns
}

// addOwnSets learns the parallel sets of this process's runs: a start's answer may lack the set of its run, but the
// list has it. It is called with the lock held.
func (h *history) addOwnSets(l *list) {
	for i := range l.runs {
		if set := setOf(&l.runs[i]); set != 0 && h.own[l.runs[i].ID] {
			h.ownSets[set] = true
		}
	}
}

// noOlder reports whether r is known to have begun when other did, or later.
func noOlder(r, other *sequentum.Run) bool {
	return !r.CreatedAt.IsZero() && !other.CreatedAt.IsZero() && !r.CreatedAt.Before(other.CreatedAt)
}

// setOf is the set of runs of one parallel start that a run belongs to, 0 for none. Only the set says so: its runs may
// report any parallelism of themselves, or none.
func setOf(r *sequentum.Run) int64 {
	if r.ParallelSet == nil {
		return 0
	}
	return *r.ParallelSet
}

package run

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// smallList reaches the newest runs of an agent at little cost; largeList is the most the API gives.
	smallList = 100
	largeList = 1000
)

// list is one answer to "which runs has this agent", newest first, as the API orders them: ids need not rise.
type list struct {
	runs    []sequentum.Run
	byID    map[int64]*sequentum.Run
	odd     map[int64]bool // runs that it shows twice, each time with another status
	skipped int            // entries that could not be read: each may have been a run
	size    int            // how many were asked for
	full    bool           // as many came: there may be more
	seq     uint64         // when the request began, against this process's changes
	at      time.Time      // when the answer came
}

// list asks for the agent's newest runs and remembers the answer for the reads that follow. Where a long answer cannot
// be read, a shorter one may be.
func (a *agent) list(ctx context.Context, size int) (*list, error) {
	order := a.next()
	answer, err := a.m.client.ListRuns(ctx, a.id, size)
	if err != nil && size > smallList && cannotBeRead(err) {
		size = smallList
		answer, err = a.m.client.ListRuns(ctx, a.id, size)
	}
	if err != nil {
		return nil, err
	}
	l := newList(answer, size)
	l.seq, l.at = order, a.m.clock.Now()
	a.noteList(l)
	return l, nil
}

// newList keeps one entry of each run. A run can be listed twice while it moves from the active table to the history;
// the active entry is kept, and two entries that differ say nothing certain.
func newList(answer *sequentum.RunList, size int) *list {
	n := len(answer.Runs)
	l := &list{
		runs: make([]sequentum.Run, 0, n), byID: make(map[int64]*sequentum.Run, n), odd: map[int64]bool{},
		skipped: answer.Skipped, size: size, full: answer.Full,
	}
	for _, r := range answer.Runs {
		first := l.byID[r.ID]
		if first == nil {
			l.runs = append(l.runs, r) // never beyond its capacity: the pointers stay
			l.byID[r.ID] = &l.runs[len(l.runs)-1]
			continue
		}
		if first.Status != r.Status {
			l.odd[r.ID] = true
		}
		if first.Status.Finished() && (r.Status.Active() || first.FinishedAt.IsZero()) {
			*first = r
		}
	}
	return l
}

// noteList remembers what a list tells.
func (a *agent) noteList(l *list) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seq++ // of the answer
	for i := range l.runs {
		a.noteSeen(l.runs[i].ID)
	}
	a.noteKnown(l.seq)
	a.noteAbsence(l)
	if a.last == nil || l.seq > a.last.seq {
		a.last = l
	}
	if old := a.latest; old == nil || l.seq > old.seq && (l.complete() || l.size >= old.size || !a.fresh(old)) {
		a.latest = l
	}
}

// cannotBeRead reports whether an answer came and could not be read.
func cannotBeRead(err error) bool {
	e, ok := errors.AsType[*sequentum.Error](err)
	return ok && e.StatusCode >= 200 && e.StatusCode <= 299
}

// complete reports whether the list holds all runs of the agent.
func (l *list) complete() bool { return !l.full }

// proves reports whether the list says that the API does not know a run.
func (l *list) proves(absentRunID int64) bool {
	return l.byID[absentRunID] == nil && l.skipped == 0 && l.reaches(absentRunID)
}

// reaches reports whether a run would be in the list if the API knew it: the list is all there is, or goes further back
// than the run. Where ids do not rise that is a guess.
func (l *list) reaches(runID int64) bool { return l.reach()(runID) }

// reach is reaches as a function that does not keep the list.
func (l *list) reach() func(runID int64) bool {
	if l.complete() {
		return func(int64) bool { return true }
	}
	oldest := int64(math.MaxInt64)
	if n := len(l.runs); n > 0 {
		oldest = l.runs[n-1].ID
	}
	return func(runID int64) bool { return oldest <= runID }
}

// find returns the run as the list shows it; nil when it lacks it, or shows it in two ways.
func (l *list) find(runID int64) *sequentum.Run {
	if l.odd[runID] {
		return nil
	}
	return l.byID[runID]
}

// newRuns returns the runs that have begun since a start was sent, without those that this process started: they were not known
// then, and they stand before the newest that was, or did not begin before it.
func (a *agent) newRuns(l *list, b before) []sequentum.Run {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noteSets(l)
	var newRuns []sequentum.Run
	var newestKnown *sequentum.Run
	for i := range l.runs {
		r := &l.runs[i]
		switch {
		case a.unreal[r.ID]:
		case a.seenBefore(r.ID, b):
			if newestKnown == nil {
				newestKnown = r
			}
		case a.ours(r):
		case newestKnown == nil, noOlder(r, newestKnown):
			newRuns = append(newRuns, *r)
		}
	}
	return newRuns
}

// noOlder reports whether r is known to have begun when other did, or later.
func noOlder(r, other *sequentum.Run) bool {
	return !r.CreatedAt.IsZero() && !other.CreatedAt.IsZero() && !r.CreatedAt.Before(other.CreatedAt)
}

// seenBefore reports whether a run was known before a start. It is called with the lock held.
func (a *agent) seenBefore(runID int64, b before) bool {
	seen := a.seen[runID]
	return seen != 0 && seen <= b.seq
}

// ours reports whether a run came of a start by this process. It is called with the lock held.
func (a *agent) ours(r *sequentum.Run) bool { return a.started[r.ID] || a.startedSets[setOf(r)] }

// noteUnreal remembers that the API does not know a run that its list has shown.
func (a *agent) noteUnreal(runID int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unreal[runID] = true
}

// noteSets learns the parallel sets of this process's runs: a start's answer may lack the set of its run, which the list
// then tells. It is called with the lock held.
func (a *agent) noteSets(l *list) {
	for i := range l.runs {
		if set := setOf(&l.runs[i]); set != 0 && a.started[l.runs[i].ID] {
			a.startedSets[set] = true
		}
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
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
	seq     uint64         // of its request
	at      time.Time      // when the answer came
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

// cannotBeRead reports whether an answer came and could not be read.
func cannotBeRead(err error) bool {
	e, ok := errors.AsType[*sequentum.Error](err)
	return ok && e.StatusCode >= 200 && e.StatusCode <= 299
}

// complete reports whether the list holds all runs of the agent.
func (l *list) complete() bool { return !l.full }

// provesAbsent reports whether the list says that the API does not know a run.
func (l *list) provesAbsent(runID int64) bool {
	return l.byID[runID] == nil && l.skipped == 0 && l.reaches(runID)
}

// reaches reports whether a run would be in the list if the API knew it: the list is all there is, or goes further back
// than the run. If ids do not rise, this is a guess.
func (l *list) reaches(runID int64) bool { return l.reach()(runID) }

// reach returns reaches as a function that does not keep the list in memory.
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

// find returns the run as the list shows it. It returns nil if the list does not hold the run, or shows it in two ways.
func (l *list) find(runID int64) *sequentum.Run {
	if l.odd[runID] {
		return nil
	}
	return l.byID[runID]
}

// showsActive reports whether the list shows the run as active.
func (l *list) showsActive(runID int64) bool {
	r := l.find(runID)
	return r != nil && r.Status.Active()
}

package run

import (
	"slices"
	"time"
)

// maxAbsences is how many earlier lists are remembered for what they lack.
const maxAbsences = 4

// absence says which runs a list held, so that those that it lacked can be told later. The list itself is not kept: it
// can be long.
type absence struct {
	at      time.Time
	seq     uint64
	held    map[int64]bool
	reaches func(runID int64) bool
}

// noteAbsence remembers what a list lacks, one of all lists of the same moment. It is called with the lock held.
func (a *agent) noteAbsence(l *list) {
	if n := len(a.absences); l.skipped > 0 || n > 0 && l.at.Sub(a.absences[n-1].at) < listLife {
		return
	}
	held := make(map[int64]bool, len(l.runs))
	for i := range l.runs {
		held[l.runs[i].ID] = true
	}
	a.absences = append(a.absences, absence{at: l.at, seq: l.seq, held: held, reaches: l.reach()})
	if len(a.absences) > maxAbsences {
		a.absences = a.absences[1:]
	}
}

// absentSince returns how many lists in a row, up to the latest, lacked the run, and when the first of them came.
func (a *agent) absentSince(runID int64) (lists int, since time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range slices.Backward(a.absences) {
		if l.held[runID] || !l.reaches(runID) || l.seq <= a.changed[runID] {
			break
		}
		lists, since = lists+1, l.at
	}
	return lists, since
}

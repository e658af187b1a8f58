// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import "time"

// maxAbsences is how many earlier lists are remembered, for the runs that they do not hold.
const maxAbsences = 4

// absence says which runs a list held. Later it shows which runs were absent. The list itself is not kept: it
// can be long.
type absence struct {
	at      time.Time // when the list came
	seq     uint64    // of its request
	held    map[int64]bool
	reaches func(runID int64) bool
}

// addAbsence remembers a list, at most one for each moment, and drops the oldest ones beyond maxAbsences.
// A list with entries that could not be read proves no absence.
func addAbsence(absences []absence, l *list) []absence {
	if n := len(absences); l.skipped > 0 || n > 0 && l.at.Sub(absences[n-1].at) < listLife {
		return absences
	}
	held := make(map[int64]bool, len(l.runs))
	for i := range l.runs {
		held[l.runs[i].ID] = true
	}
	absences = append(absences, absence{at: l.at, seq: l.seq, held: held, reaches: l.reach()})
	if len(absences) > maxAbsences {
		absences = absences[1:]
	}
	return absences
}

// lacks reports whether the list said that the API does not know the run.
func (l absence) lacks(runID int64) bool { return !l.held[runID] && l.reaches(runID) }

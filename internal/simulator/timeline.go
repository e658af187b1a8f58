// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"time"
)

// timeline is the past of a run and, after the present, its future if nothing else happens. The state of a run is
// computed from it on request. So a run needs no timer and no goroutine, and a list that lags can show its past.
type timeline []stretch

// stretch is a part of a timeline. It lasts until the next one begins.
type stretch struct {
	at       time.Time
	status   Status
	message  string
	records  share
	files    share
	archived bool
	gone     bool
}

// share is a share of a whole, from 0 to 1, at the beginning and at the end of a stretch.
type share struct{ from, to float64 }

func (s share) at(part float64) float64 { return s.from + (s.to-s.from)*part }

func constantShare(value float64) share { return share{value, value} }

// state is the state of a run at one moment.
type state struct {
	status         Status
	message        string
	started, ended time.Time
	records, files float64
	archived, gone bool
}

// stateAt is the state at t; false if the run did not exist yet.
func (l timeline) stateAt(t time.Time) (state, bool) {
	var s state
	last := -1
	for i, part := range l {
		if part.at.After(t) {
			break
		}
		if i > 0 && s.status.Finished() && !part.status.Finished() {
			s.started, s.ended = time.Time{}, time.Time{} // it was restarted
		}
		if s.started.IsZero() && part.status.hasStartTime() {
			s.started = part.at
		}
		if s.ended.IsZero() && part.status.Finished() {
			s.ended = part.at
		}
		s.status, s.message = part.status, part.message
		s.archived, s.gone = part.archived, part.gone
		last = i
	}
	if last < 0 {
		return state{}, false
	}
	passed := 1.0
	if last+1 < len(l) {
		passed = float64(t.Sub(l[last].at)) / float64(l[last+1].at.Sub(l[last].at))
	}
	s.records, s.files = l[last].records.at(passed), l[last].files.at(passed)
	return s, true
}

// cutAt removes what comes after t from the timeline, and returns the state at t.
func (l *timeline) cutAt(t time.Time) state {
	now, _ := l.stateAt(t)
	past, _ := slices.BinarySearchFunc(*l, t, func(part stretch, t time.Time) int { return firstAfter(part.at, t) })
	*l = (*l)[:past]
	last := &(*l)[past-1]
	last.records.to, last.files.to = now.records, now.files
	return now
}

// appendPlan appends the agent's phases and the outcome, beginning at t.
func (l *timeline) appendPlan(t time.Time, a *Agent, o Outcome) {
	var running, exporting time.Duration
	for _, phase := range a.Phases {
		switch phase.Status {
		case Running:
			running += time.Duration(phase.Duration)
		case Exporting:
			exporting += time.Duration(phase.Duration)
		}
	}
	records, files := 0.0, 0.0
	for _, phase := range a.Phases {
		if phase.Duration <= 0 {
			continue
		}
		part := stretch{at: t, status: phase.Status, records: constantShare(records), files: constantShare(files)}
		switch phase.Status {
		case Running:
			part.records.to += float64(phase.Duration) / float64(running)
		case Exporting:
			part.files.to += float64(phase.Duration) / float64(exporting)
		}
		*l = append(*l, part)
		records, files = part.records.to, part.files.to
		t = t.Add(time.Duration(phase.Duration))
	}
	l.appendEnd(t, a, o.Status, o.Message, 1)
}

// appendEnd appends the end of a run at t, and when it moves to history and is removed.
func (l *timeline) appendEnd(t time.Time, a *Agent, status Status, message string, records float64) {
	end := stretch{at: t, status: status, message: message, records: constantShare(records), files: constantShare(1)}
	*l = append(*l, end)
	if !status.Finished() {
		return
	}
	history, retention := time.Duration(a.HistoryAfter), time.Duration(a.Retention)
	if history > 0 && (retention <= 0 || history < retention) {
		end = archivedStretch(end, t.Add(history))
		*l = append(*l, end)
	}
	if retention > 0 {
		end.at, end.gone = t.Add(retention), true
		*l = append(*l, end)
	}
}

// archivedStretch is the finished stretch in history, beginning at t.
func archivedStretch(end stretch, t time.Time) stretch {
	end.at, end.archived = t, true
	if end.status == Failure {
		end.status = Failed
	}
	return end
}

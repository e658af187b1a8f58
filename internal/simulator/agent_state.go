// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"time"
)

// agentState is an agent and its runs. The cloud's mutex guards it.
type agentState struct {
	settings    *Agent
	created     time.Time
	updated     time.Time
	runs        []*run      // by time of creation, oldest first
	schedules   []*schedule // the oldest first
	starts      int         // since the agent was set
	hasHeldRuns bool        // some run was held at its start
	hidden      bool        // from the key
	deleted     bool
}

func (a *agentState) nextOutcome() Outcome {
	o := a.settings.outcome(a.starts)
	a.starts++
	return o
}

// exclusiveAnswer is the answer to a start while a run is active; empty: another run beside it.
func (a *agentState) exclusiveAnswer(start startBody) Exclusive {
	switch {
	case start.IsExclusive != nil && !*start.IsExclusive:
		return ""
	case a.settings.Exclusive == "" && start.IsExclusive != nil:
		return ExclusiveQueue
	}
	return a.settings.Exclusive
}

func (a *agentState) hasActiveRun(now time.Time) bool { return a.activeRun(now) != nil }

// activeRun is the oldest run that is active, or nil.
func (a *agentState) activeRun(now time.Time) *run {
	i := slices.IndexFunc(a.runs, func(r *run) bool { return r.active(now) })
	if i < 0 {
		return nil
	}
	return a.runs[i]
}

// startHeldRuns begins the runs that queue for an exclusive agent, each when those before it have ended.
func (a *agentState) startHeldRuns(now time.Time) {
	if !a.hasHeldRuns {
		return
	}
	var free time.Time // when all runs so far have ended
	for _, r := range a.runs {
		if r.held {
			begin := r.created
			if free.After(begin) {
				begin = free
			}
			r.held = false
			r.life.appendPlan(begin, r.settingsAtStart, r.plannedEnd())
		}
		s, _ := r.life.stateAt(now)
		if !s.status.Finished() {
			return
		}
		if s.ended.After(free) {
			free = s.ended
		}
	}
}

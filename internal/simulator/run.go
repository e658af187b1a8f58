// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "time"

// Run is what a [Cloud] knows about a run at one moment.
type Run struct {
	ID, AgentID int64
	Status      Status
	Message     string
	// Created, Started and Ended; zero: not yet.
	Created, Started, Ended time.Time
	// InputParameters is the text that was sent with the start; empty after it was erased.
	InputParameters string
	// Body is the start's body as it was received; nil: there was none, or the start did not come over HTTP.
	Body map[string]any
	// Stops and Kills are how many calls were received for the run, with or without effect.
	Stops, Kills int
	// Sequence is the run's number among all runs of the cloud, from 1.
	Sequence int
	// Records is how many records have been extracted.
	Records int64
	// ParallelSet is the set that the run belongs to; 0: none.
	ParallelSet int64
	// ScheduleID is the schedule that started the run; 0: none.
	ScheduleID int64
	// Archived: the run has moved to history.
	Archived bool
	// Gone: the run has been removed from the API.
	Gone bool
}

// run is a run's record. The cloud's mutex guards it.
type run struct {
	id              int64
	agent           *agentState
	settingsAtStart *Agent // the agent as it was when the run started
	sequence        int
	created         time.Time
	start           startBody
	body            map[string]any
	set             int64 // 0: none
	outcome         Outcome
	life            timeline

	held           bool // it waits until the runs of its exclusive agent before it have ended
	stops, kills   int
	effectiveKills int // kills that were not ignored, since the run became active
	firstFile      int64
	files          []File
	versions       map[int64]int // by the file's id, how often it was changed
	inputsErased   bool
	waitOnFailure  bool
}

// active tells whether the run has neither finished nor been removed.
func (r *run) active(now time.Time) bool {
	s, _ := r.life.stateAt(now)
	return !s.gone && !s.status.Finished()
}

// stop makes the run end as Stopped after its current command. It changes nothing for a run that is already Stopping.
func (r *run) stop(now time.Time) {
	if s, _ := r.life.stateAt(now); s.status == Stopping {
		return
	}
	r.held = false
	was := r.life.cutAt(now)
	kept := constantShare(was.records)
	r.life = append(r.life, stretch{at: now, status: Stopping, records: kept, files: constantShare(was.files)})
	if a := r.agent.settings; !a.IgnoresStop {
		r.life.appendEnd(now.Add(time.Duration(a.StopTakes)), a, Stopped, "", was.records)
	}
}

// kill plays one call of kill, in the given reading.
func (r *run) kill(now time.Time, reading KillReading) {
	if r.kills <= r.agent.settings.IgnoresKills {
		return
	}
	r.effectiveKills++
	s, _ := r.life.stateAt(now)
	if s.status == Stopping && (reading == KillWhileStoppingForces || r.effectiveKills > 1) {
		r.finishNow(now, Stopped)
		return
	}
	r.stop(now)
}

// finishNow ends the run at once.
func (r *run) finishNow(now time.Time, status Status) {
	r.held = false
	was := r.life.cutAt(now)
	records, message := 1.0, ""
	if status == Stopped {
		records = was.records
	}
	if status == r.outcome.Status {
		message = r.outcome.Message
	}
	r.life.appendEnd(now, r.agent.settings, status, message, records)
}

// archive moves the finished run to history. Its retention does not change.
func (r *run) archive(now time.Time) {
	s := r.life.cutAt(now)
	r.life = append(r.life, archivedStretch(r.life[len(r.life)-1], now))
	if gone := s.ended.Add(time.Duration(r.agent.settings.Retention)); gone.After(s.ended) && gone.After(now) {
		r.makeGone(gone)
	}
}

// expire removes the run from the API at once, and first ends it if it is active.
func (r *run) expire(now time.Time) {
	if r.active(now) {
		r.finishNow(now, Stopped)
	}
	r.life.cutAt(now)
	r.makeGone(now)
}

func (r *run) makeGone(at time.Time) {
	last := r.life[len(r.life)-1]
	last.at, last.gone = at, true
	r.life = append(r.life, last)
}

// plannedEnd is how the run will end: by its outcome, or in a pause for a person.
func (r *run) plannedEnd() Outcome {
	o := r.outcome
	if r.waitOnFailure && o.Status == Failure {
		o.Status = Waiting
	}
	return o
}

// restart makes a Failure active again. It will end by the agent's next outcome.
func (r *run) restart(now time.Time) {
	r.life.cutAt(now)
	r.effectiveKills = 0
	r.outcome = r.agent.nextOutcome()
	r.life.appendPlan(now, r.agent.settings, r.plannedEnd())
}

// snapshot is the run for tests.
func (r *run) snapshot(now time.Time) Run {
	s, _ := r.life.stateAt(now)
	out := Run{
		ID: r.id, AgentID: r.agent.settings.ID, Status: s.status, Message: s.message,
		Created: r.created, Started: s.started, Ended: s.ended,
		Body: r.body, Stops: r.stops, Kills: r.kills, Sequence: r.sequence,
		Records: portion(r.settingsAtStart.Records, s.records), ParallelSet: r.set, ScheduleID: r.start.scheduleID,
		Archived: s.archived, Gone: s.gone,
	}
	if r.start.InputParameters != nil && !r.inputsErased {
		out.InputParameters = *r.start.InputParameters
	}
	return out
}

// portion is a share of a whole.
func portion(whole int64, share float64) int64 { return int64(float64(whole) * share) }

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// upTo is a duration below limit, in whole milliseconds.
func upTo(rng *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(limit/time.Millisecond))) * time.Millisecond
}

func randomAgent(rng *rand.Rand, id int64) simulator.Agent {
	phase := func(s simulator.Status, limit time.Duration) simulator.Phase {
		return simulator.Phase{Status: s, Duration: simulator.Duration(upTo(rng, limit))}
	}
	a := simulator.Agent{
		ID: id,
		Phases: []simulator.Phase{
			phase(simulator.Queuing, 5*time.Second), phase(simulator.Starting, 3*time.Second),
			phase(simulator.Running, pick(rng, time.Second, time.Minute, 3*time.Minute)), phase(simulator.Exporting, 5*time.Second),
		},
		Records: rng.Int64N(1000), Pages: 10,
		StopTakes:   simulator.Duration(upTo(rng, 8*time.Second) + time.Millisecond),
		IgnoresStop: oneIn(rng, 6),
		Exclusive:   pick(rng, "", "", "", simulator.ExclusiveQueue, simulator.ExclusiveRefuse, simulator.ExclusiveAnswer),
		ParallelSet: oneIn(rng, 3), Siblings: pick(rng, simulator.SiblingsAsStarted, simulator.SiblingsOne, simulator.SiblingsNull), NullFields: oneIn(rng, 4),
	}
	if oneIn(rng, 3) {
		name := "products.csv"
		a.Files = []simulator.File{{Name: &name, Content: "a,b\n"}}
	}
	if oneIn(rng, 6) {
		a.IgnoresKills = 1
	}
	for range rng.IntN(4) {
		a.Outcomes = append(a.Outcomes, simulator.Outcome{
			Status:  pick(rng, simulator.Completed, simulator.Completed, simulator.Success, simulator.Success, simulator.Failure, simulator.Failure, simulator.Skipped),
			Message: pick(rng, "", "the site is blocked"),
		})
	}
	switch rng.IntN(4) {
	case 0:
		a.HistoryAfter = simulator.Duration(upTo(rng, time.Minute))
	case 1:
		a.HistoryAfter = simulator.Duration(upTo(rng, 30*time.Second) + time.Second)
		a.Retention = a.HistoryAfter + simulator.Duration(20*time.Second+upTo(rng, 5*time.Minute))
	}
	return a
}

func randomOptions(rng *rand.Rand, agents []simulator.Agent, odd oddities) simulator.Options {
	options := simulator.Options{
		Agents:            agents,
		RateLimit:         pick(rng, 0, 0, -1, 30),
		Kill:              pick(rng, simulator.SecondKillForces, simulator.KillWhileStoppingForces),
		ListLag:           pick(rng, 0, 0, time.Second, 12*time.Second),
		LegacyStatusNames: oneIn(rng, 6),
		StartAnswersRunID: oneIn(rng, 4),
	}
	if odd.thin {
		options.ErrorShapes = simulator.AllErrorShapes()
	}
	if odd.ids {
		options.IDServers = 2 + rng.IntN(2)
	}
	return options
}

// foundInTime is how late a start may take effect so that the provider still finds its run, list lag included: it looks
// for the request's timeout, twice. A later one, of which nothing is known, cannot be found by anybody.
const foundInTime = 40 * time.Second

// randomFault is a fault of any kind of request about runs.
func randomFault(rng *rand.Rand) simulator.Fault {
	return faultOf(rng, simulator.KindStart, pick(rng, simulator.KindStart, simulator.KindStart, simulator.KindStart, simulator.KindStatus, simulator.KindRuns,
		simulator.KindRuns, simulator.KindStop, simulator.KindKill, simulator.KindFiles, simulator.KindDiagnostics,
		simulator.KindAgent, simulator.AnyKind))
}

// acknowledged are the requests whose answers say nothing but that they were accepted. One that cannot be read is no
// news, and so no fault when nothing happened.
var acknowledged = []simulator.Kind{
	simulator.KindStop, simulator.KindKill, simulator.AnyKind,
	simulator.KindScheduleUpdate, simulator.KindScheduleDelete, simulator.KindScheduleEnable, simulator.KindScheduleDisable,
}

// faultOf is a fault of a kind of request. None is a lie in the API's own words: that something does not exist, or that a
// request of the kind once, which must not be repeated and takes effect, was refused.
func faultOf(rng *rand.Rand, once, kind simulator.Kind) simulator.Fault {
	f := simulator.Fault{
		Kind: kind,
		Skip: max(0, rng.IntN(5)-2), Times: 1 + rng.IntN(pick(rng, 1, 3, 12)),
		After: oneIn(rng, 2),
		Action: pick(rng, simulator.Reset, simulator.Hang, simulator.StatusCode, simulator.HTML, simulator.TruncateJSON, simulator.Garbage, simulator.TruncateBody, simulator.Pass,
			simulator.ResetStream, simulator.GoAwayUnprocessed, simulator.GoAwayCut, simulator.GoAwayAnswer),
		StreamError: pick(rng, simulator.ProtocolError, simulator.RefusedStream, simulator.InternalError, simulator.StreamCancel, simulator.EnhanceCalm),
		Code:        pick(rng, 0, 500, 502, 503, 504),
		NoHeaders:   oneIn(rng, 4),
	}
	switch f.Action {
	case simulator.Pass:
		f.Delay = upTo(rng, pick(rng, foundInTime, foundInTime, 100*time.Second))
	case simulator.TruncateJSON, simulator.Garbage, simulator.TruncateBody:
		f.Code = 0
		f.After = f.After || slices.Contains(acknowledged, f.Kind)
	case simulator.StatusCode:
		if oneIn(rng, 4) {
			f.Code, f.After, f.RetryAfter = 429, false, pick(rng, "", "1", "7")
		} else if f.Kind == once && oneIn(rng, 3) {
			f.Code, f.After = pick(rng, 400, 409, 422), false
		}
	}
	return f
}

// lostAnswer is a fault after which nobody can say whether a request was accepted.
func lostAnswer(rng *rand.Rand, kind simulator.Kind) simulator.Fault {
	return simulator.Fault{
		Kind: kind, Skip: rng.IntN(2), Times: 1 + rng.IntN(2), After: oneIn(rng, 2),
		Action: pick(rng, simulator.Reset, simulator.Hang, simulator.HTML, simulator.StatusCode, simulator.TruncateJSON,
			simulator.ResetStream, simulator.ResetStream, simulator.GoAwayUnprocessed, simulator.GoAwayCut),
		StreamError: pick(rng, simulator.ProtocolError, simulator.RefusedStream, simulator.InternalError, simulator.StreamCancel),
	}
}

func describeFault(f simulator.Fault) string {
	when := "before the effect"
	switch {
	case f.Action == simulator.Pass:
		when = "takes effect"
	case f.After:
		when = "after the effect"
	}
	return fmt.Sprintf("%q %s %s, code %d %s%s, delay %v, skip %d, times %d", f.Action, f.Kind, when, f.Code, f.Shape, f.StreamError, f.Delay, f.Skip, f.Times)
}

// rush has a stranger start a run at the very moment when a start's answer is lost.
func (s *sequence) rush(r simulator.Request) {
	if r.Kind != simulator.KindStart || r.Status >= 200 && r.Status < 500 {
		return
	}
	stranger := s.cloud.StartRun(r.AgentID)
	s.note("  a start of agent %d is answered with %d; a stranger starts run %d", r.AgentID, r.Status, stranger.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rushed = append(s.rushed, stranger)
}

// happening is something that happens to the cloud while a command runs, or between two.
type happening struct {
	what string
	do   func()
}

// randomHappening is drawn by the sequence's own goroutine; do may be called by any.
func (s *sequence) randomHappening() happening {
	agentID := pick(s.rng, s.agents...).ID
	choice, length := s.rng.Int64(), upTo(s.rng, time.Minute)
	anyRun := func(act func(id int64) bool) func() {
		return func() {
			if runs := s.cloud.Runs(agentID); len(runs) > 0 {
				r := runs[choice%int64(len(runs))]
				s.note("  on run %d, %s: %v", r.ID, r.Status, act(r.ID))
			}
		}
	}
	window := func(set func(bool)) func() { return s.window(length, set) }
	on := func(what string) string { return fmt.Sprintf("%s (agent %d)", what, agentID) }
	all := []happening{
		{on("a stranger starts a run"), func() { s.startAsStranger(agentID) }},
		{on("a stranger starts a run"), func() { s.startAsStranger(agentID) }},
		{on("a stranger starts a run"), func() { s.startAsStranger(agentID) }},
		{on("somebody restarts a failure"), anyRun(func(id int64) bool {
			s.restarted.Store(id, time.Now())
			return s.cloud.Restart(id)
		})},
		{on("a run is archived"), anyRun(s.cloud.Archive)},
		{on("a run is removed"), anyRun(s.expireFinished)},
		{on("a run ends"), anyRun(func(id int64) bool { return s.cloud.Finish(id, simulator.Failure) })},
		{"an outage of the API begins", window(s.cloud.Outage)},
		{"the key loses its scope", window(s.cloud.Forbid)},
	}
	if s.odd.refusals {
		all = append(all, happening{"the key is revoked", window(s.revoke)})
	}
	return pick(s.rng, all...)
}

// window does something for a while, and ends it.
func (w *world) window(length time.Duration, set func(bool)) func() {
	return func() {
		set(true)
		time.AfterFunc(length, func() {
			w.note("(over after %v)", length)
			set(false)
		})
	}
}

// revoke has the key refused, or renews it.
func (w *world) revoke(revoked bool) {
	key := w.key()
	if revoked {
		key = "sk-another"
	}
	w.cloud.SetCredentials(key, "")
}

// expireFinished removes a run that has finished; an active one only seldom.
func (s *sequence) expireFinished(id int64) bool {
	r, _ := s.cloud.Run(id)
	if !r.Status.Finished() && id%4 != 0 {
		return false
	}
	return s.cloud.Expire(id)
}

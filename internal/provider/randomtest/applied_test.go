// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What the provider says in these cases decides what may be true of the cloud.
const (
	waitInterrupted = "Interrupted while waiting; run"
	notFoundAnyMore = "is not found any more"
)

// leaveOpen are the errors of a create that say that there may be a run.
var leaveOpen = []string{"a run may have been started", "is not certain"}

// operation is an apply of one object that is under way.
type operation struct {
	origin // the resource is "" unless it creates a sequentum_run
	begun  time.Time
}

func (s *sequence) Applying(address string, c *core.Change, config tftypes.Value) func(*core.Object, core.Answer) {
	op := &operation{begun: time.Now()}
	s.note("    %s: %s begins", address, c.Action)
	s.mu.Lock()
	op.process = s.process
	if c.Type == runType && c.Action == core.ActionCreate {
		_, op.resource, _ = strings.Cut(address, ".")
		s.allowed[op.origin] = 1 + int(core.NumberOf(c.Planned.Value, "retries"))
	}
	s.underWay[op] = true
	s.mu.Unlock()
	return func(after *core.Object, a core.Answer) {
		s.mu.Lock()
		delete(s.underWay, op)
		if after != nil {
			s.held[core.NumberOf(after.Value, "run_id")] = true
			for _, id := range attemptsOf(after.Value) {
				s.attempts[id] = true
			}
		}
		s.mu.Unlock()
		if after != nil {
			s.note("    %s: %s ended: run %d is %s", address, c.Action, core.NumberOf(after.Value, "run_id"), core.TextOf(after.Value, "status"))
		} else {
			s.note("    %s: %s ended", address, c.Action)
		}
		s.noteDiagnostics(address, a)
		if op.resource != "" && s.slowStarts {
			s.excuse(op.origin, "it can have had its effect when nobody looked any more")
		}
		if c.Action != core.ActionDelete {
			s.checkGivenUp(address, op, c, after, a)
		}
		switch {
		case c.Type == completionType:
			s.checkCompletion(address, c, after)
		case c.Action == core.ActionDelete:
			s.checkDeleted(address, op, c.Before, after)
		case after == nil:
			s.checkNotCreated(address, op, core.Errors(a.Diagnostics))
		default:
			s.checkCreated(op, after, a)
			s.checkIdentity(address, "run_id", after)
			s.setOwed(c, after, a)
			s.checkWaited(address, after, a)
		}
	}
}

// attemptsOf are the runs of all attempts of a sequentum_run.
func attemptsOf(state tftypes.Value) []int64 {
	list := core.Attributes(state)["run_ids"]
	if list.Type() == nil || list.IsNull() {
		return nil
	}
	var ids []int64
	for _, element := range core.Elements(list) {
		var id big.Float
		if err := element.As(&id); err != nil {
			panic(err)
		}
		n, _ := id.Int64()
		ids = append(ids, n)
	}
	return ids
}

// excuseKilled excuses the creates that a kill has cut off: nobody will ever know of their runs.
func (s *sequence) excuseKilled() {
	s.mu.Lock()
	cut := s.underWay
	s.underWay = map[*operation]bool{}
	s.mu.Unlock()
	for op := range cut {
		if op.resource != "" {
			s.excuse(op.origin, "it was killed")
		}
	}
}

// checkCreated: a create whose start had a lost answer can be led to another's run, when its own took no effect or shows too
// late. So can one that is answered with a run of which its process has never heard: an exclusive agent's that began a
// moment before. Nothing else can be.
func (s *sequence) checkCreated(op *operation, after *core.Object, a core.Answer) {
	id := core.NumberOf(after.Value, "run_id")
	r, exists := s.cloud.Run(id)
	if !exists || r.AgentID != core.NumberOf(after.Value, "agent_id") {
		s.Wrong("state holds run %d of agent %d, and there is none", id, core.NumberOf(after.Value, "agent_id"))
	}
	if op.resource == "" {
		return
	}
	if originOf(r) == op.origin {
		s.checkNoDoubt(r, a)
		return
	}
	s.mu.Lock()
	possible := s.lostStarts[op.origin] || s.answered[op.origin] == id
	s.mu.Unlock()
	if !possible {
		s.Wrong("run %d of somebody else was taken for %s, and no answer to its start was lost", id, op.resource)
	}
	attempts := attemptsOf(after.Value)
	for _, own := range s.ownRuns(op.resource) {
		if originOf(own) == op.origin && !slices.Contains(attempts, own.ID) && !s.slowStarts && !own.Gone && own.Created.Before(r.Created) {
			s.Wrong("run %d of somebody else was taken for %s, and there is its own run %d", id, op.resource, own.ID)
		}
	}
	s.excuse(op.origin, "a stranger's run was taken")
}

// checkNoDoubt: a run whose answer was lost is not taken when a stranger's began in the same instant.
func (s *sequence) checkNoDoubt(r simulator.Run, a core.Answer) {
	if !strings.Contains(core.Warnings(a.Diagnostics), fmt.Sprintf("the start of run %d/%d was lost, and the run was found", r.AgentID, r.ID)) {
		return
	}
	s.mu.Lock()
	rushed := slices.Clone(s.rushed)
	s.mu.Unlock()
	for _, stranger := range rushed {
		if stranger.AgentID == r.AgentID && stranger.Created.Equal(r.Created) {
			s.Wrong("run %d was taken, although the stranger's run %d could have been it", r.ID, stranger.ID)
		}
	}
}

// checkNotCreated: where the error says that there is no run, there is none; where it leaves that open, there may be one.
func (s *sequence) checkNotCreated(address string, op *operation, said string) {
	if slices.ContainsFunc(leaveOpen, func(phrase string) bool { return strings.Contains(said, phrase) }) {
		s.excuse(op.origin, "the error leaves it open")
		return
	}
	for _, r := range s.ownRuns(op.resource) {
		s.mu.Lock()
		excused := s.excused[op.origin]
		s.mu.Unlock()
		if originOf(r) == op.origin && !excused {
			s.Wrong("%s: the create says that there is no run, and there is run %d", address, r.ID)
		}
	}
}

// setOwed remembers whether a wait has something left to do.
func (s *sequence) setOwed(c *core.Change, after *core.Object, a core.Answer) {
	waited := c.Action == core.ActionCreate && waits(after.Value) || !core.Attributes(c.Planned.Value)["status"].IsKnown() && c.Action == core.ActionUpdate
	if c.Before != nil {
		after.Owed, after.OwedByCreate = c.Before.Owed, c.Before.OwedByCreate
	}
	// An interrupt also ends the wait for a run that had finished when it was found after a lost answer.
	finished := core.BoolOf(after.Value, "finished") && !strings.Contains(core.Warnings(a.Diagnostics), waitInterrupted)
	gone := strings.Contains(core.Errors(a.Diagnostics), notFoundAnyMore)
	switch {
	case core.BoolOf(after.Value, "succeeded") || !waited && !waits(after.Value):
		after.Owed, after.OwedByCreate = false, false
	case waited && !gone && (c.Action == core.ActionUpdate || !finished):
		after.Owed, after.OwedByCreate = true, after.OwedByCreate || c.Action == core.ActionCreate
	}
}

// checkWaited: a wait that ends without a word has seen its run succeed, and one that is interrupted is no error.
func (s *sequence) checkWaited(address string, after *core.Object, a core.Answer) {
	silent := !a.Failed() && !strings.Contains(core.Warnings(a.Diagnostics), waitInterrupted)
	if silent && waits(after.Value) && !core.BoolOf(after.Value, "finished") {
		s.Wrong("%s: the apply ended well, and its run is %s", address, core.TextOf(after.Value, "status"))
	}
	if strings.Contains(core.Errors(a.Diagnostics), waitInterrupted) {
		s.Wrong("%s: the interrupt of a wait is an error", address)
	}
}

// checkCompletion: a completion is in state only when its run has succeeded.
func (s *sequence) checkCompletion(address string, c *core.Change, after *core.Object) {
	if c.Action != core.ActionCreate || after == nil {
		return
	}
	r, _ := s.cloud.Run(core.NumberOf(after.Value, "run_id"))
	_, restarted := s.restarted.Load(r.ID)
	if after.Tainted || !core.BoolOf(after.Value, "succeeded") || isActive(r) && !restarted {
		s.Wrong("%s is in state, and run %d is %s", address, r.ID, r.Status)
	}
}

// checkDeleted: a destroyed run is not active any more, unless it was to be left, or somebody has just restarted it.
func (s *sequence) checkDeleted(address string, op *operation, before, after *core.Object) {
	id := core.NumberOf(before.Value, "run_id")
	r, _ := s.cloud.Run(id)
	at, restarted := s.restarted.Load(id)
	switch {
	case after != nil: // the delete failed, and said so
		if len(after.Private) == 0 { // to a tainted object's replacement, core gives no private state: the mark is lost
			after.Owed, after.OwedByCreate = false, false
		}
	case core.TextOf(before.Value, "on_destroy") == "leave":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.left[id] = true
	case isActive(r) && !(restarted && at.(time.Time).After(op.begun)):
		s.Wrong("%s: run %d is %s after its destroy", address, id, r.Status)
	case r.ParallelSet != 0 && s.reportsSets(r.AgentID) && r.Ended.After(op.begun) && r.Stops+r.Kills > 0:
		for _, sibling := range s.cloud.Runs(r.AgentID) {
			if _, restarted := s.restarted.Load(sibling.ID); sibling.ParallelSet == r.ParallelSet && isActive(sibling) && !restarted {
				s.Wrong("%s: run %d, of the same start as run %d, is %s after its destroy", address, sibling.ID, id, sibling.Status)
			}
		}
	}
}

// reportsSets reports whether the runs of an agent say which set they belong to. Of others nobody can know which runs
// the same start began.
func (s *sequence) reportsSets(agentID int64) bool {
	return !slices.ContainsFunc(s.agents, func(a simulator.Agent) bool { return a.ID == agentID && a.NullFields })
}

// checkGivenUp: a wait that ends in an error while its run is active has run out of time, or was refused long enough; and
// one that was refused all the time has ended long before its timeout.
func (s *sequence) checkGivenUp(address string, op *operation, c *core.Change, after *core.Object, a core.Answer) {
	planned := c.Planned.Value
	r, _ := s.cloud.Run(core.NumberOf(planned, "run_id"))
	if after != nil {
		r, _ = s.cloud.Run(core.NumberOf(after.Value, "run_id"))
	}
	if r.ID == 0 {
		return
	}
	s.mu.Lock()
	looked := s.streakOf(op.process, r)
	s.mu.Unlock()
	if looked.hopelessFor > givenUpWithin {
		s.Wrong("%s: for %v every look at run %d was refused, and the wait went on", address, looked.hopelessFor, r.ID)
	}
	said := core.Errors(a.Diagnostics)
	interrupted := strings.Contains(said+core.Warnings(a.Diagnostics), waitInterrupted)
	_, restarted := s.restarted.Load(r.ID)
	outOfTime := time.Since(op.begun) >= createTimeout(planned)
	if a.Failed() && isActive(r) && !interrupted && !restarted && !outOfTime && !looked.endsWait() {
		s.Wrong("%s: the wait for run %d was given up, and it is %s; refused looks in a row: %d", address, r.ID, r.Status, len(looked.refusals))
	}
	if a.Failed() && !strings.Contains(said, strconv.FormatInt(r.ID, 10)) {
		s.Wrong("%s: the error does not name run %d", address, r.ID)
	}
	if after != nil && core.BoolOf(after.Value, "finished") && isActive(r) && !restarted {
		s.Wrong("%s: state says that run %d has finished, and it is %s", address, r.ID, r.Status)
	}
}

func createTimeout(planned tftypes.Value) time.Duration {
	d, err := time.ParseDuration(core.TextOf(core.Attributes(planned)["timeouts"], "create"))
	if err != nil {
		panic(err) // every configuration sets it
	}
	return d
}

// DependentCreated: nothing that depends on a run that is waited for comes before its end.
func (s *sequence) DependentCreated(address string, runID int64) {
	s.note("    %s is created on run %d", address, runID)
	name := strings.TrimPrefix(address, core.DependentType+".")
	i := slices.IndexFunc(s.runs, func(r *randomRun) bool { return r.name == name })
	r, _ := s.cloud.Run(runID)
	if _, restarted := s.restarted.Load(runID); isActive(r) && !restarted {
		s.Wrong("%s was created on run %d of %s, which is %s", address, runID, s.runs[i].name, r.Status)
	}
}

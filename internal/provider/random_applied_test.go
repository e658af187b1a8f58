package provider_test

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

func (w *world) applying(address string, c *change, config tftypes.Value) func(*object, answer) {
	op := &operation{begun: time.Now()}
	w.note("    %s: %s begins", address, c.action)
	w.mu.Lock()
	op.process = w.process
	if c.typ == runType && c.action == actionCreate {
		_, op.resource, _ = strings.Cut(address, ".")
		w.allowed[op.origin] = 1 + int(numberOf(c.planned.value, "retries"))
	}
	w.underWay[op] = true
	w.mu.Unlock()
	return func(after *object, a answer) {
		w.mu.Lock()
		delete(w.underWay, op)
		if after != nil {
			w.held[numberOf(after.value, "run_id")] = true
			for _, id := range attemptsOf(after.value) {
				w.attempts[id] = true
			}
		}
		w.mu.Unlock()
		if after != nil {
			w.note("    %s: %s ended: run %d is %s", address, c.action, numberOf(after.value, "run_id"), textOf(after.value, "status"))
		} else {
			w.note("    %s: %s ended", address, c.action)
		}
		w.hear(address, a)
		if op.resource != "" && w.slowStarts {
			w.excuse(op.origin, "it can have had its effect when nobody looked any more")
		}
		if c.action != actionDelete {
			w.checkGivenUp(address, op, c, after, a)
		}
		switch {
		case c.typ == completionType:
			w.waitedBeside(address, c, after)
		case c.action == actionDelete:
			w.deleted(address, op, c.before, after)
		case after == nil:
			w.notCreated(address, op, problems(a.diagnostics))
		default:
			w.created(op, after, a)
			w.checkIdentity(address, after)
			w.owe(c, after, a)
			w.checkWaited(address, after, a)
		}
	}
}

// attemptsOf are the runs of all attempts of a sequentum_run.
func attemptsOf(state tftypes.Value) []int64 {
	list := attributes(state)["run_ids"]
	if list.Type() == nil || list.IsNull() {
		return nil
	}
	var ids []int64
	for _, element := range elements(list) {
		var id big.Float
		if err := element.As(&id); err != nil {
			panic(err)
		}
		n, _ := id.Int64()
		ids = append(ids, n)
	}
	return ids
}

// killed is what becomes of the creates that a kill has cut off: nobody will ever know of their runs.
func (w *world) killed() {
	w.mu.Lock()
	cut := w.underWay
	w.underWay = map[*operation]bool{}
	w.mu.Unlock()
	for op := range cut {
		if op.resource != "" {
			w.excuse(op.origin, "it was killed")
		}
	}
}

// created: a create whose start had a lost answer can be led to another's run, when its own took no effect or shows too
// late. So can one that is answered with a run of which its process has never heard: an exclusive agent's that began a
// moment before. Nothing else can be.
func (w *world) created(op *operation, after *object, a answer) {
	id := numberOf(after.value, "run_id")
	r, exists := w.cloud.Run(id)
	if !exists || r.AgentID != numberOf(after.value, "agent_id") {
		w.wrong("state holds run %d of agent %d, and there is none", id, numberOf(after.value, "agent_id"))
	}
	if op.resource == "" {
		return
	}
	if originOf(r) == op.origin {
		w.checkNoDoubt(r, a)
		return
	}
	w.mu.Lock()
	possible := w.lostStarts[op.origin] || w.answered[op.origin] == id
	w.mu.Unlock()
	if !possible {
		w.wrong("run %d of somebody else was taken for %s, and no answer to its start was lost", id, op.resource)
	}
	attempts := attemptsOf(after.value)
	for _, own := range w.ours(op.resource) {
		if originOf(own) == op.origin && !slices.Contains(attempts, own.ID) && !w.slowStarts && !own.Gone && own.Created.Before(r.Created) {
			w.wrong("run %d of somebody else was taken for %s, and there is its own run %d", id, op.resource, own.ID)
		}
	}
	w.excuse(op.origin, "a stranger's run was taken")
}

// checkNoDoubt: a run whose answer was lost is not taken when a stranger's began in the same instant.
func (w *world) checkNoDoubt(r simulator.Run, a answer) {
	if !strings.Contains(warnings(a.diagnostics), fmt.Sprintf("the start of run %d/%d was lost, and the run was found", r.AgentID, r.ID)) {
		return
	}
	w.mu.Lock()
	rushed := slices.Clone(w.rushed)
	w.mu.Unlock()
	for _, stranger := range rushed {
		if stranger.AgentID == r.AgentID && stranger.Created.Equal(r.Created) {
			w.wrong("run %d was taken, although the stranger's run %d could have been it", r.ID, stranger.ID)
		}
	}
}

// notCreated: where the error says that there is no run, there is none; where it leaves that open, there may be one.
func (w *world) notCreated(address string, op *operation, said string) {
	if slices.ContainsFunc(leaveOpen, func(phrase string) bool { return strings.Contains(said, phrase) }) {
		w.excuse(op.origin, "the error leaves it open")
		return
	}
	for _, r := range w.ours(op.resource) {
		w.mu.Lock()
		excused := w.excused[op.origin]
		w.mu.Unlock()
		if originOf(r) == op.origin && !excused {
			w.wrong("%s: the create says that there is no run, and there is run %d", address, r.ID)
		}
	}
}

// owe remembers whether a wait has something left to do.
func (w *world) owe(c *change, after *object, a answer) {
	waited := c.action == actionCreate && waits(after.value) || !attributes(c.planned.value)["status"].IsKnown() && c.action == actionUpdate
	if c.before != nil {
		after.owed, after.owedByCreate = c.before.owed, c.before.owedByCreate
	}
	// An interrupt also ends the wait for a run that had finished when it was found after a lost answer.
	finished := boolOf(after.value, "finished") && !strings.Contains(warnings(a.diagnostics), waitInterrupted)
	gone := strings.Contains(problems(a.diagnostics), notFoundAnyMore)
	switch {
	case boolOf(after.value, "succeeded") || !waited && !waits(after.value):
		after.owed, after.owedByCreate = false, false
	case waited && !gone && (c.action == actionUpdate || !finished):
		after.owed, after.owedByCreate = true, after.owedByCreate || c.action == actionCreate
	}
}

// checkWaited: a wait that ends without a word has seen its run succeed, and one that is interrupted is no error.
func (w *world) checkWaited(address string, after *object, a answer) {
	silent := !a.failed() && !strings.Contains(warnings(a.diagnostics), waitInterrupted)
	if silent && waits(after.value) && !boolOf(after.value, "finished") {
		w.wrong("%s: the apply ended well, and its run is %s", address, textOf(after.value, "status"))
	}
	if strings.Contains(problems(a.diagnostics), waitInterrupted) {
		w.wrong("%s: the interrupt of a wait is an error", address)
	}
}

// waitedBeside: a completion is in state only when its run has succeeded.
func (w *world) waitedBeside(address string, c *change, after *object) {
	if c.action != actionCreate || after == nil {
		return
	}
	r, _ := w.cloud.Run(numberOf(after.value, "run_id"))
	_, restarted := w.restarted.Load(r.ID)
	if after.tainted || !boolOf(after.value, "succeeded") || isActive(r) && !restarted {
		w.wrong("%s is in state, and run %d is %s", address, r.ID, r.Status)
	}
}

// deleted: a destroyed run is not active any more, unless it was to be left, or somebody has just restarted it.
func (w *world) deleted(address string, op *operation, before, after *object) {
	id := numberOf(before.value, "run_id")
	r, _ := w.cloud.Run(id)
	at, restarted := w.restarted.Load(id)
	switch {
	case after != nil: // the delete failed, and said so
		if len(after.private) == 0 { // to a tainted object's replacement, core gives no private state: the mark is lost
			after.owed, after.owedByCreate = false, false
		}
	case textOf(before.value, "on_destroy") == "leave":
		w.mu.Lock()
		defer w.mu.Unlock()
		w.left[id] = true
	case isActive(r) && !(restarted && at.(time.Time).After(op.begun)):
		w.wrong("%s: run %d is %s after its destroy", address, id, r.Status)
	case r.ParallelSet != 0 && w.tellsSets(r.AgentID) && r.Ended.After(op.begun) && r.Stops+r.Kills > 0:
		for _, sibling := range w.cloud.Runs(r.AgentID) {
			if _, restarted := w.restarted.Load(sibling.ID); sibling.ParallelSet == r.ParallelSet && isActive(sibling) && !restarted {
				w.wrong("%s: run %d, of the same start as run %d, is %s after its destroy", address, sibling.ID, id, sibling.Status)
			}
		}
	}
}

// tellsSets reports whether the runs of an agent say which set they belong to. Of others nobody can know which runs
// the same start began.
func (w *world) tellsSets(agentID int64) bool {
	return !slices.ContainsFunc(w.agents, func(a simulator.Agent) bool { return a.ID == agentID && a.NullFields })
}

// checkGivenUp: a wait that ends in an error while its run is active has run out of time, or was refused long enough; and
// one that was refused all the time has ended long before its timeout.
func (w *world) checkGivenUp(address string, op *operation, c *change, after *object, a answer) {
	planned := c.planned.value
	r, _ := w.cloud.Run(numberOf(planned, "run_id"))
	if after != nil {
		r, _ = w.cloud.Run(numberOf(after.value, "run_id"))
	}
	if r.ID == 0 {
		return
	}
	w.mu.Lock()
	s := w.streakOf(op.process, r)
	w.mu.Unlock()
	if s.hopelessFor > givenUpWithin {
		w.wrong("%s: for %v every look at run %d was refused, and the wait went on", address, s.hopelessFor, r.ID)
	}
	said := problems(a.diagnostics)
	interrupted := strings.Contains(said+warnings(a.diagnostics), waitInterrupted)
	_, restarted := w.restarted.Load(r.ID)
	outOfTime := time.Since(op.begun) >= createTimeout(planned)
	if a.failed() && isActive(r) && !interrupted && !restarted && !outOfTime && !s.endsWait() {
		w.wrong("%s: the wait for run %d was given up, and it is %s; refused looks in a row: %d", address, r.ID, r.Status, len(s.refusals))
	}
	if a.failed() && !strings.Contains(said, strconv.FormatInt(r.ID, 10)) {
		w.wrong("%s: the error does not name run %d", address, r.ID)
	}
	if after != nil && boolOf(after.value, "finished") && isActive(r) && !restarted {
		w.wrong("%s: state says that run %d has finished, and it is %s", address, r.ID, r.Status)
	}
}

func createTimeout(planned tftypes.Value) time.Duration {
	d, err := time.ParseDuration(textOf(attributes(planned)["timeouts"], "create"))
	if err != nil {
		panic(err) // every configuration sets it
	}
	return d
}

// dependentCreated: nothing that depends on a run that is waited for comes before its end.
func (w *world) dependentCreated(address string, runID int64) {
	w.note("    %s is created on run %d", address, runID)
	name := strings.TrimPrefix(address, dependentType+".")
	i := slices.IndexFunc(w.runs, func(r *randomRun) bool { return r.name == name })
	r, _ := w.cloud.Run(runID)
	if _, restarted := w.restarted.Load(runID); isActive(r) && !restarted {
		w.wrong("%s was created on run %d of %s, which is %s", address, runID, w.runs[i].name, r.Status)
	}
}

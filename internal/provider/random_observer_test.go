package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// operation is an apply of one object that is under way.
type operation struct {
	resource string // the name of the sequentum_run that it creates; "": it creates none
	begun    time.Time
}

// hear takes what was said.
func (w *world) hear(address string, a answer) {
	failed, warned := problems(a.diagnostics), warnings(a.diagnostics)
	if failed != "" {
		w.note("    %s: error: %s", address, failed)
	}
	if warned != "" {
		w.note("    %s: warning: %s", address, warned)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errors.WriteString(failed + "\n")
	w.warnings.WriteString(warned + "\n")
	if strings.Contains(warned, "a second run may have come of it") {
		w.late.WriteString(warned + "\n")
	}
}

func (w *world) checked(address string, a answer) {
	if a.failed() {
		w.wrong("%s: the configuration is refused: %s", address, problems(a.diagnostics))
	}
}

func (w *world) imported(address string, a answer) {
	w.hear(address, a)
	if !a.failed() && boolOf(a.value, "wait_for_completion") {
		w.wrong("%s: the import has set arguments: %s", address, a.value)
	}
}

// refreshed: only a run that a wait is owed on, and that is really gone, leaves state. No argument ever changes.
func (w *world) refreshed(address string, before, after *object, a answer) {
	w.hear(address, a)
	if after == nil {
		r, _ := w.cloud.Run(numberOf(before.value, "run_id"))
		if !before.owed || !r.Gone {
			w.wrong("%s: run %d was removed from state; a wait was owed: %v; it is gone: %v", address, r.ID, before.owed, r.Gone)
		}
		return
	}
	if before.typ != runType || a.failed() {
		return
	}
	w.checkIdentity(address, after)
	old, now := attributes(before.value), attributes(after.value)
	for _, schema := range protocolSchemas()[runType].Block.Attributes {
		if (!schema.Computed || schema.Optional) && !old[schema.Name].Equal(now[schema.Name]) {
			w.wrong("%s: the refresh changed %s from %s to %s", address, schema.Name, old[schema.Name], now[schema.Name])
		}
	}
	if textOf(before.value, "status") != textOf(after.value, "status") {
		w.note("    %s: run %d is now %s", address, numberOf(after.value, "run_id"), textOf(after.value, "status"))
	}
	if boolOf(after.value, "succeeded") {
		after.owed, after.owedByCreate = false, false
	}
}

func (w *world) checkIdentity(address string, o *object) {
	if o.identity == nil || o.identity.IdentityData == nil {
		w.wrong("%s: there is no identity", address)
		return
	}
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"agent_id": tftypes.Number, "run_id": tftypes.Number}}
	identity, err := o.identity.IdentityData.Unmarshal(typ)
	if err != nil {
		w.wrong("%s: the identity cannot be read: %v", address, err)
		return
	}
	for name := range typ.AttributeTypes {
		if got, want := numberOf(identity, name), numberOf(o.value, name); got != want {
			w.wrong("%s: the identity says %s = %d, the state %d", address, name, got, want)
		}
	}
}

// planned holds each plan of a run against the rules of when a new run may be planned.
func (w *world) planned(address string, prior *object, config tftypes.Value, c *change, a answer) {
	w.hear(address, a)
	if a.failed() || c.action == actionDelete {
		return
	}
	w.note("    %s: the plan is %s", address, c.action)
	if prior == nil || c.typ != runType || prior.tainted || c.forced {
		return
	}
	got := attributes(c.planned.value)
	newRun := asksForNewRun(prior.value, config)
	failed := boolOf(prior.value, "finished") && !counts(textOf(prior.value, "status"), got["success_statuses"])
	unwaited := isAdopted(prior.value) && boolOf(config, "replace_on_failure") && !waits(config)
	switch {
	case newRun || failed && (prior.owed || unwaited):
		if c.action != actionReplace {
			w.wrong("%s: the plan is %s; a new run is asked for: %v; the run failed: %v; a wait was owed: %v", address, c.action, newRun, failed, prior.owed)
		}
	case c.action == actionReplace:
		w.wrong("%s: a new run is planned, and nothing asks for one", address)
	case !boolOf(prior.value, "finished") && waits(config):
		if got["status"].IsKnown() {
			w.wrong("%s: the run is active, and the plan does not wait for it", address)
		}
		if got["run_id"].IsKnown() == prior.owedByCreate {
			w.wrong("%s: the plan waits on, and run_id is %s; the wait was the create's: %v", address, got["run_id"], prior.owedByCreate)
		}
	case !got["status"].IsKnown():
		w.wrong("%s: a wait is planned, and there is nothing to wait for", address)
	}
}

// asksForNewRun reports whether the configuration wants another run than state holds. After an import only another
// agent does.
func asksForNewRun(prior, config tftypes.Value) bool {
	decisive := []string{"agent_id"}
	if isAdopted(prior) {
		decisive = append(decisive, "input_parameters", "input_parameters_wo_version", "triggers")
	}
	before, now := attributes(prior), attributes(config)
	return slices.ContainsFunc(decisive, func(name string) bool { return !before[name].Equal(now[name]) })
}

func isAdopted(state tftypes.Value) bool { return !attributes(state)["wait_for_completion"].IsNull() }

func waits(config tftypes.Value) bool {
	return attributes(config)["wait_for_completion"].IsNull() || boolOf(config, "wait_for_completion")
}

// counts reports whether a status counts as success.
func counts(status string, successStatuses tftypes.Value) bool {
	for _, s := range elements(successStatuses) {
		var name string
		if err := s.As(&name); err != nil {
			panic(err)
		}
		isFailure := func(s string) bool { return s == "Failure" || s == "Failed" }
		if name == status || isFailure(name) && isFailure(status) {
			return true
		}
	}
	return false
}

func (w *world) applying(address string, c *change, config tftypes.Value) func(*object, answer) {
	op := &operation{begun: time.Now()}
	if c.typ == runType && c.action == actionCreate {
		_, op.resource, _ = strings.Cut(address, ".")
	}
	w.note("    %s: %s begins", address, c.action)
	w.mu.Lock()
	w.underWay[op] = true
	if op.resource != "" {
		w.allowed[op.resource] += 1 + int(numberOf(c.planned.value, "retries"))
	}
	w.mu.Unlock()
	return func(after *object, a answer) {
		w.mu.Lock()
		delete(w.underWay, op)
		if after != nil {
			w.held[numberOf(after.value, "run_id")] = true
		}
		w.mu.Unlock()
		if after != nil {
			w.note("    %s: %s ended: run %d is %s", address, c.action, numberOf(after.value, "run_id"), textOf(after.value, "status"))
		} else {
			w.note("    %s: %s ended", address, c.action)
		}
		w.hear(address, a)
		if op.resource != "" && w.slowStarts {
			w.excuse(op.resource, time.Now().Add(-w.listLag), "it can have had its effect when nobody looked any more")
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

// killed is what becomes of the creates that a kill has cut off: nobody will ever know of their runs.
func (w *world) killed() {
	w.mu.Lock()
	cut := w.underWay
	w.underWay = map[*operation]bool{}
	w.mu.Unlock()
	for op := range cut {
		if op.resource != "" {
			w.excuse(op.resource, op.begun, "its create was killed")
		}
	}
}

// created: a create whose own start took no effect, or shows too late, can be led to another's run. No run is taken
// when both could be seen.
func (w *world) created(op *operation, after *object, a answer) {
	id := numberOf(after.value, "run_id")
	r, exists := w.cloud.Run(id)
	if !exists || r.AgentID != numberOf(after.value, "agent_id") {
		w.wrong("state holds run %d of agent %d, and there is none", id, numberOf(after.value, "agent_id"))
	}
	if op.resource == "" {
		return
	}
	if resourceOf(r) == op.resource {
		w.checkNoDoubt(r, a)
		return
	}
	for _, own := range w.ours(op.resource) {
		if !w.slowStarts && !own.Gone && !own.Created.Before(op.begun) && own.Created.Before(r.Created) {
			w.wrong("run %d of somebody else was taken for %s, and there is its own run %d", id, op.resource, own.ID)
		}
	}
	w.excuse(op.resource, op.begun, "somebody else's run was taken")
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
	if strings.Contains(said, "a run may have been started") || strings.Contains(said, "is not certain") {
		w.excuse(op.resource, op.begun, "the error leaves it open")
		return
	}
	for _, r := range w.ours(op.resource) {
		w.mu.Lock()
		known := w.held[r.ID] || w.excused(op.resource, r.Created)
		w.mu.Unlock()
		if !known && !r.Created.Before(op.begun.Truncate(time.Millisecond)) {
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
	notFound := strings.Contains(problems(a.diagnostics), "is not found any more")
	switch {
	case boolOf(after.value, "succeeded") || !waited && !waits(after.value):
		after.owed, after.owedByCreate = false, false
	case waited && !notFound && (c.action == actionUpdate || !finished):
		after.owed, after.owedByCreate = true, after.owedByCreate || c.action == actionCreate
	}
}

const waitInterrupted = "only the wait for it was interrupted"

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
	case textOf(before.value, "on_destroy") == "leave":
		w.mu.Lock()
		defer w.mu.Unlock()
		w.left[id] = true
	case isActive(r) && !(restarted && at.(time.Time).After(op.begun)):
		w.wrong("%s: run %d is %s after its destroy", address, id, r.Status)
	case r.ParallelSet != 0 && r.Ended.After(op.begun) && r.Stops+r.Kills > 0:
		for _, sibling := range w.cloud.Runs(r.AgentID) {
			if _, restarted := w.restarted.Load(sibling.ID); sibling.ParallelSet == r.ParallelSet && isActive(sibling) && !restarted {
				w.wrong("%s: run %d, of the same start as run %d, is %s after its destroy", address, sibling.ID, id, sibling.Status)
			}
		}
	}
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

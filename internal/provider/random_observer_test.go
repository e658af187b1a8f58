package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// hear takes what was said.
func (w *world) hear(address string, a answer) {
	failed, warned := problems(a.diagnostics), warnings(a.diagnostics)
	if failed != "" {
		w.note("    %s: error: %s", address, failed)
		if strings.Contains(failed, "A bug in the provider ended this operation") {
			w.wrong("%s: a panic", address)
		}
	}
	if warned != "" {
		w.note("    %s: warning: %s", address, warned)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errors.WriteString(failed + "\n")
	w.warnings.WriteString(warned + "\n")
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

// refreshed: only a run that a wait is owed on leaves state, when it is gone, or the API has said so for long enough. No
// argument ever changes.
func (w *world) refreshed(address string, before, after *object, a answer) {
	w.hear(address, a)
	if after == nil {
		r, _ := w.cloud.Run(numberOf(before.value, "run_id"))
		w.mu.Lock()
		confirmed := w.streakOf(w.process, r).lasted(goneFor)
		w.mu.Unlock()
		if !before.owed || !r.Gone && !confirmed {
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
	if !got["success_statuses"].IsKnown() || !got["replace_on_failure"].IsKnown() {
		return // the apply decides
	}
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
			w.wrong("%s: the plan continues waiting, and run_id is %s; the wait was the create's: %v", address, got["run_id"], prior.owedByCreate)
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
	return slices.ContainsFunc(decisive, func(name string) bool { return meaning(before[name]) != meaning(now[name]) })
}

// meaning is the same for all spellings of an argument.
func meaning(v tftypes.Value) string {
	switch {
	case v.Type().Is(tftypes.Map{}):
		elements := attributes(v)
		maps.DeleteFunc(elements, func(_ string, e tftypes.Value) bool { return e.IsNull() })
		return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements).String()
	case v.Type().Is(tftypes.String) && !v.IsNull():
		var text string
		var input struct {
			Resource string
			Version  float64
		}
		if err := errors.Join(v.As(&text), json.Unmarshal([]byte(text), &input)); err != nil {
			panic(err) // of the decisive strings there is only the input
		}
		return fmt.Sprint(input)
	}
	return v.String()
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

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

func (s *sequence) Checked(address string, a core.Answer) {
	if a.Failed() {
		s.Wrong("%s: the configuration is refused: %s", address, core.Errors(a.Diagnostics))
	}
}

func (s *sequence) Imported(address string, a core.Answer) {
	s.noteDiagnostics(address, a)
	if !a.Failed() && core.BoolOf(a.Value, "wait_for_completion") {
		s.Wrong("%s: the import has set arguments: %s", address, a.Value)
	}
}

// Refreshed: only a run that a wait is owed on leaves state, when it is gone, or the API has said so for long enough. No
// argument ever changes.
func (s *sequence) Refreshed(address string, before, after *core.Object, a core.Answer) {
	s.noteDiagnostics(address, a)
	if after == nil {
		r, _ := s.cloud.Run(core.NumberOf(before.Value, "run_id"))
		s.mu.Lock()
		confirmed := s.streakOf(s.process, r).lasted(goneFor)
		s.mu.Unlock()
		if !before.Owed || !r.Gone && !confirmed {
			s.Wrong("%s: run %d was removed from state; a wait was owed: %v; it is gone: %v", address, r.ID, before.Owed, r.Gone)
		}
		return
	}
	if before.Type != runType || a.Failed() {
		return
	}
	s.checkIdentity(address, "run_id", after)
	old, now := core.Attributes(before.Value), core.Attributes(after.Value)
	for _, schema := range core.Schemas()[runType].Block.Attributes {
		if (!schema.Computed || schema.Optional) && !old[schema.Name].Equal(now[schema.Name]) {
			s.Wrong("%s: the refresh changed %s from %s to %s", address, schema.Name, old[schema.Name], now[schema.Name])
		}
	}
	if core.TextOf(before.Value, "status") != core.TextOf(after.Value, "status") {
		s.note("    %s: run %d is now %s", address, core.NumberOf(after.Value, "run_id"), core.TextOf(after.Value, "status"))
	}
	if core.BoolOf(after.Value, "succeeded") {
		after.Owed, after.OwedByCreate = false, false
	}
}

// Planned holds each plan of a run against the rules of when a new run may be planned.
func (s *sequence) Planned(address string, prior *core.Object, config tftypes.Value, c *core.Change, a core.Answer) {
	s.noteDiagnostics(address, a)
	if a.Failed() || c.Action == core.ActionDelete {
		return
	}
	s.note("    %s: the plan is %s", address, c.Action)
	if prior == nil || c.Type != runType || prior.Tainted || c.Forced {
		return
	}
	got := core.Attributes(c.Planned.Value)
	if !got["success_statuses"].IsKnown() || !got["replace_on_failure"].IsKnown() {
		return // the apply decides
	}
	newRun := asksForNewRun(prior.Value, config)
	failed := core.BoolOf(prior.Value, "finished") && !countsAsSuccess(core.TextOf(prior.Value, "status"), got["success_statuses"])
	unwaited := isAdopted(prior.Value) && core.BoolOf(config, "replace_on_failure") && !waits(config)
	switch {
	case newRun || failed && (prior.Owed || unwaited):
		if c.Action != core.ActionReplace {
			s.Wrong("%s: the plan is %s; a new run is asked for: %v; the run failed: %v; a wait was owed: %v", address, c.Action, newRun, failed, prior.Owed)
		}
	case c.Action == core.ActionReplace:
		s.Wrong("%s: a new run is planned, and nothing asks for one", address)
	case !core.BoolOf(prior.Value, "finished") && waits(config):
		if got["status"].IsKnown() {
			s.Wrong("%s: the run is active, and the plan does not wait for it", address)
		}
		if got["run_id"].IsKnown() == prior.OwedByCreate {
			s.Wrong("%s: the plan continues waiting, and run_id is %s; the wait was the create's: %v", address, got["run_id"], prior.OwedByCreate)
		}
	case !got["status"].IsKnown():
		s.Wrong("%s: a wait is planned, and there is nothing to wait for", address)
	}
}

// asksForNewRun reports whether the configuration wants another run than state holds. After an import only another
// agent does.
func asksForNewRun(prior, config tftypes.Value) bool {
	decisive := []string{"agent_id"}
	if isAdopted(prior) {
		decisive = append(decisive, "input_parameters", "input_parameters_wo_version", "triggers")
	}
	before, now := core.Attributes(prior), core.Attributes(config)
	return slices.ContainsFunc(decisive, func(name string) bool { return meaning(before[name]) != meaning(now[name]) })
}

// meaning is the same for all spellings of an argument.
func meaning(v tftypes.Value) string {
	switch {
	case v.Type().Is(tftypes.Map{}):
		elements := core.Attributes(v)
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

func isAdopted(state tftypes.Value) bool {
	return !core.Attributes(state)["wait_for_completion"].IsNull()
}

func waits(config tftypes.Value) bool {
	return core.Attributes(config)["wait_for_completion"].IsNull() || core.BoolOf(config, "wait_for_completion")
}

// countsAsSuccess reports whether a status counts as success.
func countsAsSuccess(status string, successStatuses tftypes.Value) bool {
	for _, s := range core.Elements(successStatuses) {
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

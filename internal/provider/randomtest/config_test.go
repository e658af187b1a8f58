// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/rand/v2"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

const (
	runType        = "sequentum_run"
	completionType = "sequentum_run_completion"
)

// randomRun is a sequentum_run block that changes at random. Zero values are left out of the configuration.
type randomRun struct {
	name    string
	absent  bool // the block was taken out
	agentID int64

	inputVersion int64
	writeOnly    bool   // the input is given as input_parameters_wo
	secret       string // a part of a write-only input; "": it has none
	trigger      int64
	spelling     int64  // how all this is written, which changes nothing
	after        string // its triggers name the run of this other block

	noWait           bool
	retries          int64
	failureLogLines  int64
	successStatuses  []string
	ifActive         string
	recordFiles      bool
	leave            bool
	gracePeriod      string
	parallelism      int64
	logLevel         string
	replaceOnFailure bool
	createTimeout    string
	deleteTimeout    string
	createsFirst     bool
	// late: what decides about a new run comes from the run of the other block, and may be known only at apply.
	late bool
}

func (r *randomRun) address() string { return runType + "." + r.name }

// input says whose run it is, so that the observer can tell. Its spellings mean the same.
func (r *randomRun) input() string {
	switch r.spelling % 4 {
	case 1:
		return fmt.Sprintf(`{"version":%d.0,"resource":%q}`, r.inputVersion, r.name)
	case 2:
		return fmt.Sprintf(" {\n \"resource\" : \"\\u%04x\",\"version\":%de0 } ", r.name[0], r.inputVersion)
	case 3:
		return fmt.Sprintf(`{"resource":%q,"version":%d.0E+00}`, r.name, r.inputVersion)
	}
	return fmt.Sprintf(`{"resource":%q,"version":%d}`, r.name, r.inputVersion)
}

// secretInput is the input with the secret in it, if there is one.
func (r *randomRun) secretInput() string {
	if r.secret == "" {
		return r.input()
	}
	return fmt.Sprintf(`{"resource":%q,"version":%d,"token":%q}`, r.name, r.inputVersion, r.secret)
}

func newRandomRun(rng *rand.Rand, name string, agentID int64) *randomRun {
	r := &randomRun{
		name: name, agentID: agentID, createTimeout: "10m",
		writeOnly: oneIn(rng, 4), noWait: oneIn(rng, 4), createsFirst: oneIn(rng, 5),
	}
	for _, change := range randomRunChanges {
		if oneIn(rng, 3) {
			change(r, rng)
		}
	}
	return r
}

// randomRunChanges are changes of a block that change its run at most in place.
var randomRunChanges = []func(*randomRun, *rand.Rand){
	func(r *randomRun, rng *rand.Rand) { r.retries = rng.Int64N(3) },
	func(r *randomRun, rng *rand.Rand) {
		r.successStatuses = pick(rng, nil, []string{"Completed", "Success", "Stopped"}, []string{"Completed", "Success", "Failure"}, []string{"Success", "Failed"})
	},
	func(r *randomRun, rng *rand.Rand) { r.ifActive = pick(rng, "", "start", "fail") },
	func(r *randomRun, rng *rand.Rand) { r.recordFiles = !r.recordFiles },
	func(r *randomRun, rng *rand.Rand) { r.leave = oneIn(rng, 4) },
	func(r *randomRun, rng *rand.Rand) { r.gracePeriod = pick(rng, "", "3s", "15s") },
	func(r *randomRun, rng *rand.Rand) { r.parallelism = rng.Int64N(3) },
	func(r *randomRun, rng *rand.Rand) { r.logLevel = pick(rng, "", "Info", "Error") },
	func(r *randomRun, rng *rand.Rand) { r.replaceOnFailure = oneIn(rng, 3) },
	func(r *randomRun, rng *rand.Rand) { r.createTimeout = pick(rng, "15s", "1m", "5m", "30m", "1h") },
	func(r *randomRun, rng *rand.Rand) { r.deleteTimeout = pick(rng, "", "", "20s", "1m") },
	func(r *randomRun, rng *rand.Rand) { r.noWait = !r.noWait },
	func(r *randomRun, rng *rand.Rand) { r.failureLogLines = pick(rng, int64(0), 1, 200) },
}

// newRun changes the block so that it asks for a new run.
func (r *randomRun) newRun(rng *rand.Rand) {
	if oneIn(rng, 2) {
		r.inputVersion++
	} else {
		r.trigger++
	}
}

func (r *randomRun) config() *core.ResourceConfig {
	config := &core.ResourceConfig{Address: r.address(), Type: runType, CreateBeforeDestroy: r.createsFirst}
	if r.after != "" {
		config.Dependencies = []string{runType + "." + r.after}
	}
	config.Values = func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value {
		values := map[string]tftypes.Value{"agent_id": core.Number(r.agentID), "triggers": r.triggers(get)}
		if r.writeOnly {
			values["input_parameters_wo"], values["input_parameters_wo_version"] = core.Text(r.secretInput()), core.Number(r.inputVersion)
		} else {
			values["input_parameters"] = core.Text(r.input())
		}
		set(values, "wait_for_completion", !r.noWait, r.noWait, core.Bool)
		set(values, "retries", r.retries, r.retries > 0, core.Number)
		set(values, "success_statuses", r.successStatuses, r.successStatuses != nil, core.TextSet)
		set(values, "failure_log_lines", r.failureLogLines, r.failureLogLines > 0, core.Number)
		set(values, "if_active", r.ifActive, r.ifActive != "", core.Text)
		set(values, "record_files", r.recordFiles, r.recordFiles, core.Bool)
		set(values, "on_destroy", "leave", r.leave, core.Text)
		set(values, "stop_grace_period", r.grace(), true, core.Text)
		set(values, "parallelism", r.parallelism, r.parallelism > 0, core.Number)
		set(values, "log_level", r.logLevel, r.logLevel != "", core.Text)
		set(values, "replace_on_failure", r.replaceOnFailure, r.replaceOnFailure, core.Bool)
		if r.late && r.after != "" && !get(runType+"."+r.after, "id").IsKnown() {
			values["success_statuses"] = core.Unknown(tftypes.Set{ElementType: tftypes.String})
			values["replace_on_failure"] = core.Unknown(tftypes.Bool)
		}
		values["timeouts"] = core.Timeouts(runType, map[string]string{"create": r.createTimeout, "delete": r.deleteTimeout})
		return values
	}
	return config
}

// grace is never the default, which a short timeouts.delete does not allow.
func (r *randomRun) grace() string {
	if r.gracePeriod == "" {
		return "10s"
	}
	return r.gracePeriod
}

// triggers name the run that this one comes after, as a date would stand for a new day. A null element stands for none.
func (r *randomRun) triggers(get func(address, attribute string) tftypes.Value) tftypes.Value {
	typ := tftypes.Map{ElementType: tftypes.String}
	elements := map[string]tftypes.Value{}
	if r.trigger > 0 {
		elements["n"] = core.Text(fmt.Sprint(r.trigger))
	}
	if r.after != "" {
		id := get(runType+"."+r.after, "id")
		if !id.IsKnown() {
			id = core.Unknown(tftypes.String)
		}
		elements["after"] = id
	}
	switch {
	case r.spelling%3 == 1:
		elements["none"] = tftypes.NewValue(tftypes.String, nil)
	case r.spelling%3 == 2 && len(elements) == 0:
		return tftypes.NewValue(typ, nil)
	}
	return tftypes.NewValue(typ, elements)
}

func set[T any](values map[string]tftypes.Value, name string, value T, given bool, convert func(T) tftypes.Value) {
	if given {
		values[name] = convert(value)
	}
}

// completionOf waits for the run of a block that does not wait itself.
func completionOf(r *randomRun, timeout string) *core.ResourceConfig {
	return &core.ResourceConfig{
		Address: completionType + "." + r.name, Type: completionType, Dependencies: []string{r.address()},
		Values: func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value {
			return map[string]tftypes.Value{
				"agent_id": core.Number(r.agentID), "run_id": orUnknown(get(r.address(), "run_id")),
				"timeouts": core.Timeouts(completionType, map[string]string{"create": timeout}),
			}
		},
	}
}

// dependentOf hangs a resource on a run, or on its completion.
func dependentOf(r *randomRun, on string) *core.ResourceConfig {
	return &core.ResourceConfig{
		Address: core.DependentType + "." + r.name, Type: core.DependentType, Dependencies: []string{r.address(), on},
		Values: func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value {
			return map[string]tftypes.Value{"run_id": orUnknown(get(on, "run_id"))}
		},
	}
}

// orUnknown is a number, or unknown when there is no value yet.
func orUnknown(v tftypes.Value) tftypes.Value {
	if v.Type() == nil || !v.IsKnown() {
		return core.Unknown(tftypes.Number)
	}
	return v
}

// configOf is the whole configuration: every run, the completion of each run that does not wait, and a dependent.
func configOf(runs []*randomRun) []*core.ResourceConfig {
	var config []*core.ResourceConfig
	present := map[string]bool{"": true}
	for _, r := range runs {
		present[r.name] = !r.absent && present[r.after]
		if !present[r.name] {
			continue
		}
		config = append(config, r.config())
		if r.noWait {
			config = append(config, completionOf(r, r.createTimeout))
		}
		config = append(config, dependentOf(r, onOf(r)))
	}
	return config
}

// onOf is the address on which everything hangs that needs the end of a run.
func onOf(r *randomRun) string {
	if r.noWait {
		return completionType + "." + r.name
	}
	return r.address()
}

func oneIn(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// late is a value that no plan knows when the version has changed.
func late(version, value string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  input            = %s\n  triggers_replace = %s\n}\n", value, version)
}

const source = "-target=terraform_data.late"

// aLate puts the late value into an argument of sequentum_run.r.
type aLate struct {
	argument   string
	expression string
	others     string // of the resource
}

func (l aLate) config(version, value string) string {
	return late(version, value) + run(l.argument+" = "+l.expression+"\n"+l.others)
}

// failedUnwaited leaves a failed run that nobody waited for, failedMarked one whose resumed wait failed.
func failedUnwaited(w *workspace) {
	w.mustApply()
	w.finish(simulator.Failure)
	w.mustApply("-refresh-only")
}

func failedMarked(w *workspace) {
	p := w.beginApply()
	p.awaitWait()
	p.interrupt()
	w.finish(simulator.Failure)
	w.mustRun("apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false")
}

// Whether a failed run is replaced depends on a value that only the apply knows. It must be neither an inconsistent
// plan nor a run bought on a guess.
func TestScenarioUndecided(t *testing.T) {
	t.Parallel()
	statuses := aLate{"success_statuses", "[\"Completed\", terraform_data.late.output]", ""}
	unwaitedStatuses := aLate{statuses.argument, statuses.expression, unwaited + "\nreplace_on_failure = true"}
	replacing := aLate{"replace_on_failure", "terraform_data.late.output", unwaited}
	waiting := aLate{"wait_for_completion", "terraform_data.late.output", "replace_on_failure = true"}
	replaced, updated := map[string]string{"sequentum_run.r": "replace"}, map[string]string{"sequentum_run.r": "update"}
	for _, c := range []struct {
		name   string
		late   aLate
		failed func(w *workspace)
		before string // the value, and the end that it leads to when it is known
		value  string
		plan   map[string]string
	}{
		{"success_statuses after a wait, and the end counts", statuses, failedMarked, `"Success"`, `"Failure"`, updated},
		{"success_statuses after a wait, and the end does not count", statuses, failedMarked, `"Success"`, `"Stopped"`, replaced},
		{"success_statuses after a wait, and nothing has changed", statuses, failedMarked, `"Success"`, `"Success"`, replaced},
		{"success_statuses without a wait, and the end counts", unwaitedStatuses, failedUnwaited, `"Success"`, `"Failure"`, updated},
		{"success_statuses without a wait, and the end does not count", unwaitedStatuses, failedUnwaited, `"Success"`, `"Stopped"`, replaced},
		{"replace_on_failure is true", replacing, failedUnwaited, "false", "true", replaced},
		{"replace_on_failure is false", replacing, failedUnwaited, "false", "false", nil},
		{"wait_for_completion is false", waiting, failedUnwaited, "false", "false", replaced},
		{"wait_for_completion is true", waiting, failedUnwaited, "false", "true", updated},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			scenario{
				config: c.late.config("1", c.before),
				act: func(w *workspace) {
					c.failed(w)
					w.config("%s", c.late.config("2", c.value))
					w.wantNoPlan("The value of "+c.late.argument+" decides whether a new run is needed, and it is not known yet", "Run 4711/100001 ended as Failure.",
						"First apply the resource that the value comes from, for example with `terraform apply -target=ADDRESS`.")
					w.mustApply(source)
					w.wantPlan(c.plan)
				},
				want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Failure"}, plan: c.plan},
			}.play(t)
		})
	}
}

func TestScenarioUndecidedIsDestroyed(t *testing.T) {
	t.Parallel()
	l := aLate{"replace_on_failure", "terraform_data.late.output", unwaited}
	gone := map[string]string{"sequentum_run.r": "create", "terraform_data.late": "create"}
	runScenarios(t, []scenario{{
		name: "a destroy works at once, or without a refresh", config: l.config("1", "false"),
		act: func(w *workspace) {
			failedUnwaited(w)
			w.config("%s", l.config("2", "true"))
			// A destroy may begin with an ordinary plan for its refresh.
			if r := w.destroy(); r.code != 0 {
				wantText(w.t, r.output, "To destroy instead: `terraform destroy -refresh=false`.")
				w.mustDestroy("-refresh=false")
			}
		},
		want: outcome{starts: 1, plan: gone},
	}})
}

// What is not known yet and decides about no new run is stored in place, whatever it turns out to be.
func TestScenarioUnknownButDecided(t *testing.T) {
	t.Parallel()
	succeeded := func(w *workspace) {
		w.mustApply()
		w.finish(simulator.Completed)
		w.mustApply("-refresh-only")
	}
	active := func(w *workspace) { w.mustApply() }
	const statuses = "[\"Success\", terraform_data.late.output]"
	for _, c := range []struct {
		name   string
		late   aLate
		end    func(w *workspace)
		before string
		values []string
	}{
		{"success_statuses, and nothing replaces a failure", aLate{"success_statuses", statuses, unwaited}, failedUnwaited, `"Completed"`, []string{`"Failure"`, `"Completed"`, `"Stopped"`}},
		{"success_statuses of a good run", aLate{"success_statuses", statuses, unwaited}, succeeded, `"Completed"`, []string{`"Failure"`, `"Completed"`}},
		{"success_statuses of an active run", aLate{"success_statuses", statuses, unwaited + "\nreplace_on_failure = true"}, active, `"Completed"`, []string{`"Failure"`, `"Completed"`}},
		{"replace_on_failure of a good run", aLate{"replace_on_failure", "terraform_data.late.output", unwaited}, succeeded, "false", []string{"true", "false"}},
		{"replace_on_failure of an active run", aLate{"replace_on_failure", "terraform_data.late.output", unwaited}, active, "false", []string{"true", "false"}},
		{"wait_for_completion without replace_on_failure", aLate{"wait_for_completion", "terraform_data.late.output", ""}, failedUnwaited, "false", []string{"true", "false"}},
		{"wait_for_completion of a good run", aLate{"wait_for_completion", "terraform_data.late.output", "replace_on_failure = true"}, succeeded, "false", []string{"true", "false"}},
		{
			"arguments that say nothing about a new run", aLate{"on_destroy", "terraform_data.late.output.on_destroy", unwaited + `
retries           = terraform_data.late.output.retries
record_files      = terraform_data.late.output.record_files
if_active         = terraform_data.late.output.if_active
stop_grace_period = terraform_data.late.output.grace
timeouts { create = terraform_data.late.output.create }`},
			failedUnwaited, everything("stop", 0, false, "start", "1m"),
			[]string{everything("leave", 1, true, "fail", "2m"), everything("stop", 0, false, "start", "1m")},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			scenario{
				config: c.late.config("1", c.before),
				act: func(w *workspace) {
					c.end(w)
					for i, value := range c.values {
						w.config("%s", c.late.config(fmt.Sprint(i+2), value))
						w.wantPlan(map[string]string{"sequentum_run.r": "update", "terraform_data.late": "replace"})
						w.mustApply()
						w.wantStarts(1)
					}
					w.config("%s", run(unwaited))
					w.mustApply()
				},
				want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
			}.play(t)
		})
	}
}

// everything is the late value of the arguments that decide nothing about a new run.
func everything(onDestroy string, retries int, record bool, ifActive, duration string) string {
	return fmt.Sprintf("{ on_destroy = %q, retries = %d, record_files = %v, if_active = %q, grace = %q, create = %q }", onDestroy, retries, record, ifActive, duration, duration)
}

func TestScenarioUnknownOfMarkedRun(t *testing.T) {
	t.Parallel()
	// The wait is owed an end whatever these are: the replacement is planned, and it stays one.
	for argument, values := range map[string][]string{"wait_for_completion": {"true", "true"}, "replace_on_failure": {"false", "true"}, "retries": {"0", "1"}} {
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			l := aLate{argument, "terraform_data.late.output", ""}
			scenario{
				config: l.config("1", values[0]),
				act: func(w *workspace) {
					failedMarked(w)
					w.config("%s", l.config("2", values[1]))
					w.wantPlan(map[string]string{"sequentum_run.r": "replace", "terraform_data.late": "replace"})
					w.cloud.SetAgent(quick())
					w.mustApply()
				},
				want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
			}.play(t)
		})
	}
}

// The completion judges the end anew when the statuses are known, from its state.
func TestScenarioUnknownOfCompletion(t *testing.T) {
	t.Parallel()
	const c = "sequentum_run_completion.c"
	config := func(version, value string) string {
		return late(version, value) + completion("success_statuses = [\"Completed\", terraform_data.late.output]\nrecord_files = true")
	}
	changed := map[string]string{c: "update", "terraform_data.late": "replace"}
	runScenarios(t, []scenario{{
		name: "success_statuses are known after apply", agent: quick(diagnosed), config: config("1", `"Failure"`),
		act: func(w *workspace) {
			w.mustApply()
			w.config("%s", config("2", `"Failed"`))
			w.wantPlan(changed)
			w.mustApply()
			w.wantState(c, false, map[string]any{"status": "Failure", "succeeded": true})
			w.config("%s", config("3", `"Stopped"`))
			w.wantPlan(changed)
			w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure, which success_statuses does not contain", "State is unchanged.")
			w.wantState(c, false, map[string]any{"status": "Failure", "succeeded": true})
			w.wantFiles(c, 1)
		},
		want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: map[string]string{c: "update"}},
	}})
}

// An argument that says which run it is forces a new one when it is not known: the plan shows so.
func TestScenarioUnknownForcesARun(t *testing.T) {
	t.Parallel()
	for _, l := range []aLate{{"triggers", "{ day = terraform_data.late.output }", ""}, {"triggers", "terraform_data.late.output == \"\" ? {} : { day = \"1\" }", ""}, {"input_parameters", "jsonencode({ a = terraform_data.late.output })", ""}} {
		t.Run(strings.ReplaceAll(l.expression, "/", ""), func(t *testing.T) {
			t.Parallel()
			scenario{
				agent: quick(), config: l.config("1", `"1"`),
				act: func(w *workspace) {
					w.mustApply()
					w.config("%s", l.config("2", `"1"`))
					w.wantPlan(map[string]string{"sequentum_run.r": "replace", "terraform_data.late": "replace"})
					w.mustApply()
				},
				want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
			}.play(t)
		})
	}
}

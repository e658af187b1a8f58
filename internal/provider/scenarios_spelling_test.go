// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// respelled applies one configuration after the other: the plan of each is only what it has to be, and no run starts.
func respelled(steps ...step) func(w *workspace) {
	return func(w *workspace) {
		w.mustApply()
		for _, s := range steps {
			w.config("%s", run(s.arguments))
			w.wantPlan(s.plan)
			w.mustApply()
			w.wantStarts(1)
		}
	}
}

type step struct {
	arguments string
	plan      map[string]string
}

func TestScenarioAnotherSpelling(t *testing.T) {
	t.Parallel()
	// Terraform lets no provider hide a change between null and another value.
	inPlace := map[string]string{"sequentum_run.r": "update"}
	one := outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}}
	runScenarios(t, []scenario{
		{
			name: "another spelling of the input", agent: quick(), config: run(`input_parameters = "{\"a\":1,\"b\":1000,\"c\":[0.01,0]}"`), want: one,
			act: respelled(
				step{`input_parameters = "{\"a\":1.0,\"b\":1e3,\"c\":[1e-2,-0]}"`, nil},
				step{`input_parameters = "{ \"c\": [ 0.010, 0.0 ], \"\\u0062\": 1000.0, \"a\": 1 }"`, nil},
			),
		},
		{
			name: "another spelling of no input", agent: quick(), config: run(""), want: one,
			act: respelled(step{`input_parameters = "{}"`, inPlace}, step{`input_parameters = " { } "`, nil}, step{"", inPlace}),
		},
		{
			name: "another spelling of no triggers", agent: quick(), config: run(""), want: one,
			act: respelled(step{"triggers = {}", inPlace}, step{"triggers = { day = null }", nil}, step{"", inPlace}),
		},
		{
			name: "another spelling of the triggers", agent: quick(), config: run(`triggers = { day = "1" }`), want: one,
			act: respelled(step{`triggers = { day = "1", hour = null }`, nil}, step{`triggers = { day = "1" }`, nil}),
		},
		{
			name: "another spelling of the triggers, while another argument changes", agent: quick(), config: run(`triggers = { day = "1" }`), want: one,
			act: respelled(step{"triggers = { day = \"1\", hour = null }\nlog_level = \"Info\"", inPlace}),
		},
		{
			name: "another spelling of success_statuses", agent: quick(diagnosed), config: run(`success_statuses = ["Failed"]`),
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Failure", "succeeded": true}},
			act:  respelled(step{`success_statuses = ["Failure"]`, nil}, step{`success_statuses = ["Failed", "Failure"]`, nil}),
		},
		{
			name: "another input and other triggers force a new run", agent: quick(), config: run("input_parameters = \"{\\\"a\\\":1}\"\ntriggers = { day = null }"),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", run("input_parameters = \"{\\\"a\\\":1.01}\"\ntriggers = { day = null }"))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
				w.mustApply()
				w.config("%s", run("input_parameters = \"{\\\"a\\\":1.01}\"\ntriggers = { day = \"\" }"))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
	})
}

func TestScenarioArgumentsWithoutEffect(t *testing.T) {
	t.Parallel()
	retries, record, log := "retries has no effect without a wait", "record_files has no effect without a wait", "failure_log_lines has no effect without a wait"
	runScenarios(t, []scenario{
		{
			name: "what needs a wait, with wait_for_completion = false: a warning when it is set", config: run(unwaited + "\nretries = 2\nrecord_files = true\nfailure_log_lines = 20"),
			act: func(w *workspace) {
				w.wantPlan(map[string]string{"sequentum_run.r": "create"}, retries, record, log, "no retry is started", "Set record_files on the sequentum_run_completion that waits for the run.", "Set failure_log_lines on the sequentum_run_completion that waits for the run.")
				w.mustApply()
				w.finish(simulator.Completed)
				p := w.wantPlan(nil)
				wantNoText(w.t, p.text, retries, record, log)
				w.config("%s", run(unwaited+"\nretries = 3\nrecord_files = true\nfailure_log_lines = 20"))
				p = w.wantPlan(map[string]string{"sequentum_run.r": "update"}, retries)
				wantNoText(w.t, p.text, record, log)
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "a state of a version that had no failure_log_lines plans nothing", agent: quick(), config: oneRun,
			act: func(w *workspace) {
				w.mustApply()
				const attribute = `"failure_log_lines": null,`
				state := w.read("terraform.tfstate")
				if !strings.Contains(state, attribute) {
					w.t.Fatalf("%s is not in state: %s", attribute, state)
				}
				w.file("terraform.tfstate", strings.Replace(state, attribute, "", 1))
				w.wantPlan(nil)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "what needs a wait, with a wait: no warning", agent: quick(), config: run("retries = 2\nrecord_files = true\nfailure_log_lines = 20"),
			act: func(w *workspace) {
				p := w.wantPlan(map[string]string{"sequentum_run.r": "create"})
				wantNoText(w.t, p.text, retries, record, log)
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
	})
}

// A module with an optional secret sets the version whether or not there is one.
func TestScenarioNoSecretInput(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{{
		name: "input_parameters_wo is null and has a version", agent: quick(), config: run("input_parameters_wo = null\ninput_parameters_wo_version = 1"),
		act: func(w *workspace) {
			w.mustApply()
			if r := w.newest(); r.InputParameters != "" {
				w.t.Errorf("the run has the input %s", r.InputParameters)
			}
		},
		want: outcome{starts: 1, state: map[string]any{"status": "Completed", "input_parameters_wo_version": 1}},
	}})
}

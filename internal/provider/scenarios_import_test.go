// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const importByIdentity = `
import {
  to       = sequentum_run.r
  identity = { agent_id = 4711, run_id = 100001 }
}
`

// fullRun sets everything that an import cannot know.
const fullRun = `
resource "sequentum_run" "r" {
  agent_id                 = 4711
  input_parameters         = jsonencode({ category = "shoes" })
  triggers                 = { day = "1" }
  parallelism              = 2
  parallel_max_concurrency = 2
  parallel_export          = "Separated"
  proxy_pool_id            = 3
  exclusive                = true
  log_level                = "Info"
  log_mode                 = "Text"
  success_statuses         = ["Completed", "Stopped"]
  retries                  = 2
  record_files             = true
  if_active                = "fail"
  stop_grace_period        = "1m"
  on_destroy               = "leave"
  timeouts { create = "1h" }
}
`

func TestScenarioImport(t *testing.T) {
	t.Parallel()
	updated := map[string]string{"sequentum_run.r": "update"}
	imported := outcome{strangers: 1, state: map[string]any{"run_id": firstRun, "status": "Completed", "succeeded": true}}
	runScenarios(t, []scenario{
		{
			name: "an import on the command line is adopted in place, whatever the configuration", config: fullRun,
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.mustRun("import", "-no-color", "-input=false", "sequentum_run.r", "4711/100001")
				w.wantState("sequentum_run.r", false, map[string]any{"id": "4711/100001", "run_ids": "[100001]", "attempts": 1, "status": "Completed",
					"wait_for_completion": nil, "triggers": nil, "success_statuses": nil, "on_destroy": nil})
				w.wantPlan(updated)
				w.mustApply()
				w.wantState("sequentum_run.r", false, map[string]any{"wait_for_completion": true, "triggers": "map[day:1]", "on_destroy": "leave"})
			},
			want: imported,
		},
		{
			name: "an import block is adopted in place", config: fullRun + importBlock,
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.wantPlan(updated)
				wantText(w.t, w.mustApply().output, "1 imported, 0 added, 1 changed, 0 destroyed")
			},
			want: imported,
		},
		{
			name: "a change of triggers after an import forces a new run", config: fullRun + importBlock,
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.mustApply()
				w.cloud.SetAgent(quick())
				w.config("%s", run(`triggers = { day = "2" }`))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
				w.mustApply()
			},
			want: outcome{starts: 1, strangers: 1, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "an import of a failed run plans no new run", config: oneRun + importBlock,
			act: func(w *workspace) {
				w.hasRun(simulator.Failure)
				w.wantPlan(updated)
				w.mustApply()
			},
			want: outcome{strangers: 1, state: map[string]any{"status": "Failure", "succeeded": false}},
		},
		{
			name: "an import of a failed run with replace_on_failure: only the plan after the adoption replaces it", config: run(unwaited+"\nreplace_on_failure = true") + importBlock,
			act: func(w *workspace) {
				w.hasRun(simulator.Failure)
				w.wantPlan(updated)
				w.mustApply()
			},
			want: outcome{strangers: 1, state: map[string]any{"run_id": firstRun, "status": "Failure"}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "an import of an archived run", config: oneRun + importBlock,
			act: func(w *workspace) {
				w.hasRun(simulator.Failure)
				w.cloud.Archive(firstRun)
				w.mustApply()
				w.wantNoRequest()
			},
			want: outcome{strangers: 1, state: map[string]any{"status": "Failed", "succeeded": false}},
		},
		{
			name: "an import of an active run: the apply waits for it", config: oneRun + dependent,
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				w.mustRun("import", "-no-color", "-input=false", "sequentum_run.r", "4711/100001")
				w.wantState("sequentum_run.r", false, map[string]any{"finished": false, "status": "Running"})
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: imported,
		},
		{
			name: "an import of an active run with wait_for_completion = false", config: run(unwaited) + importBlock,
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				w.mustApply()
			},
			want: outcome{strangers: 1, state: map[string]any{"run_id": firstRun, "finished": false}},
		},
		{
			name: "a destroy before the adoption uses the defaults", config: oneRun,
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				w.mustRun("import", "-no-color", "-input=false", "sequentum_run.r", "4711/100001")
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
			},
			want: outcome{strangers: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "an import of another agent's run: the plan is a replacement", config: oneRun, cloud: simulator.Options{Agents: []simulator.Agent{{ID: 4712}}},
			act: func(w *workspace) {
				w.cloud.StartRun(4712)
				w.mustRun("import", "-no-color", "-input=false", "sequentum_run.r", "4712/100001")
			},
			want: outcome{state: map[string]any{"agent_id": 4712}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "an import of a run that does not exist", trouble: "An import names a run that does not exist", config: oneRun,
			act: func(w *workspace) {
				w.wantFailure(w.run("import", "-no-color", "-input=false", "sequentum_run.r", "4711/100001"), "Error: There is no run 4711/100001 to import", "404 Not Found",
					"The run never existed, its retention time has passed, or this key cannot see it.")
			},
			want: outcome{plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "an import by a text that is not an id", config: oneRun,
			act: func(w *workspace) {
				for _, id := range []string{"100001", "4711/", "4711/x", "4711/0", "4711-100001", "4711/100001/1"} {
					w.wantFailure(w.run("import", "-no-color", "-input=false", "sequentum_run.r", id), "Error: Invalid import id", "for example 4711/100001")
				}
			},
			want: outcome{plan: map[string]string{"sequentum_run.r": "create"}},
		},
	})
}

func TestScenarioImportByIdentity(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "an import by the identity of a run, where the CLI knows identities", config: fullRun + importByIdentity,
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				if !w.knowsIdentity() {
					w.wantNoPlan("identity")
					w.config("%s", fullRun+importBlock)
				}
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				w.mustApply()
			},
			want: outcome{strangers: 1, state: map[string]any{"run_id": firstRun, "status": "Completed", "wait_for_completion": true}},
		},
		{
			name: "an import by an identity that no run has", config: oneRun + `
import {
  to       = sequentum_run.r
  identity = { agent_id = 4711, run_id = 0 }
}
`,
			act: func(w *workspace) {
				if w.knowsIdentity() {
					w.wantNoPlan("Invalid import identity", "agent_id and run_id must both be 1 or more, for example { agent_id = 4711, run_id = 100001 }.")
				} else {
					w.wantNoPlan("identity")
				}
				w.config("%s", oneRun)
			},
			want: outcome{plan: map[string]string{"sequentum_run.r": "create"}},
		},
	})
}

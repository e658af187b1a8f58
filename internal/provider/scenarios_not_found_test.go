// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// TestScenarioNotFound goes through the design's table of what a 404 means.
func TestScenarioNotFound(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "a failed run is not found: state keeps it", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.finish(simulator.Failure)
				w.mustApply("-refresh-only")
				w.wantState("sequentum_run.r", false, map[string]any{"status": "Failure"})
				w.cloud.Expire(firstRun)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Failure"}},
		},
		{
			name: "an active run that no apply waits for is not found: state keeps it, with a warning", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Expire(firstRun)
				w.wantPlan(nil, "Run 4711/100001 is not found any more", "It was Running when it was last seen. No apply waits for it, so state is unchanged.")
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Running"}},
		},
		{
			name: "an active run that no apply waits for and its agent are not found: state keeps it", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.HideAgent(4711, true)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Running"}, planSays: []string{"Run 4711/100001 is not found any more"}},
		},
		{
			name: "a run whose wait was interrupted is not found: removed from state, with a warning", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.cloud.Expire(firstRun)
				w.wantPlan(map[string]string{"sequentum_run.r": "create"}, "Run 4711/100001 is gone: it was removed from state",
					"The wait for this run was interrupted. Its agent exists, but the API no longer knows the run. The next apply starts a new run.")
				wantTrouble(w.t, "The wait was interrupted, and the platform then removed the run", w.transcript())
				w.cloud.SetAgent(quick())
				w.mustApply()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "a run whose wait was interrupted and its agent are not found: an error", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				before := w.read("terraform.tfstate")
				w.cloud.HideAgent(4711, true)
				w.wantNoPlan("Run 4711/100001 and its agent are not found", "Agent 4711 was deleted, or this API key cannot see it", "`terraform state rm ADDRESS`")
				w.wantFailure(w.apply(), "Error: Run 4711/100001 and its agent are not found", "State is unchanged.")
				if w.read("terraform.tfstate") != before {
					w.t.Error("lost access changed the state")
				}
				wantTrouble(w.t, "The run and its agent are not found (another account, a key that cannot see the agent)", w.transcript())
				w.cloud.HideAgent(4711, false)
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "a 404 of a proxy: an error", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.cloud.Inject(simulator.Fault{Times: -1, Action: simulator.HTML, Code: 404})
				w.wantNoPlan("Run 4711/100001 could not be read", "404 Not Found")
				w.cloud.ClearFaults()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "update"}},
		},
	})
}

func TestScenarioRestarted(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "a failure is active again, and destroy stops it", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.finish(simulator.Failure)
				w.mustApply("-refresh-only")
				w.cloud.Restart(firstRun)
				w.mustApply("-refresh-only")
				w.wantState("sequentum_run.r", false, map[string]any{"status": "Running", "finished": false})
				w.wantPlan(nil)
				wantTrouble(w.t, "A person restarts a failed run that no apply waits for", w.transcript())
				wantText(w.t, w.mustDestroy().output, "Warning: A destroy stops run 4711/100001, which is still active")
				w.wantRun(firstRun, simulator.Stopped)
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "a failure is restarted after the last refresh, and destroy stops it", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.finish(simulator.Failure)
				w.mustApply("-refresh-only")
				w.cloud.Restart(firstRun)
				wantText(w.t, w.mustDestroy("-refresh=false").output, "Warning: Run 4711/100001 was stopped")
				w.wantRun(firstRun, simulator.Stopped)
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "an accepted failure that is active again is waited for", agent: quick(diagnosed, simulator.Outcome{}), config: run(`success_statuses = ["Failure", "Completed"]`),
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Restart(firstRun)
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
	})
}

const filesIfAny = `
data "sequentum_run_files" "f" {
  agent_id      = 4711
  run_id        = sequentum_run.r.run_id
  allow_missing = true
}
`

func TestScenarioFilesDataSource(t *testing.T) {
	t.Parallel()
	gone := []string{"Run 4711/100001 is not found", "set allow_missing = true to get an empty result and a warning instead of this error",
		"terraform destroy -refresh=false", "record_files = true"}
	destroyed := map[string]string{"sequentum_run.r": "create", "data.sequentum_run_files.f": "read"}
	runScenarios(t, []scenario{
		{
			name: "a plan after retention", trouble: "A data source reads a run that the platform has removed", agent: quick(), config: oneRun + filesOf,
			act: func(w *workspace) {
				w.mustApply()
				w.wantFiles("data.sequentum_run_files.f", 1)
				w.cloud.Expire(firstRun)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}, noPlan: gone},
		},
		{
			name: "a plan after retention, with allow_missing", agent: quick(), config: oneRun + filesIfAny,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Expire(firstRun)
				w.mustApply()
				w.wantState("data.sequentum_run_files.f", false, map[string]any{"found": false})
				w.wantFiles("data.sequentum_run_files.f", 0)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"},
				planSays: []string{"Run 4711/100001 is not found", "The result is empty, and found is false."}},
		},
		{
			name: "a plan with allow_missing, and the agent is hidden", agent: quick(), config: oneRun + filesIfAny,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.HideAgent(4711, true)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"},
				noPlan: []string{"Run 4711/100001 and its agent are not found", "The agent was deleted, or this API key cannot see it."}},
		},
		{
			name: "a destroy after retention", agent: quick(), config: oneRun + filesOf,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Expire(firstRun)
				w.wantFailure(w.destroy(), gone...)
				w.mustDestroy("-refresh=false")
			},
			want: outcome{starts: 1, plan: destroyed},
		},
		{
			name: "a destroy after retention, with allow_missing", agent: quick(), config: oneRun + filesIfAny,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Expire(firstRun)
				w.mustDestroy()
			},
			want: outcome{starts: 1, plan: destroyed},
		},
		{
			name: "a destroy after a failed run", agent: quick(diagnosed), config: oneRun + filesOf,
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "ended as Failure")
				w.wantPlan(map[string]string{"sequentum_run.r": "replace", "data.sequentum_run_files.f": "read"})
				w.mustDestroy()
			},
			want: outcome{starts: 1, plan: destroyed},
		},
		{
			name: "a plan while the run is still active", config: run(unwaited) + filesOf,
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: Run 4711/100001 is still active", "The list of its files can be empty or partial.")
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Running"}, planSays: []string{"The list of its files can be empty or partial."}},
		},
		{
			name: "a plan during an outage", agent: quick(), config: oneRun + filesOf,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Outage(true)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}, noPlan: []string{"The files of run 4711/100001 could not be listed", "503 Service Unavailable"}},
		},
	})
}

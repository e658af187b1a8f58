// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioNeverANewRun(t *testing.T) {
	t.Parallel()
	unwaited := func(w *workspace, end simulator.Status) {
		w.mustApply()
		w.finish(end)
	}
	runScenarios(t, []scenario{
		{
			name: "a failed run that nobody waited for plans no new run", config: run("wait_for_completion = false"),
			act: func(w *workspace) {
				unwaited(w, simulator.Failure)
				w.wantPlan(nil)
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "succeeded": false}},
		},
		{
			name: "wait_for_completion = true after a failure plans no new run", config: run("wait_for_completion = false"),
			act: func(w *workspace) {
				unwaited(w, simulator.Failure)
				w.config("%s", oneRun)
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "wait_for_completion": true}},
		},
		{
			name: "replace_on_failure plans a new run after a failure", config: run("wait_for_completion = false\nreplace_on_failure = true"),
			act: func(w *workspace) { unwaited(w, simulator.Failure) },
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false}, plan: map[string]string{"sequentum_run.r": "replace"},
				planSays: []string{"Run 4711/100001 ended as Failure: a new run is planned", "replace_on_failure is true, and no apply waited for the run.", "The new run costs credits."}},
		},
		{
			name: "replace_on_failure plans no new run after a success", config: run("wait_for_completion = false\nreplace_on_failure = true"),
			act:  func(w *workspace) { unwaited(w, simulator.Success) },
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "settings of the next run change in place", agent: running(2 * time.Second), config: oneRun,
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", run("parallelism = 2\nparallel_max_concurrency = 2\nparallel_export = \"Combined\"\nproxy_pool_id = 3\nexclusive = true\nlog_level = \"Info\"\nlog_mode = \"Text\"\n"+
					"retries = 2\nrecord_files = true\nif_active = \"fail\"\nstop_grace_period = \"1m\"\non_destroy = \"leave\"\nreplace_on_failure = true\nwait_for_completion = false\ntimeouts { create = \"1h\" }"))
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"parallelism": 2, "log_level": "Info", "on_destroy": "leave", "status": "Completed"}},
		},
		{
			name: "input in another format plans no new run", agent: running(2 * time.Second), config: run(`input_parameters = "{\"a\":1,\"b\":[1,2]}"`),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", run(`input_parameters = "{ \"b\": [1, 2], \"a\": 1 }"`))
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "triggers that name a run whose wait is resumed plan no new run", config: twoRuns("false"),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", twoRuns("true"))
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				p := w.beginApply()
				p.awaitRequests(simulator.KindStatus, 1)
				w.cloud.Finish(firstRun, simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "wait_for_completion that is known after apply plans no new run", config: lateChoice("1"),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", lateChoice("2"))
				w.wantPlan(map[string]string{"sequentum_run.r": "update", "terraform_data.choice": "replace"})
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false, "wait_for_completion": false}},
		},
		{
			name: "a change of triggers plans a new run", agent: running(2 * time.Second), config: run(`triggers = { day = "1" }`),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", run(`triggers = { day = "2" }`))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
				w.mustApply()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1}},
		},
	})
}

// lateChoice decides against the wait by a value that a plan does not know.
func lateChoice(version string) string {
	return "resource \"terraform_data\" \"choice\" {\n  input = \"no\"\n  triggers_replace = " + version + "\n}\n" +
		run("wait_for_completion = terraform_data.choice.output == \"yes\"")
}

// twoRuns has a second run that follows the first.
func twoRuns(wait string) string {
	return run("wait_for_completion = "+wait) + `
resource "sequentum_run" "follower" {
  agent_id            = 4711
  wait_for_completion = false
  triggers            = { after = sequentum_run.r.run_id }
}
`
}

func TestScenarioInterruptedWaitEndsBadly(t *testing.T) {
	t.Parallel()
	why := []string{"Run 4711/100001 ended as Failure: a new run is planned", "The wait for this run was interrupted or failed."}
	interrupted := func(w *workspace) {
		w.t.Helper()
		p := w.beginApply()
		p.awaitWait()
		p.interrupt()
	}
	resumed := func(w *workspace, end simulator.Status) {
		w.t.Helper()
		p := w.beginApply()
		p.awaitWait()
		w.finish(end)
		p.mustFail("Error: Run 4711/100001 ended as "+end.String(), "The next apply replaces it with a new run.")
	}
	runScenarios(t, []scenario{
		{
			name: "a failure between two applies: the next plan replaces the run", config: oneRun + dependent,
			act: func(w *workspace) {
				interrupted(w)
				w.finish(simulator.Failure)
				w.wantPlan(map[string]string{"sequentum_run.r": "replace", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"}, why...)
				p := w.beginApply()
				w.eventually("the new run", func() bool { return len(w.cloud.Runs(4711)) == 2 })
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "a success between two applies: the next plan is empty", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				w.finish(simulator.Success)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false}},
		},
		{
			name: "a failure in a resumed wait: every plan replaces the run until it is replaced", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				resumed(w, simulator.Failure)
				w.wantState("sequentum_run.r", false, map[string]any{"status": "Failure"})
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"}, why...)
				w.cloud.Archive(firstRun)
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
				w.cloud.Expire(firstRun)
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
				p := w.beginApply()
				w.eventually("the new run", func() bool { return len(w.cloud.Runs(4711)) == 2 })
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "a stop in a resumed wait: the next plan replaces the run", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				resumed(w, simulator.Stopped)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Stopped"}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "a failure in a resumed wait: success_statuses accept it afterwards", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				resumed(w, simulator.Failure)
				w.config("%s", run(`success_statuses = ["Completed", "Failure"]`))
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				w.mustApply()
				w.wantPlan(nil)
				w.config("%s", oneRun) // its end was accepted once: no new run follows from this
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Failure", "succeeded": false}},
		},
		{
			name: "a failure after wait_for_completion = false: the next plan is empty", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				w.config("%s", run("wait_for_completion = false"))
				w.mustApply()
				w.finish(simulator.Failure)
				w.wantPlan(nil)
				w.config("%s", run("wait_for_completion = false\nretries = 1"))
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Failure"}},
		},
		{
			name: "a failure in the wait of an update: the next plan replaces the run", config: run("wait_for_completion = false"),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", oneRun)
				resumed(w, simulator.Failure)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Failure"}, plan: map[string]string{"sequentum_run.r": "replace"}, planSays: why},
		},
	})
}

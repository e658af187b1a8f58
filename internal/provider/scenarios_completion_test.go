// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioCompletion(t *testing.T) {
	t.Parallel()
	const c = "sequentum_run_completion.c"
	missing := map[string]string{c: "create"}
	afterwards := "\nresource \"terraform_data\" \"dependent\" {\n  input = sequentum_run_completion.c.records_extracted\n}\n"
	runScenarios(t, []scenario{
		{
			name: "a completion waits, and later plans ask nothing", agent: quick(), config: completion("record_files = true") + afterwards,
			act: func(w *workspace) {
				w.mustApply()
				w.wantState(c, false, map[string]any{"id": "4711/100001", "status": "Completed", "succeeded": true, "records_extracted": 120})
				w.wantFiles(c, 1)
				w.mustApply() // the run's own refresh sees its end
				w.cloud.Expire(firstRun)
				w.wantNoRequest()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "an interrupt costs only the wait", config: completion("") + afterwards,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				wantText(w.t, p.interrupt().output, "Error: Interrupted while waiting; run 4711/100001 is still running",
					"The next apply waits again. To stop the run: destroy its sequentum_run.")
				w.wantNoState(c)
				w.wantNoState("terraform_data.dependent")
				w.wantPlan(map[string]string{c: "create", "terraform_data.dependent": "create"})
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "a timeout costs only the wait", config: completion("timeouts { create = \"3s\" }"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Run 4711/100001 did not finish within timeouts.create (3s)", "The provider did not stop the run.",
					"The completion is not in state. To wait again for the same run: raise timeouts.create, and apply.")
				w.wantNoState(c)
				w.wantRun(firstRun, simulator.Running)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: missing},
		},
		{
			name: "lost access costs only the wait", config: completion(""),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Forbid(true)
				p.mustFail("Error: The API refused access while waiting for run 4711/100001", "The completion is not in state. To wait again for the same run: renew the API key")
				w.cloud.Forbid(false)
				w.wantNoState(c)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: missing},
		},
		{
			name: "a failed run, and the way to a new one", agent: quick(diagnosed, simulator.Outcome{}), config: completion(""),
			act: func(w *workspace) {
				for range 2 { // it stays red
					w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure", "Its message: Success criteria: 120 of 500 records", "Possible causes:",
						"change the `triggers` of the sequentum_run, use `terraform apply -replace=ADDRESS` with its address, or set its `replace_on_failure = true`.")
					w.wantNoState(c)
				}
				w.mustApply("-replace=sequentum_run.r")
				w.wantState(c, false, map[string]any{"run_id": firstRun + 1, "succeeded": true})
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1}},
		},
		{
			name: "a failed run with replace_on_failure", agent: quick(diagnosed, simulator.Outcome{}),
			config: run(unwaited+"\nreplace_on_failure = true") + "\nresource \"sequentum_run_completion\" \"c\" {\n  agent_id = 4711\n  run_id = sequentum_run.r.run_id\n}\n",
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "ended as Failure")
				w.mustApply()
				w.wantState(c, false, map[string]any{"run_id": firstRun + 1, "succeeded": true})
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1}},
		},
		{
			name: "success_statuses accept a failed run", agent: quick(diagnosed), config: completion(`success_statuses = ["Failed"]`),
			act: func(w *workspace) {
				w.mustApply()
				w.wantState(c, false, map[string]any{"status": "Failure", "succeeded": true})
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "success_statuses change in place, without a request, and after retention", agent: quick(diagnosed),
			config: completion("success_statuses = [\"Failed\"]\nrecord_files = true"),
			act: func(w *workspace) {
				w.mustApply()
				w.mustApply() // the run's own refresh sees its end
				w.cloud.Expire(firstRun)
				w.config("%s", completion("success_statuses = [\"Failure\"]\nrecord_files = true"))
				w.wantPlan(nil)
				w.config("%s", completion("success_statuses = [\"Failure\", \"Stopped\"]\nrecord_files = true"))
				w.wantPlan(map[string]string{c: "update"})
				before := w.cloud.Count(simulator.KindFiles)
				w.mustApply()
				if n := w.cloud.Count(simulator.KindFiles) - before; n != 0 {
					w.t.Errorf("%d lists of files", n)
				}
				w.wantState(c, false, map[string]any{"status": "Failure", "succeeded": true, "success_statuses": "[Failure Stopped]"})
				w.wantFiles(c, 1)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "success_statuses that exclude the end of the run: an error, and state is kept", agent: quick(),
			config: completion("record_files = true") + afterwards,
			act: func(w *workspace) {
				w.mustApply()
				w.mustApply()
				w.cloud.Expire(firstRun)
				w.config("%s", completion("success_statuses = [\"Success\"]\nrecord_files = true")+afterwards)
				w.wantPlan(map[string]string{c: "update"}, "The apply will fail: Run 4711/100001 ended as Completed, which success_statuses does not contain")
				for range 2 { // it stays red
					w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Completed, which success_statuses does not contain",
						"To keep this run: add \"Completed\" to success_statuses.", "State is unchanged.")
				}
				w.wantState(c, false, map[string]any{"status": "Completed", "succeeded": true})
				w.wantFiles(c, 1)
				w.config("%s", completion("record_files = true")+afterwards)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "record_files comes too late", agent: quick(), config: completion(""),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", completion("record_files = true"))
				w.wantPlan(map[string]string{c: "update"}, "record_files comes too late for run 4711/100001", "This run has finished, so `files` stays null.")
				w.mustApply()
				wantNoText(w.t, w.wantPlan(nil).text, "comes too late")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "arguments of the wait change in place", agent: quick(), config: completion(""),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", completion("record_files = true\ntimeouts { create = \"1h\" }"))
				w.wantPlan(map[string]string{c: "update"})
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "destroy stops the run at once", config: completion(""),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create", c: "create"}},
		},
		{
			name: "a completion of a run that does not exist", config: run(unwaited) + "\nresource \"sequentum_run_completion\" \"c\" {\n  agent_id = 4711\n  run_id = 1\n  depends_on = [sequentum_run.r]\n}\n",
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Run 4711/1 is not found any more", "`terraform apply -replace=ADDRESS` with the address of the sequentum_run")
				w.wantNoState(c)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: missing},
		},
	})
}

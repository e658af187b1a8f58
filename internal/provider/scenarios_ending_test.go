// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioBadEnding(t *testing.T) {
	t.Parallel()
	replaced := map[string]string{"sequentum_run.r": "replace"}
	runScenarios(t, []scenario{
		{
			name: "a failure is shown with the platform's diagnosis", trouble: "The run fails", agent: running(3*time.Second, diagnosed), config: oneRun + dependent,
			act: func(w *workspace) {
				r := w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure", "Agent 4711 (Shoes), run 100001: Failure.", "ran for 3s.",
					"120 records extracted", "Its message: Success criteria: 120 of 500 records",
					"This status can mean that the execution failed, or that the agent's success criteria were not met.",
					"Possible causes: - The site shows fewer products than before", "Suggested actions: - Lower the expected number of records",
					"`terraform untaint ADDRESS`", `add "Failure" to success_statuses`)
				wantNoText(w.t, r.output, "This was attempt", "No retry was started")
				w.wantNoState("terraform_data.dependent")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun, "status": "Failure", "succeeded": false, "finished": true,
				"message": "Success criteria: 120 of 500 records"},
				plan: map[string]string{"sequentum_run.r": "replace", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"}},
		},
		{
			name: "a failure shows the end of its log", config: run("failure_log_lines = 2"),
			agent: func() simulator.Agent {
				a := running(3*time.Second, diagnosed)
				a.Files = []simulator.File{logged("run.log", "begin\n\x1b[31mError\x1b[0m timeout at step 3\r\nend\r\n")}
				return a
			}(),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure", "Suggested actions: - Lower the expected number of records",
					`The last 2 lines of the log (file 5000000001 "run.log", 45 bytes, LogText): | Error timeout at step 3 | end`, "`terraform untaint ADDRESS`")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"status": "Failure", "failure_log_lines": 2}, plan: replaced},
		},
		{
			name: "the apply after a failure starts a new run", agent: running(3*time.Second, diagnosed, simulator.Outcome{}), config: oneRun + dependent,
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "ended as Failure")
				w.mustApply()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "an untainted failure stays as it is", agent: running(3*time.Second, diagnosed), config: oneRun + dependent,
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "ended as Failure")
				w.mustRun("untaint", "sequentum_run.r")
				w.mustApply()
				if files := w.state("data.sequentum_run_files.f"); len(files.Attributes["files"].([]any)) != 1 {
					w.t.Errorf("the files of a failed run are not listed: %v", files.Attributes)
				}
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Failure", "succeeded": false}},
		},
		{
			name: "somebody stops the run", trouble: "A person stops the run", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Stopped)
				r := p.mustFail("Error: Run 4711/100001 ended as Stopped", `add "Stopped" to success_statuses`)
				wantNoText(w.t, r.output, "success criteria were not met")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"status": "Stopped"}, plan: replaced},
		},
		{
			name: "a stopped run is not retried", config: run("retries = 2"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Stopped)
				p.mustFail("Error: Run 4711/100001 ended as Stopped")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"status": "Stopped", "attempts": 1}, plan: replaced},
		},
	})
}

func TestScenarioRetries(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "the second attempt succeeds", agent: running(2*time.Second, diagnosed, simulator.Outcome{Status: simulator.Success}),
			config: run("retries = 3") + dependent,
			act: func(w *workspace) {
				w.logging("INFO")
				wantNoText(w.t, w.mustApply().output, "Error:", "Warning: Run")
				w.wantLogged(`Run 4711/100001 of agent "Shoes" was accepted. Its status is Running.`, "run_id=100001", "status=Running")
				w.wantLogged("Run 4711/100001 finished as Failure after 2s: ")
				w.wantLogged("Run 4711/100001 failed. The provider starts attempt 2 of 4.")
				w.wantLogged(`Run 4711/100002 of agent "Shoes" was accepted. Its status is Running.`)
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "run_ids": "[100001 100002]", "attempts": 2, "status": "Success"}},
		},
		{
			name: "all attempts fail", agent: running(2*time.Second, diagnosed), config: run("retries = 2"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Run 4711/100003 ended as Failure", "This was attempt 3. The runs of all attempts: 100001, 100002, 100003.")
			},
			want: outcome{starts: 3, tainted: true, state: map[string]any{"run_id": firstRun + 2, "attempts": 3, "run_ids": "[100001 100002 100003]"},
				plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the failed run was restarted and is running", config: run("retries = 2"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				// The look before the retry comes late, and somebody was faster.
				looks := p.requests(simulator.KindStatus)
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Skip: 1, Delay: delayed})
				w.finish(simulator.Failure)
				p.awaitRequests(simulator.KindStatus, looks+2)
				w.cloud.Restart(firstRun)
				p.awaitRequests(simulator.KindStatus, p.requests(simulator.KindStatus)+1)
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "attempts": 1, "status": "Completed"}},
		},
		{
			name: "the failed run was restarted and has succeeded", config: run("retries = 2"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				looks := p.requests(simulator.KindStatus)
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Skip: 1, Delay: delayed})
				w.finish(simulator.Failure)
				p.awaitRequests(simulator.KindStatus, looks+2)
				w.cloud.Restart(firstRun)
				w.cloud.Finish(firstRun, simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "attempts": 1, "status": "Completed"}},
		},
		{
			name: "the status request before a retry has no answer", config: run("retries = 2"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Skip: 1, Times: -1, Action: simulator.HTML})
				w.finish(simulator.Failure)
				p.mustFail("Error: Run 4711/100001 ended as Failure", "No retry was started.", "That request failed:", "502 Bad Gateway")
				w.cloud.ClearFaults()
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun, "attempts": 1},
				plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "a retry is refused", config: run("retries = 2"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				a := endless()
				a.OutOfCredits = true
				w.cloud.SetAgent(a)
				w.finish(simulator.Failure)
				p.mustFail("Error: Agent 4711 was not started", "There are not enough credits", "Error: Run 4711/100001 ended as Failure")
			},
			want: outcome{starts: 2, lost: 1, tainted: true, state: map[string]any{"run_id": firstRun, "attempts": 1},
				plan: map[string]string{"sequentum_run.r": "replace"}},
		},
	})
}

func TestScenarioSuccessStatuses(t *testing.T) {
	t.Parallel()
	failing := running(2*time.Second, diagnosed)
	runScenarios(t, []scenario{
		{
			name: "Failure counts as success", agent: failing, config: run(`success_statuses = ["Failure"]`) + dependent,
			act:  func(w *workspace) { w.mustApply() },
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "succeeded": true}},
		},
		{
			name: "a Failure that counts as success is not retried", agent: failing, config: run("success_statuses = [\"Failure\", \"Success\"]\nretries = 3"),
			act:  func(w *workspace) { w.mustApply() },
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "succeeded": true, "attempts": 1}},
		},
		{
			name: "Failed in success_statuses accepts Failure", agent: failing, config: run(`success_statuses = ["Failed"]`),
			act:  func(w *workspace) { w.mustApply() },
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "succeeded": true}},
		},
		{
			name: "Completed alone does not accept Success", agent: running(2*time.Second, simulator.Outcome{Status: simulator.Success}),
			config: run(`success_statuses = ["Completed"]`),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Success", `add "Success" to success_statuses`)
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"status": "Success", "succeeded": false}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "an accepted Failure is accepted when it is archived as Failed", agent: failing, config: run(`success_statuses = ["Failure"]`),
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Archive(firstRun)
				w.wantPlan(nil)
				w.mustApply()
				w.cloud.ResetCounts()
				w.wantPlan(nil)
				if n := w.cloud.Count(simulator.AnyKind); n != 0 {
					w.t.Errorf("%d requests about a run that is archived", n)
				}
				w.cloud.StartRun(4711) // one start, to make up for the counts
			},
			want: outcome{starts: 0, strangers: 2, state: map[string]any{"status": "Failure", "succeeded": true}},
		},
		{
			name: "a change of success_statuses is stored in place and changes succeeded", agent: failing, config: run(`success_statuses = ["Failure"]`),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", oneRun+"output \"good\" { value = sequentum_run.r.succeeded }\n")
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				wantText(w.t, w.mustApply().output, "good = false")
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "succeeded": false}},
		},
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioInterrupt(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "an apply without an interrupt", agent: running(3 * time.Second), config: oneRun + dependent,
			act:  func(w *workspace) { w.mustApply() },
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "finished": true, "succeeded": true, "records_extracted": 120}},
		},
		{
			name: "an interrupt of the wait", trouble: "Ctrl-C, or a cancelled job that lets Terraform end", config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.beginApply()
				r := p.awaitWait()
				wantText(w.t, p.interrupt().output, "Warning: Interrupted while waiting; run 4711/100001 is still running",
					"State holds the run. The next apply continues waiting for it and starts no other run.")
				w.wantNoState("terraform_data.dependent")
				w.wantNoState("data.sequentum_run_files.f")
				w.wantRun(r.ID, simulator.Running)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false, "succeeded": false, "status": "Running"},
				plan: map[string]string{"sequentum_run.r": "update", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"}},
		},
		{
			name: "the apply after an interrupt continues waiting", config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Success)
				wantText(w.t, p.mustSucceed().output, "1 added, 1 changed, 0 destroyed")
				w.wantState("terraform_data.dependent", false, map[string]any{"input": "map[type:number value:100001]"})
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Success", "succeeded": true}},
		},
		{
			name: "the plan of a resumed wait shows only what can change", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				renamed := running(time.Hour)
				renamed.Name = "Boots"
				w.cloud.SetAgent(renamed)
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Success)
				output := p.mustSucceed().output
				wantText(w.t, output, "~ status", "1 changed")
				wantNoText(w.t, output, "~ agent_name", "~ created_at", "~ agent_version")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Success", "agent_name": "Shoes"}},
		},
		{
			name: "an interrupt of a resumed wait", config: oneRun + dependent,
			act: func(w *workspace) {
				for range 3 {
					p := w.beginApply()
					p.awaitWait()
					wantText(w.t, p.interrupt().output, "run 4711/100001 is still running")
					w.wantNoState("terraform_data.dependent")
					w.wantState("sequentum_run.r", false, map[string]any{"finished": false})
				}
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "a data source behind a module is read after the resumed wait", config: moduleCall,
			act: func(w *workspace) {
				w.file("run/main.tf", preamble+oneRun+"output \"run_id\" { value = sequentum_run.r.run_id }\n")
				w.mustRun("get")
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
				files := w.state("data.sequentum_run_files.f")
				if list, _ := files.Attributes["files"].([]any); len(list) != 1 {
					w.t.Errorf("the data source was read before the run had finished: %v", files.Attributes)
				}
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "an interrupt of the wait for a second attempt", config: run("retries = 1"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Failure)
				w.eventually("the retry", func() bool { return len(w.cloud.Runs(4711)) == 2 })
				p.awaitWait()
				wantText(w.t, p.interrupt().output, "run 4711/100002 is still running")
				w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun + 1, "run_ids": "[100001 100002]", "attempts": 2})
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "run_ids": "[100001 100002]", "attempts": 2, "succeeded": true}},
		},
		{
			name: "an interrupt between two attempts", config: patientProvider + run("retries = 3"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				// The look that shows the failure passes, the one before the retry hangs.
				looks := p.requests(simulator.KindStatus)
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Skip: 1, Action: simulator.Hang})
				w.finish(simulator.Failure)
				p.awaitRequests(simulator.KindStatus, looks+2)
				wantText(w.t, p.interrupt().output, "Error: Run 4711/100001 ended as Failure",
					"No retry was started, because of the interrupt.")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun, "status": "Failure", "attempts": 1},
				plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "wait_for_completion = false after an interrupt", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.config("%s", run("wait_for_completion = false"))
				w.mustApply()
				w.finish(simulator.Failure)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false}},
		},
	})
}

const moduleCall = `
module "m" { source = "./run" }

data "sequentum_run_files" "f" {
  agent_id = 4711
  run_id   = module.m.run_id
}
`

func TestScenarioInterruptOfStart(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "the answer to an interrupted start is kept", config: oneRun + dependent,
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Delay: 2 * time.Second}},
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitRequests(simulator.KindStart, 1)
				r := p.interrupt()
				wantText(w.t, r.output, "Warning: Interrupted while waiting; run 4711/100001 is still running")
				wantNoText(w.t, r.output, "was lost")
				w.wantNoState("terraform_data.dependent")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false},
				plan: map[string]string{"sequentum_run.r": "update", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"}},
		},
		{
			name: "the run of an interrupted start is looked for when the answer is lost", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Hang}},
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitRequests(simulator.KindStart, 1)
				wantText(w.t, p.interrupt().output, "Warning: The answer to the start of run 4711/100001 was lost, and the run was found",
					"Warning: Interrupted while waiting; run 4711/100001 is still running")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false},
				plan: map[string]string{"sequentum_run.r": "update"}},
		},
		{
			name: "an interrupted start without an answer and without a run", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, Action: simulator.Reset, Delay: time.Second}},
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitRequests(simulator.KindStart, 1)
				wantText(w.t, p.interrupt().output, "Error: Agent 4711: a run may have been started",
					"Because of the interrupt, no second start was sent", `id = "4711/RUN_ID"`)
			},
			want: outcome{starts: 1, lost: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "a start that waits for its turn is not sent after an interrupt", config: patientProvider + oneRun + "\nresource \"sequentum_run\" \"second\" {\n  agent_id = 4711\n}\n",
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Hang}},
			act: func(w *workspace) {
				w.logging("TRACE")
				p := w.beginApply()
				w.eventually("both creates are under way", func() bool {
					return strings.Count(w.read(logFile), "Calling provider defined Resource Create") == 2
				})
				p.awaitRequests(simulator.KindStart, 1)
				wantText(w.t, p.interrupt().output, "Error: Agent 4711 was not started: interrupted", "No run was started. To start one, apply again.",
					"run 4711/100001 is still running")
				w.wantStarts(1)
				if (w.state("sequentum_run.r") == nil) == (w.state("sequentum_run.second") == nil) {
					w.t.Error("want one of the two in state")
				}
				p = w.beginApply()
				w.eventually("the second start", func() bool { return len(w.cloud.Runs(4711)) == 2 })
				for _, r := range w.cloud.Runs(4711) {
					w.cloud.Finish(r.ID, simulator.Completed)
				}
				p.mustSucceed()
			},
			want: outcome{starts: 2, state: map[string]any{"status": "Completed"}},
		},
	})
}

func TestScenarioInterruptOfDestroy(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "the destroy after an interrupted one ends the run", agent: stubborn(), config: run("wait_for_completion = false"),
			act: func(w *workspace) {
				w.mustApply()
				p := w.beginDestroy()
				p.awaitRequests(simulator.KindStop, 1)
				wantText(w.t, p.interrupt().output, "Error: Stopping run 4711/100001 was interrupted",
					"State keeps it, and the next destroy tries again.")
				wantTrouble(w.t, "Ctrl-C during a destroy", w.transcript())
				w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})
				w.wantRun(firstRun, simulator.Stopping)
				p = w.beginDestroy()
				p.awaitRequests(simulator.KindRuns, 1)
				w.eventually("the end", func() bool { return w.cloud.Finish(firstRun, simulator.Stopped) })
				p.mustSucceed()
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
	})
}

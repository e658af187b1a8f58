// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// wantWaitContinues fails the test unless a wait is still under way, and then ends its run as Completed.
func (p *process) wantWaitContinues() {
	p.w.t.Helper()
	p.awaitRequests(simulator.KindStatus, p.requests(simulator.KindStatus)+1)
	p.w.wantNoState("terraform_data.dependent")
	p.w.finish(simulator.Completed)
}

func TestScenarioSignal(t *testing.T) {
	t.Parallel()
	waitsOn := outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false, "status": "Running"},
		plan: map[string]string{"sequentum_run.r": "update", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"}}
	runScenarios(t, []scenario{
		{
			name: "SIGTERM to the process group", config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.signalGroup(syscall.SIGTERM)
				p.mustFail("Warning: Interrupted while waiting; run 4711/100001 is still running")
				w.wantNoState("terraform_data.dependent")
			},
			want: waitsOn,
		},
		{
			name: "SIGTERM to the provider 50 ms before the CLI", config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.signal(w.provider(), syscall.SIGTERM)
				time.Sleep(50 * time.Millisecond) // this order is what is tested
				w.signal(p.cmd.Process.Pid, syscall.SIGTERM)
				p.mustFail("Warning: Interrupted while waiting; run 4711/100001 is still running")
				w.wantNoState("terraform_data.dependent")
			},
			want: waitsOn,
		},
		{
			name: "SIGTERM to the provider alone", config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.signal(w.provider(), syscall.SIGTERM)
				p.wantWaitContinues()
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "SIGTERM to the group during a resumed wait", config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				p = w.beginApply()
				p.awaitWait()
				p.signalGroup(syscall.SIGTERM)
				p.mustFail("Warning: Interrupted while waiting; run 4711/100001 is still running")
				w.wantNoState("terraform_data.dependent")
			},
			want: waitsOn,
		},
	})
}

// pause keeps the CLI busy, and the provider idle before its first resource.
const pause = `
resource "terraform_data" "pause" {
  provisioner "local-exec" {
    command = "sleep 300"
  }
}
`

const startThenWait = `
resource "sequentum_run" "r" {
  agent_id            = 4711
  wait_for_completion = false
}

resource "sequentum_run_completion" "c" {
  agent_id = sequentum_run.r.agent_id
  run_id   = sequentum_run.r.run_id
}
`

func TestScenarioKilled(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "kill -9 of the CLI alone: its provider ends too", trouble: "The process is killed (`kill -9`, a lost runner, a closed terminal)", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.signal(p.cmd.Process.Pid, syscall.SIGKILL)
				p.wait()
				w.wantNoProvider()
				w.config("%s", run(`if_active = "fail"`))
				w.wantFailure(w.apply(), "Agent 4711 already has active runs: nothing was started", "Agent 4711 (Shoes), run 100001: Running.")
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "kill -9 of the CLI alone, while its provider has nothing to do", config: run("depends_on = [terraform_data.pause]") + pause,
			act: func(w *workspace) {
				p := w.beginApply()
				w.eventually("the pause", func() bool { return strings.Contains(p.output.String(), "Executing: ") })
				w.eventually("the provider is there", func() bool { return len(w.providers()) == 1 })
				w.signal(p.cmd.Process.Pid, syscall.SIGKILL)
				p.wait()
				w.wantNoProvider()
				p.signalGroup(syscall.SIGKILL) // what the pause runs
			},
			want: outcome{plan: map[string]string{"sequentum_run.r": "create", "terraform_data.pause": "create"}},
		},
		{
			name: "kill -9 of all processes, with start and wait in one apply", config: startThenWait,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.kill()
				if w.version().tofu {
					// OpenTofu saves at most every 20 s. The orphan is found before a second run is paid for.
					w.wantNoState("sequentum_run.r")
					w.config("%s", run("wait_for_completion = false\nif_active = \"fail\""))
					w.wantFailure(w.apply(), "import { to = sequentum_run.NAME id = \"4711/100001\" }")
					w.config("%s", startThenWait+"import {\n  to = sequentum_run.r\n  id = \"4711/100001\"\n}\n")
				}
				p = w.beginApply()
				p.awaitRequests(simulator.KindStatus, 2)
				w.finish(simulator.Completed)
				p.mustSucceed()
				w.wantState("sequentum_run_completion.c", false, map[string]any{"run_id": firstRun, "succeeded": true})
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "kill -9 of all processes, with a remote state and two applies",
			act: func(w *workspace) {
				w.config("%s", run("wait_for_completion = false"))
				w.useRemoteState()
				w.mustApply()
				w.config("%s", startThenWait)
				p := w.beginApply()
				p.awaitWait()
				p.kill()
				w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})
				w.wantNoState("sequentum_run_completion.c")
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
				w.wantState("sequentum_run_completion.c", false, map[string]any{"run_id": firstRun, "succeeded": true})
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
	})
}

func TestScenarioIfActive(t *testing.T) {
	t.Parallel()
	const block = `import { to = sequentum_run.NAME id = "4711/100001" }`
	orphan := func(w *workspace) { w.cloud.StartRun(4711) }
	started := outcome{starts: 1, strangers: 1, state: map[string]any{"run_id": firstRun + 1}}
	runScenarios(t, []scenario{
		{
			name: "if_active is unset: start and warn", trouble: "The agent has an active run already", config: run("wait_for_completion = false"),
			act: func(w *workspace) {
				orphan(w)
				wantText(w.t, w.mustApply().output, "Warning: Agent 4711 already had active runs when run 100002 was started",
					"Agent 4711 (Shoes), run 100001: Running.", "Accepted at 20", block)
			},
			want: started,
		},
		{
			name: "if_active is unset: the warning comes once per agent", config: run("wait_for_completion = false\ncount = 3"),
			act: func(w *workspace) {
				orphan(w)
				p := w.beginApply()
				r := p.mustSucceed()
				wantText(w.t, r.output, "Warning: Agent 4711 already had active runs")
				wantNoText(w.t, r.output, "(and 2 more similar warnings elsewhere)", "(and one more similar warning elsewhere)")
				if n := p.requests(simulator.KindRuns); n != 1 {
					w.t.Errorf("%d lists, want one for all starts", n)
				}
			},
			want: outcome{starts: 3, strangers: 1, state: map[string]any{"finished": false}},
		},
		{
			name: "if_active = start: start without a warning", config: run("wait_for_completion = false\nif_active = \"start\""),
			act: func(w *workspace) {
				orphan(w)
				wantNoText(w.t, w.mustApply().output, "Warning: Agent 4711", "100001")
			},
			want: started,
		},
		{
			name: "if_active = fail: no start, and the error says how to adopt the run", config: run("if_active = \"fail\""),
			act: func(w *workspace) {
				orphan(w)
				w.wantFailure(w.apply(), "Error: Agent 4711 already has active runs: nothing was started",
					"Agent 4711 (Shoes), run 100001: Running.", "Accepted at 20", block)
			},
			want: outcome{strangers: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "if_active = fail: other runs of the same apply do not count", config: run("wait_for_completion = false\nif_active = \"fail\"\ncount = 2"),
			act:  func(w *workspace) { w.mustApply() },
			want: outcome{starts: 2, state: map[string]any{"finished": false}},
		},
	})
}

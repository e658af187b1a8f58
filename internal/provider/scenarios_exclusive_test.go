// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioExclusive(t *testing.T) {
	t.Parallel()
	exclusive := func(e simulator.Exclusive) simulator.Agent {
		a := endless()
		a.Exclusive = e
		return a
	}
	runScenarios(t, []scenario{
		{
			name: "the agent refuses: one start, one error", agent: exclusive(simulator.ExclusiveRefuse), config: oneRun,
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				w.wantFailure(w.apply(), "Error: Agent 4711 was not started", "409 Conflict", "Agent is already running", "No run was started.",
					`With if_active = "fail", the error lists the active runs and shows how to import them.`)
			},
			want: outcome{starts: 1, lost: 1, strangers: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "the agent would refuse, with if_active = fail: no start", agent: exclusive(simulator.ExclusiveRefuse), config: run(`if_active = "fail"`),
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				w.wantFailure(w.apply(), "Error: Agent 4711 already has active runs: nothing was started", `id = "4711/100001"`)
			},
			want: outcome{strangers: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "the run is queued: the wait includes the queue", agent: exclusive(simulator.ExclusiveQueue), config: oneRun,
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				p := w.beginApply()
				if r := p.awaitWait(); r.Status != simulator.Queuing {
					w.t.Errorf("the run is %s", r.Status)
				}
				w.cloud.Finish(firstRun, simulator.Completed)
				w.eventually("its turn", func() bool { return w.newest().Status == simulator.Running })
				w.finish(simulator.Success)
				p.mustSucceed()
			},
			want: outcome{starts: 1, strangers: 1, state: map[string]any{"run_id": firstRun + 1, "status": "Success"}},
		},
		{
			name: "the run is queued until the timeout", agent: exclusive(simulator.ExclusiveQueue), config: within("4s"),
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				w.wantFailure(w.apply(), "Error: Run 4711/100002 did not finish within timeouts.create (4s)", "run 100002: Queuing.", "It has been queued for")
			},
			want: outcome{starts: 1, strangers: 1, tainted: true, state: map[string]any{"run_id": firstRun + 1, "status": "Queuing", "started_at": nil},
				plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the run is queued behind the run of another resource", config: oneRun + "resource \"sequentum_run\" \"second\" {\n  agent_id = 4711\n}\n",
			agent: func() simulator.Agent { a := quick(); a.Exclusive = simulator.ExclusiveQueue; return a }(),
			act:   func(w *workspace) { w.mustApply() },
			want:  outcome{starts: 2, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "the run asks for it with exclusive = true", config: run("exclusive = true"),
			act: func(w *workspace) {
				w.cloud.StartRun(4711)
				p := w.beginApply()
				if r := p.awaitWait(); r.Status != simulator.Queuing || r.Body["isExclusive"] != true {
					w.t.Errorf("the run is %s, started with %v", r.Status, r.Body)
				}
				p.interrupt()
			},
			want: outcome{starts: 1, strangers: 1, state: map[string]any{"run_id": firstRun + 1, "status": "Queuing"}, plan: map[string]string{"sequentum_run.r": "update"}},
		},
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioLostAnswer(t *testing.T) {
	t.Parallel()
	runScenarios(t, lostAnswers([]lostAnswer{
		{"reset", simulator.Fault{Action: simulator.Reset}, "connection reset by peer"},
	}))
	runScenarios(t, overBoth(lostAnswers([]lostAnswer{
		{"timeout", simulator.Fault{Action: simulator.Hang}, "no answer within 3s"},
		{"502 from a proxy", simulator.Fault{Action: simulator.HTML}, "502 Bad Gateway"},
		{"403 from a firewall", simulator.Fault{Action: simulator.HTML, Code: 403}, "403 Forbidden"},
		{"unreadable 200", simulator.Fault{Action: simulator.Garbage}, "the answer cannot be used"},
	})))
	streams := lostAnswers([]lostAnswer{
		{"stream reset", simulator.Fault{Action: simulator.ResetStream}, "PROTOCOL_ERROR"},
		{"stream refused", simulator.Fault{Action: simulator.ResetStream, StreamError: simulator.RefusedStream}, "REFUSED_STREAM"},
		{"goaway", simulator.Fault{Action: simulator.GoAwayUnprocessed}, "GOAWAY"},
		{"half an answer", simulator.Fault{Action: simulator.TruncateBody, Bytes: 20, StreamError: simulator.RefusedStream}, "the answer was cut off"},
	})
	runScenarios(t, overBoth(streams)[len(streams):])
}

// lostAnswer is a way in which the answer to a start is lost, and what the provider says of it.
type lostAnswer struct {
	name  string
	fault simulator.Fault
	says  string
}

func lostAnswers(ways []lostAnswer) []scenario {
	var scenarios []scenario
	for _, way := range ways {
		after, before := way.fault, way.fault
		after.Kind, after.After = simulator.KindStart, true
		before.Kind = simulator.KindStart
		scenarios = append(scenarios,
			scenario{
				name: way.name + ", after the effect", config: run(unwaited), faults: []simulator.Fault{after},
				act: func(w *workspace) {
					wantText(w.t, w.mustApply().output, "Warning: The answer to the start of run 4711/100001 was lost, and the run was found", way.says)
				},
				want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
			},
			scenario{
				name: way.name + ", before the effect", config: run(unwaited), faults: []simulator.Fault{before},
				act: func(w *workspace) {
					wantText(w.t, w.mustApply().output, "Warning: Agent 4711 was started twice", way.says,
						"No run of the first start has appeared, so the provider sent the start once more: run 100001.", `id = "4711/RUN_ID"`)
				},
				want: outcome{starts: 2, lost: 1, state: map[string]any{"run_id": firstRun}},
			})
	}
	return scenarios
}

func TestScenarioLostAnswerInDoubt(t *testing.T) {
	t.Parallel()
	nothingAdopted := map[string]string{"sequentum_run.r": "create"}
	runScenarios(t, overBoth([]scenario{
		{
			name: "two starts lose their answers, and no run appears", trouble: "The answer to the start is lost, and no run is found", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, Action: simulator.HTML, Times: 2}},
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Agent 4711: a run may have been started", "A second start failed too. No run of either start has appeared.",
					`import { to = sequentum_run.NAME id = "4711/RUN_ID" }`)
			},
			want: outcome{starts: 2, lost: 2, plan: nothingAdopted},
		},
		{
			name: "a stranger's run began at the same moment", trouble: "The answer to the start is lost, and several runs are found", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Delay: time.Second, Action: simulator.Reset}},
			act: func(w *workspace) {
				p := w.beginApply()
				w.eventually("the start", func() bool { return len(w.cloud.Runs(4711)) == 1 })
				w.cloud.StartRun(4711)
				p.mustFail("Error: Agent 4711: it is not certain which run was started", "Several runs have begun since then.", "State holds none of them.",
					"run 100001: Running.", "run 100002: Running.",
					`import { to = sequentum_run.NAME id = "4711/100001" }`, `import { to = sequentum_run.NAME id = "4711/100002" }`)
			},
			want: outcome{starts: 1, strangers: 1, plan: nothingAdopted},
		},
		{
			name: "its own run is imported after a stranger's run began at the same moment", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Delay: time.Second, Action: simulator.Reset}},
			act: func(w *workspace) {
				p := w.beginApply()
				w.eventually("the start", func() bool { return len(w.cloud.Runs(4711)) == 1 })
				w.cloud.StartRun(4711)
				p.mustFail(`id = "4711/100001"`)
				w.config("%s", oneRun+"import {\n  to = sequentum_run.r\n  id = \"4711/100001\"\n}\n")
				p = w.beginApply()
				p.awaitRequests(simulator.KindStatus, 2) // the import, and then the wait
				w.cloud.Finish(firstRun, simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, strangers: 1, state: map[string]any{"run_id": firstRun, "succeeded": true}},
		},
		{
			name: "the search for the run is refused", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Reset},
				{Kind: simulator.KindRuns, Skip: 1, Times: -1, Action: simulator.StatusCode, Code: 403}},
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Agent 4711: a run may have been started", "The search for its run failed too:", "403 Forbidden",
					"Look at the agent's runs in Control Center.", `id = "4711/RUN_ID"`)
				w.cloud.Finish(firstRun, simulator.Completed) // it cannot be named: nothing has shown its id
			},
			want: outcome{starts: 1, plan: nothingAdopted},
		},
		{
			name: "an outage during the search is waited out", trouble: "The answer to the start is lost, and the run is found", config: run(unwaited),
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Reset},
				{Kind: simulator.KindRuns, Skip: 1, Times: 8, Action: simulator.HTML}},
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The answer to the start of run 4711/100001 was lost, and the run was found")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			// The provider waits 8 s for the answer, and then looks for the run for 8 s.
			name: "the effect comes while its run is looked for", config: patientProvider + run(unwaited),
			faults: []simulator.Fault{{Kind: simulator.KindStart, Delay: 12 * time.Second}},
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The answer to the start of run 4711/100001 was lost, and the run was found", "no answer within 8s")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "the effect comes after a second start", config: oneRun,
			faults: []simulator.Fault{{Kind: simulator.KindStart, Delay: 15 * time.Second}},
			act: func(w *workspace) {
				p := w.beginApply()
				w.eventually("both runs", func() bool { return len(w.cloud.Runs(4711)) == 2 })
				w.cloud.Finish(firstRun, simulator.Completed)
				p.mustSucceed()
				wantText(w.t, w.transcript(), "Warning: Agent 4711 was started twice: there may be a second run", "no answer within 3s",
					"State holds run 100001.", "run 100002: Running.", `import { to = sequentum_run.NAME id = "4711/100002" }`)
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "timeouts.create passes during the search", config: within("4s"),
			faults: []simulator.Fault{{Kind: simulator.KindStart, Action: simulator.Hang}},
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Agent 4711: a run may have been started", "No second start was sent, because timeouts.create (4s) had passed.", `id = "4711/RUN_ID"`)
			},
			want: outcome{starts: 1, lost: 1, plan: nothingAdopted},
		},
		{
			name: "the agent's list shows the run late", config: run(unwaited), cloud: simulator.Options{ListLag: 2 * time.Second},
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Reset}},
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The answer to the start of run 4711/100001 was lost, and the run was found")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}},
		},
		{
			name: "four resources of one agent lose their answers", config: run(unwaited + "\ncount = 4"),
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Reset}, {Kind: simulator.KindStart, After: true, Action: simulator.HTML},
				{Kind: simulator.KindStart, Action: simulator.Garbage}, {Kind: simulator.KindStart, After: true, Action: simulator.Garbage}},
			act: func(w *workspace) {
				w.mustApply()
				claimed := map[string]bool{}
				for _, i := range w.instances("sequentum_run.r") {
					claimed[fmt.Sprint(i.Attributes["run_id"])] = true
				}
				if len(claimed) != 4 {
					w.t.Errorf("four resources hold the runs %v", claimed)
				}
			},
			want: outcome{starts: 5, lost: 1, state: map[string]any{"finished": false}},
		},
	}))
}

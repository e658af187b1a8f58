// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// starting are the arguments of sequentum_run_start, with the agent.
func starting(more ...map[string]tftypes.Value) map[string]tftypes.Value {
	all := map[string]tftypes.Value{"agent_id": core.Number(4711)}
	for _, set := range more {
		maps.Copy(all, set)
	}
	return all
}

func TestStartAction(t *testing.T) {
	inActionLab(t, running(time.Minute), func(t *testing.T, l *actionLab) {
		l.begin(startAction, starting(map[string]tftypes.Value{
			"input_parameters": core.Text(`{"category":"shoes"}`), "parallelism": core.Number(2), "log_level": core.Text("Info"),
		})).mustSucceed("Run 4711/100001 of agent", "Run 4711/100001 finished as Completed")
		l.wantRuns(simulator.Completed)
		body := l.cloud.Runs(4711)[0].Body
		if body["inputParameters"] != `{"category":"shoes"}` || body["logLevel"] != "Info" || len(body) != 3 {
			t.Errorf("the start had the body %v", body)
		}
	})
}

func TestStartActionThatDoesNotWait(t *testing.T) {
	inActionLab(t, endless(), func(t *testing.T, l *actionLab) {
		began := time.Now()
		l.begin(startAction, starting(map[string]tftypes.Value{"wait_for_completion": core.Bool(false)})).mustSucceed("Run 4711/100001 of agent")
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		l.wantRuns(simulator.Running)
	})
}

func TestStartActionOfARunThatFails(t *testing.T) {
	inActionLab(t, running(time.Minute, diagnosed), func(_ *testing.T, l *actionLab) {
		l.begin(startAction, starting()).mustFail("Run 4711/100001 ended as Failure", "Success criteria: 120 of 500 records",
			"The site shows fewer products than before", `add "Failure" to success_statuses`, "invoke the action again. That costs credits again.")
		l.begin(startAction, starting(map[string]tftypes.Value{"success_statuses": core.TextSet([]string{"Failure"})})).mustSucceed()
		l.wantRuns(simulator.Failure, simulator.Failure)
	})
}

func TestStartActionShowsTheLogOfAFailure(t *testing.T) {
	agent := running(time.Minute, diagnosed)
	agent.Files = []simulator.File{logged("run.log", "first\nsecond\nthird\n")}
	inActionLab(t, agent, func(t *testing.T, l *actionLab) {
		lines := map[string]tftypes.Value{"failure_log_lines": core.Number(2)}
		l.begin(startAction, starting(lines)).mustFail("The last 2 lines of the log", "| second | third")
		if errors, warnings := planAction(t, l.server, startAction, starting(lines)); errors+warnings != "" {
			t.Errorf("the plan says %s%s", errors, warnings)
		}
		_, warnings := planAction(t, l.server, startAction, starting(lines, map[string]tftypes.Value{"wait_for_completion": core.Bool(false)}))
		wantText(t, warnings, "failure_log_lines has no effect without a wait")
	})
}

// No start is sent blindly, and no run is lost.
func TestStartActionWithALostAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		faults []simulator.Fault
		wait   func(i *invocation)
		runs   []simulator.Status
	}{
		"its run is found": {
			[]simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Reset}},
			func(i *invocation) {
				i.mustSucceed("The answer to the start of run 4711/100001 was lost, and the run was found.")
			},
			[]simulator.Status{simulator.Completed},
		},
		"no run has appeared, so it is sent again": {
			[]simulator.Fault{{Kind: simulator.KindStart, Action: simulator.Reset}},
			func(i *invocation) { i.mustSucceed("Agent 4711 was started twice.", "Run 4711/100001 of agent") },
			[]simulator.Status{simulator.Completed},
		},
		"no list can be read": {
			[]simulator.Fault{
				{Kind: simulator.KindStart, After: true, Action: simulator.Reset},
				{Kind: simulator.KindRuns, Skip: 1, Times: -1, Action: simulator.StatusCode, Code: 403},
			},
			func(i *invocation) {
				i.mustFail("Agent 4711: a run may have been started", "The search for its run failed too",
					"To stop that run, use the action sequentum_run_stop.", `id = "4711/RUN_ID"`)
			},
			[]simulator.Status{simulator.Running},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, running(10*time.Minute), func(_ *testing.T, l *actionLab) {
				l.cloud.Inject(test.faults...)
				i := l.begin(startAction, starting())
				test.wait(i)
				l.wantRuns(test.runs...)
			})
		})
	}
}

func TestStartActionWithSeveralRunsThatMayBeIts(t *testing.T) {
	inActionLab(t, endless(), func(_ *testing.T, l *actionLab) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Delay: time.Second, Action: simulator.Reset})
		i := l.begin(startAction, starting())
		time.Sleep(500 * time.Millisecond)
		l.cloud.StartRun(4711)
		i.mustFail("Agent 4711: it is not certain which run was started", "run 100001: Running", "run 100002: Running",
			"Find out which one is yours.", `id = "4711/100002"`)
		l.wantRuns(simulator.Running, simulator.Running)
	})
}

func TestStartActionThatIsRefused(t *testing.T) {
	exclusive := endless()
	exclusive.Exclusive = simulator.ExclusiveRefuse
	for name, test := range map[string]struct {
		agent   simulator.Agent
		prepare func(l *actionLab)
		says    []string
		runs    int
	}{
		"the agent is busy": {exclusive, func(l *actionLab) { l.cloud.StartRun(4711) },
			[]string{"Agent 4711 was not started", "409", "stop it with the action sequentum_run_stop"}, 1},
		"the agent does not exist": {endless(), func(l *actionLab) { l.cloud.HideAgent(4711, true) },
			[]string{"Agent 4711 was not started", "404", "The agent does not exist, was deleted, or this API key cannot see it."}, 0},
		"a scope is missing": {endless(), func(l *actionLab) { l.cloud.Forbid(true) },
			[]string{"Agent 4711 was not started", "403", "runs:read"}, 0},
		"the start answers with the run of before": {exclusiveAnswer(), func(l *actionLab) { l.cloud.StartRun(4711) },
			[]string{"Agent 4711 was not started: it is busy with run 100001", "and invoke the action again"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, test.agent, func(t *testing.T, l *actionLab) {
				test.prepare(l)
				l.begin(startAction, starting()).mustFail(test.says...)
				if n := len(l.cloud.Runs(4711)); n != test.runs {
					t.Errorf("%d runs, want %d", n, test.runs)
				}
			})
		})
	}
}

func exclusiveAnswer() simulator.Agent {
	a := endless()
	a.Exclusive = simulator.ExclusiveAnswer
	return a
}

func TestStartActionBesideOtherRuns(t *testing.T) {
	inActionLab(t, running(time.Minute), func(_ *testing.T, l *actionLab) {
		l.cloud.StartRun(4711)
		// A triggered action's warnings are dropped: the progress has to say it too.
		const summary = "Agent 4711 already had active runs when run 100002 was started"
		l.begin(startAction, starting()).mustSucceed(summary+".", summary+": This apply did not start these runs.",
			"use the resource sequentum_run with if_active")
	})
}

func TestStartActionThatTakesTooLong(t *testing.T) {
	inActionLab(t, endless(), func(t *testing.T, l *actionLab) {
		l.begin(startAction, starting(map[string]tftypes.Value{"timeouts.invoke": core.Text("5m")})).mustFail(
			"Run 4711/100001 did not finish within timeouts.invoke (5m0s)", "The provider did not stop the run.",
			"Before that: raise timeouts.invoke.", "sequentum_run_stop with agent_id = 4711 and run_id = 100001", `id = "4711/100001"`)
		l.wantRuns(simulator.Running)
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.Hang})
		l.begin(startAction, starting(map[string]tftypes.Value{"timeouts.invoke": core.Text("5s")})).mustFail(
			"Agent 4711 was not started within timeouts.invoke (5s)", "No run was started.")
		l.wantRuns(simulator.Running)
	})
}

func TestStartActionAfterABug(t *testing.T) {
	const report = "Please report"
	inActionLab(t, endless(), func(_ *testing.T, l *actionLab) {
		l.panicAt(http.MethodPost, "/start")
		l.begin(startAction, starting()).mustFail("a run may have been started", `id = "4711/RUN_ID"`)
	})
	inActionLab(t, endless(), func(_ *testing.T, l *actionLab) {
		l.panicAt(http.MethodGet, "/status")
		l.begin(startAction, starting()).mustFail("The provider could not get the status of run 4711/100001", report, `id = "4711/100001"`)
		l.wantRuns(simulator.Running)
	})
	inActionLab(t, endless(), func(_ *testing.T, l *actionLab) {
		l.clock.broken.Store(true)
		l.begin(startAction, starting()).mustFail(ended, report, "Run 4711/100001 was started. No state holds it.", `id = "4711/100001"`)
		l.cloud.Forbid(true)
		l.begin(startAction, starting()).mustFail(ended, report, "A run may have been started.", `id = "4711/RUN_ID"`)
	})
}

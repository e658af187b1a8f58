// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// unharmed is an agent whose runs neither a stop nor a kill ends.
func unharmed() simulator.Agent {
	a := stubborn()
	a.IgnoresKills = 10
	return a
}

// Whatever an interrupt meets, the action fails before the CLI stops listening, and says what became of the run.
func TestInterruptOfStartAction(t *testing.T) {
	hangs := func(kind simulator.Kind) []simulator.Fault {
		return []simulator.Fault{{Kind: kind, After: true, Times: -1, Action: simulator.Hang}}
	}
	const slow = 2 * time.Second
	for name, test := range map[string]struct {
		agent  simulator.Agent
		faults []simulator.Fault
		stops  bool // stop_on_interrupt
		waits  bool
		after  time.Duration
		within time.Duration
		says   []string
		runs   []simulator.Status
	}{
		"before the start was sent": {
			agent: endless(), faults: hangs(simulator.KindRuns), waits: true, after: time.Second,
			says: []string{"Agent 4711 was not started: interrupted", "No run was started. To start one, invoke the action again."},
		},
		"while the start has no answer": {
			agent: endless(), faults: hangs(simulator.KindStart), waits: true, after: time.Second, within: slow,
			says: []string{"Interrupted while agent 4711 was being started: a run may have been started", "The start was sent.", `id = "4711/RUN_ID"`},
			runs: []simulator.Status{simulator.Running},
		},
		"while the start has no answer, which comes in time": {
			agent: endless(), faults: []simulator.Fault{{Kind: simulator.KindStart, Delay: 2 * time.Second}}, waits: true, after: time.Second, within: slow,
			says: []string{"Interrupted while waiting; run 4711/100001 is still running"},
			runs: []simulator.Status{simulator.Running},
		},
		"of a start that does not wait": {
			agent: endless(), faults: []simulator.Fault{{Kind: simulator.KindStart, Delay: 2 * time.Second}}, after: time.Second, within: slow,
			says: []string{"Interrupted while waiting; run 4711/100001 is still running"},
			runs: []simulator.Status{simulator.Running},
		},
		"while it waits": {
			agent: endless(), waits: true, after: time.Minute,
			says: []string{"Interrupted while waiting; run 4711/100001 is still running", "No state holds the run, and nothing waits for it now.",
				"sequentum_run_stop with agent_id = 4711 and run_id = 100001", `id = "4711/100001"`},
			runs: []simulator.Status{simulator.Running},
		},
		"while the platform explains a failure": {
			agent: running(time.Minute, diagnosed), faults: hangs(simulator.KindDiagnostics), waits: true, after: 80 * time.Second, within: slow,
			says: []string{"Interrupted; run 4711/100001 ended as Failure", "a request about the run was still unanswered"},
			runs: []simulator.Status{simulator.Failure},
		},
		"stop: while it waits": {
			agent: endless(), stops: true, waits: true, after: time.Minute, within: 5 * time.Second,
			says: []string{"Interrupted; run 4711/100001 was stopped", "Agent 4711 (Shoes), run 100001: Stopped."},
			runs: []simulator.Status{simulator.Stopped},
		},
		"stop: the run does not end after the stop": {
			agent: stubborn(), stops: true, waits: true, after: time.Minute, within: 20 * time.Second,
			says: []string{"Interrupted; run 4711/100001 was killed, because it did not end after the stop"},
			runs: []simulator.Status{simulator.Stopped},
		},
		"stop: nothing ends the run": {
			agent: unharmed(), stops: true, waits: true, after: time.Minute, within: 20 * time.Second,
			says: []string{"Interrupted; run 4711/100001 may still be active", "Commands sent to the run: stop, kill, second kill.", `id = "4711/100001"`},
			runs: []simulator.Status{simulator.Stopping},
		},
		"stop: the stop hangs": {
			agent: endless(), faults: []simulator.Fault{{Kind: simulator.KindStop, Times: -1, Action: simulator.Hang}}, stops: true, waits: true,
			after: time.Minute, within: 20 * time.Second,
			says: []string{"Interrupted; run 4711/100001 may still be active", "Commands sent to the run: stop."},
			runs: []simulator.Status{simulator.Running},
		},
		"stop: the stop is refused": {
			agent: endless(), faults: []simulator.Fault{{Kind: simulator.KindStop, Times: -1, Action: simulator.StatusCode, Code: 403}}, stops: true, waits: true,
			after: time.Minute, within: 20 * time.Second,
			says: []string{"Interrupted; run 4711/100001 may still be active", "The API accepted no stop for this run.", "403"},
			runs: []simulator.Status{simulator.Running},
		},
		"stop: while the start has no answer, which comes in time": {
			agent: endless(), faults: []simulator.Fault{{Kind: simulator.KindStart, Delay: 10 * time.Second}}, stops: true, waits: true,
			after: time.Second, within: 20 * time.Second,
			says: []string{"Interrupted; run 4711/100001 was stopped"},
			runs: []simulator.Status{simulator.Stopped},
		},
		"stop: while the start has no answer": {
			agent: endless(), faults: hangs(simulator.KindStart), stops: true, waits: true, after: time.Second, within: 20 * time.Second,
			says: []string{"Interrupted while agent 4711 was being started: a run may have been started"},
			runs: []simulator.Status{simulator.Running},
		},
		"stop: the run has just ended": {
			agent: running(time.Minute), faults: hangs(simulator.KindStatus), stops: true, waits: true,
			after: 70 * time.Second, within: 5 * time.Second,
			says: []string{"Interrupted; run 4711/100001 ended as Completed"},
			runs: []simulator.Status{simulator.Completed},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, test.agent, func(t *testing.T, l *actionLab) {
				l.cloud.Inject(test.faults...)
				i := l.begin(startAction, starting(map[string]tftypes.Value{
					"stop_on_interrupt": core.Bool(test.stops), "wait_for_completion": core.Bool(test.waits),
				}))
				if took := i.interruptAfter(test.after); took > test.within {
					t.Errorf("the stop was answered after %v, want at most %v", took, test.within)
				}
				i.mustFail(test.says...)
				l.wantRuns(test.runs...)
			})
		})
	}
}

// A start that was sent twice leaves a doubt, which an interrupt must not hide.
func TestInterruptOfAStartThatWasSentTwice(t *testing.T) {
	inActionLab(t, endless(), func(_ *testing.T, l *actionLab) {
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Action: simulator.Reset})
		i := l.begin(startAction, starting())
		i.interruptAfter(5 * time.Minute)
		i.mustFail("Agent 4711 was started twice: there may be a second run", "The search for its run failed: the action was interrupted", "Interrupted while waiting; run 4711/100001 is still running")
	})
}

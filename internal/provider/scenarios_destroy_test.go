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

// The lines of the log by which a stop of run 4711/100001 can be followed, as they begin.
const (
	stopping    = "Run 4711/100001 is being stopped. It is Running"
	graceIsOver = "Run 4711/100001 did not stop within its grace period"
	killing     = "Run 4711/100001 is being killed. It is "
	secondKill  = "Run 4711/100001 is being killed a second time, because it is still Stopping."
)

// wantSteps fails the test unless the log shows exactly these steps, in their order.
func (w *workspace) wantSteps(want ...string) {
	w.t.Helper()
	lines := w.logged(stopping, graceIsOver, killing, secondKill)
	ok := len(lines) == len(want)
	for i := range min(len(lines), len(want)) {
		ok = ok && strings.Contains(lines[i], ": "+want[i]) && strings.Contains(lines[i], "run_id=100001")
	}
	if !ok {
		w.t.Errorf("steps in the log:\n%s\nwant %q", strings.Join(lines, ""), want)
	}
}

// wantCalls fails the test unless the run was stopped and killed so many times.
func (w *workspace) wantCalls(id int64, stops, kills int) {
	w.t.Helper()
	r, _ := w.cloud.Run(id)
	if r.Stops != stops || r.Kills != kills {
		w.t.Errorf("run %d: %d stops and %d kills, want %d and %d", id, r.Stops, r.Kills, stops, kills)
	}
}

func TestScenarioDestroy(t *testing.T) {
	t.Parallel()
	destroyed := outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}}
	kept := outcome{starts: 1, state: map[string]any{"run_id": firstRun}}
	// Stop, kill and second kill take about six seconds.
	impatient := run(unwaited + "\nstop_grace_period = \"2s\"\ntimeouts { delete = \"1m\" }")
	inVain := run(unwaited + "\nstop_grace_period = \"2s\"\ntimeouts { delete = \"12s\" }")
	killed := func(kills int, steps ...string) func(w *workspace) {
		return func(w *workspace) {
			w.mustApply()
			w.logging("INFO")
			wantText(w.t, w.mustDestroy().output, "Warning: A destroy stops run 4711/100001, which is still active", "If the run is still active 2s after the stop, the provider kills it.",
				"Warning: Run 4711/100001 was killed, because it did not end after the stop")
			w.wantRun(firstRun, simulator.Stopped)
			w.wantCalls(firstRun, 1, kills)
			w.wantSteps(steps...)
		}
	}
	runScenarios(t, []scenario{
		{
			name: "the stop is enough", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.logging("INFO")
				wantText(w.t, w.mustDestroy().output, "Warning: A destroy stops run 4711/100001, which is still active", "Its status is Running. It was accepted at 20",
					"The extracted records are kept. If the run is still active 2m0s after the stop, the provider kills it.")
				w.wantRun(firstRun, simulator.Stopped)
				w.wantCalls(firstRun, 1, 0)
				w.wantSteps(stopping)
			},
			want: destroyed,
		},
		{
			name: "all runs of a parallel start are stopped", agent: func() simulator.Agent { a := running(time.Hour); a.ParallelSet = true; return a }(),
			config: run(unwaited + "\nparallelism = 2"),
			act: func(w *workspace) {
				w.mustApply()
				wantText(w.t, w.mustDestroy().output, "Warning: Run 4711/100001 was stopped", "The other runs of the same parallel start were stopped before it: - Agent 4711 (Shoes), run 100002: Stopped.")
				w.wantRun(firstRun, simulator.Stopped)
				w.wantRun(firstRun+1, simulator.Stopped)
			},
			want: outcome{starts: 1, strangers: 1 /* the second run of the one start */, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "one kill, where any kill of a stopping run forces", agent: stubborn(), config: impatient,
			cloud: simulator.Options{Kill: simulator.KillWhileStoppingForces}, want: destroyed,
			act: killed(1, stopping, graceIsOver, killing),
		},
		{
			name: "two kills, where the second kill forces", agent: stubborn(), config: impatient,
			cloud: simulator.Options{Kill: simulator.SecondKillForces}, want: destroyed,
			act: killed(2, stopping, graceIsOver, killing, secondKill),
		},
		{
			name: "even kills do not help", config: inVain, want: kept,
			agent: func() simulator.Agent { a := stubborn(); a.IgnoresKills = 1000; return a }(),
			act: func(w *workspace) {
				w.mustApply()
				w.wantFailure(w.destroy(), "Error: Run 4711/100001 did not end within timeouts.delete (12s)",
					"Commands sent to the run: stop, kill, second kill.", "run 100001: Stopping.", "State keeps it, and the next destroy tries again.")
				w.wantCalls(firstRun, 1, 2)
				wantTrouble(w.t, "The run does not end", w.transcript())
			},
		},
		{
			name: "a destroy after one whose kills did not help", config: inVain, want: destroyed,
			agent: func() simulator.Agent { a := stubborn(); a.IgnoresKills = 1000; return a }(),
			act: func(w *workspace) {
				w.mustApply()
				w.wantFailure(w.destroy(), "State keeps it, and the next destroy tries again.")
				w.cloud.SetAgent(stubborn())
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
			},
		},
		{
			name: "a stop that meets a run that has just finished", config: run(unwaited), want: destroyed,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Delay: delayed})
				p := w.beginDestroy()
				p.awaitRequests(simulator.KindStop, 1)
				w.finish(simulator.Success)
				wantNoText(w.t, p.mustSucceed().output, "Run 4711/100001 was stopped")
				w.wantRun(firstRun, simulator.Success)
				w.wantCalls(firstRun, 1, 0)
			},
		},
		{
			name: "the stop's answer is lost", config: run(unwaited), want: destroyed,
			faults: []simulator.Fault{{Kind: simulator.KindStop, After: true, Action: simulator.Reset}},
			act: func(w *workspace) {
				w.mustApply()
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
				w.wantCalls(firstRun, 1, 0)
			},
		},
		{
			name: "an outage before the stop", config: run(unwaited), want: kept,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Outage(true)
				w.wantFailure(w.destroy("-refresh=false"), "Error: Run 4711/100001 could not be stopped", "Last error: reading the run:", "The API accepted no stop for this run.", "503 Service Unavailable")
				w.cloud.Outage(false)
				w.wantRun(firstRun, simulator.Running)
			},
		},
		{
			name: "an outage after the second kill", want: kept, config: run(unwaited + "\nstop_grace_period = \"2s\"\ntimeouts { delete = \"20s\" }"),
			agent: func() simulator.Agent { a := stubborn(); a.IgnoresKills = 1000; return a }(),
			act: func(w *workspace) {
				w.mustApply()
				p := w.beginDestroy()
				w.eventually("the second kill's effect", func() bool { r, _ := w.cloud.Run(firstRun); return r.Kills == 2 })
				w.cloud.Outage(true)
				p.mustFail("Error: Run 4711/100001 did not end within timeouts.delete (20s)", "Commands sent to the run: stop, kill, second kill.",
					"The last status request failed:", "503 Service Unavailable", "the next destroy tries again")
				w.cloud.Outage(false)
			},
		},
		{
			name: "the key has no access", config: run(unwaited), want: kept,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Forbid(true)
				w.wantFailure(w.destroy("-refresh=false"), "Error: Run 4711/100001 could not be stopped", "403 Forbidden", "The run may still be active. State keeps it")
				w.cloud.Forbid(false)
				w.wantRun(firstRun, simulator.Running)
			},
		},
		{
			name: "the run is gone, and its agent is there", config: run(unwaited), want: destroyed,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Expire(firstRun)
				wantText(w.t, w.mustDestroy().output, "Warning: Run 4711/100001 was gone before it could be stopped",
					"Several requests did not find it. Its agent exists.", "The API accepted no stop for this run.")
			},
		},
		{
			name: "the run is gone, and it was a failure", config: run(unwaited), want: destroyed,
			act: func(w *workspace) {
				w.mustApply()
				w.finish(simulator.Failure)
				w.mustApply("-refresh-only")
				w.cloud.Expire(firstRun)
				wantNoText(w.t, w.mustDestroy().output, "Warning: Run", "Warning: A destroy")
			},
		},
		{
			name: "the run is gone, and so is its agent", config: run(unwaited), want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, planSays: []string{"not found any more"}},
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.HideAgent(4711, true)
				w.wantFailure(w.destroy(), "Error: Run 4711/100001 and its agent are not found", "State keeps the run.", "`terraform state rm ADDRESS`")
				w.wantRun(firstRun, simulator.Running)
			},
		},
		{
			name: "on_destroy = leave: the run is left running", config: run(unwaited + "\non_destroy = \"leave\""), want: destroyed,
			act: func(w *workspace) {
				w.mustApply()
				wantText(w.t, w.mustDestroy().output, "Warning: A destroy leaves run 4711/100001 active", "the run continues, and Terraform no longer manages it.",
					"Warning: Run 4711/100001 is left active", `import it with the id "4711/100001"`)
				w.wantRun(firstRun, simulator.Running)
				w.wantCalls(firstRun, 0, 0)
			},
		},
		{
			name: "destroy uses the arguments of the last apply", config: run(unwaited), want: destroyed,
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", run(unwaited+"\non_destroy = \"leave\""))
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
			},
		},
		{
			name: "a destroy after one that was killed", agent: stubborn(), config: impatient, want: destroyed,
			act: func(w *workspace) {
				w.mustApply()
				p := w.beginDestroy()
				p.awaitRequests(simulator.KindStop, 1)
				p.kill()
				w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
			},
		},
	})
}

func TestScenarioReplacement(t *testing.T) {
	t.Parallel()
	byTriggers := func(n string) string {
		return run(unwaited + "\nif_active = \"fail\"\ntriggers = { n = \"" + n + "\" }")
	}
	inOrder := func(w *workspace) {
		w.t.Helper()
		old := w.wantRun(firstRun, simulator.Stopped)
		if next := w.newest(); next.Created.Before(old.Ended) {
			w.t.Errorf("the new run began at %v, before the old one ended at %v", next.Created, old.Ended)
		}
	}
	runScenarios(t, []scenario{
		{
			name: "through triggers: the plan warns, and the active run is stopped first", config: byTriggers("1"),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", byTriggers("2"))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"}, "The planned replacement stops run 4711/100001, which is still active", "Its status is Running. It was accepted at 20",
					"It has extracted ", " records so far.")
				w.mustApply()
				inOrder(w)
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "finished": false}},
		},
		{
			name: "through triggers, with on_destroy = leave: the old run stays active", config: run(unwaited + "\non_destroy = \"leave\"\ntriggers = { n = \"1\" }"),
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", run(unwaited+"\non_destroy = \"leave\"\ntriggers = { n = \"2\" }"))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"}, "The planned replacement leaves run 4711/100001 active")
				w.mustApply()
				w.wantRun(firstRun, simulator.Running)
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1}},
		},
		{
			name: "through -replace: Delete warns", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				wantText(w.t, w.mustApply("-replace=sequentum_run.r").output, "Warning: Run 4711/100001 was stopped", "run 100001: Stopped.")
				inOrder(w)
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1}},
		},
		{
			name: "through triggers, after an interrupted wait: the active run is stopped first", config: run("triggers = { n = \"1\" }"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.cloud.SetAgent(quick())
				w.config("%s", run("triggers = { n = \"2\" }"))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"}, "The planned replacement stops run 4711/100001, which is still active")
				w.mustApply()
				inOrder(w)
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "through agent_id: the new run is one of the other agent", agent: quick(), config: oneRun, cloud: simulator.Options{Agents: []simulator.Agent{{ID: 4712}}},
			act: func(w *workspace) {
				w.mustApply()
				w.config("%s", strings.Replace(oneRun, "4711", "4712", 1))
				w.mustApply()
			},
			want: outcome{starts: 2, lost: 1, state: map[string]any{"agent_id": 4712, "run_id": firstRun + 1}},
		},
	})
}

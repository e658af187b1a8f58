// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioTimeout(t *testing.T) {
	t.Parallel()
	tainted := map[string]string{"sequentum_run.r": "replace", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"}
	runScenarios(t, []scenario{
		{
			name: "the run is left running after the timeout", trouble: "`timeouts.create` passes", config: within("4s") + dependent,
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "Error: Run 4711/100001 did not finish within timeouts.create (4s)", "Agent 4711 (Shoes), run 100001: Running.",
					"It was queued for 0s and has been running for", "The provider did not stop the run.",
					"To continue waiting for this run: raise timeouts.create, run `terraform untaint ADDRESS`, and apply.",
					"To give up this run: apply without untaint. The apply then stops this run and starts another.")
				w.wantRun(firstRun, simulator.Running)
				w.wantNoState("terraform_data.dependent")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun, "finished": false}, plan: tainted},
		},
		{
			name: "untaint, and a longer timeout: the same run is waited for", config: within("4s") + dependent,
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "timeouts.create (4s)")
				w.mustRun("untaint", "sequentum_run.r")
				w.config("%s", within("1h")+dependent)
				w.wantPlan(map[string]string{"sequentum_run.r": "update", "terraform_data.dependent": "create", "data.sequentum_run_files.f": "read"})
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "the wait that an update continues records the files", config: run("record_files = true\ntimeouts { create = \"4s\" }"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "timeouts.create (4s)")
				w.mustRun("untaint", "sequentum_run.r")
				w.config("%s", run("record_files = true\ntimeouts { create = \"1h\" }"))
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
				if files, _ := w.state("sequentum_run.r").Attributes["files"].([]any); len(files) != 1 {
					w.t.Errorf("the files are %v", files)
				}
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "untaint, and the timeout passes once more: nothing is tainted", config: within("4s"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "timeouts.create (4s)")
				w.mustRun("untaint", "sequentum_run.r")
				r := w.wantFailure(w.apply(), "Error: Run 4711/100001 did not finish within timeouts.create (4s)",
					"The resource is not tainted. To continue waiting for this run: raise timeouts.create, and apply.")
				wantNoText(w.t, r.output, "Terraform marks the resource as tainted")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false}, plan: map[string]string{"sequentum_run.r": "update"}},
		},
		{
			name: "an apply after the timeout stops the run and starts another", config: within("4s"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "timeouts.create (4s)")
				w.cloud.SetAgent(running(time.Second))
				wantText(w.t, w.mustApply().output, "Warning: Run 4711/100001 was stopped")
				if stopped, next := w.wantRun(firstRun, simulator.Stopped), w.newest(); next.Created.Before(stopped.Ended) {
					w.t.Errorf("the new run began at %v, before the old one ended at %v", next.Created, stopped.Ended)
				}
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
		{
			name: "untaint, and the run has failed since the timeout: a new run is planned", config: within("4s"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "timeouts.create (4s)")
				w.finish(simulator.Failure)
				w.mustRun("untaint", "sequentum_run.r")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "replace"},
				planSays: []string{"Run 4711/100001 ended as Failure: a new run is planned"}},
		},
	})
}

func TestScenarioAccessLost(t *testing.T) {
	t.Parallel()
	refusals := []struct {
		name         string
		refuse, mend func(w *workspace)
		says         string
	}{
		{"401", func(w *workspace) { w.cloud.SetCredentials("", "") }, func(w *workspace) { w.cloud.SetCredentials(apiKey, "") }, "401 Unauthorized"},
		{"403", func(w *workspace) { w.cloud.Forbid(true) }, func(w *workspace) { w.cloud.Forbid(false) }, "403 Forbidden"},
	}
	var scenarios []scenario
	for _, r := range refusals {
		scenarios = append(scenarios,
			scenario{
				name: r.name + " during a wait, and the next apply continues waiting", config: oneRun,
				act: func(w *workspace) {
					p := w.beginApply()
					p.awaitWait()
					r.refuse(w)
					p.mustFail("Error: The API refused access while waiting for run 4711/100001", "Several requests in a row were refused.", r.says,
						"Agent 4711 (Shoes), run 100001: Running.", "The provider did not stop the run.",
						"To continue waiting for this run: renew the API key or access token, run `terraform untaint ADDRESS`, and apply.")
					w.wantState("sequentum_run.r", true, map[string]any{"run_id": firstRun, "status": "Running"})
					w.wantRun(firstRun, simulator.Running)
					if r.name == "401" {
						wantTrouble(t, "The API key is revoked, or the access token expires", w.transcript())
					}
					r.mend(w)
					w.mustRun("untaint", "sequentum_run.r")
					p = w.beginApply()
					p.awaitWait()
					w.finish(simulator.Completed)
					p.mustSucceed()
				},
				want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
			},
			scenario{
				name: r.name + " during a resumed wait", config: oneRun,
				act: func(w *workspace) {
					p := w.beginApply()
					p.awaitWait()
					p.interrupt()
					p = w.beginApply()
					p.awaitWait()
					r.refuse(w)
					p.mustFail("Error: The API refused access while waiting for run 4711/100001", r.says,
						"The resource is not tainted. To continue waiting for this run: renew the API key or access token, and apply.")
					r.mend(w)
				},
				want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "finished": false}, plan: map[string]string{"sequentum_run.r": "update"}},
			})
	}
	runScenarios(t, scenarios)
}

func TestScenarioOutage(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "a short outage is waited out", trouble: "The API is down for some minutes", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Outage(true)
				p.awaitRequests(simulator.KindStatus, p.requests(simulator.KindStatus)+4) // more than the retries of one look
				w.cloud.Outage(false)
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "an outage outlasts the timeout", trouble: "The API is down until `timeouts.create` passes", config: within("9s"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Outage(true)
				p.mustFail("Error: Run 4711/100001 did not finish within timeouts.create (9s)", "The last status request failed:", "503 Service Unavailable",
					"The provider did not stop the run.", "`terraform untaint ADDRESS`")
				w.cloud.Outage(false)
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "a refresh gives up at timeouts.read", config: patientProvider + run("timeouts { read = \"5s\" }"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Hang})
				w.wantNoPlan("Run 4711/100001 could not be read", "No answer came within timeouts.read (5s)", "State is unchanged.")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "update"}},
		},
		{
			name: "an outage during a refresh changes no state", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				before := w.read("terraform.tfstate")
				w.cloud.Outage(true)
				w.wantNoPlan("Run 4711/100001 could not be read", "503 Service Unavailable", "State is unchanged.")
				wantTrouble(w.t, "The API is down during a plan", w.transcript())
				w.wantFailure(w.apply(), "Error: Run 4711/100001 could not be read")
				w.wantFailure(w.destroy(), "Error: Run 4711/100001 could not be read")
				if w.read("terraform.tfstate") != before {
					w.t.Error("the outage changed the state")
				}
				w.cloud.Outage(false)
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "update"}},
		},
	})
}

func TestScenarioRunVanishes(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "the run is removed during the wait of a create", trouble: "The run is removed from the platform", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Expire(firstRun)
				p.mustFail("Error: Run 4711/100001 is not found any more", "Several requests in a row did not find it.", "404 Not Found",
					"It was removed from the platform, or this key can no longer see it.", "Terraform marks the resource as tainted: the next apply starts a new run.")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the run is removed during a resumed wait: -replace starts a new run", config: oneRun,
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				p = w.beginApply()
				p.awaitWait()
				w.cloud.Expire(firstRun)
				p.mustFail("Error: Run 4711/100001 is not found any more", "To start a new run: `terraform apply -replace=ADDRESS`.")
				w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})
				w.cloud.SetAgent(running(2 * time.Second))
				w.mustApply("-replace=sequentum_run.r")
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "status": "Completed"}},
		},
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const password = "correct-horse-battery"

// quoting is a failure whose message says what the agent was given.
var quoting = simulator.Outcome{Status: simulator.Failure, Message: "login failed with " + password}

// withSecret is a run whose input is kept out of state. The secret comes from the environment, as in a pipeline.
func withSecret(version, arguments string) string {
	return "variable \"password\" {\n  type = string\n  sensitive = true\n  ephemeral = true\n}\n" +
		run("input_parameters_wo = jsonencode({ password = var.password })\ninput_parameters_wo_version = "+version+"\n"+arguments)
}

// trace has everything logged, hands the secret over, and hides it from nothing.
func (w *workspace) trace(secret string) {
	w.env = append(w.env, "TF_VAR_password="+secret)
	w.logging("TRACE")
}

// wantSecretSent fails the test unless the agent's newest run got the secret.
func (w *workspace) wantSecretSent(secret string) {
	w.t.Helper()
	if got, want := w.newest().InputParameters, fmt.Sprintf(`{"password":%q}`, secret); got != want {
		w.t.Errorf("the run has the input %s, want %s", got, want)
	}
}

func TestScenarioSecretInput(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "a secret reaches the run and nothing else", agent: quick(), config: withSecret("1", ""),
			act: func(w *workspace) {
				w.trace(password)
				w.mustRun("plan", "-no-color", "-input=false", "-out=plan.bin")
				shown := w.mustRun("show", "-json", "plan.bin")
				wantText(w.t, shown.output, `"input_parameters_wo":null`)
				w.mustRun("apply", "-no-color", "-input=false", "plan.bin")
				w.wantSecretSent(password)
				wantText(w.t, w.read(logFile), "sequentum_run.r") // there is a log to search
				w.wantNoSecret(password)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "input_parameters_wo": nil, "input_parameters_wo_version": 1}},
		},
		{
			name: "another secret without another version is no change", agent: quick(), config: withSecret("1", ""),
			act: func(w *workspace) {
				w.trace(password)
				w.mustApply()
				w.trace("another-secret")
				w.wantPlan(nil)
				w.config("%s", withSecret("2", ""))
				w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
				w.mustApply()
				w.wantSecretSent("another-secret")
				w.wantNoSecret(password)
				w.wantNoSecret("another-secret")
			},
			want: outcome{starts: 2, state: map[string]any{"run_id": firstRun + 1, "input_parameters_wo_version": 2}},
		},
		{
			name: "the secret of a run that fails", agent: quick(diagnosed), config: withSecret("1", ""),
			act: func(w *workspace) {
				w.trace(password)
				w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure")
				w.wantSecretSent(password)
				w.wantNoSecret(password)
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"status": "Failure", "input_parameters_wo": nil}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the secret of a run that fails in a resumed wait", config: withSecret("1", ""),
			act: func(w *workspace) {
				w.trace(password)
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Failure)
				p.mustFail("Error: Run 4711/100001 ended as Failure")
				w.wantNoSecret(password)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Failure", "input_parameters_wo": nil}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the secret of a run whose message quotes it", agent: quick(quoting), config: withSecret("1", ""),
			act: func(w *workspace) {
				w.trace(password)
				w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure", "Its message: login failed with (redacted)")
				w.wantNoSecret(password)
				w.mustApply("-refresh-only") // by a process that does not know it, while the run can still be restarted
				w.wantNoSecret(password)
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"message": "login failed with (redacted)"}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the secret of a run whose message quotes it after an interrupt", agent: running(time.Hour, quoting), config: withSecret("1", ""),
			act: func(w *workspace) {
				w.trace(password)
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.finish(simulator.Failure)
				w.mustApply("-refresh-only")
				w.wantNoSecret(password)
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Failure"}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "the secret of a run that is retried", agent: quick(diagnosed, simulator.Outcome{}), config: withSecret("1", "retries = 1"),
			act: func(w *workspace) {
				w.trace(password)
				w.mustApply()
				w.wantSecretSent(password)
				w.wantNoSecret(password)
			},
			want: outcome{starts: 2, state: map[string]any{"attempts": 2}},
		},
		{
			name: "the secret of a run that is waited for until the timeout", config: withSecret("1", "timeouts { create = \"3s\" }"),
			act: func(w *workspace) {
				w.trace(password)
				w.wantFailure(w.apply(), "timeouts.create (3s)")
				w.wantNoSecret(password)
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun, "input_parameters_wo": nil}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
	})
}

func TestScenarioSecretKey(t *testing.T) {
	t.Parallel()
	refusing := endless()
	refusing.OutOfCredits = true
	created := map[string]string{"sequentum_run.r": "create"}
	runScenarios(t, []scenario{
		{
			name: "a server echoes the key in a refusal", agent: refusing, config: oneRun, cloud: simulator.Options{EchoKey: true},
			act: func(w *workspace) {
				w.logging("TRACE")
				w.wantFailure(w.apply(), "Error: Agent 4711 was not started", "There are not enough credits", "(redacted)")
			},
			want: outcome{starts: 1, lost: 1, plan: created},
		},
		{
			name: "a proxy echoes the key in a page, at every kind of request", config: oneRun, cloud: simulator.Options{EchoKey: true},
			act: func(w *workspace) {
				w.logging("TRACE")
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Inject(simulator.Fault{Times: -1, Action: simulator.HTML, Body: "<html>bad gateway</html>"})
				p.awaitRequests(simulator.KindStatus, p.requests(simulator.KindStatus)+4) // one look with its retries has failed
				w.wantFailure(p.interrupt(), "run 4711/100001 is still running", "(redacted)")
				w.wantNoPlan("Run 4711/100001 could not be read", "(redacted)")
				w.wantFailure(w.destroy("-refresh=false"), "Error: Run 4711/100001 could not be stopped", "(redacted)")
				w.cloud.ClearFaults()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "update"}},
		},
		{
			name: "the message of a run names the key", agent: endless(), config: `
provider "sequentum" {
  request_timeout = "3s"
  api_key         = "` + apiKey + `"
}
` + oneRun,
			act: func(w *workspace) {
				w.env = append(w.env, "SEQUENTUM_API_KEY=sk-from-the-environment")
				w.cloud.SetAgent(quick(simulator.Outcome{Status: simulator.Failure, Message: "Authorization: ApiKey " + apiKey}))
				w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure", "Its message: Authorization: ApiKey (redacted)")
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"message": "Authorization: ApiKey (redacted)"}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
	})
}

// TestScenarioRedirect has another host listen for what the API's redirects bring it.
func TestScenarioRedirect(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.Kind{simulator.KindStart, simulator.KindRuns, simulator.KindStatus} {
		var heard atomic.Int32
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) }))
		t.Cleanup(elsewhere.Close)
		s := scenario{
			name: "a redirect of a request of kind " + string(kind), config: within("15s"),
			faults: []simulator.Fault{{Kind: kind, Times: -1, Action: simulator.Redirect, Code: http.StatusTemporaryRedirect, Location: elsewhere.URL + "/api/v1/agent/4711/start"}},
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "307 Temporary Redirect", elsewhere.Listener.Addr().String(), "api_url")
				w.cloud.ClearFaults()
				if n := heard.Load(); n != 0 {
					w.t.Errorf("the other host received %d requests", n)
				}
			},
		}
		switch kind {
		case simulator.KindStart:
			s.want = outcome{starts: 2, lost: 2, plan: map[string]string{"sequentum_run.r": "create"}}
		case simulator.KindRuns:
			s.want = outcome{plan: map[string]string{"sequentum_run.r": "create"}}
		default:
			s.want = outcome{starts: 1, tainted: true, state: map[string]any{"run_id": firstRun}, plan: map[string]string{"sequentum_run.r": "replace"}}
		}
		runScenarios(t, []scenario{s})
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// lateProvider has arguments whose first letters come from a resource which is replaced when the version changes. (The
// whole key would be in state and in the plan.)
func (w *workspace) lateProvider(version string, arguments ...string) string {
	values := map[string]string{"api_key": apiKey, "api_url": w.server.URL, "request_timeout": "3s"}
	var block strings.Builder
	for _, name := range arguments {
		fmt.Fprintf(&block, "resource \"terraform_data\" %q {\n  input            = %q\n  triggers_replace = %s\n}\n", name, values[name][:1], version)
	}
	block.WriteString("provider \"sequentum\" {\n")
	for _, name := range arguments {
		fmt.Fprintf(&block, "  %[1]s = \"${terraform_data.%[1]s.output}%[2]s\"\n", name, values[name][1:])
	}
	return block.String() + "}\n"
}

// An import needs a read, and a read needs a provider that is configured.
func TestScenarioImportUnconfigured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments []string
		says      string
	}{
		"the key is not known":          {[]string{"api_key"}, "The value of api_key in the provider block is not known yet."},
		"a timeout is not known":        {[]string{"request_timeout"}, "The value of request_timeout in the provider block is not known yet."},
		"key and address are not known": {[]string{"api_key", "api_url"}, "The values of api_url and api_key in the provider block are not known yet."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario{
				config: oneRun,
				act: func(w *workspace) {
					w.hasRun(simulator.Failure)
					config := w.lateProvider("1", c.arguments...) + oneRun + importBlock
					w.config("%s", config)
					w.wantNoPlan("The provider is not configured yet", c.says, "Apply that resource first, for example with `terraform apply -target=ADDRESS`.")
					targets := []string{}
					for _, a := range c.arguments {
						targets = append(targets, "-target=terraform_data."+a)
					}
					w.mustApply(targets...)
					w.wantPlan(map[string]string{"sequentum_run.r": "update"})
					w.mustApply()
				},
				want: outcome{strangers: 1, state: map[string]any{"id": "4711/100001", "run_ids": "[100001]", "attempts": 1, "status": "Failure"}},
			}.play(t)
		})
	}
}

// forget edits a resource in the state file as a version before the first release could leave it: an import that was
// never read leaves these attributes null.
func (w *workspace) forget(address string, attributes ...string) {
	w.t.Helper()
	var state map[string]any
	decoder := json.NewDecoder(strings.NewReader(w.savedState()))
	decoder.UseNumber()
	if err := decoder.Decode(&state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		resource := r.(map[string]any)
		if fmt.Sprintf("%s.%s", resource["type"], resource["name"]) != address {
			continue
		}
		held := resource["instances"].([]any)[0].(map[string]any)["attributes"].(map[string]any)
		for _, name := range attributes {
			held[name] = nil
		}
	}
	edited, err := json.Marshal(state)
	if err != nil {
		w.t.Fatal(err)
	}
	w.file("terraform.tfstate", string(edited))
}

var (
	numbers  = []string{"id", "run_ids", "attempts"}
	readOnly = append([]string{
		"status", "finished", "succeeded", "message", "agent_name", "agent_version", "space_id", "created_at", "started_at", "finished_at",
		"run_time_seconds", "records_extracted", "records_exported", "page_count", "error_count", "traffic_bytes", "files",
	}, numbers...)
	complete = map[string]any{"id": "4711/100001", "run_id": firstRun, "run_ids": "[100001]", "attempts": 1}
)

// imported takes in a run that ended so, or is still active, with a configuration that does not wait.
func imported(w *workspace, end simulator.Status) {
	w.cloud.StartRun(4711)
	if end != simulator.Running {
		w.finish(end)
	}
	w.config("%s", run(unwaited)+importBlock)
	w.mustApply()
}

// completed are the attributes that every healed state has, and its status.
func completed(status simulator.Status) map[string]any {
	all := maps.Clone(complete)
	all["status"] = status.String()
	return all
}

// A state whose run was never read is completed, and its failure buys no run.
func TestScenarioNeverRead(t *testing.T) {
	t.Parallel()
	refreshed := func(w *workspace, config string) {
		w.config("%s", config)
		w.wantPlan(nil)
		w.mustApply("-refresh-only")
	}
	runScenarios(t, []scenario{
		{
			name: "a refresh reads a failed run", config: run(unwaited),
			act: func(w *workspace) {
				imported(w, simulator.Failure)
				w.forget("sequentum_run.r", readOnly...)
				refreshed(w, run(unwaited))
			},
			want: outcome{strangers: 1, state: completed(simulator.Failure)},
		},
		{
			name: "a refresh reads a failed run that was waited for", config: run(unwaited),
			act: func(w *workspace) {
				imported(w, simulator.Running)
				w.config("%s", oneRun)
				p := w.beginApply()
				p.awaitWait()
				w.finish(simulator.Failure)
				p.mustFail("Error: Run 4711/100001 ended as Failure")
				w.forget("sequentum_run.r", numbers...)
				refreshed(w, oneRun)
			},
			want: outcome{strangers: 1, state: completed(simulator.Failure)},
		},
		{
			name: "a refresh completes the state of a stopped run without a request", config: run(unwaited),
			act: func(w *workspace) {
				imported(w, simulator.Stopped)
				w.forget("sequentum_run.r", numbers...)
				w.config("%s", run(unwaited))
				w.wantNoRequest()
				w.mustApply("-refresh-only")
			},
			want: outcome{strangers: 1, state: completed(simulator.Stopped)},
		},
		{
			name: "an apply without a refresh reads a failed run", config: run(unwaited),
			act: func(w *workspace) {
				imported(w, simulator.Failure)
				w.forget("sequentum_run.r", readOnly...)
				w.config("%s", oneRun)
				w.mustApply("-refresh=false")
			},
			want: outcome{strangers: 1, state: completed(simulator.Failure)},
		},
		{
			name: "an apply whose plan does not know the key reads a failed run", config: oneRun,
			act: func(w *workspace) {
				imported(w, simulator.Failure)
				w.forget("sequentum_run.r", readOnly...)
				w.config("%s", w.lateProvider("1", "api_key")+run(unwaited))
				w.wantPlan(map[string]string{"sequentum_run.r": "update", "terraform_data.api_key": "create"})
				w.mustApply()
			},
			want: outcome{strangers: 1, state: completed(simulator.Failure)},
		},
		{
			name: "an apply whose plan does not know the key waits for an active run", config: oneRun,
			act: func(w *workspace) {
				imported(w, simulator.Running)
				w.forget("sequentum_run.r", readOnly...)
				w.config("%s", w.lateProvider("1", "api_key")+oneRun)
				p := w.beginApply()
				p.awaitRequests(simulator.KindStatus, 2)
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{strangers: 1, state: completed(simulator.Completed)},
		},
		{
			name: "a refresh removes a run that never existed", config: run(unwaited),
			act: func(w *workspace) {
				imported(w, simulator.Completed)
				w.forget("sequentum_run.r", readOnly...)
				w.cloud.Expire(firstRun)
				w.config("%s", run(unwaited))
				w.wantPlan(map[string]string{"sequentum_run.r": "create"}, "There is no run 4711/100001: it was removed from state", "The next apply starts a new run.")
				w.mustDestroy()
			},
			want: outcome{strangers: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "an apply whose plan does not know the key fails for a run that never existed", config: run(unwaited),
			act: func(w *workspace) {
				imported(w, simulator.Completed)
				w.forget("sequentum_run.r", readOnly...)
				w.cloud.Expire(firstRun)
				w.config("%s", w.lateProvider("1", "api_key")+run(unwaited))
				w.wantFailure(w.apply(), "Error: Run 4711/100001 could not be read", "The run was imported, and no refresh has read it.", "State is unchanged.")
				w.mustDestroy()
			},
			want: outcome{strangers: 1, plan: map[string]string{"sequentum_run.r": "create", "terraform_data.api_key": "create"}},
		},
	})
}

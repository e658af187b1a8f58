// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// knowsLists reports whether the CLI has list resources: Terraform does from 1.14 on.
func (w *workspace) knowsLists() bool {
	w.t.Helper()
	v := w.version()
	return !v.tofu && (v.major > 1 || v.minor >= 14)
}

// lists writes a list block of a type with these arguments.
func (w *workspace) lists(typ, arguments string) {
	w.t.Helper()
	w.config("")
	w.file("found.tfquery.hcl", "list \""+typ+"\" \"found\" {\n  provider = sequentum\n"+arguments+"\n}\n")
}

func (w *workspace) beginQuery(more ...string) *process {
	w.t.Helper()
	return w.begin(append([]string{"query", "-no-color"}, more...)...)
}

func (w *workspace) mustQuery(more ...string) result {
	w.t.Helper()
	return w.beginQuery(more...).mustSucceed()
}

// wantNoQuery checks a CLI that has no list resources. It ignores the list blocks and loads the provider, so that what
// they would find can be imported with this configuration.
func (w *workspace) wantNoQuery(config string) {
	w.t.Helper()
	w.wantFailure(w.beginQuery().wait(), `has no command named "query"`)
	w.config("%s", config)
	w.mustApply()
}

// foundRun imports a run as the generated configuration does, on a CLI that cannot generate it from a list.
func foundRun(name, id string) string {
	return strings.NewReplacer("NAME", name, "ID", id).Replace(`
resource "sequentum_run" "NAME" {
  agent_id = 4711
}
import {
  to = sequentum_run.NAME
  id = "ID"
}
`)
}

const listed4711 = "config {\n  agent_id = 4711\n}"

func TestScenarioListOfRuns(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "listed runs become configuration, and nothing starts",
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.hasRun(simulator.Failure)
				w.lists("sequentum_run", listed4711)
				if w.knowsLists() {
					w.mustQuery("-generate-config-out=generated.tf")
					wantText(w.t, w.plan().text, "Plan: 2 to import, 0 to add, 2 to change, 0 to destroy.")
					wantText(w.t, w.mustApply().output, "2 imported, 0 added, 2 changed, 0 destroyed")
				} else {
					w.wantNoQuery(foundRun("found_0", "4711/100002") + foundRun("found_1", "4711/100001"))
				}
				w.wantOnlyReads()
				w.wantState("sequentum_run.found_0", false, map[string]any{"run_id": firstRun + 1, "status": "Failure", "succeeded": false, "wait_for_completion": true})
				w.wantState("sequentum_run.found_1", false, map[string]any{"run_id": firstRun, "status": "Completed", "succeeded": true})
			},
			want: outcome{strangers: 2},
		},
		{
			name: "a listed run that is active becomes configuration: the apply waits for it, and nothing starts",
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.cloud.StartRun(4711)
				w.lists("sequentum_run", "config {\n  agent_id = 4711\n  statuses = [\"Running\"]\n}")
				if w.knowsLists() {
					w.mustQuery("-generate-config-out=generated.tf")
				} else {
					w.wantFailure(w.beginQuery().wait(), `has no command named "query"`)
					w.config("%s", foundRun("found_0", "4711/100002"))
				}
				p := w.beginApply()
				p.awaitRequests(simulator.KindStatus, 2) // the import's, and the wait's
				w.finish(simulator.Success)
				p.mustSucceed()
				w.wantState("sequentum_run.found_0", false, map[string]any{"run_id": firstRun + 1, "status": "Success"})
				w.wantNoState("sequentum_run.found_1")
			},
			want: outcome{strangers: 2},
		},
		{
			name: "a list is shown with ids, names, times and statuses",
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.hasRun(simulator.Failure)
				w.lists("sequentum_run", "limit = 1\n"+listed4711)
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				shown := w.mustQuery().output
				wantText(w.t, shown, "list.sequentum_run.found agent_id=4711,run_id=100002 Shoes, ", ", Failure")
				wantNoText(w.t, shown, "100001")
			},
			want: outcome{strangers: 2},
		},
		{
			name:   "odd elements are warnings, and the list is shown",
			faults: []simulator.Fault{{Kind: simulator.KindRuns, Times: -1, Insert: []simulator.Element{"null", `{"configId":4711,"status":1}`}}},
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.lists("sequentum_run", listed4711)
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				wantText(w.t, w.mustQuery("-generate-config-out=generated.tf").output, "Warning: The list of the runs of agent 4711 is not complete",
					"2 elements that the provider cannot use", "agent_id=4711,run_id=100001 Shoes, ")
				wantText(w.t, w.plan().text, "Plan: 1 to import, 0 to add, 1 to change, 0 to destroy.")
				w.mustApply()
			},
			want: outcome{strangers: 1},
		},
		{
			name: "an agent that does not exist, and a status that does not exist",
			act: func(w *workspace) {
				w.lists("sequentum_run", "config {\n  agent_id = 99\n}")
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				w.wantFailure(w.beginQuery().wait(), "Error: Agent 99 is not found", "agent_id = 99", "404 Not Found")
				w.lists("sequentum_run", "config {\n  agent_id = 4711\n  statuses = [\"Finished\"]\n}")
				w.wantFailure(w.beginQuery().wait(), `statuses[0] value must be one of: ["Running" `, `"Failure" "Failed"`, `got: "Finished"`)
				w.wantFailure(w.run("validate", "-no-color", "-query"), `got: "Finished"`)
			},
		},
	})
}

func TestScenarioListIsInterrupted(t *testing.T) {
	t.Parallel()
	all := []scenario{}
	for name, signal := range map[string]syscall.Signal{"Ctrl-C": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		all = append(all, scenario{
			name: name + " ends a list that has no answer", faults: []simulator.Fault{{Kind: simulator.KindRuns, Times: -1, Action: simulator.Hang}},
			act: func(w *workspace) {
				w.lists("sequentum_run", listed4711)
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				p := w.beginQuery("-generate-config-out=generated.tf")
				p.awaitRequests(simulator.KindRuns, 1)
				p.signalGroup(signal)
				p.mustFail("Error: The runs of agent 4711 could not be listed", "The operation was interrupted.")
				if generated := w.read("generated.tf"); generated != "" {
					w.t.Errorf("an interrupted list generated %s", generated)
				}
			},
		})
	}
	runScenarios(t, all)
}

func TestScenarioListOfSchedules(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "listed schedules become configuration, and nothing changes", cloud: scheduled(),
			act: func(w *workspace) {
				w.lists(scheduleType, "")
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				w.mustQuery("-generate-config-out=generated.tf")
				wantText(w.t, w.plan().text, "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy.")
				wantText(w.t, w.mustApply().output, "5 imported, 0 added, 0 changed, 0 destroyed")
				w.wantState("sequentum_schedule.found_0", false, map[string]any{"id": "4711/2001", "name": "nightly", "enabled": true})
				w.wantState("sequentum_schedule.found_1", false, map[string]any{"id": "4711/2002", "name": "often", "enabled": false})
				w.wantState("sequentum_schedule.found_4", false, map[string]any{"id": "4713/2020", "name": "daily"})
				w.wantOnlyReads()
			},
		},
		{
			name: "an agent that is refused is a warning, and the schedules of the others are listed", cloud: scheduled(),
			faults: []simulator.Fault{{Kind: simulator.KindSchedules, AgentID: 4712, Times: -1, Action: simulator.StatusCode, Code: http.StatusForbidden}},
			act: func(w *workspace) {
				w.lists(scheduleType, "")
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				shown := w.mustQuery("-generate-config-out=generated.tf").output
				wantText(w.t, shown, "Warning: The schedules of 1 agent could not be listed", `4712 "Agent 4712"`, "403 Forbidden",
					"agent_id=4711,schedule_id=2001 Shoes, nightly, cron 30 6 * * 1-5 Europe/Berlin", "agent_id=4713,schedule_id=2020 Hats, daily, cron 0 5 * * * UTC")
				wantText(w.t, w.plan().text, "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.")
				w.mustApply()
			},
		},
		{
			name: "Ctrl-C in the middle of the schedules of all agents ends with an error", cloud: scheduled(),
			faults: []simulator.Fault{{Kind: simulator.KindSchedules, AgentID: 4712, Times: -1, Action: simulator.Hang}},
			act: func(w *workspace) {
				w.lists(scheduleType, "")
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				p := w.beginQuery()
				p.awaitRequests(simulator.KindSchedules, 2)
				wantText(w.t, p.interrupt().output, "Error: The schedules could not be listed", "The operation was interrupted.")
			},
		},
	})
}

// The examples on the pages list what they say.
func TestScenarioListExamples(t *testing.T) {
	t.Parallel()
	all := []scenario{}
	for typ, shows := range map[string][]string{
		"sequentum_run": {"list.sequentum_run.failed agent_id=4711,run_id=100002 Shoes, "},
		scheduleType:    {"list.sequentum_schedule.all agent_id=4713,schedule_id=2020 Hats, daily", "list.sequentum_schedule.products agent_id=4711,schedule_id=2001 Agent 4711, nightly"},
	} {
		all = append(all, scenario{
			name: "the example of " + typ, cloud: scheduled(),
			act: func(w *workspace) {
				w.hasRun(simulator.Completed)
				w.hasRun(simulator.Failure)
				w.config("")
				w.file("example.tfquery.hcl", readFile(w.t, "../../examples/list-resources/"+typ+"/list-resource.tfquery.hcl"))
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				shown := w.mustQuery().output
				wantText(w.t, shown, shows...)
				wantNoText(w.t, shown, "100001")
				w.wantOnlyReads()
			},
			want: outcome{strangers: 2},
		})
	}
	runScenarios(t, all)
}

// wantOnlyReads fails the test when a request may have changed something.
func (w *workspace) wantOnlyReads() {
	w.t.Helper()
	for _, r := range w.cloud.Log() {
		if r.Method != http.MethodGet {
			w.t.Errorf("the account was changed: %s %s", r.Method, r.Path)
		}
	}
}

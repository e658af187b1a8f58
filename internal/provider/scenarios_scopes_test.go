// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// listKind begins the name of a list resource in the table of the index page. The rest is the name of its resource.
const listKind = "list resource "

// documentedScopes reads the table of the index page: by the words in its first column, the scopes in its second. A name
// alone stands for the first object that has it.
func documentedScopes(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile("../../templates/index.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || !strings.Contains(cells[1], "`sequentum_") {
			continue
		}
		object := strings.ReplaceAll(strings.TrimSpace(cells[1]), "`", "")
		for i, word := range strings.Split(cells[2], "`") {
			if i%2 == 1 {
				table[object] = append(table[object], word)
			}
		}
		if name := object[strings.LastIndex(object, " ")+1:]; table[name] == nil {
			table[name] = table[object]
		}
	}
	return table
}

func TestScopesAreDocumented(t *testing.T) {
	t.Parallel()
	scopes := documentedScopes(t)
	for page := range documentedSchemas(t) {
		object := "sequentum_" + strings.TrimSuffix(page[strings.LastIndex(page, "/")+1:], ".md")
		if strings.HasPrefix(page, "list-resources/") {
			object = listKind + object
		}
		if page != "index.md" && len(scopes[object]) == 0 {
			t.Errorf("%s has no scopes in templates/index.md.tmpl", object)
		}
	}
}

// The scopes that the documentation names are enough for the life of an object, and some are needed.
func TestScenarioScopes(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-a-person"
	scopes := documentedScopes(t)
	cloud := simulator.Options{AccessToken: token}
	useToken := func(w *workspace) { w.env = append(w.env, "SEQUENTUM_API_KEY=", "SEQUENTUM_ACCESS_TOKEN="+token) }
	all := []scenario{{
		name: "sequentum_run", cloud: cloud, config: run(unwaited),
		act: func(w *workspace) {
			useToken(w)
			w.cloud.SetScopes(scopes["sequentum_run"])
			w.mustApply()
			w.cloud.SetScopes([]string{"runs:read", "agents:read"})
			w.wantFailure(w.destroy(), "403 Forbidden")
			w.cloud.SetScopes(scopes["sequentum_run"])
			w.mustDestroy()
			w.wantRun(firstRun, simulator.Stopped)
		},
		want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
	}}
	all = append(all, scenario{
		name: "sequentum_schedule", cloud: cloud, config: oneSchedule,
		act: func(w *workspace) {
			useToken(w)
			w.cloud.SetScopes(scopes["sequentum_schedule"])
			w.mustApply()
			w.cloud.SetScopes([]string{"agents:read"})
			w.wantFailure(w.destroy(), "403 Forbidden", "agents:write")
			w.cloud.SetScopes(scopes["sequentum_schedule"])
			w.mustDestroy()
		},
		want: outcome{plan: map[string]string{"sequentum_schedule.r": "create"}},
	})
	const ids = "agent_id = 4711\n  run_id = sequentum_run.r.run_id\n  "
	for object, config := range map[string]string{
		"sequentum_run_completion": "resource \"sequentum_run_completion\" \"x\" {\n  " + ids + "record_files = true\n}\n",
		"sequentum_run_download":   "resource \"sequentum_run_download\" \"x\" {\n  " + ids + "directory = \"files\"\n}\n",
		"sequentum_run_files":      "data \"sequentum_run_files\" \"x\" {\n  " + ids + "\n}\n",
		"sequentum_run_records":    "data \"sequentum_run_records\" \"x\" {\n  " + ids + "\n}\n",
		"sequentum_runs":           "data \"sequentum_runs\" \"x\" {\n  agent_id = sequentum_run.r.agent_id\n}\n",
		"sequentum_schedules":      "data \"sequentum_schedules\" \"x\" {\n  agent_id = 4711\n}\n",
		"sequentum_run_file":       "data \"sequentum_run_file\" \"x\" {\n  " + ids + "name = \"products.csv\"\n}\n",
		"sequentum_agent":          "data \"sequentum_agent\" \"x\" {\n  name = \"Shoes\"\n}\n",
		"sequentum_agents":         "data \"sequentum_agents\" \"x\" {}\n",
		"sequentum_space":          "data \"sequentum_space\" \"x\" {\n  name = \"Space 12\"\n}\n",
		"sequentum_spaces":         "data \"sequentum_spaces\" \"x\" {}\n",
		"sequentum_credits":        "data \"sequentum_credits\" \"x\" {}\n",
	} {
		agent := quick()
		agent.SpaceID = new(int64(12))
		all = append(all, scenario{
			name: object, agent: agent, cloud: cloud, config: oneRun,
			act: func(w *workspace) {
				w.mustApply()
				useToken(w)
				w.config("%s", oneRun+config)
				w.cloud.SetScopes([]string{"offline_access"})
				w.wantFailure(w.apply(), "403 Forbidden")
				w.cloud.SetScopes(scopes[object])
				w.mustApply()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		})
	}
	for typ, arguments := range map[string]string{"sequentum_run": listed4711, scheduleType: listed4711} {
		all = append(all, scenario{
			name: listKind + typ, cloud: cloud,
			act: func(w *workspace) {
				useToken(w)
				w.lists(typ, arguments)
				if !w.knowsLists() {
					w.wantNoQuery("")
					return
				}
				w.cloud.SetScopes([]string{"billing:read"})
				w.wantFailure(w.beginQuery().wait(), "403 Forbidden", scopes[listKind+typ][0])
				w.cloud.SetScopes(scopes[listKind+typ])
				w.mustQuery()
			},
		})
	}
	const runLookup = "data source sequentum_run"
	all = append(all, scenario{
		name: runLookup, agent: quick(), cloud: cloud, config: oneRun,
		act: func(w *workspace) {
			w.mustApply()
			useToken(w)
			w.config("%s", oneRun+"data \"sequentum_run\" \"x\" {\n  "+ids+"include_cost = true\n}\n")
			w.cloud.SetScopes([]string{"runs:read", "agents:read"})
			w.wantFailure(w.apply(), "The cost of run 4711/100001 could not be read", "403 Forbidden", "billing:read")
			w.cloud.SetScopes(scopes[runLookup])
			w.mustApply()
		},
		want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
	})
	runScenarios(t, all)
}

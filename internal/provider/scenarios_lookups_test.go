// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// shopAndBlog is an account with agents in two spaces, for the examples of the look-ups.
func shopAndBlog() simulator.Options {
	shop, blog := new(int64(12)), new(int64(13))
	return simulator.Options{
		Agents: []simulator.Agent{
			{ID: 4711, Name: "Shoes", SpaceID: shop, InputParameters: map[string]any{"category": "boots"}},
			{ID: 4712, Name: "Hats", SpaceID: shop},
			{ID: 4713, Name: "Old", SpaceID: shop, Archived: true},
			{ID: 4714, Name: "Base", SpaceID: shop, Type: simulator.TemplateType},
			{ID: 4715, Name: "News", SpaceID: blog},
		},
		Spaces: []simulator.Space{{ID: 12, Name: "Shop", RunRetentionHours: new(int64(720))}, {ID: 13, Name: "Blog"}},
	}
}

func lookUpExample(t *testing.T, name string) string {
	t.Helper()
	return readFile(t, "../../examples/data-sources/"+name+"/data-source.tf")
}

// The examples of the documentation are applied as they are. A second plan is empty.
func TestScenarioLookUpExamples(t *testing.T) {
	t.Parallel()
	for example, test := range map[string]struct {
		starts  int
		outputs string
	}{
		"sequentum_agent":   {1, `{"input_parameters": {"category": "boots"}}`},
		"sequentum_agents":  {2, `{"statuses": {"Shoes": ["Completed"], "Hats": ["Completed"]}}`},
		"sequentum_space":   {0, `{"run_retention_hours": 720}`},
		"sequentum_spaces":  {0, `{"agents": {"Shop": ["Shoes", "Hats", "Old", "Base"], "Blog": ["News"]}}`},
		"sequentum_credits": {1, `{}`},
	} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, shopAndBlog())
			w.config("%s", lookUpExample(t, example))
			w.mustApply()
			w.wantStarts(test.starts)
			w.wantPlan(nil)
			w.wantOutputs(test.outputs)
			w.mustDestroy()
		})
	}
}

// wantOutputs fails the test unless the outputs are those of the JSON text.
func (w *workspace) wantOutputs(want string) {
	w.t.Helper()
	var all map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(w.mustRun("output", "-json").raw), &all); err != nil {
		w.t.Fatal(err)
	}
	values := map[string]any{}
	for name, output := range all {
		values[name] = output.Value
	}
	got, err := json.Marshal(values)
	if err != nil {
		w.t.Fatal(err)
	}
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		w.t.Fatal(err)
	}
	if normal, err := json.Marshal(wanted); err != nil || string(normal) != string(got) {
		w.t.Errorf("the outputs are %s, want %s: %v", got, normal, err)
	}
}

// The guard of the example keeps a run from being started, and a destroy is not guarded.
func TestScenarioCreditsGuardARun(t *testing.T) {
	t.Parallel()
	o := shopAndBlog()
	o.Credits = "499.5"
	w := newWorkspace(t, o)
	w.config("%s", lookUpExample(t, "sequentum_credits"))
	w.wantFailure(w.apply(), "A run of the whole catalogue can cost 500 credits, but only 499.5 are left.")
	w.wantStarts(0)
	w.config("%s", strings.ReplaceAll(lookUpExample(t, "sequentum_credits"), "500", "400"))
	w.mustApply()
	w.wantStarts(1)
	w.config("%s", lookUpExample(t, "sequentum_credits"))
	w.mustDestroy()
}

// What nothing has is an error at plan, on the argument.
func TestScenarioLookUpRefusals(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, shopAndBlog())
	for config, want := range map[string]string{
		"data \"sequentum_agent\" \"x\" {\n  name = \"Shoe\"\n}\n":                                 `No agent is named "Shoe"`,
		"data \"sequentum_agent\" \"x\" {}\n":                                                      "Exactly one of these attributes must be configured",
		"data \"sequentum_agent\" \"x\" {\n  agent_id = 99\n}\n":                                   "Agent 99 is not found",
		"data \"sequentum_agents\" \"x\" {\n  type = \"Robot\"\n}\n":                               "type value must be one of",
		"data \"sequentum_space\" \"x\" {\n  name = \"shop\"\n}\n":                                 `No space is named "shop"`,
		"data \"sequentum_space\" \"x\" {\n  space_id = 0\n}\n":                                    "space_id must be 1 or more, but it is 0.",
		"variable \"n\" { default = null }\ndata \"sequentum_agent\" \"x\" {\n  name = var.n\n}\n": "Exactly one of these attributes must be configured",
	} {
		w.config("%s", config)
		w.wantFailure(w.run("plan", "-input=false"), want)
	}
}

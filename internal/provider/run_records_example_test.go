// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// exampleOf is the example of a data source, as its page shows it.
func exampleOf(t *testing.T, typ string) string {
	t.Helper()
	example, err := os.ReadFile(filepath.Join("../../examples/data-sources", typ, "data-source.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(example)
}

const exampleRun = "provider \"sequentum\" {}\nresource \"sequentum_run\" \"products\" {\n  agent_id = 4711\n}\n"

// Records make resources, as the documentation shows it: one for each record, and no more runs.
func TestExampleOfRunRecords(t *testing.T) {
	t.Parallel()
	agent := quick()
	agent.Files = []simulator.File{delivered("products.csv", "sku;name;price\r\nA1;\"Boots; brown\";79.90\r\nB2;;5\r\n")}
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{agent}})
	w.config("%s", exampleRun+exampleOf(t, "sequentum_run_records")+"output \"made\" { value = { for sku, product in terraform_data.product : sku => product.output } }\n")
	w.mustRun("apply", "-auto-approve", "-no-color", "-input=false", "-target=sequentum_run.products")
	w.mustApply()
	const want = `{"A1":{"name":"Boots; brown","price":79.9},"B2":{"name":"","price":5}}`
	if got := w.mustRun("output", "-json", "made").raw; strings.TrimSpace(got) != want {
		t.Errorf("made is %s, want %s", got, want)
	}
	w.wantPlan(nil)
	if n := w.cloud.Count(simulator.KindStart); n != 1 {
		t.Errorf("%d starts", n)
	}
	w.mustDestroy()
}

// The other look-ups of runs, as the documentation shows them.
func TestExamplesOfRunLookUps(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{{ID: 4711, Cost: "1.75"}}})
	w.cloud.AddFinishedRuns(4711, 1, simulator.Success)
	w.cloud.AddFinishedRuns(4711, 1, simulator.Failed)
	w.config("%s", "provider \"sequentum\" {}\n"+exampleOf(t, "sequentum_run")+exampleOf(t, "sequentum_runs"))
	w.mustApply()
	want := map[string]string{"status": `"Success"`, "cost": "1.75", "newest_successful_run": "100001", "failures": "100002"}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		wantText(t, w.mustRun("output", "-no-color", name).output, want[name])
	}
	w.wantPlan(nil)
	w.mustDestroy()
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestAccRunRecordsDataSource(t *testing.T) {
	t.Parallel()
	agent := everyPhase()
	agent.Files = []simulator.File{
		{Name: new("products.json"), Type: simulator.DeliveredFile, Content: `[{"sku": "A", "price": 1.50}, {"sku": null, "tags": ["x"]}]`},
		{Name: new("run.csv"), Type: simulator.LogText, Content: "a;b\n1;2\n"},
	}
	a := newAcceptance(t, agent)
	a.cloud.AddFinishedRuns(4711, 1, simulator.Success)
	record := func(values map[string]knownvalue.Check) knownvalue.Check { return knownvalue.MapExact(values) }
	text, null := knownvalue.StringExact, knownvalue.Null()
	checks := append(values(map[string]knownvalue.Check{
		"found":   knownvalue.Bool(true),
		"columns": knownvalue.ListExact([]knownvalue.Check{text("sku"), text("price"), text("tags")}),
		"records": knownvalue.ListExact([]knownvalue.Check{
			record(map[string]knownvalue.Check{"sku": text("A"), "price": text("1.50"), "tags": null}),
			record(map[string]knownvalue.Check{"sku": null, "price": null, "tags": text(`["x"]`)}),
		}),
	}, "data.sequentum_run_records.json"),
		statecheck.ExpectKnownValue("data.sequentum_run_records.json", tfjsonpath.New("file").AtMapKey("name"), text("products.json")),
		statecheck.ExpectKnownValue("data.sequentum_run_records.log", tfjsonpath.New("records"), knownvalue.ListExact([]knownvalue.Check{record(map[string]knownvalue.Check{"a": text("1"), "b": text("2")})})),
	)
	a.test(t, resource.TestStep{
		Config: `
data "sequentum_run_records" "json" {
  agent_id = 4711
  run_id   = 100001
}

data "sequentum_run_records" "log" {
  agent_id = 4711
  run_id   = 100001
  name     = "run.csv"
}
`,
		ConfigStateChecks: checks,
	})
}

func TestAccRunAndRunsDataSources(t *testing.T) {
	t.Parallel()
	agent := everyPhase()
	agent.Cost = "3.25"
	a := newAcceptance(t, agent)
	a.cloud.AddFinishedRuns(4711, 2, simulator.Success)
	a.test(t, resource.TestStep{
		Config: `
data "sequentum_run" "run" {
  agent_id     = 4711
  run_id       = 100001
  include_cost = true
}

data "sequentum_runs" "runs" {
  agent_id = data.sequentum_run.run.agent_id
  statuses = [data.sequentum_run.run.status]
}
`,
		ConfigStateChecks: append(values(map[string]knownvalue.Check{
			"id": knownvalue.StringExact("4711/100001"), "found": knownvalue.Bool(true), "finished": knownvalue.Bool(true), "status": knownvalue.StringExact("Success"),
			"cost": knownvalue.Float64Exact(3.25), "finished_at": knownvalue.NotNull(), "records_extracted": knownvalue.NotNull(),
		}, "data.sequentum_run.run"),
			statecheck.ExpectKnownValue("data.sequentum_runs.runs", tfjsonpath.New("runs"), knownvalue.ListSizeExact(2)),
			statecheck.ExpectKnownValue("data.sequentum_runs.runs", tfjsonpath.New("runs").AtSliceIndex(0).AtMapKey("run_id"), knownvalue.Int64Exact(100002)),
			statecheck.ExpectKnownValue("data.sequentum_runs.runs", tfjsonpath.New("runs").AtSliceIndex(0).AtMapKey("id"), knownvalue.StringExact("4711/100002")),
		),
	})
}

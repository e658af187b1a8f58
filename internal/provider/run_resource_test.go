// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestAccRun(t *testing.T) {
	t.Parallel()
	const address = "sequentum_run.products"
	a := newAcceptance(t, everyPhase())
	config := func(day string) string {
		return `
resource "sequentum_run" "products" {
  agent_id         = 4711
  input_parameters = jsonencode({ category = "shoes" })
  triggers         = { day = "` + day + `" }
  log_level        = "Info"
  record_files     = true
}
`
	}
	int64s := knownvalue.Int64Exact
	ended := map[string]knownvalue.Check{
		"status": knownvalue.StringExact("Success"), "finished": knownvalue.Bool(true), "succeeded": knownvalue.Bool(true),
		"message": knownvalue.StringExact("All criteria passed"), "agent_name": knownvalue.StringExact("Shoes"), "agent_version": int64s(3), "space_id": int64s(12),
		"records_extracted": int64s(120), "records_exported": int64s(118), "page_count": int64s(40), "error_count": int64s(2), "traffic_bytes": int64s(1 << 20),
		"run_time_seconds": int64s(45), "created_at": knownvalue.NotNull(), "started_at": knownvalue.NotNull(), "finished_at": knownvalue.NotNull(),
		"attempts": int64s(1), "files": knownvalue.ListSizeExact(2),
		// The defaults are in state, so that destroy finds them.
		"wait_for_completion": knownvalue.Bool(true), "retries": int64s(0), "stop_grace_period": knownvalue.StringExact("2m"), "on_destroy": knownvalue.StringExact("stop"),
		"parallelism": knownvalue.Null(), "exclusive": knownvalue.Null(),
	}
	a.test(t,
		resource.TestStep{
			Config: config("monday"),
			ConfigStateChecks: append(values(ended, address),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("4711/100001")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("run_ids"), knownvalue.ListExact([]knownvalue.Check{int64s(firstRun)})),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("files").AtSliceIndex(0), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": knownvalue.NotNull(), "name": knownvalue.StringExact("products.csv"), "type": knownvalue.StringExact("DeliveredFile"), "type_code": int64s(1),
					"size_bytes": int64s(19), "created_at": knownvalue.NotNull(),
				}))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "4711/100001", ImportStateVerify: true,
			// An import knows the run and nothing of how it was asked for.
			ImportStateVerifyIgnore: []string{"input_parameters", "triggers", "log_level", "record_files", "files", "wait_for_completion", "success_statuses", "retries",
				"replace_on_failure", "stop_grace_period", "on_destroy"},
		},
		resource.TestStep{
			Config:            config("tuesday"),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)}},
			ConfigStateChecks: values(map[string]knownvalue.Check{"run_id": int64s(firstRun + 1), "status": knownvalue.StringExact("Success")}, address),
		},
	)
	runs := a.cloud.Runs(4711)
	if len(runs) != 2 || a.cloud.Count(simulator.KindStart) != 2 {
		t.Errorf("%d starts led to %d runs, want 2", a.cloud.Count(simulator.KindStart), len(runs))
	}
	for _, r := range runs {
		if r.InputParameters != `{"category":"shoes"}` || r.Body["logLevel"] != "Info" || len(r.Body) != 2 {
			t.Errorf("run %d was started with %v", r.ID, r.Body)
		}
	}
}

// TestAccRunActive destroys a run that is under way.
func TestAccRunActive(t *testing.T) {
	t.Parallel()
	const address = "sequentum_run.products"
	queue := []simulator.Phase{{Status: simulator.Queuing, Duration: simulator.Duration(10_000 * time.Hour)}}
	a := newAcceptance(t, simulator.Agent{ID: 4711, Phases: queue})
	a.test(t, resource.TestStep{
		Config: `
resource "sequentum_run" "products" {
  agent_id            = 4711
  wait_for_completion = false
}
`,
		ConfigStateChecks: values(map[string]knownvalue.Check{
			"status": knownvalue.StringExact("Queuing"), "finished": knownvalue.Bool(false), "succeeded": knownvalue.Bool(false),
			"started_at": knownvalue.Null(), "finished_at": knownvalue.Null(), "files": knownvalue.Null(),
		}, address),
	})
	if r, _ := a.cloud.Run(firstRun); r.Status != simulator.Stopped || r.Stops != 1 {
		t.Errorf("after the destroy the run is %s, after %d stops", r.Status, r.Stops)
	}
}

// TestAccRunEverySetting sends what can be set, and nothing else.
func TestAccRunEverySetting(t *testing.T) {
	t.Parallel()
	a := newAcceptance(t, everyPhase())
	a.test(t, resource.TestStep{Config: `
resource "sequentum_run" "products" {
  agent_id                    = 4711
  input_parameters_wo         = jsonencode({ password = "secret" })
  input_parameters_wo_version = 1
  parallelism                 = 2
  parallel_max_concurrency    = 1
  parallel_export             = "Separated"
  proxy_pool_id               = 3
  exclusive                   = false
  log_level                   = "Warning"
  log_mode                    = "TextAndHtml"
  wait_for_completion         = false
}
`})
	r, _ := a.cloud.Run(firstRun)
	want := map[string]any{
		"inputParameters": `{"password":"secret"}`, "parallelism": 2.0, "parallelMaxConcurrency": 1.0, "parallelExport": "Separated",
		"proxyPoolId": 3.0, "isExclusive": false, "logLevel": "Warning", "logMode": "TextAndHtml",
	}
	if !maps.Equal(r.Body, want) {
		t.Errorf("the start carried %v, want %v", r.Body, want)
	}
}

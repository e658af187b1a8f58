// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestAccRunCompletion(t *testing.T) {
	t.Parallel()
	const address = "sequentum_run_completion.products"
	a := newAcceptance(t, everyPhase())
	config := func(day string) string {
		return `
resource "sequentum_run" "products" {
  agent_id            = 4711
  wait_for_completion = false
  triggers            = { day = "` + day + `" }
}

resource "sequentum_run_completion" "products" {
  agent_id     = sequentum_run.products.agent_id
  run_id       = sequentum_run.products.run_id
  record_files = true
}
`
	}
	ended := func(runID int64) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{
			"run_id": knownvalue.Int64Exact(runID), "status": knownvalue.StringExact("Success"), "finished": knownvalue.Bool(true), "succeeded": knownvalue.Bool(true),
			"records_extracted": knownvalue.Int64Exact(120), "files": knownvalue.ListSizeExact(2),
		}
	}
	a.test(t,
		resource.TestStep{Config: config("monday"), ConfigStateChecks: values(ended(firstRun), address)},
		resource.TestStep{
			Config:            config("tuesday"),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)}},
			ConfigStateChecks: values(ended(firstRun+1), address),
		},
	)
	if n := a.cloud.Count(simulator.KindStart); n != 2 {
		t.Errorf("%d starts, want 2", n)
	}
}

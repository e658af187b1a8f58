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

func TestAccRunFilesDataSource(t *testing.T) {
	t.Parallel()
	agent := everyPhase()
	agent.Files = append(agent.Files, simulator.File{Content: "PNG"})
	a := newAcceptance(t, agent, simulator.Agent{ID: 4712})
	a.cloud.AddFinishedRuns(4711, 1, simulator.Success)
	a.cloud.AddFinishedRuns(4712, 1, simulator.Completed)
	checks := append(values(map[string]knownvalue.Check{
		"found": knownvalue.Bool(true), "files": knownvalue.ListSizeExact(3),
	}, "data.sequentum_run_files.all"),
		statecheck.ExpectKnownValue("data.sequentum_run_files.all", tfjsonpath.New("files").AtSliceIndex(2).AtMapKey("name"), knownvalue.Null()),
		statecheck.ExpectKnownValue("data.sequentum_run_files.all", tfjsonpath.New("files").AtSliceIndex(2).AtMapKey("type"), knownvalue.Null()),
		statecheck.ExpectKnownValue("data.sequentum_run_files.logs", tfjsonpath.New("files"), knownvalue.ListSizeExact(1)),
		statecheck.ExpectKnownValue("data.sequentum_run_files.logs", tfjsonpath.New("files").AtSliceIndex(0).AtMapKey("type"), knownvalue.StringExact("LogText")),
		statecheck.ExpectKnownValue("data.sequentum_run_files.none", tfjsonpath.New("files"), knownvalue.ListSizeExact(0)),
		statecheck.ExpectKnownValue("data.sequentum_run_files.none", tfjsonpath.New("found"), knownvalue.Bool(true)),
	)
	a.test(t, resource.TestStep{
		Config: `
data "sequentum_run_files" "all" {
  agent_id = 4711
  run_id   = 100001
}

data "sequentum_run_files" "logs" {
  agent_id = 4711
  run_id   = 100001
  types    = ["LogText", "LogHtml"]
}

data "sequentum_run_files" "none" {
  agent_id = 4712
  run_id   = 100002
}
`,
		ConfigStateChecks: checks,
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A bare mock_provider gives 0 for every computed number and an empty set for every computed set, and has the real
// validators look at what they are passed to.
func TestMockProvider(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{})
	w.config("%s", `
resource "sequentum_run" "r" {
  agent_id            = 4711
  input_parameters    = jsonencode({ category = "shoes" })
  wait_for_completion = false
}

resource "sequentum_run_completion" "c" {
  agent_id         = sequentum_run.r.agent_id
  run_id           = sequentum_run.r.run_id
  success_statuses = sequentum_run.r.success_statuses
}

resource "sequentum_run" "after" {
  agent_id = 4711
  triggers = { after = sequentum_run_completion.c.id }
}

resource "sequentum_run_download" "d" {
  agent_id  = sequentum_run_completion.c.agent_id
  run_id    = sequentum_run_completion.c.run_id
  directory = "files"
}

data "sequentum_run_files" "f" {
  agent_id = sequentum_run_completion.c.agent_id
  run_id   = sequentum_run_completion.c.run_id
}

data "sequentum_run_file" "f" {
  agent_id = sequentum_run_completion.c.agent_id
  run_id   = sequentum_run_completion.c.run_id
  file_id  = sequentum_run_completion.c.page_count
}

data "sequentum_run_records" "r" {
  agent_id = sequentum_run_completion.c.agent_id
  run_id   = sequentum_run_completion.c.run_id
  file_id  = sequentum_run_completion.c.page_count
}

data "sequentum_run" "r" {
  agent_id     = sequentum_run_completion.c.agent_id
  run_id       = sequentum_run_completion.c.run_id
  include_cost = true
}

data "sequentum_runs" "r" {
  agent_id = sequentum_run_completion.c.agent_id
}

data "sequentum_agent" "a" { agent_id = sequentum_run_completion.c.page_count }

data "sequentum_agent" "named" {
  name     = data.sequentum_agent.a.name
  space_id = data.sequentum_agent.a.space_id
}

data "sequentum_agents" "all" { space_id = data.sequentum_space.s.space_id }

data "sequentum_space" "s" { space_id = data.sequentum_agent.a.space_id }

data "sequentum_spaces" "all" {}

data "sequentum_credits" "left" {}

resource "sequentum_schedule" "s" {
  agent_id        = 4711
  name            = "Nightly"
  cron            = { expression = "0 3 * * *" }
  server_group_id = 1
}

data "sequentum_schedules" "s" {
  agent_id = sequentum_run_completion.c.page_count
}

output "run_id" { value = sequentum_run_completion.c.run_id }
`)
	w.file("mock.tftest.hcl", `
mock_provider "sequentum" {}

run "plan" {
  command = plan
}

run "apply" {
  assert {
    condition     = output.run_id == 0
    error_message = "The mock gives 0."
  }
}
`)
	wantText(t, w.mustRun("test", "-no-color").output, "2 passed, 0 failed.")
	w.wantNoRequestAtAll()
}

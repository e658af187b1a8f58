// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

const preamble = `
terraform {
  required_providers {
    sequentum = { source = "sequentum/sequentum" }
  }
}
`

const quickProvider = `
provider "sequentum" {
  request_timeout = "3s"
  max_retries     = 2
}
`

// patientProvider is for what must happen before a request is given up, on a machine that is busy with other things.
const patientProvider = `
provider "sequentum" {
  request_timeout = "8s"
  max_retries     = 2
}
`

const oneRun = `
resource "sequentum_run" "r" {
  agent_id = 4711
}
`

// unwaited starts a run that nobody waits for.
const unwaited = "wait_for_completion = false"

// dependent hangs a second object and a data source on the run, through a local.
const dependent = `
locals { run_id = sequentum_run.r.run_id }

resource "terraform_data" "dependent" {
  input = local.run_id
}

data "sequentum_run_files" "f" {
  agent_id = 4711
  run_id   = local.run_id
}
`

// run is a configuration of sequentum_run.r with these arguments.
func run(arguments string) string {
	return "resource \"sequentum_run\" \"r\" {\n  agent_id = 4711\n" + arguments + "\n}\n"
}

// within is a run whose wait may take so long.
func within(create string) string { return run("timeouts { create = \"" + create + "\" }") }

// completion is a wait beside a run that does not wait, with these arguments.
func completion(arguments string) string {
	return run(unwaited) + "\nresource \"sequentum_run_completion\" \"c\" {\n  agent_id = 4711\n  run_id = sequentum_run.r.run_id\n" + arguments + "\n}\n"
}

const importBlock = `
import {
  to = sequentum_run.r
  id = "4711/100001"
}
`

const filesOf = `
data "sequentum_run_files" "f" {
  agent_id = 4711
  run_id   = sequentum_run.r.run_id
}
`

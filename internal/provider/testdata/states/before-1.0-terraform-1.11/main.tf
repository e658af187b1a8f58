# Every resource of the provider, with as many different kinds of arguments as
# possible. `make release-state` applies it with a release and keeps the state.
terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

provider "sequentum" {}

resource "sequentum_run" "waited" {
  agent_id         = 4711
  input_parameters = jsonencode({ category = "shoes", pages = 3 })
  triggers         = { week = "2026-48" }
  log_level        = "Warning"
  record_files     = true
  success_statuses = ["Completed", "Success"]
  retries          = 1

  timeouts {
    create = "2h"
  }
}

resource "sequentum_run" "defaults" {
  agent_id            = 4711
  wait_for_completion = false
}

resource "sequentum_run_completion" "defaults" {
  agent_id = sequentum_run.defaults.agent_id
  run_id   = sequentum_run.defaults.run_id
}

# Somebody else has started this run.
import {
  to = sequentum_run.imported
  id = "4712/100001"
}

resource "sequentum_run" "imported" {
  agent_id = 4712
}

resource "sequentum_run_download" "products" {
  agent_id  = sequentum_run.waited.agent_id
  run_id    = sequentum_run.waited.run_id
  directory = "${path.root}/products"
  types     = ["DeliveredFile"]
}

resource "sequentum_schedule" "cron" {
  agent_id         = 4711
  name             = "Weekdays, early"
  cron             = { expression = "30 6 * * 1-5", timezone = "Europe/Berlin" }
  input_parameters = jsonencode({ category = "shoes" })
  log_level        = "Warning"
}

resource "sequentum_schedule" "every" {
  agent_id = 4711
  name     = "Every 6 hours"
  every    = { count = 6, period = "hours" }
  enabled  = false
}

resource "sequentum_schedule" "once" {
  agent_id = 4711
  name     = "Launch day"
  once     = { start_time = "2099-03-01T09:00:00+01:00" }
}

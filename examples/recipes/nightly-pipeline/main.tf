# A pipeline that starts one run a day. If its job is cancelled or killed, the next job continues the same run.
#
# An interrupted job saves its state, and the next apply continues waiting. A job that is killed (kill -9, a lost
# machine) can lose its state. Its run continues, but no state holds it. The next job imports this run and starts no
# other run.
#
# Use this only for an agent that nobody else starts: the job imports any active run of the day.

terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

# Set the API key in the environment: export SEQUENTUM_API_KEY=sk-...
provider "sequentum" {}

variable "agent_id" {
  description = "The id of the agent to start."
  type        = number
  default     = 4711
}

variable "day" {
  description = "The day of the run in UTC, such as 2026-11-26. The pipeline sets it, so that a job that is repeated after midnight means the same day: terraform apply -var day=$(date -u +%F)"
  type        = string
}

# The newest run of the day that is still active.
data "sequentum_runs" "active" {
  agent_id      = var.agent_id
  statuses      = ["Queuing", "Waiting", "Starting", "Running", "Exporting", "UpdatingDataSet"]
  created_after = "${var.day}T00:00:00Z"
  limit         = 1
}

# Each day has its own address. If the run is already in state, Terraform ignores the import.
import {
  for_each = { for run in data.sequentum_runs.active.runs : var.day => run.run_id }
  to       = sequentum_run.nightly[each.key]
  id       = "${var.agent_id}/${each.value}"
}

resource "sequentum_run" "nightly" {
  for_each = toset([var.day])

  agent_id  = var.agent_id
  if_active = "fail" # if a run begins between plan and apply, the apply fails and starts no second run
  retries   = 1

  timeouts {
    create = "6h"
  }
}

output "status" {
  description = "How the run of the day ended."
  value       = sequentum_run.nightly[var.day].status
}

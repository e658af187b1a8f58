terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

# The key comes from the environment: export SEQUENTUM_API_KEY=sk-…
provider "sequentum" {}

variable "agent_id" {
  description = "The id of the agent to run."
  type        = number
  nullable    = false
}

variable "input_parameters" {
  description = "Input parameters of the agent, by name. Those that are left out keep the agent's own values."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "records_file" {
  description = "The name of a CSV file among those that the run delivers, to show its records. Unset: none are shown."
  type        = string
  default     = null
}

# The first apply starts one run and waits for it. A second apply starts no new run.
resource "sequentum_run" "products" {
  agent_id         = var.agent_id
  input_parameters = length(var.input_parameters) > 0 ? jsonencode(var.input_parameters) : null

  timeouts {
    create = "2h"
  }
}

# What the run left, as a list.
data "sequentum_run_files" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
}

# What it delivered, as files on disk, which outlast the platform's retention.
resource "sequentum_run_download" "products" {
  agent_id    = sequentum_run.products.agent_id
  run_id      = sequentum_run.products.run_id
  directory   = "${path.root}/products"
  types       = ["DeliveredFile"]
  allow_empty = true
}

# The records, as values.
data "sequentum_run_file" "records" {
  count = var.records_file == null ? 0 : 1

  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = var.records_file
}

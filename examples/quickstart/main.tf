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
  nullable    = false
}

variable "input_parameters" {
  description = "Input parameters of the agent, by name. A parameter that is not set here has the value that the agent defines."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "records_file" {
  description = "The name of a CSV file that the run delivers. The output records shows its records. Unset: the output is empty."
  type        = string
  default     = null
}

# The first apply starts a run and waits until it has finished. A second apply does not start another run.
resource "sequentum_run" "products" {
  agent_id         = var.agent_id
  input_parameters = length(var.input_parameters) > 0 ? jsonencode(var.input_parameters) : null

  timeouts {
    create = "2h"
  }
}

# Lists all files of the run.
data "sequentum_run_files" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
}

# Downloads the files that the run delivered. They stay on disk after the platform has removed the run.
resource "sequentum_run_download" "products" {
  agent_id    = sequentum_run.products.agent_id
  run_id      = sequentum_run.products.run_id
  directory   = "${path.root}/products"
  types       = ["DeliveredFile"]
  allow_empty = true
}

# Reads the records of one CSV file as values.
data "sequentum_run_file" "records" {
  count = var.records_file == null ? 0 : 1

  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = var.records_file
}

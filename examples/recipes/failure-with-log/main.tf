# If the run fails, the error shows the last lines of its log. Nobody has to open Control Center to see why.

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

resource "sequentum_run" "products" {
  agent_id          = var.agent_id
  failure_log_lines = 20
}

# Starts a costly run only if enough credits are left. Otherwise the plan ends with an error, and no run starts.

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

variable "minimum_credits" {
  description = "How many credits must be left before the run starts."
  type        = number
  default     = 100
}

# Each plan reads the credits again.
data "sequentum_credits" "left" {}

resource "sequentum_run" "products" {
  agent_id = var.agent_id

  lifecycle {
    # Terraform checks this on every plan, even if the run has finished and the plan starts no run.
    # To plan other changes while few credits are left: terraform plan -var minimum_credits=0
    precondition {
      condition     = data.sequentum_credits.left.available_credits >= var.minimum_credits
      error_message = "Only ${data.sequentum_credits.left.available_credits} credits are left. This run needs ${var.minimum_credits}."
    }
  }
}

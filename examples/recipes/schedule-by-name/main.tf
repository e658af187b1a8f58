# Runs an agent every working day. A data source finds the agent by its name, so the configuration contains no id.

terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

# Set the API key in the environment: export SEQUENTUM_API_KEY=sk-...
provider "sequentum" {}

variable "agent_name" {
  description = "The exact name of the agent."
  type        = string
  default     = "Shoes"
}

data "sequentum_agent" "shoes" {
  name = var.agent_name
}

resource "sequentum_schedule" "working_days" {
  agent_id = data.sequentum_agent.shoes.agent_id
  name     = "Working days at 6"

  cron = {
    expression = "0 6 * * 1-5"
    timezone   = "Europe/Berlin"
  }

  input_parameters = jsonencode({
    category = "shoes"
  })
}

output "next_run_at" {
  description = "When the agent runs next, in UTC."
  value       = sequentum_schedule.working_days.next_run_at
}

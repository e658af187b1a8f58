# Starts every agent of a space, and waits until all runs have finished.
# An agent that is added to the space gets a run with the next apply. The other runs stay as they are.

terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

# Set the API key in the environment: export SEQUENTUM_API_KEY=sk-...
provider "sequentum" {}

variable "space_name" {
  description = "The name of the space."
  type        = string
  default     = "Shops"
}

data "sequentum_space" "shops" {
  name = var.space_name
}

# Only agents can run. A space can also hold shared files, templates and commands.
data "sequentum_agents" "shops" {
  space_id = data.sequentum_space.shops.space_id
  type     = "Agent"
}

# The key is the id, because two agents can have the same name.
resource "sequentum_run" "shop" {
  for_each = { for agent in data.sequentum_agents.shops.agents : agent.agent_id => agent }

  agent_id = each.key

  # Change this value to start all agents again, for example once a day.
  triggers = {
    batch = "1"
  }
}

output "records" {
  description = "How many records each agent extracted, by agent id."
  value       = { for id, run in sequentum_run.shop : id => run.records_extracted }
}

# Finds the agent by its name, so that nobody has to copy its id.
data "sequentum_agent" "shoes" {
  name = "Shoes"
}

# Starts a run. A new version of the agent forces a new run.
resource "sequentum_run" "shoes" {
  agent_id = data.sequentum_agent.shoes.agent_id
  triggers = { agent_version = data.sequentum_agent.shoes.version }

  lifecycle {
    precondition {
      condition     = data.sequentum_agent.shoes.validation_status != "Invalid"
      error_message = "The platform's check found a fault in the agent. Open it in Sequentum before it runs."
    }
  }
}

# The parameters that the agent takes, with their defaults.
output "input_parameters" {
  value = jsondecode(data.sequentum_agent.shoes.input_parameters)
}

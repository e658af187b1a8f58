# Lists all spaces.
data "sequentum_spaces" "all" {}

# Lists all agents with one request or a few, whatever the number of spaces.
data "sequentum_agents" "all" {}

# The names of the agents, by the name of their space.
output "agents" {
  value = {
    for space in data.sequentum_spaces.all.spaces : space.name => [
      for agent in data.sequentum_agents.all.agents : agent.name
      if agent.space_id == space.space_id
    ]
  }
}

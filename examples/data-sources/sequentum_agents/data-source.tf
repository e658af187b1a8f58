# Lists the agents of a space, without its templates, commands and shared files.
data "sequentum_agents" "shop" {
  space_id = 12
  type     = "Agent"
}

# Starts a run of each active agent. The key is the id: a name can change, and a new key means a new run.
resource "sequentum_run" "shop" {
  for_each = {
    for agent in data.sequentum_agents.shop.agents : agent.agent_id => agent
    if agent.active
  }

  agent_id = each.value.agent_id
}

# The status of each run, by the name of its agent.
output "statuses" {
  value = { for run in sequentum_run.shop : run.agent_name => run.status... }
}

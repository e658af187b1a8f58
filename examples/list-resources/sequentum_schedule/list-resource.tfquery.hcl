# All schedules of all agents that the key can see.
list "sequentum_schedule" "all" {
  provider = sequentum
  limit    = 1000
}

# The schedules of one agent.
list "sequentum_schedule" "products" {
  provider = sequentum

  config {
    agent_id = 4711
  }
}

# The newest 20 runs of an agent that did not succeed.
list "sequentum_run" "failed" {
  provider = sequentum
  limit    = 20

  config {
    agent_id = 4711
    statuses = ["Failure", "Stopped"]
  }
}

# Start and wait are two resources: a timeout or an interrupt costs the wait only.
resource "sequentum_run" "products" {
  agent_id            = 4711
  wait_for_completion = false
}

resource "sequentum_run_completion" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id

  timeouts {
    create = "2h"
  }
}

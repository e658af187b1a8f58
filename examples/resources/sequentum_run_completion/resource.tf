# One resource starts the run, another one waits for it. A timeout or an interrupt then ends only the
# wait, and the next apply waits again for the same run.
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

# One run a day: the first apply of a day starts a run. Later applies on that day start no other run.
resource "sequentum_run" "products" {
  agent_id         = 4711
  input_parameters = jsonencode({ category = "shoes" })
  triggers         = { day = formatdate("YYYY-MM-DD", plantimestamp()) }

  # After this time the apply fails with an error that names the run. The run continues.
  timeouts {
    create = "2h"
  }
}

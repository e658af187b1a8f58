# One run a day: the first apply of a day starts it, later ones find it done.
resource "sequentum_run" "products" {
  agent_id         = 4711
  input_parameters = jsonencode({ category = "shoes" })
  triggers         = { day = formatdate("YYYY-MM-DD", plantimestamp()) }

  # A run that goes on for longer is left running, and an error names it.
  timeouts {
    create = "2h"
  }
}

data "sequentum_credits" "left" {}

# Starts a run each year, if there are enough credits. Terraform checks this on every plan, also while no run is due.
resource "sequentum_run" "catalogue" {
  agent_id = 4711
  triggers = { year = formatdate("YYYY", plantimestamp()) }

  lifecycle {
    precondition {
      condition     = data.sequentum_credits.left.available_credits >= 500
      error_message = "A run of the whole catalogue can cost 500 credits, but only ${data.sequentum_credits.left.available_credits} are left."
    }
  }
}

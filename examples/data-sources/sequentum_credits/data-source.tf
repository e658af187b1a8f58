data "sequentum_credits" "left" {}

# Starts a run each year, if enough credits are left. Terraform checks this on every plan, even if it plans no new run.
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

# To start the agent now:
# terraform apply -invoke=action.sequentum_run_start.products
action "sequentum_run_start" "products" {
  config {
    agent_id         = 4711
    input_parameters = jsonencode({ category = "shoes" })

    timeouts {
      invoke = "2h"
    }
  }
}

# Or start the agent whenever the list of shops changes.
resource "terraform_data" "shops" {
  input = ["north", "south"]

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.sequentum_run_start.products]
    }
  }
}

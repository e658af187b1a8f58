terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }

  # Add your backend here. A machine of a pipeline does not keep a local state file.
}

# The pipeline sets the API key in the environment: SEQUENTUM_API_KEY.
provider "sequentum" {}

variable "pipeline" {
  description = "The id of the pipeline. Each pipeline starts one run. A job that is repeated has the same id, and continues with the same run. Set it also when you apply by hand: another value, or none, stops an active run and starts a new one."
  type        = string
  default     = null
}

variable "wait" {
  description = "Whether the apply waits until the run has finished."
  type        = bool
  default     = true
  nullable    = false
}

# Returns as soon as the run is accepted.
resource "sequentum_run" "products" {
  agent_id            = 4711
  wait_for_completion = false
  if_active           = "fail" # an active run that is not in state is an error, and not a second run
  triggers            = { pipeline = var.pipeline }
}

# Waits. If the job is cancelled or killed here, only the wait is lost.
resource "sequentum_run_completion" "products" {
  count = var.wait ? 1 : 0

  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id

  timeouts {
    create = "12h" # longer than the time limit of the job
  }
}

# What needs the finished run depends on the completion.
# After an apply that failed or had -target, Terraform still shows the run of the apply before: so the value has its id.
output "run" {
  description = "The last run that ended with success, and its status."
  value       = one([for ended in sequentum_run_completion.products : "${ended.agent_id}/${ended.run_id}: ${ended.status}"])
}

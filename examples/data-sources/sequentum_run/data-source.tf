# Reads a run that Terraform did not start, and what it has cost.
data "sequentum_run" "nightly" {
  agent_id     = 4711
  run_id       = 100001
  include_cost = true
}

output "status" {
  value = data.sequentum_run.nightly.status
}

# In credits. Null until the platform has billed the run.
output "cost" {
  value = data.sequentum_run.nightly.cost
}

# Lists the runs of the last 24 hours that failed, newest first.
data "sequentum_runs" "failed" {
  agent_id      = 4711
  statuses      = ["Failure"]
  created_after = timeadd(plantimestamp(), "-24h")
}

# Finds the newest run that ended with success.
data "sequentum_runs" "successful" {
  agent_id = 4711
  statuses = ["Completed", "Success"]
  limit    = 1
}

output "failures" {
  value = { for run in data.sequentum_runs.failed.runs : run.run_id => run.message }
}

# Null if no run ended with success.
output "newest_successful_run" {
  value = one(data.sequentum_runs.successful.runs[*].run_id)
}

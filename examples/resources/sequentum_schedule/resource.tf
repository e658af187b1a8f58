# 06:30 from Monday to Friday, also when daylight saving time begins or ends.
resource "sequentum_schedule" "weekdays" {
  agent_id = 4711
  name     = "Weekdays, early"
  cron     = { expression = "30 6 * * 1-5", timezone = "Europe/Berlin" }

  input_parameters = jsonencode({ category = "shoes" })
  log_level        = "Warning"
}

# Every 6 hours.
resource "sequentum_schedule" "often" {
  agent_id = 4711
  name     = "Every 6 hours"
  every    = { count = 6, period = "hours" }

  # The schedule stays on the platform and starts no runs.
  enabled = false
}

# One run at a certain time. The block can stay in the configuration after the run.
resource "sequentum_schedule" "launch" {
  agent_id = 4711
  name     = "Launch day"
  once     = { start_time = "2031-03-01T09:00:00+01:00" }
}

output "next_runs" {
  value = { for s in [sequentum_schedule.weekdays, sequentum_schedule.launch] : s.name => s.next_run_at }
}

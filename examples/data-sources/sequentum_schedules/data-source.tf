data "sequentum_schedules" "products" {
  agent_id = 4711
}

# When each schedule fires next.
output "next_runs" {
  value = {
    for s in data.sequentum_schedules.products.schedules : s.schedule_id => s.next_run_at if s.next_run_at != null
  }
}

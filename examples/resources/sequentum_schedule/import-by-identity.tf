# Terraform 1.12 and later can import a schedule by its identity.
import {
  to = sequentum_schedule.weekdays
  identity = {
    agent_id    = 4711
    schedule_id = 2001
  }
}

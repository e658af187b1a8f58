# The id is agent_id/schedule_id.
import {
  to = sequentum_schedule.weekdays
  id = "4711/2001"
}

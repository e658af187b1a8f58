# The id is agent_id/schedule_id.
terraform import sequentum_schedule.weekdays 4711/2001

# The id is agent_id/run_id.
terraform import sequentum_run.products 4711/100001

# The id is that of the agent, a slash, and that of the run.
terraform import sequentum_run.products 4711/100001

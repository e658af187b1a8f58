# The id is agent_id/run_id. The apply that
# imports the run starts no new run if agent_id is the same agent.
import {
  to = sequentum_run.products
  id = "4711/100001"
}

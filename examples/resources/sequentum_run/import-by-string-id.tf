# The id is agent_id/run_id. If agent_id in the resource is this agent,
# the apply that imports the run does not start another run.
import {
  to = sequentum_run.products
  id = "4711/100001"
}

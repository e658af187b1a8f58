# The id is that of the agent, a slash, and that of the run. The apply that
# imports the run starts no other, as long as agent_id names the same agent.
import {
  to = sequentum_run.products
  id = "4711/100001"
}

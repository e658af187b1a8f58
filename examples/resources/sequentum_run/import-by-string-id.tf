# The id is that of the agent, a slash, and that of the run. The apply that
# imports the run starts no other.
import {
  to = sequentum_run.products
  id = "4711/100001"
}

# By the identity of the run, with Terraform 1.12 and later.
import {
  to = sequentum_run.products
  identity = {
    agent_id = 4711
    run_id   = 100001
  }
}

# Terraform 1.12 and later can import a run by its identity.
import {
  to = sequentum_run.products
  identity = {
    agent_id = 4711
    run_id   = 100001
  }
}

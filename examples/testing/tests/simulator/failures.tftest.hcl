# Agent 4712 of the simulator delivers one record.

provider "sequentum" {
  # The key of the simulator. A real account refuses it.
  api_key = "sk-simulator"
}

variables {
  agent_id = 4712
  category = "hats"
  day      = "2026-03-01"
}

run "too_few_records_fail_the_apply" {
  expect_failures = [data.sequentum_run_records.products]
}

# The run has finished, and it has cost credits. It stays in state: the next plan knows its id.
run "the_run_is_kept" {
  command = plan

  variables {
    minimum_records = 1
  }

  assert {
    condition     = sequentum_run.products.run_id > 0 && sequentum_run.products.status == "Completed"
    error_message = "The status of the run is ${sequentum_run.products.status}."
  }
}

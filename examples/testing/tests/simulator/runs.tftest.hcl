# Agent 4711 of the simulator delivers four products. One of them is sold out: the check of the module warns.

provider "sequentum" {
  # The key of the simulator. A real account refuses it, so no mistake can start a run that costs credits.
  api_key = "sk-simulator"
}

variables {
  agent_id = 4711
  category = "shoes"
  day      = "2026-03-01"
}

run "the_first_apply_starts_a_run" {
  assert {
    condition     = output.run.status == "Success"
    error_message = "The status is ${output.run.status}."
  }

  assert {
    condition     = output.prices == { SH-1001 = 89.9, SH-1002 = 129, SH-1003 = 39.5 }
    error_message = "The prices are ${jsonencode(output.prices)}."
  }

  expect_failures = [check.every_product_has_a_price]
}

# If this plan had a new run, its id would be unknown, and the test would fail.
run "the_next_plan_has_no_new_run" {
  command = plan

  assert {
    condition     = sequentum_run.products.run_id > 0
    error_message = "The plan has no run."
  }

  expect_failures = [check.every_product_has_a_price]
}

# An assertion in OpenTofu cannot refer to another block. A variable can: to the last block before it that applies.
run "the_next_apply_starts_no_run" {
  variables {
    id_before = run.the_first_apply_starts_a_run.run.id
  }

  assert {
    condition     = output.run.id == var.id_before
    error_message = "The apply has started run ${output.run.id}."
  }

  expect_failures = [check.every_product_has_a_price]
}

run "another_day_starts_another_run" {
  variables {
    day       = "2026-03-02"
    id_before = run.the_next_apply_starts_no_run.run.id
  }

  assert {
    condition     = output.run.id != var.id_before
    error_message = "The second day still has the run of the first day."
  }

  expect_failures = [check.every_product_has_a_price]
}

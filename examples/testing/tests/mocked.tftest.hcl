# These tests need no account and no simulator: they start nothing and send no request.

mock_provider "sequentum" {
  # A mock invents values: 0 for a number, random letters for a string. Set each value that your module looks at.
  override_data {
    target = data.sequentum_credits.left
    values = { available_credits = 500 }
  }

  override_resource {
    target = sequentum_run.products
    values = {
      id     = "4711/100001"
      run_id = 100001
      status = "Success"
    }
  }

  override_data {
    target = data.sequentum_run_records.products
    values = {
      records = [
        { sku = "SH-1001", name = "Trail running shoe", price = "89.90" },
        { sku = "SH-1002", name = "Walking boot", price = "129.00" },
        { sku = "SH-1003", name = "Canvas sneaker", price = "39.50" },
      ]
    }
  }
}

variables {
  agent_id = 4711
  category = "shoes"
  day      = "2026-03-01"
}

# The blocks of a file share one state. This one applies, so that the run is in it. The others need only a plan.
run "the_run_and_its_prices" {
  assert {
    condition     = sequentum_run.products.agent_id == 4711
    error_message = "The run is of agent ${sequentum_run.products.agent_id}."
  }

  assert {
    condition     = jsondecode(sequentum_run.products.input_parameters) == { category = "shoes" }
    error_message = "The input of the run is ${sequentum_run.products.input_parameters}."
  }

  assert {
    condition     = output.run == { id = "4711/100001", status = "Success" }
    error_message = "The run is ${jsonencode(output.run)}."
  }

  assert {
    condition     = output.prices == { SH-1001 = 89.9, SH-1002 = 129, SH-1003 = 39.5 }
    error_message = "The prices are ${jsonencode(output.prices)}."
  }
}

run "an_id_is_positive" {
  command = plan

  variables {
    agent_id = 0
  }

  expect_failures = [var.agent_id]
}

run "too_few_credits" {
  command = plan

  override_data {
    target = data.sequentum_credits.left
    values = { available_credits = 99.5 }
  }

  expect_failures = [sequentum_run.products]
}

run "too_few_records" {
  command = plan

  variables {
    minimum_records = 4
  }

  expect_failures = [data.sequentum_run_records.products]
}

run "a_product_without_a_price" {
  command = plan

  override_data {
    target = data.sequentum_run_records.products
    values = {
      records = [
        { sku = "SH-1001", name = "Trail running shoe", price = "89.90" },
        { sku = "SH-1002", name = "Walking boot", price = null },
        { sku = "SH-1003", name = "Canvas sneaker", price = "39.50" },
      ]
    }
  }

  assert {
    condition     = output.prices == { SH-1001 = 89.9, SH-1003 = 39.5 }
    error_message = "The prices are ${jsonencode(output.prices)}."
  }

  expect_failures = [check.every_product_has_a_price]
}

# A module as a data team would have it: it starts a run, reads the records, and hands on the prices of a shop.

terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

variable "agent_id" {
  description = "The id of the agent that reads the shop."
  type        = number
  nullable    = false

  validation {
    condition     = var.agent_id > 0
    error_message = "The id of an agent is a positive number."
  }
}

variable "category" {
  description = "The category of products to read."
  type        = string
  nullable    = false
}

variable "day" {
  description = "A new day starts a new run."
  type        = string
  nullable    = false
}

variable "minimum_credits" {
  description = "A run starts only if so many credits are left."
  type        = number
  default     = 100
}

variable "minimum_records" {
  description = "A run must deliver at least so many records."
  type        = number
  default     = 3
}

data "sequentum_credits" "left" {}

resource "sequentum_run" "products" {
  agent_id         = var.agent_id
  input_parameters = jsonencode({ category = var.category })
  triggers         = { day = var.day }

  lifecycle {
    precondition {
      condition     = data.sequentum_credits.left.available_credits >= var.minimum_credits
      error_message = "Only ${data.sequentum_credits.left.available_credits} credits are left. A run needs ${var.minimum_credits}."
    }
  }
}

data "sequentum_run_records" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id

  lifecycle {
    postcondition {
      condition     = length(self.records) >= var.minimum_records
      error_message = "Run ${self.agent_id}/${self.run_id} delivered ${length(self.records)} records. At least ${var.minimum_records} are needed."
    }
  }
}

locals {
  # A price can be missing, or a text such as "sold out".
  priced = [for product in data.sequentum_run_records.products.records : product if try(tonumber(product.price), null) != null]
}

# A product without a price is a warning. It does not fail the apply.
check "every_product_has_a_price" {
  assert {
    condition     = length(local.priced) == length(data.sequentum_run_records.products.records)
    error_message = "${length(data.sequentum_run_records.products.records) - length(local.priced)} products have no price."
  }
}

output "run" {
  description = "The run, and how it ended."
  value       = { id = sequentum_run.products.id, status = sequentum_run.products.status }
}

output "prices" {
  description = "The price of each product that has one, by its sku."
  value       = { for product in local.priced : product.sku => tonumber(product.price) }
}

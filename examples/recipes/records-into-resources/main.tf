# Makes one resource for each record of the newest successful run, without starting a run.
#
# The keys of a for_each must be known at plan. So this configuration reads a run that has already finished. The records
# of a run that it starts itself are known only after the apply.

terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

# Set the API key in the environment: export SEQUENTUM_API_KEY=sk-...
provider "sequentum" {}

variable "agent_id" {
  description = "The id of the agent."
  type        = number
  default     = 4711
}

data "sequentum_runs" "successful" {
  agent_id = var.agent_id
  statuses = ["Completed", "Success"]
  limit    = 1
}

data "sequentum_run_records" "products" {
  agent_id = var.agent_id
  run_id   = one(data.sequentum_runs.successful.runs).run_id
}

# An example of a resource. The key is a column that identifies a record. All values are text.
resource "terraform_data" "product" {
  for_each = { for record in data.sequentum_run_records.products.records : record.sku => record }

  input = {
    name  = each.value.name
    price = tonumber(each.value.price)
  }
}

output "prices" {
  description = "The price of each product, by its number."
  value       = { for sku, product in terraform_data.product : sku => product.input.price }
}

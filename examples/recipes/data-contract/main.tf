# Fails the apply if a run succeeds but extracts too few records. Then resources that depend on the run do not change.
#
# The run itself stays in state, and it is not tainted: it finished, and it cost credits. The next plan does not start
# another run. It fails with the same error until you do one of these:
#   - lower minimum_records: terraform apply -var minimum_records=100
#   - start another run:     terraform apply -replace=sequentum_run.products

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
  description = "The id of the agent to start."
  type        = number
  default     = 4711
}

variable "minimum_records" {
  description = "How many records a run must extract."
  type        = number
  default     = 500
}

resource "sequentum_run" "products" {
  agent_id = var.agent_id

  lifecycle {
    postcondition {
      condition     = self.records_extracted >= var.minimum_records
      error_message = "Run ${self.id} extracted ${self.records_extracted} records. At least ${var.minimum_records} are needed."
    }
    postcondition {
      condition     = self.records_exported == self.records_extracted
      error_message = "Run ${self.id} exported only ${self.records_exported} of its ${self.records_extracted} records."
    }
  }
}

# An example of a resource that uses the records. It does not change if one of the conditions fails.
resource "terraform_data" "published" {
  input = sequentum_run.products.run_id
}

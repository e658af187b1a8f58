# Fails the apply if a run succeeds but extracts too few records. Nothing that depends on the run is then changed.
#
# The run itself stays in state, and it is not tainted: it finished, and it cost credits. The next plan does not start
# another run. It ends with the same error until one of these is true:
#   - minimum_records is lower:   terraform apply -var minimum_records=100
#   - another run has replaced it: terraform apply -replace=sequentum_run.products

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

# Stands for what uses the records. It is not changed if the run breaks the contract.
resource "terraform_data" "published" {
  input = sequentum_run.products.run_id
}

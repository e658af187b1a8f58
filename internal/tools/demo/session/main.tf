terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

resource "sequentum_run" "products" {
  agent_id = 4711
}

output "records" {
  value = sequentum_run.products.records_extracted
}

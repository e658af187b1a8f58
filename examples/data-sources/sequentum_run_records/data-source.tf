# Reads the records that the run delivered, from its one CSV or JSON file.
data "sequentum_run_records" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
}

# Creates one resource for each record. The keys of a for_each must be known at plan. So apply the run first:
#   terraform apply -target=sequentum_run.products
resource "terraform_data" "product" {
  for_each = { for record in data.sequentum_run_records.products.records : record.sku => record }

  input = {
    name  = each.value.name
    price = tonumber(each.value.price)
  }
}

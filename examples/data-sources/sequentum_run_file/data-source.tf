# The records as values.
data "sequentum_run_file" "csv" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = "products.csv"
}

data "sequentum_run_file" "json" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = "products.json"

  # State holds the whole content, so limit its size.
  max_size_bytes = 100000
}

output "prices" {
  value = { for row in csvdecode(data.sequentum_run_file.csv.content) : row.sku => tonumber(row.price) }
}

output "first_product" {
  value = jsondecode(data.sequentum_run_file.json.content)[0].name
}

# Reads a CSV file of the run. csvdecode makes values of its records, see the output below.
data "sequentum_run_file" "csv" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = "products.csv"
}

# Reads a JSON file of the run.
data "sequentum_run_file" "json" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = "products.json"

  # State holds the whole content. A larger file is an error.
  max_size_bytes = 100000
}

output "prices" {
  value = { for row in csvdecode(data.sequentum_run_file.csv.content) : row.sku => tonumber(row.price) }
}

output "first_product" {
  value = jsondecode(data.sequentum_run_file.json.content)[0].name
}

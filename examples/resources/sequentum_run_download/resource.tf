# Downloads the CSV and JSON files that the run delivered into the folder out, beside the configuration.
resource "sequentum_run_download" "products" {
  agent_id   = sequentum_run.products.agent_id
  run_id     = sequentum_run.products.run_id
  directory  = "${path.root}/out"
  types      = ["DeliveredFile"]
  name_regex = "\\.(csv|json)$"
}

output "checksums" {
  value = { for name, file in sequentum_run_download.products.files : name => file.sha256 }
}

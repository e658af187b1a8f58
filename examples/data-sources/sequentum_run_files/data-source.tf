# Lists the files that the run delivered, and its text logs.
data "sequentum_run_files" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  types    = ["DeliveredFile", "LogText"]
}

output "delivered" {
  value = [
    for file in data.sequentum_run_files.products.files : file.name
    if file.type == "DeliveredFile"
  ]
}

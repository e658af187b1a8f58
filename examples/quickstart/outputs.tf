output "run" {
  description = "The run and how it ended."
  value = {
    id      = sequentum_run.products.id
    status  = sequentum_run.products.status
    records = sequentum_run.products.records_extracted
    seconds = sequentum_run.products.run_time_seconds
  }
}

output "files" {
  description = "The files of the run."
  value = [for file in data.sequentum_run_files.products.files : {
    name       = file.name
    type       = file.type
    size_bytes = file.size_bytes
  }]
}

output "downloaded" {
  description = "The paths of the downloaded files."
  value       = [for file in sequentum_run_download.products.files : file.path]
}

output "records" {
  description = "The records of the CSV file that the variable records_file names."
  value       = var.records_file == null ? [] : csvdecode(data.sequentum_run_file.records[0].content)
}

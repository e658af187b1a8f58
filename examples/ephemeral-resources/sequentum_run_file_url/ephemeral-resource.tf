# A temporary link. A program can download the file with it and needs no API key.
ephemeral "sequentum_run_file_url" "products" {
  agent_id = sequentum_run.products.agent_id
  run_id   = sequentum_run.products.run_id
  name     = "products.csv"
}

resource "terraform_data" "import_into_the_warehouse" {
  triggers_replace = sequentum_run.products.run_id

  provisioner "local-exec" {
    command     = "curl --fail --silent --output products.csv \"$URL\""
    environment = { URL = ephemeral.sequentum_run_file_url.products.url }
  }
}

# A link that needs no key and expires soon, handed on to a program.
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

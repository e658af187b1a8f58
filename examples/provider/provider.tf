terraform {
  required_providers {
    sequentum = {
      source = "sequentum/sequentum"
    }
  }
}

# Set the API key in the environment, so that it is in no file:
# export SEQUENTUM_API_KEY=sk-...
provider "sequentum" {}

terraform {
  cloud {
    organization = "example"

    workspaces {
      name = "scrape"
    }
  }
}

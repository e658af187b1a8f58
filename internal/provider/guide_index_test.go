// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playIndex(g *guide) {
	w := g.workspace(simulator.Options{})
	credentials := g.section("Credentials")
	w.shell(credentials.take("sh"))
	w.file("main.tf", preamble+`
resource "terraform_data" "key" {
  input = "`+apiKey+`"
}

provider "sequentum" {
  api_key = terraform_data.key.output
}

data "sequentum_credits" "now" {}
`)
	w.env = append(w.env, "SEQUENTUM_API_KEY=")
	w.wantNoPlan("api_key")
	w.shell(strings.ReplaceAll(credentials.take("sh"), "ADDRESS", "terraform_data.key"))
	w.mustApply()
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import "github.com/sequentum/terraform-provider-sequentum/internal/simulator"

// playTesting plays the mocked test. What the guide says of tests that start runs is in TestTestCommand.
func playTesting(g *guide) {
	w, s := g.workspace(simulator.Options{}), g.section("A test that starts nothing")
	w.file("main.tf", s.take("terraform"))
	w.file("tests/products.tftest.hcl", s.take("terraform"))
	s.follow(w)
	w.wantNoRequestAtAll()
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playOutputs(g *guide) {
	shop := quick(simulator.Outcome{Status: simulator.Failure})
	shop.Files = []simulator.File{delivered("products.csv", "name,price\n"+strings.Repeat("boot,80\n", 100))}
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{shop}})
	w.file("main.tf", preamble+productsRun+g.section("Which object to use").take("hcl"))
	w.wantFailure(w.apply(), "ended as Failure")
	w.shell(g.section("Files of a run that ended without success").take("sh"))
	w.mustApply()
	w.wantPlan(nil)
	w.wantStarts(1)
}

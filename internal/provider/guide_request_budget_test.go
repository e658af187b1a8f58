// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playRequestBudget(g *guide) {
	one := quick(simulator.Outcome{}, simulator.Outcome{Status: simulator.Failure}, simulator.Outcome{})
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{one}})
	w.file("main.tf", preamble+g.section("How to share a key between pipelines").take("terraform")+
		g.section("How to start one run for each input").take("terraform"))
	p := w.beginShell(g.section("When to raise -parallelism").take("sh"))
	p.mustFail("ended as Failure")
	w.wantStarts(3)
	w.mustApply()
	w.wantStarts(4)
	w.wantPlan(nil)
	g.section("Measured").take("text") // the plot, which a measurement draws
}

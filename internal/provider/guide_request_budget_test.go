// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playRequestBudget(g *guide) {
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{endless()}})
	w.file("main.tf", preamble+g.section("How to share a key between pipelines").take("terraform")+run(unwaited+"\ncount = 3"))
	w.shell(g.section("When to raise -parallelism").take("sh"))
	w.wantRuns(map[int64]int{4711: 3})
}

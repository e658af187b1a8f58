// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// productsRun is the run that guides speak of.
const productsRun = `
resource "sequentum_run" "products" {
  agent_id = 4711
}
`

func playWaiting(g *guide) {
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{endless()}})
	playKilled(w, g.section("Machines that can be killed"))

	provisioners := g.section("How to use provisioners")
	w.file("main.tf", preamble+productsRun+provisioners.take("terraform"))
	wantText(g.t, w.mustApply().output, "the run has finished")
	w.mustRun("taint", "sequentum_run.products")
	w.shell(provisioners.take("sh"))
	w.wantPlan(nil)
	w.wantStarts(1)

	products := func(arguments string) string { return strings.ReplaceAll(run(arguments), `"r"`, `"products"`) }
	w.file("main.tf", preamble+products(unwaited))
	w.mustApply("-replace=sequentum_run.products")
	w.finish(simulator.Failure)
	w.file("main.tf", preamble+products(unwaited+"\nreplace_on_failure = terraform_data.strict.output")+"resource \"terraform_data\" \"strict\" {\n  input = false\n}\n")
	w.wantNoPlan("replace_on_failure")
	w.shell(strings.ReplaceAll(g.section("Values that are known only after the apply").take("sh"), "ADDRESS", "terraform_data.strict"))
	w.shell(g.section("How to wait for many runs at the same time").take("sh"))
	w.wantPlan(nil)
	w.wantStarts(2)
}

// playKilled kills an apply, and continues as the guide says for this CLI.
func playKilled(w *workspace, s *section) {
	config, importRun := preamble+s.take("terraform"), s.take("terraform")
	w.file("main.tf", config)
	p := w.beginApply()
	p.awaitWait()
	p.kill()
	if w.version().tofu {
		guarded := strings.Replace(config, unwaitedProducts, unwaitedProducts+"\n  if_active = \"fail\"", 1)
		w.file("main.tf", guarded)
		w.wantFailure(w.apply(), unwrap(strings.ReplaceAll(importRun, "products", "NAME")))
		w.file("main.tf", guarded+importRun)
	}
	p = w.beginApply()
	p.awaitWait()
	w.finish(simulator.Completed)
	p.mustSucceed()
	w.wantState("sequentum_run_completion.products", false, map[string]any{"run_id": firstRun, "succeeded": true})
	w.wantStarts(1)
}

const unwaitedProducts = "wait_for_completion = false"

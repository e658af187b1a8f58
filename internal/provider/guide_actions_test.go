// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// slow is an agent whose runs take some minutes, and go through all phases.
func slow() simulator.Agent {
	a := everyPhase()
	for i, phase := range a.Phases {
		a.Phases[i].Duration = simulator.Duration(45 * time.Second) // three looks at least, so that none misses it
		if phase.Status == simulator.Running {
			a.Phases[i].Duration = simulator.Duration(4 * time.Minute)
		}
	}
	return a
}

func playActions(g *guide) {
	invoke, trigger := g.section("How to invoke an action"), g.section("How to trigger an action").take("terraform")
	command, shown := invoke.take("sh"), invoke.take("text")

	w := newHastyWorkspace(g.t, simulator.Options{Agents: []simulator.Agent{slow()}})
	start := strings.ReplaceAll(actionBlock(startAction, ""), `"a"`, `"products"`)
	w.file("main.tf", preamble+hastyProvider+start)
	if !w.knowsActions() {
		w.wantActionsRefused()
		w.file("main.tf", preamble+hastyProvider+productsRun+trigger)
		w.wantFailure(w.apply(), `Blocks of type "action" are not expected here.`)
		return
	}
	w.wantScreen(w.shell(command), shown)

	w.file("main.tf", preamble+hastyProvider+productsRun+trigger)
	wantText(g.t, w.mustApply().output, "Actions: 1 invoked")
	if run := w.newest(); !run.Gone {
		g.t.Errorf("run %d was not removed", run.ID)
	}
	if w.read("products/products.csv") == "" {
		g.t.Error("the file was not downloaded")
	}
	w.wantPlan(nil)

	// How to repeat it: the run is gone already, which is a success.
	w.mustRun("taint", "terraform_data.downloaded")
	wantText(g.t, w.mustApply().output, "Actions: 1 invoked")
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playGettingStarted(g *guide) {
	catalogue := simulator.Agent{
		ID: 4711, Name: "Product catalogue", Records: 4, Exported: 4, Pages: 3,
		Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(time.Hour)}},
		Files: []simulator.File{
			delivered("products.csv", "sku,name,price,in_stock\nSH-1001,Trail running shoe,89.90,true\n"),
			{Name: new("run.log"), Type: simulator.LogText, Content: "Info  4 records extracted\n"},
		},
	}
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{catalogue, {ID: 4712, Name: "Price list"}}})
	w.useMirror("0.0.1")
	install := g.section("Install the provider")
	w.file("main.tf", install.take("terraform"))
	initialized := w.shell(install.take("sh"))
	w.wantScreen(initialized, strings.ReplaceAll(install.take("text"), "Terraform", w.productName()))
	g.section("Set the key").follow(w)
	g.section("Find your agent").follow(w)
	w.wantOnlyReads()

	start := g.section("Start a run")
	w.file("run.tf", start.take("terraform"))
	w.wantScreen(w.shell(start.take("sh")), start.take("text"))
	w.wantOnlyReads()
	p := w.beginShell(start.take("sh"))
	p.awaitWait()

	interrupt := g.section("Interrupt it, and continue")
	interrupted := p.interrupt()
	w.wantScreen(interrupted, start.take("text"))
	w.wantScreen(interrupted, interrupt.take("text"))
	w.wantScreen(w.shellUntil(interrupt.take("sh")), interrupt.take("text"))
	interrupt.follow(w)
	w.wantStarts(1)

	g.section("Download the files").follow(w)

	next := g.section("Start the next run")
	w.file("run.tf", next.take("terraform"))
	replaced := w.shellUntil(next.take("sh"))
	w.wantScreen(replaced, next.take("text"))
	w.wantScreen(replaced, next.take("text"))
	w.shellUntil(next.take("sh"))
	w.wantStarts(3)

	g.section("Clean up").follow(w)
	if w.read("products/products.csv") != "" {
		g.t.Error("the file is still there")
	}
	w.wantNoSecret(apiKey)
}

// shellUntil runs commands that wait for a run, and ends the run as Success.
func (w *workspace) shellUntil(commands string) result {
	w.t.Helper()
	p := w.beginShell(commands)
	w.eventually("the provider waits for an active run", func() bool {
		runs := w.cloud.Runs(4711)
		return len(runs) > 0 && !runs[0].Status.Finished() && p.requests(simulator.KindStatus) > 0
	})
	w.finish(simulator.Success)
	return p.mustSucceed()
}

// productName is how the CLI calls itself.
func (w *workspace) productName() string {
	w.t.Helper()
	if w.version().tofu {
		return "OpenTofu"
	}
	return "Terraform"
}

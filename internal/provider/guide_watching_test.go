// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"syscall"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playWatching(g *guide) {
	catalogue, prices := slow(), running(time.Minute, simulator.Outcome{Status: simulator.Failure, Message: "Timeout in command ReadPrice"})
	catalogue.Name = "Product catalogue"
	prices.ID, prices.Name = 4712, "Prices"
	prices.Files = []simulator.File{{Name: new("run.log"), Type: simulator.LogText, Content: priceLog}}
	w := newHastyWorkspace(g.t, simulator.Options{Agents: []simulator.Agent{catalogue, prices}})
	w.file("main.tf", preamble+hastyProvider+productsRun)
	playLog(w, g.section("The log of a resource"))

	failed := g.section("The log of a run that has failed")
	w.file("main.tf", preamble+hastyProvider+failed.take("terraform"))
	r := w.apply()
	w.wantFailure(r, "ended as Failure")
	w.wantScreen(r, strings.ReplaceAll(failed.take("text"), "100001", "100002")) // the guide speaks of another account

	progress := g.section("The progress of an action")
	command, shown := progress.take("sh"), progress.take("text")
	w.file("main.tf", preamble+hastyProvider+strings.ReplaceAll(actionBlock(startAction, ""), `"a"`, `"products"`))
	if w.knowsActions() {
		w.wantScreen(w.shell(command), strings.ReplaceAll(shown, "4711/100004", "4711/100003"))
	} else {
		w.wantFailure(w.apply(), `Blocks of type "action" are not expected here.`)
	}
}

// playLog watches a run through an outage, as somebody would in a second terminal.
func playLog(w *workspace, s *section) {
	apply, watch, shown := s.take("sh"), s.take("sh"), s.take("text")
	watcher := w.beginShell(watch)
	p := w.beginShell(apply)
	sees := func(text string) {
		w.t.Helper()
		w.eventually("the watcher sees: "+text, func() bool { return strings.Contains(watcher.output.String(), text) })
	}
	sees("is now Running")
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Times: -1, Action: simulator.StatusCode, Code: 503})
	sees("a status request failed")
	w.cloud.ClearFaults()
	p.mustSucceed()
	sees("finished as Success")
	watcher.signalGroup(syscall.SIGTERM) // tail never ends
	w.wantScreen(watcher.wait(), shown)
	wantText(w.t, w.shell(s.take("sh")).output, "No changes.")
}

const priceLog = `02:10:01 Info   Started
02:10:04 Info   https://shop.example/p/1001 opened
02:10:21 Error  ReadPrice: the element .price did not appear within 15 s
02:10:21 Info   The run ends
`

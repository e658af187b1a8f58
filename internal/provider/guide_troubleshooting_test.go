// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// playTroubleshooting runs the commands of the guide, and plays the rows of its tables that are no scenario.
func playTroubleshooting(g *guide) {
	playLostRun(g)
	playLock(g)
	playRefusedStarts(g)

	w := newDownload(g.t, delivered("a.txt", "a\n"))
	w.config("%s", download(""))
	w.mustApply()
	w.removeFile("a.txt")
	wantTrouble(g.t, "A file is removed or altered on disk", w.mustRun("plan", "-no-color").output)
}

// products is the configuration of a run of that name, with these arguments.
func products(arguments string) string {
	return preamble + strings.ReplaceAll(run(arguments), `"r"`, `"products"`)
}

func playLostRun(g *guide) {
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{endless()}})
	w.file("main.tf", products(`timeouts { create = "4s" }`))
	w.wantFailure(w.apply(), "did not finish within timeouts.create")
	w.file("main.tf", products(""))
	w.shellUntil(g.section("How to keep a tainted run").take("sh"))
	w.wantPlan(nil)

	remove := g.section("How to remove an object from state")
	w.shell(remove.take("sh"))
	w.wantNoState("sequentum_run.products")
	take := g.section("How to take a run into state")
	w.file("import.tf", take.take("terraform"))
	take.follow(w)
	w.wantStarts(1)

	w.shellUntil(g.section("How to start a new run").take("sh"))
	w.wantStarts(2)
	w.shell(remove.take("sh"))
}

func playLock(g *guide) {
	unlock := g.section("How to remove a lock that was left behind")
	shown, command := unlock.take("text"), unlock.take("sh")
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{endless()}})
	w.file("main.tf", products(`if_active = "fail"`))
	w.useLockedState()
	p := w.beginApply()
	p.awaitWait()
	p.kill()
	var lock struct{ ID string }
	if err := json.Unmarshal([]byte(w.remote.holder()), &lock); err != nil {
		g.t.Fatal(err)
	}
	const example = "1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901"
	r := w.apply()
	w.wantFailure(r, "lock")
	wantTrouble(g.t, "A killed job leaves its lock", r.output)
	// Terraform 1.11 shows another id there with the http backend, and the right one in the message above it.
	printed := regexp.MustCompile(`ID: +(\S+)`).FindStringSubmatch(r.raw)
	w.wantScreen(r, strings.ReplaceAll(shown, example, printed[1]))
	w.shell(strings.ReplaceAll(command, example, lock.ID))
	w.wantFailure(w.apply(), "Agent 4711 already has active runs: nothing was started")
	w.wantStarts(1)
}

func playRefusedStarts(g *guide) {
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{endless()}, AccessToken: "a-token-of-a-person"})
	w.file("main.tf", products(`timeouts { create = "5s" }`)+quickProvider)
	fails := func(event string) {
		g.t.Helper()
		r := w.apply()
		w.wantFailure(r)
		wantTrouble(g.t, event, r.output)
		w.wantNoState("sequentum_run.products")
		w.wantRuns(map[int64]int{4711: 0})
	}
	w.cloud.Outage(true)
	fails("The API is down before the start")
	w.cloud.Outage(false)
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"})
	fails("Too many requests, for longer than `timeouts.create`")
	w.cloud.ClearFaults()
	w.cloud.SetScopes([]string{"runs:read"})
	w.env = append(w.env, "SEQUENTUM_API_KEY=", "SEQUENTUM_ACCESS_TOKEN=a-token-of-a-person")
	fails("The access token lacks a scope")
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playScheduling(g *guide) {
	g.playParts(map[string]func(t *testing.T, g *guide){
		"schedule": playPlatformSchedule, "pipeline": playNightlyPipeline, "overlap": playOverlap,
		"fetch": playFetching, "action": playScheduledAction, "midnight": playMidnight,
	})
}

func playPlatformSchedule(t *testing.T, g *guide) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.file("main.tf", preamble+g.section("A schedule of the platform").take("terraform"))
	wantText(t, w.mustApply().output, "next_run_at")
	w.wantPlan(nil)
	if schedules := w.cloud.Schedules(4711); len(schedules) != 1 || schedules[0].Timezone != "Europe/Berlin" {
		t.Errorf("the cloud has %+v", schedules)
	}
}

func playNightlyPipeline(t *testing.T, g *guide) {
	s := g.section("A nightly pipeline")
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick(simulator.Outcome{Status: simulator.Failure}, simulator.Outcome{Status: simulator.Failure}, simulator.Outcome{})}})
	w.file("main.tf", preamble+s.take("terraform"))
	today := "-var=day=" + time.Now().UTC().Format(time.DateOnly)
	w.wantFailure(w.apply(), "ended as Failure") // and so did its retry
	w.mustApply(today)                           // in the morning
	w.wantStarts(3)
	w.mustApply(today)
	w.mustRun("plan", "-detailed-exitcode", today)
	w.wantStarts(3)
	w.shell(s.take("sh"))
	w.wantState("sequentum_run.nightly", false, map[string]any{"triggers": map[string]any{"day": "2026-11-24"}})
	w.mustApply() // the next night
	w.wantStarts(5)
	w.cloud.SetAgent(endless())
	w.cloud.StartRun(4711) // by somebody else
	w.wantFailure(w.apply("-var=day=2099-01-01"), "Agent 4711 already has")
	w.wantStarts(5)
}

// playOverlap begins a night while the last night's run is active: with its job still waiting, and after that was cancelled.
func playOverlap(t *testing.T, g *guide) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.file("main.tf", preamble+g.section("A nightly pipeline").blocks[0].text)
	const lastNight, tonight = "-var=day=2026-11-24", "-var=day=2026-11-25"
	p := w.begin(append(applyArgs, lastNight)...)
	p.awaitWait()
	w.wantFailure(w.apply(tonight), "Error acquiring the state lock")
	p.interrupt()
	stopped := w.plan(tonight)
	wantText(t, stopped.text, "The planned replacement stops run 4711/100001, which is still active")
	if stopped.actions["sequentum_run.nightly"] != "replace" {
		t.Errorf("the plan of the next night is %v", stopped.actions)
	}
	p = w.begin(append(applyArgs, lastNight)...)
	p.awaitWait()
	w.finish(simulator.Success)
	p.mustSucceed()
	w.wantStarts(1)
}

func playFetching(t *testing.T, g *guide) {
	shoes := quick()
	shoes.Files = []simulator.File{delivered("products.csv", "first\n")}
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{shoes}})
	config := preamble + g.section("A pipeline that fetches").take("terraform")
	w.file("main.tf", config)
	w.wantNoPlan("Agent 4711 has no run that succeeded.")
	w.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
	w.mustApply()
	wantText(t, w.read("products/products.csv"), "first")
	w.wantPlan(nil)
	shoes.Files = []simulator.File{delivered("tonight.csv", "second\n")}
	w.cloud.SetAgent(shoes)
	w.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
	w.cloud.AddFinishedRuns(4711, 1, simulator.Failure)
	w.cloud.StartRun(4711)
	w.mustApply()
	if got := w.read("products/products.csv") + w.read("products/tonight.csv"); got != "second\n" {
		t.Errorf("on disk is %q", got)
	}
	w.file("main.tf", strings.Replace(config, "limit    = 1", "limit    = 1\n  created_after = timeadd(plantimestamp(), \"24h\")", 1))
	w.wantNoPlan("Agent 4711 has no run that succeeded.")
	w.wantStarts(0)
}

func playScheduledAction(t *testing.T, g *guide) {
	w, s := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}}), g.section("An action")
	w.file("main.tf", preamble+s.take("terraform"))
	invoke := s.take("sh")
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	w.shell(invoke)
	w.shell(invoke)
	w.wantRuns(map[int64]int{4711: 2})
}

var planTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// playMidnight sees that a saved plan keeps its time.
func playMidnight(t *testing.T, _ *guide) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.file("main.tf", preamble+run("triggers = { at = plantimestamp() }"))
	w.mustRun("plan", "-no-color", "-input=false", "-out=plan.bin")
	planned := planTime.FindString(w.mustRun("show", "-no-color", "plan.bin").output)
	before := time.Now().UTC().Truncate(time.Second)
	w.eventually("the second of the plan is over", func() bool { return time.Now().UTC().After(before.Add(time.Second)) })
	w.mustRun("apply", "-no-color", "-input=false", "plan.bin")
	w.wantState("sequentum_run.r", false, map[string]any{"triggers": map[string]any{"at": planned}})
	w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import "github.com/sequentum/terraform-provider-sequentum/internal/simulator"

// account is an account that has grown by hand.
func account() simulator.Options {
	return simulator.Options{Agents: []simulator.Agent{
		{ID: 4711, Name: "Shoes", Schedules: []simulator.Schedule{
			{ID: 2001, Name: "nightly", Type: simulator.ScheduleCRON, Cron: "30 6 * * 1-5", Timezone: "Europe/Berlin"},
			{ID: 2002, Name: "often", Type: simulator.ScheduleRunEvery, RunEveryCount: 6, RunEveryPeriod: 2, Disabled: true, InputParameters: new(`{"category": "boots"}`)},
		}},
		{ID: 4712, Name: "Hats", Schedules: []simulator.Schedule{{ID: 2003, Name: "daily", Type: simulator.ScheduleCRON, Cron: "0 5 * * *", Timezone: "UTC"}}},
		{ID: 4713, Name: "Templates"},
	}}
}

func playImporting(g *guide) {
	w := g.workspace(account())
	w.cloud.AddFinishedRuns(4711, 2, simulator.Completed)
	g.section("").follow(w)
	if w.knowsLists() {
		g.section("Schedules").follow(w)
		g.section("Runs").follow(w)
		g.section("Without terraform query").leaveToOtherCLI()
	} else {
		g.section("Schedules").leaveToOtherCLI()
		g.section("Runs").leaveToOtherCLI()
		w.wantFailure(w.run("query"), `has no command named "query"`)
		g.section("Without terraform query").follow(w)
	}
	w.wantPlan(nil)
	if n := len(w.instances("sequentum_run.newest")) + len(w.instances("sequentum_run.newest_0")); n != 1 {
		g.t.Errorf("%d runs are in state, want 1", n)
	}
	w.wantOnlyReads()
	w.wantNoSecret(apiKey)
}

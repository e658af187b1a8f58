// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const recipesFolder = "../../examples/recipes"

// recipes are what a user does with each folder of examples/recipes. The workspace holds the folder's files, and its
// cloud is the one of the folder's agents.json.
var recipes = map[string]func(w *workspace){
	"all-agents-of-a-space": func(w *workspace) {
		wantText(w.t, w.mustApply().output, `"4711" = 120`, `"4712" = 40`)
		w.wantRuns(map[int64]int{4711: 1, 4712: 1, 4713: 0, 4714: 0})
		w.wantPlan(nil)
		w.cloud.SetAgent(simulator.Agent{ID: 4715, Name: "Shoes", SpaceID: new(int64(7))})
		w.wantPlan(map[string]string{`sequentum_run.shop["4715"]`: "create"})
	},
	"credit-guard": func(w *workspace) {
		w.cloud.SetCredits("99.5")
		w.wantFailure(w.apply(), "Only 99.5 credits are left. This run needs 100.")
		w.wantRuns(map[int64]int{4711: 0})
		w.cloud.SetCredits("250.5")
		w.mustApply()
		w.wantPlan(nil)
		w.cloud.SetCredits("99.5")
		w.wantNoPlan("Only 99.5 credits are left. This run needs 100.")
		w.mustApply("-var", "minimum_credits=0")
		w.wantRuns(map[int64]int{4711: 1})
	},
	"data-contract": func(w *workspace) {
		broken := "Run 4711/100001 extracted 120 records. At least 500 are needed."
		w.wantFailure(w.apply(), broken)
		w.wantState("sequentum_run.products", false, map[string]any{"status": "Completed", "records_extracted": 120.0})
		w.wantNoState("terraform_data.published")
		w.wantNoPlan(broken)
		w.mustApply("-var", "minimum_records=100")
		w.wantRuns(map[int64]int{4711: 1})
		w.wantFailure(w.apply("-replace=sequentum_run.products"), "extracted 120 records")
		w.wantRuns(map[int64]int{4711: 2})
	},
	"failure-with-log": func(w *workspace) {
		w.wantFailure(w.apply(), "Success criteria: 12 of 500 records", "Error Page 2 of shop.example: 403 Forbidden", "Error The site blocked the run after 12 records")
		w.wantState("sequentum_run.products", true, map[string]any{"status": "Failure"})
	},
	"nightly-pipeline": func(w *workspace) {
		day := "-var=day=" + time.Now().UTC().Format("2006-01-02")
		w.cloud.StartRun(4711) // by a job that was killed and saved nothing
		wantText(w.t, w.mustApply(day).output, "1 imported, 0 added, 1 changed, 0 destroyed", `status = "Completed"`)
		w.wantRuns(map[int64]int{4711: 1})
		w.mustRun("plan", "-detailed-exitcode", day)
		w.mustApply("-var=day=2099-01-01")
		w.wantRuns(map[int64]int{4711: 2})
	},
	"records-into-resources": func(w *workspace) {
		w.hasRun(simulator.Completed)
		wantText(w.t, w.mustApply().output, "3 added", `"SH-1002" = 129`, "SH-1003")
		w.wantPlan(nil)
	},
	"schedule-by-name": func(w *workspace) {
		wantText(w.t, w.mustApply().output, "next_run_at")
		w.wantPlan(nil)
		if schedules := w.cloud.Schedules(4711); len(schedules) != 1 || schedules[0].Timezone != "Europe/Berlin" {
			w.t.Errorf("the cloud has %+v", schedules)
		}
		w.mustDestroy()
		if schedules := w.cloud.Schedules(4711); len(schedules) > 0 {
			w.t.Errorf("the cloud still has %+v", schedules)
		}
	},
}

func TestRecipes(t *testing.T) {
	t.Parallel()
	for name, play := range recipes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(recipesFolder, name)
			config, err := simulator.ReadConfig(filepath.Join(folder, "agents.json"))
			if err != nil {
				t.Fatal(err)
			}
			var o simulator.Options
			config.Apply(&o)
			w := newWorkspace(t, o)
			w.file("main.tf", readFile(t, filepath.Join(folder, "main.tf")))
			play(w)
		})
	}
}

// A recipe that no test plays, or that the list of recipes lacks, is a file that nobody would notice.
func TestEveryRecipeIsPlayedAndListed(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(recipesFolder)
	if err != nil {
		t.Fatal(err)
	}
	list := readFile(t, filepath.Join(recipesFolder, "README.md"))
	var folders []string
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		folders = append(folders, entry.Name())
		wantText(t, unwrap(list), fmt.Sprintf("[%[1]s](%[1]s/main.tf)", entry.Name()))
	}
	for name := range recipes {
		if !slices.Contains(folders, name) {
			t.Errorf("there is no recipe %s", name)
		}
	}
	for _, folder := range folders {
		if recipes[folder] == nil {
			t.Errorf("recipe %s is not played", folder)
		}
	}
}

// wantRuns fails the test unless each agent has so many runs.
func (w *workspace) wantRuns(counts map[int64]int) {
	w.t.Helper()
	for agent, want := range counts {
		if got := len(w.cloud.Runs(agent)); got != want {
			w.t.Errorf("agent %d has %d runs, want %d", agent, got, want)
		}
	}
}

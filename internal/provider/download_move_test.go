// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Another directory moves the files, whatever the platform is like by then.
func TestDownloadMovesToAnotherDirectory(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *downloading){
		"nothing has changed":               func(*downloading) {},
		"the platform lists no file":        func(d *downloading) { d.list = noFiles },
		"the platform lacks a file":         func(d *downloading) { d.list = without("shoes.csv") },
		"the run is gone":                   func(d *downloading) { d.cloud.Expire(firstRun) },
		"the agent is gone":                 func(d *downloading) { d.cloud.DeleteAgent(4711) },
		"the platform refuses access":       func(d *downloading) { d.refusing(simulator.AnyKind, 403) },
		"the platform is down":              func(d *downloading) { d.cloud.Outage(true) },
		"the key was renewed":               func(d *downloading) { d.cloud.SetCredentials("sk-rotated", "") },
		"the old directory ends in a slash": func(d *downloading) { d.set("directory", d.path("out")+"/"); d.mustApply() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
				d.mustApply()
				change(d)
				d.requests()
				d.set("directory", d.path("elsewhere", "deep"))
				plan := d.wantPlan(core.ActionUpdate)
				if files := core.Attributes(plan.planned.Value)["files"]; !files.IsFullyKnown() {
					d.t.Errorf("the files are not known: %s", files)
				}
				d.mustApply()
				d.wantFiles("run.log", "shoes.csv", "shoes.json")
				d.wantOnDisk("elsewhere/deep", "run.log", "shoes.csv", "shoes.json")
				d.wantOnDisk("out")
				if got := d.read("elsewhere", "deep", "shoes.csv"); got != "sku,price\nA,1\n" {
					d.t.Errorf("the file holds %q", got)
				}
				d.wantPlan(core.ActionNone)
				if n := d.requests(); n != 0 {
					d.t.Errorf("%d requests", n)
				}
				d.mustDestroy()
				d.wantOnDisk("elsewhere/deep")
			})
		})
	}
}

func TestDownloadMovesWhatIsThereAndFetchesTheRest(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.mustApply()
		d.remove("out", "shoes.csv")
		d.write("mine\n", "out", "run.log")
		d.cloud.ResetCounts()
		d.set("directory", d.path("new"))
		wantText(t, d.mustApply(), "Downloaded files were not removed, because they were changed", `"run.log"`)
		d.wantOnDisk("new", "run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("out", "run.log")
		if got := d.read("new", "run.log"); got != "fine\n" {
			t.Errorf("the log holds %q", got)
		}
		if n := d.cloud.Count(simulator.KindDownload); n != 2 {
			t.Errorf("%d links, want 2", n)
		}
		d.wantPlan(core.ActionNone)
	})
	// Where the platform has no more of it, what was lost stays in state.
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.mustApply()
		d.cloud.Expire(firstRun)
		d.remove("out", "shoes.csv")
		d.set("directory", d.path("new"))
		d.wantPlan(core.ActionUpdate, "are missing or altered, and cannot be fetched again")
		wantText(t, d.mustApply(), "are missing or altered, and cannot be fetched again", `"shoes.csv"`)
		d.wantFiles("run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("new", "run.log", "shoes.json")
		d.wantPlan(core.ActionNone, "cannot be fetched again")
	})
	// On a machine that begins empty, absent files plan nothing there either.
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.set("refetch_missing", false)
		d.mustApply()
		d.remove("out")
		d.set("directory", d.path("new"))
		d.cloud.ResetCounts()
		d.mustApply()
		d.wantFiles("run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("new")
		d.write("altered", "new", "shoes.csv")
		d.set("directory", d.path("newer"))
		d.wantPlan(core.ActionUpdate, "were altered and will be replaced")
		d.mustApply()
		d.wantOnDisk("newer", "shoes.csv")
		d.wantOnDisk("new", "shoes.csv")
		if n := d.cloud.Count(simulator.KindDownload); n != 1 {
			t.Errorf("%d links, want 1", n)
		}
		d.wantPlan(core.ActionNone)
	})
}

func TestDownloadMovesOverNobodysFile(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.write("mine", "new", "shoes.csv")
		d.set("directory", d.path("new"))
		d.mustFail("The directory already contains something that this resource did not write", `"shoes.csv": a file has this name`)
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("new", "shoes.csv")
		d.set("overwrite", true)
		d.mustApply()
		d.wantOnDisk("out")
		d.wantOnDisk("new", "run.log", "shoes.csv", "shoes.json")
		d.wantPlan(core.ActionNone)
	})
	// The directory can be no directory at all.
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.write("a file", "taken")
		d.set("directory", d.path("taken"))
		d.mustFail("The directory for the downloads cannot be used")
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
		d.set("directory", d.path("out"))
		d.wantPlan(core.ActionNone)
	})
}

// The same directory under another path is the same: nothing is moved onto itself, and nothing is removed.
func TestDownloadMovesToTheSameDirectoryByAnotherPath(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.mustApply()
		if err := os.Symlink("out", d.path("link")); err != nil {
			t.Fatal(err)
		}
		d.set("directory", d.path("link"))
		d.mustApply()
		d.wantFiles("run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
		d.wantPlan(core.ActionNone)
		d.mustDestroy()
		d.wantOnDisk("out")
	})
}

// Another run is fetched first; the files of the old one go when the new ones are whole.
func TestDownloadOfAnotherRunIntoAnotherDirectory(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.cloud.Expire(firstRun)
		d.cloud.SetAgent(simulator.Agent{ID: 4711, Files: []simulator.File{delivered("shoes.csv", "new\n"), delivered("boots.csv", "new\n")}})
		d.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
		second := firstRun + 1
		d.set("run_id", second)
		d.set("directory", d.path(fmt.Sprint(second)))
		d.refusing(simulator.KindFiles, 403)
		d.mustFail("The files of run 4711/100002 could not be listed", "403")
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
		d.cloud.ClearFaults()

		d.cloud.Inject(simulator.Fault{Kind: simulator.KindDownload, Skip: 1, Times: -1, Action: simulator.StatusCode, Code: 404})
		d.mustFail("1 file of run 4711/100002 could not be downloaded", "The next apply fetches the rest")
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
		d.cloud.ClearFaults()
		d.wantPlan(core.ActionUpdate)
		d.mustApply()
		d.wantFiles("boots.csv", "shoes.csv")
		d.wantOnDisk(fmt.Sprint(second), "boots.csv", "shoes.csv")
		d.wantOnDisk("out")
		d.wantPlan(core.ActionNone)
	})
}

// What could not be moved is still owed, and still where it was.
func TestDownloadMoveThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.mustApply()
		d.remove("out", "shoes.csv")
		d.refusing(simulator.KindDownload, 503)
		d.set("directory", d.path("new"))
		d.mustFail("1 file of run 4711/100001 could not be downloaded", `"shoes.csv"`)
		d.wantFiles("run.log", "shoes.json")
		d.wantOnDisk("new", "run.log", "shoes.json")
		// Back again: what was moved moves once more, and the rest is fetched.
		d.cloud.ClearFaults()
		d.set("directory", d.path("out"))
		d.mustApply()
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("new")
		d.wantPlan(core.ActionNone)
	})
}

// A directory that is known only at the apply moves the files then, and the plan knows all but their paths.
func TestDownloadMovesToADirectoryThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.mustApply()
		d.arguments["directory"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
		planned := d.wantPlan(core.ActionUpdate).planned.Value
		files := core.Attributes(core.Attributes(planned)["files"])
		if len(files) != 3 || core.Attributes(files["run.log"])["path"].IsKnown() || core.TextOf(files["run.log"], "sha256") == "" {
			t.Errorf("the files are planned as %s", files)
		}
		d.set("directory", d.path("new"))
		final := d.wantPlan(core.ActionUpdate).planned.Value
		for _, wrong := range core.Incompatible("the plan", planned, final) {
			t.Errorf("an inconsistent final plan: %s", wrong)
		}
		d.mustApply()
		d.wantOnDisk("new", "run.log", "shoes.csv", "shoes.json")
	})
}

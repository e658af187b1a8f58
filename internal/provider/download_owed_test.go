// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A changed choice deletes nothing that it still takes, whatever the platform lists by then.
func TestDownloadOfAnotherChoiceKeepsWhatMatches(t *testing.T) {
	t.Parallel()
	files := []simulator.File{delivered("a.csv", "a\n"), delivered("b.txt", "b\n"), logged("run.log", "fine\n")}
	for name, c := range map[string]struct {
		change func(d *downloading)
		says   string
		owed   bool // the list is asked for again
	}{
		"the platform lacks a file":                    {func(d *downloading) { d.list = without("a.csv") }, `"a.csv" (file 5000000001)`, false},
		"the platform lists no file":                   {func(d *downloading) { d.list = noFiles }, "no longer lists these files", false},
		"the platform lists no file, with allow_empty": {func(d *downloading) { d.list = noFiles; d.set("allow_empty", true) }, "no longer lists these files", false},
		"the run is gone":                              {func(d *downloading) { d.cloud.Expire(firstRun) }, "no longer knows the run", false},
		"the platform refuses access":                  {func(d *downloading) { d.refusing(simulator.KindFiles, 403) }, "could not be listed", true},
		"the platform is down":                         {func(d *downloading) { d.refusing(simulator.KindFiles, 503) }, "could not be listed", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownloading(t, files, func(t *testing.T, d *downloading) {
				d.mustApply()
				c.change(d)
				d.set("name_regex", "(csv|txt)$")
				d.wantPlan(core.ActionUpdate)
				wantText(t, d.mustApply(), "Files of run 4711/100001 stay on disk, although the platform does not list them", c.says)
				d.wantFiles("a.csv", "b.txt")
				d.cloud.ClearFaults()
				d.list = nil
				if c.owed {
					d.wantOnDisk("out", "a.csv", "b.txt", "run.log")
					d.wantPlan(core.ActionUpdate)
					d.mustApply()
				}
				d.wantOnDisk("out", "a.csv", "b.txt")
				d.wantPlan(core.ActionNone)
			})
		})
	}
	// A choice and a directory at once.
	inDownloading(t, files, func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.list = without("a.csv")
		d.set("name_regex", "(csv|txt)$")
		d.set("directory", d.path("new"))
		d.mustApply()
		d.wantFiles("a.csv", "b.txt")
		d.wantOnDisk("new", "a.csv", "b.txt")
		d.wantOnDisk("out")
		d.wantPlan(core.ActionNone)
	})
	// When nothing that is there matches, an answer is needed.
	inDownloading(t, files, func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.set("name_regex", "pdf$")
		d.set("allow_empty", true)
		d.refusing(simulator.KindFiles, 503)
		d.mustFail("The files of run 4711/100001 could not be listed", "503")
		d.wantOnDisk("out", "a.csv", "b.txt", "run.log")
	})
}

// What was lost, and the platform lists no more once the choice is changed.
func TestDownloadOfAnotherChoiceAndALostFile(t *testing.T) {
	t.Parallel()
	lose := func(d *downloading) {
		d.mustApply()
		d.remove("out", "shoes.csv")
		d.set("name_regex", "(csv|log)$")
	}
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		lose(d)
		d.list = without("shoes.csv")
		text := d.mustApply()
		wantText(t, text, "are missing or altered, and cannot be fetched again", `"shoes.csv"`)
		d.wantFiles("run.log", "shoes.csv")
		d.wantOnDisk("out", "run.log")
		d.wantPlan(core.ActionNone, "cannot be fetched again")
	})
	// When it is only the list that could not be read, it is owed.
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		lose(d)
		d.cloud.Inject(simulator.Fault{Kind: simulator.KindFiles, Skip: 1, Times: -1, Action: simulator.StatusCode, Code: 403})
		d.mustApply()
		d.wantFiles("run.log")
		d.cloud.ClearFaults()
		d.wantPlan(core.ActionUpdate)
		d.mustApply()
		d.wantFiles("run.log", "shoes.csv")
		d.wantOnDisk("out", "run.log", "shoes.csv")
		d.wantPlan(core.ActionNone)
	})
	// What was never there and is gone is given up, with a warning.
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.set("name_regex", "csv$")
		d.mustApply()
		d.refusing(simulator.KindDownload, 500)
		d.set("name_regex", "shoes")
		d.mustFail("could not be downloaded")
		d.cloud.ClearFaults()
		asked := 0
		d.list = func(files []map[string]any) []map[string]any {
			if asked++; asked == 1 { // the refresh still sees it
				return files
			}
			return without("shoes.json")(files)
		}
		d.set("name_regex", "(csv|json)$")
		wantText(t, d.mustApply(), "Files of run 4711/100001 can no longer be downloaded", `"shoes.json"`)
		d.wantFiles("shoes.csv")
		d.wantPlan(core.ActionNone)
	})
}

// A panic becomes an error of the file that caused it, and the error asks for a report.
func TestDownloadThroughAPanic(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.panics = true
		d.mustFail("1 file of run 4711/100001 could not be downloaded", "Please report this bug")
		d.panics = false
		if n := len(d.files()); n != 2 {
			d.t.Errorf("%d files in state, want 2", n)
		}
	})
}

// What failed once is owed until it is there, or the platform no longer lists it.
func TestDownloadOwesWhatFailed(t *testing.T) {
	t.Parallel()
	begin := func(d *downloading) {
		d.set("name_regex", "csv$")
		d.mustApply()
		d.cloud.Inject(simulator.Fault{Kind: simulator.KindDownload, Times: -1, Action: simulator.StatusCode, Code: 404})
		d.set("name_regex", "(csv|json)$")
		d.mustFail("1 file of run 4711/100001 could not be downloaded", "404", "The next apply fetches the rest")
		d.wantFiles("shoes.csv")
	}
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		begin(d)
		plan := d.wantPlan(core.ActionUpdate)
		if n := len(core.Attributes(core.Attributes(plan.planned.Value)["files"])); n != 2 {
			t.Errorf("%d files are planned, want 2", n)
		}
		d.mustFail("1 file of run 4711/100001 could not be downloaded") // and never green
		d.cloud.ClearFaults()
		d.mustApply()
		d.wantFiles("shoes.csv", "shoes.json")
		d.wantOnDisk("out", "shoes.csv", "shoes.json")
		d.wantPlan(core.ActionNone)
	})
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		begin(d)
		d.list = without("shoes.json")
		d.wantPlan(core.ActionNone, "Files of run 4711/100001 can no longer be downloaded", `"shoes.json"`)
		d.list = nil
		d.wantPlan(core.ActionNone)
	})
	// An odd answer in between is no reason to forget it.
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		begin(d)
		answers := 0
		d.list = func(files []map[string]any) []map[string]any {
			if answers++; answers == 1 {
				return noFiles(nil)
			}
			return files
		}
		d.wantPlan(core.ActionUpdate)
		d.refusing(simulator.KindFiles, 503)
		d.wantPlan(core.ActionUpdate)
	})
	// One that was there, was lost, and that only its own link no longer knows: an error each time.
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.remove("out", "shoes.csv")
		d.refusing(simulator.KindDownload, 404)
		for range 2 {
			d.mustFail("1 file of run 4711/100001 could not be downloaded", "404")
		}
		d.cloud.ClearFaults()
		d.mustApply()
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
	})
}

// The list's size is a hint.
func TestDownloadOfAFileThatIsNotAsLongAsListed(t *testing.T) {
	t.Parallel()
	sizes := func(size int) func(files []map[string]any) []map[string]any {
		return func(files []map[string]any) []map[string]any {
			for _, f := range files {
				f["fileSize"] = size
			}
			return files
		}
	}
	for _, size := range []int{0, 3, 1 << 40} {
		inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
			d.list = sizes(size)
			text := d.mustApply()
			wantText(t, text, "Files of run 4711/100001 have another size than in the run's list of files", `"run.log"`, "5 bytes from the download host")
			d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
			d.wantPlan(core.ActionNone)
			d.remove("out", "run.log")
			d.mustApply()
			d.wantPlan(core.ActionNone)
		})
	}
	// Also of one that was owed, whose size the plan must not promise.
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.list = sizes(3)
		d.set("name_regex", "csv$")
		d.mustApply()
		d.refusing(simulator.KindDownload, 500)
		d.set("name_regex", "")
		d.mustFail("could not be downloaded")
		d.cloud.ClearFaults()
		d.mustApply()
		d.wantFiles("run.log", "shoes.csv", "shoes.json")
		d.wantPlan(core.ActionNone)
	})
}

// If one file cannot be fetched, the others are still fetched.
func TestDownloadOfAnAbsurdSize(t *testing.T) {
	t.Parallel()
	files := append([]simulator.File{{Name: new("absurd.bin"), Type: simulator.DeliveredFile, Size: 1 << 60}}, catalogue()...)
	inDownloading(t, files, func(_ *testing.T, d *downloading) {
		d.mustFail("1 file of run 4711/100001 could not be downloaded", `"absurd.bin"`)
		d.wantFiles("run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("out", "run.log", "shoes.csv", "shoes.json")
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download(""))
	w.mustApply()
	w.wantOnDisk("run.log", "shoes.csv", "shoes.json")
	w.wantContent("shoes.csv", "sku,price\nA,1\n")
	w.wantDownloaded(false, "run.log", "shoes.csv", "shoes.json")
	w.wantState(theDownload, false, map[string]any{"files": map[string]any{
		"run.log":    entry(5000000003, "run.log", "LogText", "fine\n"),
		"shoes.csv":  entry(5000000001, "shoes.csv", "DeliveredFile", "sku,price\nA,1\n"),
		"shoes.json": entry(5000000002, "shoes.json", "DeliveredFile", `[{"sku":"A"}]`),
	}})
	w.wantPlan(nil)
	for _, r := range w.cloud.Log() {
		if r.Kind == simulator.KindSignedDownload && (r.HasAuthorization || r.HasCookie || r.HasReferer) {
			t.Errorf("the download host was sent more than the link: %+v", r)
		}
	}
	links := 0
	w.wantLinks(&links, 3)
	w.mustDestroy()
	w.wantOnDisk()
	w.wantLinks(&links, 0)
}

func TestDownloadFetchesWhatWasLostAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download("")+eachFile)
	w.mustApply("-target=" + theDownload)
	w.mustApply()
	links := 3
	altered := []string{"Downloaded files of run 4711/100001 were altered and will be replaced", `"shoes.csv"`}
	for what, lose := range map[string]struct {
		how  func()
		warn []string
	}{
		"missing": {func() { w.removeFile("shoes.csv") }, nil},
		"altered": {func() { w.file("out/shoes.csv", "sku,price\nA,2\n") }, altered},
		"longer":  {func() { w.file("out/shoes.csv", "sku,price\nA,1\nB,2\n") }, altered},
	} {
		lose.how()
		w.wantPlan(updated, lose.warn...) // and nothing of the for_each
		w.mustApply()
		w.wantContent("shoes.csv", "sku,price\nA,1\n")
		w.wantLinks(&links, 1)
		w.wantPlan(nil)
		if t.Failed() {
			t.Fatalf("that was: %s", what)
		}
	}
	if got := len(w.instances("terraform_data.each")); got != 3 {
		t.Errorf("%d objects of the for_each, want 3", got)
	}
	w.mustDestroy()
	w.wantOnDisk()
}

func TestDownloadAfterARefreshThatFoundAFileMissing(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download("")+eachFile)
	w.mustApply("-target=" + theDownload)
	w.mustApply()
	csv := w.read("out/shoes.csv")
	w.removeFile("shoes.csv")
	w.mustApply("-refresh-only")
	w.wantDownloaded(false, "run.log", "shoes.json")
	w.wantPlan(updated)
	w.file("out/shoes.csv", csv) // somebody puts it back
	w.mustApply()
	w.wantDownloaded(false, "run.log", "shoes.csv", "shoes.json")
	links := 3
	w.wantLinks(&links, 0)
	w.wantPlan(nil)
}

func TestDownloadOutlastsRetention(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download("")+eachFile)
	w.mustApply("-target=" + theDownload)
	w.mustApply()
	w.cloud.Expire(firstRun)
	w.wantPlan(nil)

	w.removeFile("shoes.csv")
	w.file("out/run.log", "mine\n")
	gone := w.wantPlan(nil, "Downloaded files of run 4711/100001 are missing or altered, and cannot be fetched again", `"run.log"`, `"shoes.csv"`)
	wantNoText(t, gone.text, "will be replaced")
	w.mustApply()
	w.wantDownloaded(false, "run.log", "shoes.csv", "shoes.json")

	r := w.mustDestroy()
	wantText(t, r.output, "Downloaded files were not removed, because they were changed", `"run.log"`)
	w.wantOnDisk("run.log")
	w.wantContent("run.log", "mine\n")
}

func TestDownloadDoesNotRefetchWhereThatIsOff(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download("refetch_missing = false"))
	w.mustApply()
	if err := os.RemoveAll(filepath.Join(w.dir, "out")); err != nil {
		t.Fatal(err)
	}
	w.wantPlan(nil)
	w.wantDownloaded(false, "run.log", "shoes.csv", "shoes.json")
	w.file("out/shoes.csv", "mine")
	w.wantPlan(updated)
	w.mustApply()
	w.wantOnDisk("shoes.csv")
	w.wantDownloaded(false, "run.log", "shoes.csv", "shoes.json")
	links := 3
	w.wantLinks(&links, 1)
	w.wantPlan(nil)
}

func TestDownloadOfAnotherChoiceIsInPlace(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download(`types = ["DeliveredFile"]`))
	w.mustApply()
	w.wantOnDisk("shoes.csv", "shoes.json")
	links := 2
	w.config("%s", download(`name_regex = "\\.(csv|log)$"`))
	w.wantPlan(updated)
	w.mustApply()
	w.wantOnDisk("run.log", "shoes.csv")
	w.wantDownloaded(false, "run.log", "shoes.csv")
	w.wantLinks(&links, 1)
	w.wantPlan(nil)

	w.cloud.SetAgent(simulator.Agent{ID: 4711, Files: []simulator.File{delivered("shoes.csv", "new\n"), delivered("boots.csv", "new\n")}})
	w.cloud.AddFinishedRuns(4711, 1, simulator.Failure)
	w.config("%s", strings.Replace(download(""), "100001", "100002", 1))
	w.mustApply()
	w.wantOnDisk("boots.csv", "shoes.csv")
	w.wantContent("shoes.csv", "new\n")
	w.wantPlan(nil)

	w.config("%s", strings.Replace(download(""), "100001", "100002", 1)+"locals { unused = 1 }")
	w.wantPlan(nil)
	w.config("%s", strings.Replace(download("overwrite = true\nallow_empty = true"), "100001", "100002", 1))
	w.wantPlan(updated)
	links += 2
	w.mustApply()
	w.wantLinks(&links, 0)
	w.wantPlan(nil)
}

func TestDownloadOfNothing(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	for attribute, argument := range map[string]string{"name_regex": `"\\.pdf$"`, "types": `["LogHtml"]`} {
		w.config("%s", download(attribute+" = "+argument))
		w.wantFailure(w.apply(), "No file of run 4711/100001 matches", "The run has 3 files", `"shoes.csv"`, attribute+" = ", "allow_empty = true")
		w.wantNoState(theDownload)
	}
	w.config("%s", download("name_regex = \"\\\\.pdf$\"\nallow_empty = true"))
	w.mustApply()
	w.wantDownloaded(false)
	w.wantPlan(nil)
	w.config("%s", download(`name_regex = "("`))
	w.wantNoPlan("Invalid regular expression")
	w.config("%s", strings.Replace(download(""), "100001", "100077", 1))
	w.wantFailure(w.apply(), "Run 4711/100077 is not found")
}

func TestDownloadStopsAtSomebodyElsesFile(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.file("out/shoes.csv", "mine")
	w.file("elsewhere", "mine too")
	if err := os.Symlink("../elsewhere", filepath.Join(w.dir, "out/run.log")); err != nil {
		t.Fatal(err)
	}
	w.config("%s", download(""))
	w.wantFailure(w.apply(), "The directory already contains something that this resource did not write",
		`"run.log": a symbolic link or another special file has this name`, `"shoes.csv": a file has this name`, "overwrite = true")
	w.wantOnDisk("run.log", "shoes.csv")
	w.wantContent("shoes.csv", "mine")
	w.wantNoState(theDownload)
	links := 0
	w.wantLinks(&links, 0)

	w.config("%s", download("overwrite = true"))
	w.mustApply()
	w.wantContent("shoes.csv", "sku,price\nA,1\n")
	w.wantContent("run.log", "fine\n")
	if got := w.read("elsewhere"); got != "mine too" {
		t.Errorf("a symbolic link was followed: %q", got)
	}
	w.wantPlan(nil)

	w.removeFile("run.log")
	w.file("out/run.log/inside", "a directory")
	w.wantFailure(w.apply(), `"run.log": a directory has this name`)
	w.wantDownloaded(false, "shoes.csv", "shoes.json")
}

func TestDownloadToADirectoryThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.file("taken", "a file")
	for _, directory := range []string{"taken", "taken/below", "/proc/none"} {
		w.config("%s", strings.Replace(download(""), `"out"`, fmt.Sprintf("%q", directory), 1))
		w.wantFailure(w.apply(), "The directory for the downloads cannot be used", directory, "directory = ")
		w.wantNoState(theDownload)
	}
	links := 0
	w.wantLinks(&links, 0)
}

func TestDownloadDestroyKeepsWhatItShould(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download(""))
	w.mustApply()
	w.file("out/shoes.csv", "edited")
	w.file("out/mine", "mine")
	r := w.run("destroy", "-refresh=false", "-auto-approve", "-no-color", "-input=false")
	wantText(t, w.wantSuccess(r).output, "Downloaded files were not removed, because they were changed", `"shoes.csv"`)
	w.wantOnDisk("mine", "shoes.csv")

	w.removeFile("shoes.csv")
	w.config("%s", download("keep_on_destroy = true"))
	w.mustApply()
	w.mustDestroy()
	w.wantOnDisk("mine", "run.log", "shoes.csv", "shoes.json")
}

func TestDownloadIntoAnotherDirectory(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download(""))
	w.mustApply()
	w.config("%s", strings.Replace(download(""), `"out"`, `"./out/"`, 1))
	w.wantPlan(updated) // only another spelling
	w.mustApply()
	w.wantPlan(nil)
	w.config("%s", download("")+eachFile)
	w.mustApply()
	links := 3

	w.cloud.Expire(firstRun)
	w.config("%s", strings.Replace(download("")+eachFile, `"out"`, `"elsewhere"`, 1))
	w.wantPlan(updated) // and nothing of the for_each
	w.mustApply()
	w.wantDownloaded(false, "run.log", "shoes.csv", "shoes.json")
	w.wantOnDisk()
	if got := w.read("elsewhere/shoes.csv"); got != "sku,price\nA,1\n" {
		t.Errorf("the file that was moved holds %q", got)
	}
	w.wantLinks(&links, 0)
	w.wantPlan(nil)
	w.mustDestroy()
	if got := w.read("elsewhere/shoes.csv"); got != "" {
		t.Errorf("the destroy left %q", got)
	}
}

// A scraped name must be neither configuration nor state.
func TestDownloadIntoTheDirectoryOfTheConfiguration(t *testing.T) {
	t.Parallel()
	w := newDownload(t, delivered("evil.tf", `output "evil" { value = "here" }`), delivered("terraform.tfstate", "{}"),
		delivered(".terraform.lock.hcl", "{}"), delivered("evil.auto.tfvars", "evil = 1"), delivered("EVIL.TF.JSON", "{}"), delivered("fine.csv", "1\n"))
	w.config("%s", strings.Replace(download("overwrite = true"), `"out"`, "path.root", 1))
	w.mustApply()
	names := []string{"evil.tf_", "terraform.tfstate_", "_.terraform.lock.hcl", "evil.auto.tfvars_", "EVIL.TF.JSON_", "fine.csv"}
	w.wantDownloaded(false, names...)
	w.wantPlan(nil)
	w.mustDestroy()
	if got := w.read("evil.tf_"); got != "" {
		t.Errorf("the destroy left %q", got)
	}
}

func TestDownloadRefetchesFromNowOn(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download("refetch_missing = false"))
	w.mustApply()
	w.removeFile("shoes.csv")
	w.wantPlan(nil)
	w.config("%s", download("refetch_missing = true"))
	w.mustApply()
	w.wantOnDisk("run.log", "shoes.csv", "shoes.json")
	w.wantPlan(nil)
}

func TestDownloadReplacedIntoTheSameDirectory(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download("overwrite = true\nlifecycle { create_before_destroy = true }"))
	w.mustApply()
	w.mustApply("-replace=" + theDownload)
	w.wantOnDisk("run.log", "shoes.csv", "shoes.json")
	w.wantPlan(nil)

	w.config("%s", strings.Replace(download("overwrite = true\nlifecycle { create_before_destroy = true }"), `"out"`, strconv.Quote(filepath.Join(w.dir, "out")), 1))
	w.wantPlan(updated)
	w.mustApply()
	w.wantOnDisk("run.log", "shoes.csv", "shoes.json")
	w.wantPlan(nil)
	w.mustDestroy()
	w.wantOnDisk()
}

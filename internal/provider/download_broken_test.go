// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// crates are n small files.
func crates(n int) []simulator.File {
	var files []simulator.File
	for i := range n {
		files = append(files, delivered(fmt.Sprintf("crate-%d.txt", i), fmt.Sprintf("crate %d\n", i)))
	}
	return files
}

func crateNames(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("crate-%d.txt", i))
	}
	return names
}

// stall lets the first n contents through and holds up all others.
func (w *workspace) stall(n int) {
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindSignedDownload, Skip: n, Times: -1, Action: simulator.Hang})
}

func (w *workspace) unstall() {
	w.cloud.ClearFaults()
	w.cloud.Release()
}

func TestDownloadInterruptedGoesOnWithTheRest(t *testing.T) {
	t.Parallel()
	w := newDownload(t, crates(8)...)
	w.config("%s", download("")+eachFile)
	w.stall(3)
	p := w.begin(append(applyArgs, "-target="+theDownload)...)
	p.awaitRequests(simulator.KindSignedDownload, 7) // three are through, four hang
	r := p.interrupt()
	wantText(t, r.output, "Warning: The download from run 4711/100001 was interrupted: 5 files not downloaded", "Downloaded before that: 3 files", "The next apply fetches the rest")
	wantTrouble(t, "Ctrl-C during a download", r.output)
	there := w.onDisk()
	if len(there) != 3 {
		t.Fatalf("on disk are %q, want three whole files", there)
	}
	w.wantDownloaded(false, there...)

	// The names are known: a for_each over them can be planned, and what it makes of the rest needs their content.
	w.unstall()
	plan := w.plan()
	if plan.code != 2 || plan.actions[theDownload] != "update" || len(plan.actions) != 9 {
		t.Fatalf("plan: code %d, actions %v", plan.code, plan.actions)
	}
	links := w.cloud.Count(simulator.KindDownload)
	w.mustApply()
	w.wantLinks(&links, 5)
	w.wantOnDisk(crateNames(8)...)
	w.wantDownloaded(false, crateNames(8)...)
	w.wantPlan(nil)
	w.mustDestroy()
	w.wantOnDisk()
}

func TestDownloadInterruptedAgain(t *testing.T) {
	t.Parallel()
	w := newDownload(t, crates(8)...)
	w.config("%s", download(""))
	for _, through := range []int{2, 1} {
		w.stall(through)
		p := w.beginApply()
		p.awaitRequests(simulator.KindSignedDownload, through+4)
		r := p.interrupt()
		wantText(t, r.output, "The download from run 4711/100001 was interrupted")
		wantNoText(t, r.output, "inconsistent result")
		w.unstall()
	}
	w.wantDownloaded(false, w.onDisk()...)
	if got := len(w.onDisk()); got != 3 {
		t.Errorf("%d files on disk, want 3", got)
	}
	w.mustApply()
	w.wantDownloaded(false, crateNames(8)...)
	w.wantPlan(nil)
}

func TestDownloadOfAnotherRunInterrupted(t *testing.T) {
	t.Parallel()
	w := newDownload(t, crates(8)...)
	w.config("%s", download(""))
	w.mustApply()
	w.cloud.SetAgent(simulator.Agent{ID: 4711, Files: append(catalogue(), delivered("crate-0.txt", "new\n"), delivered("crate-1.txt", "new\n"))})
	w.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
	w.config("%s", strings.Replace(download(""), "100001", "100002", 1))
	w.stall(1)
	p := w.beginApply()
	p.awaitRequests(simulator.KindSignedDownload, 5)
	wantText(t, p.interrupt().output, "Warning: The download from run 4711/100002 was interrupted: 4 files not downloaded")
	w.unstall()
	w.wantPlan(updated)
	links := w.cloud.Count(simulator.KindDownload)
	w.mustApply()
	w.wantLinks(&links, 4)
	w.wantOnDisk("crate-0.txt", "crate-1.txt", "run.log", "shoes.csv", "shoes.json")
	w.wantContent("crate-0.txt", "new\n")
	w.wantPlan(nil)
	w.mustDestroy()
	w.wantOnDisk()
}

func TestDownloadPartlyFailed(t *testing.T) {
	t.Parallel()
	w := newDownload(t, crates(5)...)
	w.config("%s", download(""))
	gone := simulator.Fault{Kind: simulator.KindDownload, Skip: 2, Action: simulator.StatusCode, Code: 404}
	w.cloud.Inject(gone)
	r := w.wantFailure(w.apply(), "1 file of run 4711/100001 could not be downloaded", "404 Not Found", "marks the resource as tainted")
	wantNoText(t, r.output, "Not tried")
	wantTrouble(t, "In the first apply, some files cannot be downloaded", r.output)
	w.wantDownloaded(true, w.onDisk()...)
	if got := len(w.onDisk()); got != 4 {
		t.Errorf("%d files on disk, want 4", got)
	}
	w.mustApply()
	w.wantDownloaded(false, crateNames(5)...)
	w.wantOnDisk(crateNames(5)...)
	w.wantPlan(nil)

	// In an update nothing is tainted, and the next apply fetches the rest alone.
	w.config("%s", download(`name_regex = "[0-2]"`))
	w.mustApply()
	w.wantOnDisk(crateNames(3)...)
	refused := simulator.Fault{Kind: simulator.KindSignedDownload, Times: 4, Action: simulator.StatusCode, Code: 403}
	w.cloud.Inject(refused)
	w.config("%s", download(""))
	w.wantFailure(w.apply(), "could not be downloaded", "answered 403 Forbidden", "The next apply fetches the rest")
	w.wantDownloaded(false, w.onDisk()...)
	w.cloud.ClearFaults()
	w.wantPlan(updated)
	w.mustApply()
	w.wantDownloaded(false, crateNames(5)...)
	w.wantPlan(nil)
}

func TestDownloadThatFailsWholeLeavesNoState(t *testing.T) {
	t.Parallel()
	w := newDownload(t, crates(12)...)
	w.config("%s", download(""))
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindDownload, Times: -1, Action: simulator.StatusCode, Code: 403})
	w.wantFailure(w.apply(), "12 files of run 4711/100001 could not be downloaded", "403 Forbidden", "Not tried: ", "3 files in a row had failed", "Nothing was kept")
	w.wantNoState(theDownload)
	w.wantOnDisk()
}

func TestDownloadWhoseContentHasChanged(t *testing.T) {
	t.Parallel()
	w := newDownload(t, delivered("a.txt", "one\n"))
	w.config("%s", download(""))
	w.mustApply()
	w.removeFile("a.txt")
	// The platform has another content by the same id now.
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindSignedDownload, Times: -1, Action: simulator.Garbage, Body: "two\n"})
	w.wantFailure(w.apply(), "1 file of run 4711/100001 could not be downloaded", "its SHA-256 is", ", but should be", "terraform apply -replace=ADDRESS")
	w.wantDownloaded(false)
	w.wantOnDisk()
	w.cloud.ClearFaults()
	w.wantPlan(updated)
	w.mustApply()
	w.wantDownloaded(false, "a.txt")
	w.wantPlan(nil)
}

func TestDownloadReplacedAndInterrupted(t *testing.T) {
	t.Parallel()
	w := newDownload(t, crates(6)...)
	w.config("%s", download("overwrite = true\nlifecycle { create_before_destroy = true }"))
	w.mustApply()
	w.stall(2)
	p := w.begin(append(applyArgs, "-replace="+theDownload)...)
	p.awaitRequests(simulator.KindSignedDownload, 6)
	p.interrupt()
	w.unstall()
	// The old one is still to be deleted. What the new one has written is not its any more.
	w.mustApply()
	w.wantOnDisk(crateNames(6)...)
	w.wantDownloaded(false, crateNames(6)...)
	w.wantPlan(nil)
}

func TestDownloadDuringAnOutage(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download(""))
	w.mustApply()
	before := w.savedState()
	w.cloud.Outage(true)
	w.wantPlan(nil) // nothing is asked for files that are there
	w.removeFile("run.log")
	w.wantNoPlan("The provider could not find out whether lost files of run 4711/100001 can be fetched again", "State is unchanged")
	if w.savedState() != before {
		t.Error("an outage changed the state")
	}
	w.cloud.Outage(false)
	w.wantPlan(updated)
}

// A move that has no time at all changes nothing.
func TestDownloadMovesInNoTime(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", download(""))
	w.mustApply()
	w.config("%s", strings.Replace(download("timeouts { update = \"1ns\" }"), `"out"`, `"new"`, 1))
	w.wantFailure(w.apply(), "was cut short before it changed anything", "The time limit of timeouts.update (1ns) has passed.", `the provider was checking the file "run.log" on disk`)
	w.wantOnDisk("run.log", "shoes.csv", "shoes.json")
	w.config("%s", strings.Replace(download(""), `"out"`, `"new"`, 1))
	w.mustApply()
	w.wantOnDisk()
	w.wantPlan(nil)
}

func TestDownloadNamesFromAHostileSite(t *testing.T) {
	t.Parallel()
	w := newDownload(t,
		delivered("../../escape.txt", "1"), delivered("/etc/passwd", "2"), delivered(`C:\autoexec.bat`, "3"), delivered("..", "4"),
		simulator.File{Content: "5"}, delivered("a\x00b\n.txt", "6"), delivered("con.txt", "7"), delivered("same.csv", "8"), delivered("same.csv", "9"),
		delivered("Same.CSV", "10"), delivered("cafe\u0301.txt", "11"), delivered(strings.Repeat("ü", 200)+".csv", "12"))
	w.config("%s", download("")+eachFile)
	w.mustApply("-target=" + theDownload)
	w.mustApply()
	names := []string{
		".._.._escape.txt", "_etc_passwd", "C__autoexec.bat", "file-5000000004",
		"file-5000000005", "a_b_.txt", "_con.txt", "same (5000000008).csv", "same (5000000009).csv",
		"Same (5000000010).CSV", "caf\u00e9.txt", strings.Repeat("ü", 125) + ".csv",
	}
	for i, name := range names {
		w.wantContent(name, fmt.Sprint(i+1))
	}
	w.wantOnDisk(names...)
	w.wantDownloaded(false, names...)
	w.wantPlan(nil)
	if outside, err := filepath.Glob(filepath.Join(w.dir, "..", "*escape*")); err != nil || len(outside) > 0 {
		t.Errorf("a file left the directory: %q %v", outside, err)
	}
	w.mustDestroy()
	w.wantOnDisk()
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const theDownload = "sequentum_run_download.d"

// newDownload is a workspace beside a finished run with these files.
func newDownload(t *testing.T, files ...simulator.File) *workspace {
	t.Helper()
	w := newWorkspace(t, shop(files...))
	w.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
	return w
}

// download is a configuration that saves files of the first run to "out", with more arguments.
func download(arguments string) string {
	return fmt.Sprintf("resource \"sequentum_run_download\" \"d\" {\n  agent_id = 4711\n  run_id = %d\n  directory = \"out\"\n%s\n}\n", firstRun, arguments)
}

// eachFile makes something of every file.
const eachFile = `
resource "terraform_data" "each" {
  for_each = sequentum_run_download.d.files
  input    = each.value.sha256
}
`

// onDisk are the names in "out", ordered.
func (w *workspace) onDisk() []string {
	w.t.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "out"))
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// wantOnDisk fails the test unless "out" holds exactly these files.
func (w *workspace) wantOnDisk(names ...string) {
	w.t.Helper()
	slices.Sort(names)
	if got := w.onDisk(); !slices.Equal(got, names) {
		w.t.Errorf("on disk are %q, want %q", got, names)
	}
}

// wantContent fails the test unless a file of "out" has that content.
func (w *workspace) wantContent(name, want string) {
	w.t.Helper()
	if got := w.read(filepath.Join("out", name)); got != want {
		w.t.Errorf("%s holds %q, want %q", name, got, want)
	}
}

// wantDownloaded fails the test unless the download is in state with exactly these files.
func (w *workspace) wantDownloaded(tainted bool, names ...string) {
	w.t.Helper()
	got := w.wantState(theDownload, tainted, nil)
	var inState []string
	files, _ := got.Attributes["files"].(map[string]any)
	for name := range files {
		inState = append(inState, name)
	}
	slices.Sort(inState)
	slices.Sort(names)
	if !slices.Equal(inState, names) {
		w.t.Errorf("in state are %q, want %q", inState, names)
	}
}

func (w *workspace) removeFile(name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, "out", name)); err != nil {
		w.t.Fatal(err)
	}
}

// wantLinks fails the test unless so many links were asked for since the last time.
func (w *workspace) wantLinks(since *int, want int) {
	w.t.Helper()
	now := w.cloud.Count(simulator.KindDownload)
	if got := now - *since; got != want {
		w.t.Errorf("%d links were asked for, want %d", got, want)
	}
	*since = now
}

var updated = map[string]string{theDownload: "update"}

func entry(id int, name, kind, content string) map[string]any {
	return map[string]any{
		"id": id, "name": name, "path": "out/" + name, "size_bytes": len(content), "type": kind,
		"sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(content))),
	}
}

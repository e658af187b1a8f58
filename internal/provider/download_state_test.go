// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// upgraded is the state of a provider that had no timeouts here.
func (d *downloading) upgraded(private []byte) *core.Object {
	d.t.Helper()
	files := map[string]any{}
	for name, file := range core.Attributes(core.Attributes(d.state.Value)["files"]) {
		files[name] = map[string]any{
			"id": core.NumberOf(file, "id"), "name": core.TextOf(file, "name"), "path": core.TextOf(file, "path"),
			"size_bytes": core.NumberOf(file, "size_bytes"), "sha256": core.TextOf(file, "sha256"), "type": core.TextOf(file, "type"),
		}
	}
	raw, err := json.Marshal(map[string]any{
		"agent_id": 4711, "run_id": firstRun, "directory": core.TextOf(d.state.Value, "directory"), "types": nil, "name_regex": nil,
		"overwrite": false, "allow_empty": false, "keep_on_destroy": false, "refetch_missing": true, "files": files,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := d.startProcess().Server.UpgradeResourceState(d.t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: downloadType, Version: 0, RawState: &tfprotov6.RawState{JSON: raw},
	})
	if err != nil || core.Errors(resp.Diagnostics) != "" {
		d.t.Fatalf("%v %v", err, core.Errors(resp.Diagnostics))
	}
	return &core.Object{Type: downloadType, Value: core.Undynamic(downloadType, resp.UpgradedState), Private: private}
}

// The state of an older version plans nothing, and its files move like any others.
func TestDownloadOfAnOlderState(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.state = d.upgraded(nil)
		d.cloud.ResetCounts()
		d.wantPlan(core.ActionNone)
		d.set("directory", d.path("new"))
		d.mustApply()
		d.wantOnDisk("new", "run.log", "shoes.csv", "shoes.json")
		d.wantOnDisk("out")
		if n := d.requests(); n != 0 {
			d.t.Errorf("%d requests", n)
		}
		d.mustDestroy()
		d.wantOnDisk("new")
	})
	// What an older version still had to remove is removed, and what it had to fetch is fetched.
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.set("name_regex", "csv$")
		d.mustApply()
		d.set("name_regex", nil)
		d.write("old\n", "out", "old.csv")
		stale := fmt.Sprintf(`{"stale":{"old.csv":{"id":7,"name":"old.csv","size":4,"sha256":%q}},"pending":{"run.log":{"id":5000000003,"name":"run.log","type":"LogText","size":5}}}`,
			entry(7, "old.csv", "", "old\n")["sha256"])
		raw, err := json.Marshal(map[string][]byte{"downloads": []byte(stale)})
		if err != nil {
			d.t.Fatal(err)
		}
		d.state = d.upgraded(raw)
		d.wantPlan(core.ActionUpdate)
		d.mustApply()
		d.wantFiles("run.log", "shoes.csv")
		d.wantOnDisk("out", "run.log", "shoes.csv")
		d.wantPlan(core.ActionNone)
	})
}

// rename gives files other names on disk and in state, as another version could have done.
func (d *downloading) rename(names map[string]string) {
	d.t.Helper()
	d.state = d.upgraded(nil)
	files, renamed, contents := core.Attributes(core.Attributes(d.state.Value)["files"]), map[string]tftypes.Value{}, map[string]string{}
	for name, file := range files {
		to, ok := names[name]
		if !ok {
			to = name
		}
		changed := core.Attributes(file)
		changed["path"] = core.Text(d.path("out", to))
		renamed[to] = tftypes.NewValue(file.Type(), changed)
		contents[to] = d.read("out", name)
	}
	for name := range files {
		d.remove("out", name)
	}
	for name, content := range contents {
		d.write(content, "out", name)
	}
	all := core.Attributes(d.state.Value)
	all["files"] = tftypes.NewValue(all["files"].Type(), renamed)
	d.state.Value = tftypes.NewValue(d.state.Value.Type(), all)
}

// A file that an older version wrote under a name that a CLI reads keeps it until the choice changes, and is then renamed.
func TestDownloadRenamesWhatHasAnotherNameNow(t *testing.T) {
	t.Parallel()
	inDownloading(t, []simulator.File{delivered("evil.tf", "evil\n"), delivered("b.csv", "b\n")}, func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.wantOnDisk("out", "b.csv", "evil.tf_")
		d.rename(map[string]string{"evil.tf_": "evil.tf"})
		d.wantPlan(core.ActionNone)
		d.requests()
		d.set("name_regex", ".")
		d.mustApply()
		d.wantOnDisk("out", "b.csv", "evil.tf_")
		if n := d.cloud.Count(simulator.KindDownload); n != 0 {
			d.t.Errorf("%d links", n)
		}
		d.wantPlan(core.ActionNone)
	})
}

// What has the name of another waits for it to move; names that are exchanged are fetched.
func TestDownloadRenamesInOrder(t *testing.T) {
	t.Parallel()
	files := []simulator.File{delivered("a.csv", "1\n"), delivered("b.csv", "2\n"), delivered("c.csv", "3\n")}
	for name, c := range map[string]struct {
		names map[string]string
		links int
	}{
		"files that take each other's names in a row":    {map[string]string{"a.csv": "x.csv", "b.csv": "a.csv", "c.csv": "b.csv"}, 0},
		"files that take each other's names in a circle": {map[string]string{"a.csv": "b.csv", "b.csv": "a.csv"}, 2},
	} {
		inDownloading(t, files, func(t *testing.T, d *downloading) {
			d.mustApply()
			d.rename(c.names)
			d.wantPlan(core.ActionNone)
			d.cloud.ResetCounts()
			d.set("name_regex", "csv$")
			d.mustApply()
			d.wantOnDisk("out", "a.csv", "b.csv", "c.csv")
			if got := d.read("out", "a.csv") + d.read("out", "b.csv") + d.read("out", "c.csv"); got != "1\n2\n3\n" {
				t.Errorf("%s: the files hold %q", name, got)
			}
			if n := d.cloud.Count(simulator.KindDownload); n != c.links {
				t.Errorf("%s: %d links, want %d", name, n, c.links)
			}
			d.wantPlan(core.ActionNone)
		})
	}
}

// Names change with the choice where files share one: what is there is renamed, in an order that overwrites nothing.
func TestDownloadRenamesWhereNamesAreShared(t *testing.T) {
	t.Parallel()
	files := []simulator.File{delivered("a.csv", "1\n"), logged("a.csv", "2\n"), delivered("a (5000000002).csv", "3\n")}
	inDownloading(t, files, func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.wantFiles("a (5000000001).csv", "a (5000000002).csv", "a (5000000002) (5000000003).csv")
		d.cloud.ResetCounts()
		d.set("name_regex", "a")
		d.mustApply()
		delivered := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{core.Text("DeliveredFile")})
		d.arguments["types"] = delivered
		d.mustApply()
		d.wantFiles("a.csv", "a (5000000002).csv")
		d.wantOnDisk("out", "a.csv", "a (5000000002).csv")
		if d.read("out", "a.csv") != "1\n" || d.read("out", "a (5000000002).csv") != "3\n" {
			d.t.Error("the contents have been exchanged")
		}
		d.arguments["types"] = nullAnd("DeliveredFile")
		d.mustApply()
		d.wantFiles("a.csv", "a (5000000002).csv")
		d.arguments["types"] = nullAnd() // null elements count as absent
		d.mustApply()
		d.wantFiles("a (5000000001).csv", "a (5000000002).csv", "a (5000000002) (5000000003).csv")
		if d.read("out", "a (5000000001).csv") != "1\n" || d.read("out", "a (5000000002).csv") != "2\n" || d.read("out", "a (5000000002) (5000000003).csv") != "3\n" {
			d.t.Error("the contents have been exchanged")
		}
		if n := d.cloud.Count(simulator.KindDownload); n != 1 {
			d.t.Errorf("%d links, want that of the one that had gone", n)
		}
		d.wantPlan(core.ActionNone)
	})
}

func TestDownloadWhoseTimeIsOver(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.set("timeouts", map[string]string{"create": "90s", "update": "2m"})
		hang := simulator.Fault{Kind: simulator.KindSignedDownload, Skip: 1, Times: -1, Action: simulator.Hang}
		d.cloud.Inject(hang)
		d.mustFail("2 files of run 4711/100001 could not be downloaded", "The time limit of timeouts.create (1m30s) has passed.",
			"the provider was still waiting for the rest of the content: 0 bytes had arrived; the last error was: no data for 1m0s", "terraform untaint")
		if n := len(d.files()); n != 1 {
			d.t.Errorf("%d files are there, want 1", n)
		}
		// Of an update, while the link is refused for a while.
		d.cloud.ClearFaults()
		d.cloud.Inject(simulator.Fault{Kind: simulator.KindDownload, Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"})
		d.mustFail("The time limit of timeouts.update (2m0s) has passed.", "the provider was still waiting for the link to the file")
		d.cloud.ClearFaults()
	})
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.cloud.Inject(simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"})
		d.set("timeouts", map[string]string{"create": "90s"})
		d.mustFail("The files of run 4711/100001 could not be listed", "The time limit of timeouts.create (1m30s) has passed.")
	})
	for _, duration := range []string{"0s", "-1h", "soon", ""} {
		inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
			d.set("timeouts", map[string]string{"update": duration})
			d.wantPlan("", "Invalid duration")
		})
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("that took %v of real time", took)
	}
}

// A bare mock_provider gives 0 for every id: a plan takes it, and nothing is ever asked for it.
func TestDownloadOfTheIDThatAMockGives(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.set("run_id", 0)
		d.wantPlan(core.ActionCreate)
		d.mustFail("Invalid id: run_id must be")
		if n := d.requests(); n != 0 {
			d.t.Errorf("%d requests", n)
		}
	})
}

// Files without a name, of one name, with a name that is only dots, and a list that has some twice.
func TestDownloadOfOddFiles(t *testing.T) {
	t.Parallel()
	files := []simulator.File{{Content: "1"}, delivered("..", "2"), delivered("a.csv", "3"), delivered("A.CSV", "4")}
	inDownloading(t, files, func(t *testing.T, d *downloading) {
		d.list = func(files []map[string]any) []map[string]any { return append(files, files[2], files[0]) }
		d.mustApply()
		d.wantFiles("file-5000000001", "file-5000000002", "a (5000000003).csv", "A (5000000004).CSV")
		d.wantPlan(core.ActionNone)

		values, text, failed := fileReaders(t)["sequentum_run_files"].read(d, ofFirstRun(nil))
		if n := len(core.Elements(values["files"])); failed || n != 4 {
			t.Errorf("%d files are listed, want each once: %s", n, text)
		}
		byID := ofFirstRun(map[string]tftypes.Value{"file_id": core.Number(5000000003)})
		if _, text, failed := fileReaders(t)["sequentum_run_file"].read(d, byID); failed {
			t.Error(text)
		}
	})
}

// One element of the list that cannot be used does not take the others with it.
func TestDownloadBesideOddElements(t *testing.T) {
	t.Parallel()
	for i, odd := range simulator.OddFiles() {
		inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
			d.cloud.Inject(simulator.Fault{Kind: simulator.KindFiles, Times: -1, Insert: []simulator.Element{odd}, InsertAt: i % 3})
			d.set("types", nil)
			d.set("name_regex", `^(shoes|run)\.`)
			if text, failed := d.apply(); failed {
				t.Fatalf("beside %s: %s", odd, text)
			}
			for _, name := range []string{"run.log", "shoes.csv", "shoes.json"} {
				if _, err := os.Stat(d.path("out", name)); err != nil {
					t.Errorf("beside %s: %v", odd, err)
				}
			}
		})
	}
}

// The directory can go at any time.
func TestDownloadWhoseDirectoryGoes(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(_ *testing.T, d *downloading) {
		d.mustApply()
		d.wantPlan(core.ActionNone)
		d.set("name_regex", "(csv|log)$")
		plan := d.wantPlan(core.ActionUpdate)
		d.remove("out")
		p := d.startProcess()
		a := p.Apply(downloadType, plan.prior, core.ObjectOf(core.Schemas()[downloadType], d.arguments), plan.planned)
		if a.Failed() {
			d.t.Fatal(core.Errors(a.Diagnostics))
		}
		d.state = &core.Object{Type: downloadType, Value: a.Value, Private: a.Private}
		d.wantFiles("run.log", "shoes.csv")
		d.wantOnDisk("out", "run.log", "shoes.csv")
		d.remove("out")
		if text := d.mustDestroy(); strings.Contains(text, "left") {
			d.t.Error(text)
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Nothing that reads files holds a plan for ever, and the error says what it was waiting for.
func TestReadersOfFilesHaveATimeLimit(t *testing.T) {
	t.Parallel()
	for typ, r := range fileReaders(t) {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			busy := simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"}
			inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
				arguments := ofFirstRun(r.more)
				if _, text, failed := r.read(d, arguments); failed {
					t.Fatal(text)
				}
				d.cloud.Inject(busy)
				_, text, failed := r.read(d, arguments)
				wantText(t, text, "The time limit of timeouts."+r.timeout+" (10m0s) has passed.", "At that time: ", "429 Too Many Requests")
				arguments["timeouts"] = timeoutBlock(r.timeout, "45s")
				_, text, failedAgain := r.read(d, arguments)
				wantText(t, text, "The time limit of timeouts."+r.timeout+" (45s) has passed.")
				if !failed || !failedAgain {
					t.Error("that was no error")
				}
				for _, duration := range []string{"0s", "-5m", "soon"} {
					arguments["timeouts"] = timeoutBlock(r.timeout, duration)
					if _, text, failed := r.read(d, arguments); !failed || !strings.Contains(text, "Invalid duration") {
						t.Errorf("%q: %v %s", duration, failed, text)
					}
				}
			})
		})
	}
}

// The content of a file that comes too slowly, and one that does not come at all.
func TestRunFileThatComesSlowly(t *testing.T) {
	t.Parallel()
	r := fileReaders(t)["sequentum_run_file"]
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.cloud.Inject(simulator.Fault{Kind: simulator.KindSignedDownload, Times: -1, Action: simulator.Hang})
		arguments := ofFirstRun(r.more)
		arguments["timeouts"] = timeoutBlock("read", "90s")
		_, text, failed := r.read(d, arguments)
		if !failed {
			t.Fatal("that was no error")
		}
		wantText(t, text, "The time limit of timeouts.read (1m30s) has passed.", "the provider was still waiting for the rest of the content", "the last error was: no data for 1m0s")
		wantNoText(t, text, "signature")
	})
}

func TestReadersOfFilesOfTheIDThatAMockGives(t *testing.T) {
	t.Parallel()
	for typ, r := range fileReaders(t) {
		for _, argument := range []string{"agent_id", "run_id", "file_id"} {
			inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
				arguments := ofFirstRun(r.more)
				if argument == "file_id" {
					if typ == "sequentum_run_files" {
						return
					}
					delete(arguments, "name")
				}
				arguments[argument] = core.Number(0)
				_, text, failed := r.read(d, arguments)
				if !failed || d.requests() != 0 {
					t.Errorf("%s: it was asked for", typ)
				}
				wantText(t, text, "Invalid id: "+argument+" must be")
				arguments[argument] = core.Number(-1)
				if _, _, failed := r.read(d, arguments); !failed {
					t.Errorf("%s: a negative id passes", typ)
				}
			})
		}
	}
}

// A file that is not as long as the list says is read as it is, with a warning.
func TestRunFileThatIsNotAsLongAsListed(t *testing.T) {
	t.Parallel()
	r := fileReaders(t)["sequentum_run_file"]
	for _, size := range []json.Number{"0", "3", "1152921504606846976"} {
		inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
			d.list = func(files []map[string]any) []map[string]any {
				for _, f := range files {
					f["fileSize"] = size
				}
				return files
			}
			values, text, failed := r.read(d, ofFirstRun(r.more))
			if failed {
				t.Fatal(text)
			}
			wantText(t, text, "have another size than in the run's list of files", "5 bytes from the download host")
			var content string
			if err := values["content"].As(&content); err != nil || content != "fine\n" {
				t.Errorf("%q, %v", content, err)
			}
		})
	}
}

// growing is an agent whose run is still running and writes a log: the list of its files is older than what the
// download host sends.
func growing() simulator.Agent {
	agent := endless()
	agent.Files = []simulator.File{{Name: new("run.log"), Type: simulator.LogText, Size: 500_000, GrowsPerSecond: 1000}}
	return agent
}

// A log of an active run is longer than the list says by the time that it is fetched.
func TestFileThatGrows(t *testing.T) {
	t.Parallel()
	r := fileReaders(t)["sequentum_run_file"]
	inDownloadingOf(t, simulator.Options{Agents: []simulator.Agent{growing()}}, func(t *testing.T, d *downloading) {
		active := d.cloud.StartRun(4711)
		time.Sleep(time.Minute)
		arguments := map[string]tftypes.Value{"agent_id": core.Number(4711), "run_id": core.Number(active.ID), "name": core.Text("run.log")}
		_, text, failed := r.read(d, arguments)
		if failed {
			t.Fatal(text)
		}
		wantText(t, text, "is still active", "have another size than in the run's list of files")
		d.set("run_id", int(active.ID))
		wantText(t, d.mustApply(), "is still active", "have another size than in the run's list of files")
		d.wantFiles("run.log")
		time.Sleep(time.Minute)
		d.wantPlan(core.ActionNone)
	})
}

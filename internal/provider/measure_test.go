// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What the real CLI takes with many runs in state, beside the same with a provider that does nothing: the difference is
// the provider's own. `make bench` runs it; with MEASURED set to a folder the table is written there for the guide.
func TestMeasureCLI(t *testing.T) {
	active := simulator.Agent{ID: 4711, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(24 * time.Hour)}}}
	finished := simulator.Agent{ID: 4711} // its runs end as they begin
	table := &cliTable{header: cliHeader}
	for _, of := range []struct {
		n     int
		agent simulator.Agent
		state string
	}{{1, active, "active"}, {10, active, "active"}, {100, active, "active"}, {1000, active, "active"}, {1, finished, "finished"}, {10, finished, "finished"}, {100, finished, "finished"}, {1000, finished, "finished"}, {5000, finished, "finished"}} {
		w := newWorkspace(t, simulator.Options{RateLimit: -1, Agents: []simulator.Agent{of.agent}})
		w.manyRuns(of.n)
		w.cloud.SetRateLimit(100, time.Minute)
		alone := w.withNothing(t)
		table.measure(w, alone, fmt.Sprintf("refresh, %s %s", grouped(of.n), plural(of.n, of.state+" run")), "plan", "-input=false")
		// A destroy of 5,000 has the CLI alone save its state for some 20 minutes.
		if of.state == "finished" && of.n == 1000 {
			table.measure(w, alone, "destroy, 1,000 finished runs", "destroy", "-auto-approve", "-input=false")
		}
	}
	table.write(t, "cli.md")
}

const cliHeader = "| case | requests | 429s | time | CLI alone | memory of the provider | of one that does nothing |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"

// cliTable grows by a row a measurement, printed at once.
type cliTable struct {
	header string
	text   strings.Builder
}

func (c *cliTable) add(row string) {
	if c.text.Len() == 0 {
		row = c.header + row
	}
	c.text.WriteString(row)
	fmt.Print(row)
}

// write writes the table into the folder MEASURED, if that is set.
func (c *cliTable) write(t *testing.T, name string) {
	folder := os.Getenv("MEASURED")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(c.text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// measure runs one command in both workspaces.
func (c *cliTable) measure(w, alone *workspace, name string, args ...string) {
	w.t.Helper()
	w.cloud.ResetCounts()
	aloneTook, aloneMemory := alone.timed(args...)
	took, memory := w.timed(args...)
	requests := 0
	for _, count := range w.cloud.Requests() {
		requests += count
	}
	if requests > 20 || w.cloud.TooMany() > 0 {
		w.t.Errorf("%s: %d requests and %d 429s, expected at most 20 and none", name, requests, w.cloud.TooMany())
	}
	c.add(fmt.Sprintf("| %s | %d | %d | %.1f s | %.1f s | %d MiB | %d MiB |\n", name, requests, w.cloud.TooMany(),
		took.Seconds(), aloneTook.Seconds(), memory>>10, aloneMemory>>10))
}

func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

// manyRuns gives the workspace n runs. One is applied, and the others are copies of it in state: applying each costs
// more time than all that is measured.
func (w *workspace) manyRuns(n int) {
	w.t.Helper()
	const config = "provider \"sequentum\" {}\nresource \"sequentum_run\" \"r\" {\n  count = %d\n  agent_id = 4711\n  wait_for_completion = false\n  if_active = \"start\"\n}\n"
	w.config(config, 1)
	w.mustApply()
	w.config(config, n)
	var state map[string]any
	if err := json.Unmarshal([]byte(w.read("terraform.tfstate")), &state); err != nil {
		w.t.Fatal(err)
	}
	runs := state["resources"].([]any)[0].(map[string]any)
	first := runs["instances"].([]any)[0].(map[string]any)
	var instances []any
	for i, r := range append(w.cloud.Runs(4711), w.startRuns(n-1)...) {
		instance, attributes := maps.Clone(first), maps.Clone(first["attributes"].(map[string]any))
		attributes["id"], attributes["run_id"], attributes["run_ids"] = fmt.Sprintf("4711/%d", r.ID), r.ID, []int64{r.ID}
		attributes["created_at"] = r.Created.Format(time.RFC3339Nano)
		instance["index_key"], instance["attributes"] = i, attributes
		if first["identity"] != nil {
			instance["identity"] = map[string]any{"agent_id": 4711, "run_id": r.ID}
		}
		instances = append(instances, instance)
	}
	runs["instances"] = instances
	text, err := json.Marshal(state)
	if err != nil {
		w.t.Fatal(err)
	}
	w.file("terraform.tfstate", string(text))
}

func (w *workspace) startRuns(n int) (runs []simulator.Run) {
	for range n {
		runs = append(runs, w.cloud.StartRun(4711))
	}
	return runs
}

// timed runs a command and follows the peak memory of its provider, in KiB.
func (w *workspace) timed(args ...string) (took time.Duration, peak int) {
	w.t.Helper()
	began := time.Now()
	p := w.begin(args...)
	over := make(chan struct{})
	sampled := make(chan int)
	go func() {
		most := 0
		for {
			select {
			case <-over:
				sampled <- most
				return
			case <-time.After(100 * time.Millisecond):
				most = max(most, peakMemory(p.cmd.Process.Pid))
			}
		}
	}()
	result := p.wait()
	took = time.Since(began)
	close(over)
	if result.code != 0 {
		w.t.Fatalf("%v ended with %d:\n%s", args, result.code, result.raw)
	}
	return took, <-sampled
}

// peakMemory is the largest peak among the provider processes of a CLI, in KiB; 0 where there is no /proc.
func peakMemory(cli int) (most int) {
	processes, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, process := range processes {
		status, _ := os.ReadFile(process) // it may have ended
		if statusField(status, "PPid:") == cli {
			most = max(most, statusField(status, "VmHWM:"))
		}
	}
	return most
}

func statusField(status []byte, name string) int {
	_, rest, _ := strings.Cut(string(status), name)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(fields[0])
	return n
}

// TestMeasureStart starts the binary and asks for its schema, as every walk of a CLI does.
func TestMeasureStart(t *testing.T) {
	best := time.Hour
	for range 5 {
		began := time.Now()
		p := startBinary(t)
		best = min(best, time.Since(began))
		p.end(t)
	}
	fmt.Printf("\nThe binary starts and answers its schema in %d ms (best of 5).\n", best.Milliseconds())
}

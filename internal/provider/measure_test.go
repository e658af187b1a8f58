// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package provider_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The aims: what a plan of many runs may take, compared with a provider that does nothing. Small states show only how long
// the process takes to start.
const (
	aimFinished = 1.25
	aimActive   = 1.5
	aimMemory   = 100 << 10 // KiB
)

// What the real CLI takes with many runs in state, beside the same with a provider that does nothing: the difference is
// the provider's own. `make bench` runs it; with MEASURED set to a folder the table is written there for the guide.
func TestMeasureCLI(t *testing.T) {
	active := simulator.Agent{ID: 4711, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(24 * time.Hour)}}}
	finished := simulator.Agent{ID: 4711} // its runs end as they begin
	table := &cliTable{header: cliHeader}
	for _, of := range []struct {
		n, rounds int
		agent     simulator.Agent
		state     string
		aim       float64 // 0: none
	}{
		{1, 5, active, "active", 0}, {10, 5, active, "active", 0}, {100, 5, active, "active", 0}, {1000, 5, active, "active", aimActive},
		{1, 5, finished, "finished", 0}, {10, 5, finished, "finished", 0}, {100, 5, finished, "finished", 0},
		{1000, 5, finished, "finished", aimFinished}, {5000, 3, finished, "finished", aimFinished},
	} {
		w := newWorkspace(t, simulator.Options{RateLimit: -1, Agents: []simulator.Agent{of.agent}})
		w.manyRuns(of.n)
		w.cloud.SetRateLimit(100, time.Minute)
		alone := w.withNothing(t)
		name := fmt.Sprintf("refresh, %s %s", grouped(of.n), plural(of.n, of.state+" run"))
		table.measure(w, alone, cliCase{name, of.rounds, of.aim}, "plan", "-input=false")
		// A destroy of 5,000 has the CLI alone save its state for some 20 minutes.
		if of.state == "finished" && of.n == 1000 {
			table.measure(w, alone, cliCase{"destroy, 1,000 finished runs", 1, 0}, "destroy", "-auto-approve", "-input=false")
		}
	}
	table.write(t, "cli.md")
}

const cliHeader = "| case | requests | 429s | time | CLI alone | ratio | CPU of the provider | memory of the provider | of one that does nothing |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"

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

// cliCase is one row: a command, run `rounds` times in each workspace. Times and memory are medians.
type cliCase struct {
	name   string
	rounds int
	aim    float64 // the largest ratio to the provider that does nothing; 0: any
}

// measure runs one command in both workspaces, in turn: whatever else the machine does then slows both.
func (c *cliTable) measure(w, alone *workspace, of cliCase, args ...string) {
	w.t.Helper()
	var withOurs, withNothing []usage
	requests, tooMany := 0, 0
	for range of.rounds {
		withNothing = append(withNothing, alone.timed(args...))
		w.cloud.ResetCounts()
		withOurs = append(withOurs, w.timed(args...))
		sent := 0
		for _, count := range w.cloud.Requests() {
			sent += count
		}
		requests, tooMany = max(requests, sent), max(tooMany, w.cloud.TooMany())
	}
	if requests > 20 || tooMany > 0 {
		w.t.Errorf("%s: %d requests and %d 429s, expected at most 20 and none", of.name, requests, tooMany)
	}
	our, nothing := medianUsage(withOurs), medianUsage(withNothing)
	ratio := our.took.Seconds() / nothing.took.Seconds()
	if of.aim > 0 && ratio > of.aim {
		w.t.Errorf("%s: %.2f times the time with a provider that does nothing, expected at most %.2f", of.name, ratio, of.aim)
	}
	if our.memory >= aimMemory {
		w.t.Errorf("%s: %d MiB of memory, expected less than %d", of.name, our.memory>>10, aimMemory>>10)
	}
	c.add(fmt.Sprintf("| %s | %d | %d | %.1f s | %.1f s | %.2f× | %.1f s | %d MiB | %d MiB |\n", of.name, requests, tooMany,
		our.took.Seconds(), nothing.took.Seconds(), ratio, our.cpu.Seconds(), our.memory>>10, nothing.memory>>10))
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

// usage is what one command took.
type usage struct {
	took   time.Duration
	cpu    time.Duration // of the provider; 0 where there is no /proc
	memory int           // the provider's peak, in KiB; 0 where there is no /proc
}

// medianUsage is the median of each figure by itself.
func medianUsage(all []usage) usage {
	middle := func(of func(a, b usage) int) usage { return slices.SortedFunc(slices.Values(all), of)[len(all)/2] }
	return usage{
		took:   middle(func(a, b usage) int { return cmp.Compare(a.took, b.took) }).took,
		cpu:    middle(func(a, b usage) int { return cmp.Compare(a.cpu, b.cpu) }).cpu,
		memory: middle(func(a, b usage) int { return cmp.Compare(a.memory, b.memory) }).memory,
	}
}

// timed runs a command and watches its provider.
func (w *workspace) timed(args ...string) usage {
	w.t.Helper()
	began := time.Now()
	p := w.begin(args...)
	over := make(chan struct{})
	watched := make(chan usage)
	go func() {
		var most usage
		for {
			select {
			case <-over:
				watched <- most
				return
			case <-time.After(50 * time.Millisecond):
				most = providerUsage(p.cmd.Process.Pid, most)
			}
		}
	}()
	result := p.wait()
	took := time.Since(began)
	close(over)
	if result.code != 0 {
		w.t.Fatalf("%v ended with %d:\n%s", args, result.code, result.raw)
	}
	used := <-watched
	used.took = took
	return used
}

// providerUsage is the largest usage among so far and the provider processes of a CLI.
func providerUsage(cli int, soFar usage) usage {
	processes, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, process := range processes {
		status, _ := os.ReadFile(process) // it may have ended
		if statusField(status, "PPid:") != cli {
			continue
		}
		soFar.memory = max(soFar.memory, statusField(status, "VmHWM:"))
		soFar.cpu = max(soFar.cpu, cpuTime(filepath.Join(filepath.Dir(process), "stat")))
	}
	return soFar
}

// cpuTime is the time in user and in system mode in a process's stat file, which counts in hundredths of a second.
func cpuTime(stat string) (total time.Duration) {
	content, _ := os.ReadFile(stat)
	afterName := strings.LastIndex(string(content), ") ") + 1
	fields := strings.Fields(string(content)[afterName:])
	for _, i := range []int{11, 12} {
		if i < len(fields) {
			ticks, _ := strconv.Atoi(fields[i])
			total += time.Duration(ticks) * time.Second / 100
		}
	}
	return total
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

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// steadyCloud names the cloud for the process that is counted.
const steadyCloud = "SEQUENTUM_TEST_STEADY_CLOUD"

// After dozens of reads, interrupted waits and downloads by way of real connections and files, a process has as many
// goroutines and as many open files and connections as before. It is a process of its own, so that it is this test's alone.
func TestProcessIsSteady(t *testing.T) {
	t.Parallel()
	if cloud := os.Getenv(steadyCloud); cloud != "" {
		beSteady(t, cloud)
		return
	}
	content := "id,price\n1,2\n"
	cloud := simulator.New(simulator.Options{RateLimit: -1, Agents: []simulator.Agent{{
		ID: 4711, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(time.Hour)}},
		Files: []simulator.File{{Name: new("products.csv"), Type: "csv", Content: content}},
	}}})
	cloud.AddFinishedRuns(4711, 1, simulator.Completed)
	server, err := simulator.Serve(cloud, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestProcessIsSteady$", "-test.v")
	command.Env = append(os.Environ(), steadyCloud+"="+server.URL)
	if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestProcessIsSteady") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// beSteady uses the provider, and counts before and after. The first round is not counted: it opens what every process has.
func beSteady(t *testing.T, cloud string) {
	const users, rounds = 8, 3
	way := newWayTo(t, cloud)
	way.use(t, 1, 1)
	before := way.least(t, time.Second)
	way.use(t, users, rounds)
	var after held
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if after = way.least(t, 0); after.goroutines <= before.goroutines && after.files <= before.files {
			return
		}
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("the process had %+v, and has %+v:\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
}

// wayTo sends the requests of every process that the protocol starts to one cloud.
type wayTo struct {
	*http.Transport
	api *url.URL
}

func newWayTo(t *testing.T, cloud string) *wayTo {
	t.Helper()
	api, err := url.Parse(cloud)
	if err != nil {
		t.Fatal(err)
	}
	return &wayTo{Transport: sequentum.NewTransport(), api: api}
}

func (w *wayTo) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Port() == "" { // the API's: a signed link names the port of the download host
		req = req.Clone(req.Context())
		req.URL.Host = w.api.Host
	}
	return w.Transport.RoundTrip(req)
}

// use lets some users work at the same time: each has a run of its own, and a directory.
func (w *wayTo) use(t *testing.T, users, rounds int) {
	var all sync.WaitGroup
	for range users {
		all.Go(func() {
			run := &stage{t: t, typ: "sequentum_run", transport: w, arguments: map[string]tftypes.Value{
				"agent_id": core.Number(4711), "wait_for_completion": core.Bool(false), "if_active": core.Text("start"),
			}}
			run.mustApply()
			directory := t.TempDir()
			for round := range rounds {
				run.arguments["wait_for_completion"] = core.Bool(true)
				run.interruptWait()
				run.arguments["wait_for_completion"] = core.Bool(false)
				run.plan()
				download := &stage{t: t, typ: downloadType, transport: w, arguments: map[string]tftypes.Value{
					"agent_id": core.Number(4711), "run_id": core.Number(firstRun), "directory": core.Text(filepath.Join(directory, fmt.Sprint(round))),
				}}
				download.mustApply()
			}
		})
	}
	all.Wait()
}

// interruptWait interrupts an apply while it waits. On a busy machine the first interrupts may come before that.
func (s *stage) interruptWait() {
	for after := time.Second; ; after *= 2 {
		s.interruptAfter(after)
		text, _ := s.apply()
		s.ctx = nil
		if strings.Contains(text, "Interrupted while waiting") {
			return
		}
		if after > time.Minute {
			s.t.Errorf("the wait was not interrupted: %s", text)
			return
		}
	}
}

// held is what a process holds.
type held struct{ goroutines, files int }

// least is the least that the process holds within a time, without idle connections: a goroutine that has done its work
// needs a moment to end.
func (w *wayTo) least(t *testing.T, within time.Duration) held {
	t.Helper()
	least := held{math.MaxInt, math.MaxInt}
	for end := time.Now().Add(within); ; {
		w.CloseIdleConnections()
		open, err := os.ReadDir("/dev/fd")
		if err != nil {
			t.Fatal(err)
		}
		least = held{min(least.goroutines, runtime.NumGoroutine()), min(least.files, len(open))}
		if time.Sleep(20 * time.Millisecond); !time.Now().Before(end) {
			return least
		}
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const testingFolder = "../../examples/testing"

// newTestingExample is a workspace with the files of examples/testing, and a cloud that knows the key given.
func newTestingExample(t *testing.T, key string) *workspace {
	t.Helper()
	config, err := simulator.ReadConfig(filepath.Join(testingFolder, "agents.json"))
	if err != nil {
		t.Fatal(err)
	}
	o := simulator.Options{APIKey: key}
	config.Apply(&o)
	w := newWorkspace(t, o)
	if err := os.CopyFS(w.dir, os.DirFS(testingFolder)); err != nil {
		t.Fatal(err)
	}
	return w
}

// The commands are those of the README. The first needs no account, the second a simulator.
func TestTestingExample(t *testing.T) {
	t.Parallel()
	w := newTestingExample(t, apiKey)
	var commands [][]string
	for _, block := range guideBlock.FindAllStringSubmatch(w.read("README.md"), -1) {
		for line := range strings.Lines(block[2]) {
			if words := strings.Fields(line); len(words) > 0 && words[0] == "terraform" {
				commands = append(commands, append(words[1:], "-no-color"))
			}
		}
	}
	if len(commands) != 2 {
		t.Fatalf("the README has the commands %q, want two", commands)
	}
	wantText(t, w.mustRun(commands[0]...).output, "Success! 5 passed, 0 failed.")
	w.wantNoRequestAtAll()
	wantText(t, w.mustRun(commands[1]...).output, "Success! 6 passed, 0 failed.")
	w.wantRuns(map[int64]int{4711: 2, 4712: 1, 4713: 0})
}

// A real account has another key: there, the tests that start runs start none.
func TestTestingExampleStartsNothingElsewhere(t *testing.T) {
	t.Parallel()
	w := newTestingExample(t, "sk-account")
	w.wantFailure(w.run("test", "-no-color", "-test-directory=tests/simulator"), "0 passed")
	w.wantStarts(0)
}

// What the README says of a provider's error, of the end of a test, and of interrupts.
func TestTestCommand(t *testing.T) {
	t.Parallel()
	w := newTestingExample(t, apiKey)
	if err := os.RemoveAll(filepath.Join(w.dir, "tests")); err != nil {
		t.Fatal(err)
	}
	w.file("main.tf", preamble+`
variable "agent_id" { default = 4711 }

resource "sequentum_run" "r" {
  agent_id            = var.agent_id
  wait_for_completion = var.agent_id != 4711
}
`)
	w.file("active.tftest.hcl", `
run "active" {
  assert {
    condition     = !sequentum_run.r.finished
    error_message = "The run has finished."
  }
}
`)
	w.cloud.SetAgent(endless())
	w.mustRun("test", "-no-color", "-filter=active.tftest.hcl")
	w.wantRun(w.newest().ID, simulator.Stopped)

	w.file("failure.tftest.hcl", `
variables { agent_id = 4713 }

run "failure" { expect_failures = [sequentum_run.r] }
`)
	w.wantFailure(w.run("test", "-no-color", "-filter=failure.tftest.hcl"), "ended as Failure", "was expected to report an error but did not")

	w.file("waiting.tftest.hcl", "variables { agent_id = 4714 }\n\nrun \"waiting\" {}\n")
	w.cloud.SetAgent(simulator.Agent{ID: 4714, Name: "Coats", Phases: endless().Phases})
	p := w.begin("test", "-no-color", "-filter=waiting.tftest.hcl")
	p.awaitRequests(simulator.KindStatus, 1)
	p.signalGroup(syscall.SIGINT)
	p.w.eventually("the CLI has noticed the interrupt", func() bool { return strings.Contains(p.output.String(), "Gracefully shutting down") })
	p.awaitRequests(simulator.KindStatus, p.requests(simulator.KindStatus)+1) // it still waits
	p.signalGroup(syscall.SIGINT)
	p.mustFail("is still running")
	if runs := w.cloud.Runs(4714); len(runs) != 1 || runs[0].Status != simulator.Running {
		t.Errorf("the cloud has %+v, want one run that is running", runs)
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// account is a simulator in a process of its own that plays the account.
type account struct {
	t   *testing.T
	URL string `json:"url"`
	Key string `json:"api_key"`

	mu  sync.Mutex
	log []string // a line for each request
}

// binaries is a folder for programs that the tests build.
var binaries string

var simulatorBinary = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaries, "sequentum-simulator")
	output, err := exec.Command("go", "build", "-o", binary, "../simulator/cmd/sequentum-simulator").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the simulator: %w\n%s", err, output)
	}
	return binary, nil
})

// TestMain fails the run when a goroutine of a test is left at its end.
func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "sequentum-live-test-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(binaries) // of temporary files
		os.Exit(code)
	}))
}

// The texts of the account that must not reach a snapshot.
const (
	inputSecret = "hunter2 is the password"
	fileSecret  = "confidential-products.csv"
	agentSecret = "Agent of a secret shop"
)

// agentsFile describes the account. Its runs take a few seconds. faults is JSON.
func agentsFile(faults string) string {
	return fmt.Sprintf(`{"credits": 1000.25, "faults": [%s], "agents": [{
  "id": 4711, "name": %q, "space_id": 7, "input_parameters": {"category": "shoes"}, "stop_takes": "300ms",
  "phases": [{"status": "Queuing", "duration": "1s"}, {"status": "Running", "duration": "4s"}],
  "outcomes": [{"status": "Success"}], "cost": 0.75, "exclusive": "queue", "parallel_set": true,
  "files": [{"name": %q, "type": "DeliveredFile", "content": "sku,name\n1,shoe\n"}, {"name": "run.log", "type": "LogText", "content": "Info"}]
}]}`, faults, agentSecret, fileSecret)
}

func startAccount(t *testing.T, faults string) *account {
	t.Helper()
	binary, err := simulatorBinary()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "agents.json")
	if err := os.WriteFile(file, []byte(agentsFile(faults)), 0o600); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(binary, "-agents", file, "-rate-limit", "2000", "-log")
	stdout, err1 := process.StdoutPipe()
	stderr, err2 := process.StderrPipe()
	if err1 != nil || err2 != nil || process.Start() != nil {
		t.Fatal("the simulator cannot be started")
	}
	a := &account{t: t}
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			a.mu.Lock()
			a.log = append(a.log, lines.Text())
			a.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		<-logged
		_ = process.Wait()
	})
	if err := json.NewDecoder(stdout).Decode(a); err != nil {
		t.Fatal(err)
	}
	return a
}

// requests are the lines of the log that match.
func (a *account) requests(pattern string) (found []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, line := range a.log {
		if regexp.MustCompile(pattern).MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// list reads a list of the account, past the proxy.
func (a *account) list(path string) (list []map[string]any) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, a.URL+apiPath+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+a.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		a.t.Fatal(err)
	}
	return list
}

func cliPath(t *testing.T) string {
	t.Helper()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Fatal("TF_ACC_TERRAFORM_PATH names no CLI: run the tests with `make test`")
	}
	return cli
}

// made is a `make live` under way.
type made struct {
	cmd    *exec.Cmd
	output bytes.Buffer
}

// beginMake begins `make live` as a person does, with these variables.
func (a *account) beginMake(snapshots string, variables ...string) *made {
	a.t.Helper()
	m := a.newMake(snapshots, variables...)
	if err := m.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	return m
}

func (a *account) newMake(snapshots string, variables ...string) *made {
	a.t.Helper()
	m := &made{cmd: exec.Command("make", append([]string{"--no-print-directory", "live", "CLI=" + cliPath(a.t), "SNAPSHOTS=" + snapshots}, variables...)...)}
	m.cmd.Dir = "../.."
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !slices.Contains([]string{"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "AGENT", "YES", "STORIES"}, name) {
			m.cmd.Env = append(m.cmd.Env, v)
		}
	}
	m.cmd.Env = append(m.cmd.Env, "SEQUENTUM_API_URL="+a.URL, "SEQUENTUM_API_KEY="+a.Key, fmt.Sprintf("LIVE_INPUT={\"password\":%q}", inputSecret))
	m.cmd.Stdout, m.cmd.Stderr = &m.output, &m.output
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return m
}

// wantFailure waits for the end, and returns the output.
func (m *made) wantFailure(t *testing.T) string {
	t.Helper()
	hung := time.AfterFunc(5*time.Minute, func() { _ = syscall.Kill(-m.cmd.Process.Pid, syscall.SIGKILL) })
	defer hung.Stop()
	if err := m.cmd.Wait(); err == nil {
		t.Errorf("make live ended with success, want an error")
	}
	return m.output.String()
}

var promisedRuns = regexp.MustCompile(`runs started: +at most (\d+)`)

// deviating makes the account differ from the simulator in one field of one answer.
const deviating = `{"kind": "credits", "times": -1, "action": "bare", "code": 200, "header": {"Content-Type": "application/json; charset=utf-8"},
  "body": "{\"availableCredits\":12.5,\"organizationId\":\"org-1\",\"retrievedAt\":\"2031-01-01T00:00:00Z\"}"}`

// One after the other: each builds the same programs first.
func TestMakeLive(t *testing.T) {
	t.Parallel()
	t.Run("says what it costs, plays and reports", testReport)
	t.Run("is interrupted", testInterrupt)
	t.Run("is interrupted together with the reader of its output", testInterruptedPipe)
}

// A person asks what it costs, agrees, and reads the report.
func testReport(t *testing.T) {
	a := startAccount(t, deviating)
	snapshots := filepath.Join(t.TempDir(), "snapshots")

	refused := a.beginMake(snapshots, "AGENT=4711").wantFailure(t)
	promise := promisedRuns.FindStringSubmatch(refused)
	if promise == nil {
		t.Fatalf("the refusal does not say how many runs it costs:\n%s", refused)
	}
	agree := "YES=" + promise[1] + "-runs"
	wantIn(t, refused, "nothing was started", "  make live AGENT=4711 "+agree+"\n", "schedules:          1 created")
	if changes := a.requests(` (POST|PUT|DELETE) `); len(changes) > 0 {
		t.Errorf("without a yes it sent %q", changes)
	}
	if _, err := os.Stat(snapshots); err == nil {
		t.Error("without a yes it wrote snapshots")
	}

	report := a.beginMake(snapshots, "AGENT=4711", agree).wantFailure(t)
	t.Logf("the report:\n%s", report)
	wantIn(t, report,
		"=== The account and the simulator: 1 deviations\n  GET /billing/credits, status 200: organizationId is a string; the simulator has an integer\n\n",
		"please look at this:\n  - 1 deviations of the account from the simulator, listed above\nmake: ",
		promise[1]+" of at most "+promise[1]+" runs were started")
	if started := len(a.list("/agent/4711/runs?maxRecords=1000")) + len(a.requests(` DELETE /api/v1/agent/4711/run/\d+(\?\S*)? 20\d`)); fmt.Sprint(started) != promise[1] {
		t.Errorf("%d runs were started, but %s were promised", started, promise[1])
	}
	a.wantNothingLeft()
	wantAnswers(t, report)
	wantNotIn(t, "the report", report, a.Key, inputSecret, "signature=", fileSecret)
	wantOneDeviation(t, snapshots, a.Key, inputSecret, agentSecret, fileSecret, "signature", "make-live", "4711")
}

// wantAnswers fails the test unless each question has its number, its text and an answer, of the account that is played.
func wantAnswers(t *testing.T, report string) {
	t.Helper()
	for i, q := range questions {
		wantIn(t, report, fmt.Sprintf("\n%d. %s\n   ", i+1, q.text))
	}
	wantIn(t, report,
		"It is accepted: another run that is Queuing at first", "is 2 runs with the same parallelSet", "number 1 of 2. They report a parallelism of 2, 2.",
		"not answered: guessing paths on an account could do harm", "It was not behind in ", "No: a start with a tag is refused.", "More than ",
		"at least 1 agents (asked for: 1000, there are 1)", "   It is refused.\n   Evidence: GET /analytics/agents/{agentId}/runs/{runId}/diagnostics, status 404",
		"POST /agent/{agentId}/run/{runId}/kill: ", "organizationId: an integer or a string; userId: an integer; regionId: null; severity: a string.")
}

// wantOneDeviation fails the test unless the snapshots, as they were written, differ from the simulator in the one field,
// and have nothing of the texts.
func wantOneDeviation(t *testing.T, folder string, secrets ...string) {
	t.Helper()
	list, err := ReadSnapshots(folder)
	if err != nil || len(list) < 25 {
		t.Fatalf("%d snapshots, %v", len(list), err)
	}
	if got := Deviations(list); len(got) != 1 || !strings.HasPrefix(got[0], "GET /billing/credits, status 200: organizationId is a string") {
		t.Errorf("the snapshots deviate in %q", got)
	}
	wantNotIn(t, "the snapshots", readFolder(t, folder), secrets...)
}

func (a *account) wantNothingLeft() {
	a.t.Helper()
	for _, run := range a.list("/agent/4711/runs?maxRecords=1000") {
		if !statusOf(decoded(a.t, run)).Finished() {
			a.t.Errorf("run %v is left active", run["id"])
		}
	}
	if left := a.list("/agent/4711/schedules"); len(left) > 0 {
		a.t.Errorf("schedules are left: %v", left)
	}
}

// A Ctrl-C in a terminal reaches make and everything below it.
func testInterrupt(t *testing.T) {
	a := startAccount(t, "")
	m := a.beginMake(t.TempDir(), "AGENT=4711", "STORIES=busy,schedule", "YES=2-runs")
	a.interrupt(m)
	output := m.wantFailure(t)
	wantIn(t, output, "Interrupted. Stopping the runs that were started.", "run 4711/100001 was started", "1 of at most 2 runs were started", "interrupted before the story schedule")
	a.wantNothingLeft()
	wantNotIn(t, "the output", output, a.Key, inputSecret)
	folder := temporaryFiles.FindStringSubmatch(output)
	if folder == nil || strings.Index(output, folder[0]) > strings.Index(output, "run 4711/100001 was started") {
		t.Fatalf("the folder of the temporary files is not named before the first run:\n%s", output)
	}
	wantIn(t, output, "delete the folder "+folder[1]+".")
	if _, err := os.Stat(folder[1]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after one interrupt the folder of the temporary files is left: %v", err)
	}
}

var temporaryFiles = regexp.MustCompile(`(?m)^Temporary files: (\S*/sequentum-live-\d+)\. They are deleted at the end\.`)

// interrupt is a Ctrl-C once a run was started.
func (a *account) interrupt(m *made) {
	a.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); len(a.requests(` /api/v1/agent/4711/start 20\d`)) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			a.t.Fatal("no run was started")
		}
	}
	if err := syscall.Kill(-m.cmd.Process.Pid, syscall.SIGINT); err != nil {
		a.t.Fatal(err)
	}
}

// In `make live | tee`, the Ctrl-C ends tee first. The run is stopped all the same.
func testInterruptedPipe(t *testing.T) {
	a := startAccount(t, "")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	m := a.newMake(t.TempDir(), "AGENT=4711", "STORIES=busy", "YES=2-runs")
	m.cmd.Stdout = writer
	if err := errors.Join(m.cmd.Start(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	output := bufio.NewScanner(reader)
	for output.Scan() && !strings.Contains(output.Text(), "run 4711/100001 was started") {
		continue
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	a.interrupt(m)
	m.wantFailure(t)
	a.wantNothingLeft()
}

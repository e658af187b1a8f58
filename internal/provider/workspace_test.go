package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The tests of this file's users drive a real CLI with a real provider process against a simulated cloud: whatever
// has to do with processes, signals and several applies.

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sequentum-provider-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-sequentum"), "../..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := buildOnce(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// workspace is a directory with a configuration and a state, and a simulated cloud of its own.
type workspace struct {
	t      *testing.T
	dir    string
	cli    string
	cloud  *simulator.Cloud
	server *simulator.Server
	env    []string
}

func newWorkspace(t *testing.T, o simulator.Options) *workspace {
	t.Helper()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Fatal("TF_ACC_TERRAFORM_PATH names no CLI: run the tests with `make test`")
	}
	provider, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, dir: t.TempDir(), cli: cli, cloud: simulator.New(o)}
	w.server, err = simulator.Serve(w.cloud, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.cloud.Release()
		w.server.Close()
	})
	w.file("cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"sequentum/sequentum\" = %[1]q\n    \"registry.opentofu.org/sequentum/sequentum\" = %[1]q\n  }\n  direct {}\n}\n", provider))
	w.env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(w.dir, "cli.tfrc"),
		"TF_DATA_DIR="+filepath.Join(w.dir, ".terraform"),
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"SEQUENTUM_API_URL="+w.server.URL, "SEQUENTUM_API_KEY=sk-simulator", "SEQUENTUM_ACCESS_TOKEN=",
	)
	return w
}

// file writes a file of the workspace.
func (w *workspace) file(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

const preamble = `
terraform {
  required_providers {
    sequentum = { source = "sequentum/sequentum" }
  }
}
`

// config writes the configuration; the provider block comes with it unless it brings one.
func (w *workspace) config(format string, args ...any) {
	w.t.Helper()
	text := fmt.Sprintf(format, args...)
	if !strings.Contains(text, `provider "sequentum"`) {
		text = "provider \"sequentum\" {\n  request_timeout = \"3s\"\n  max_retries = 2\n}\n" + text
	}
	w.file("main.tf", preamble+text)
}

// process is one command of the CLI under way, in a process group of its own as under a shell.
type process struct {
	w      *workspace
	cmd    *exec.Cmd
	output lockedBuffer
}

// lockedBuffer can be read while the command writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (w *workspace) begin(args ...string) *process {
	w.t.Helper()
	p := &process{w: w, cmd: exec.Command(w.cli, args...)}
	p.cmd.Dir, p.cmd.Env = w.dir, w.env
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 20 * time.Second // a provider that outlives its CLI holds the pipe: then the test fails
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// signalGroup signals the CLI and its provider alike, as a terminal or a container's stop does.
func (p *process) signalGroup(s syscall.Signal) {
	p.w.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		p.w.t.Fatal(err)
	}
}

// providerPID finds the provider process among the CLI's children.
func (p *process) providerPID() int {
	p.w.t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(p.cmd.Process.Pid), "-f", "terraform-provider-sequentum").Output()
	var pid int
	if _, scanErr := fmt.Sscan(string(out), &pid); err != nil || scanErr != nil {
		p.w.t.Fatalf("no provider process under the CLI: %v %v", err, scanErr)
	}
	return pid
}

// result is how a command ended.
type result struct {
	code   int
	output string // as printed, without frames, its lines joined: the CLI wraps them
	raw    string
}

func (p *process) wait() result {
	p.w.t.Helper()
	err := p.cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		p.w.t.Fatalf("the provider outlived its CLI:\n%s", p.output.String())
	}
	raw := p.output.String()
	return result{code: p.cmd.ProcessState.ExitCode(), output: unwrap(raw), raw: raw}
}

// unwrap takes away the frame of a diagnostic and joins its lines.
func unwrap(s string) string {
	s = strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

func (w *workspace) run(args ...string) result {
	w.t.Helper()
	return w.begin(args...).wait()
}

var applyArgs = []string{"apply", "-auto-approve", "-no-color", "-input=false"}

func (w *workspace) apply(more ...string) result {
	w.t.Helper()
	return w.run(append(applyArgs, more...)...)
}

func (w *workspace) destroy(more ...string) result {
	w.t.Helper()
	return w.run(append([]string{"destroy", "-auto-approve", "-no-color", "-input=false"}, more...)...)
}

// mustApply fails the test unless the apply goes well.
func (w *workspace) mustApply(more ...string) result {
	w.t.Helper()
	r := w.apply(more...)
	if r.code != 0 {
		w.t.Fatalf("apply ended with %d:\n%s", r.code, r.raw)
	}
	return r
}

// planned is what a plan says: the action by address, and all of its text.
type planned struct {
	code    int
	actions map[string]string // "update", "create", "delete", "replace"; no-ops are left out
	text    string
}

func (w *workspace) plan(more ...string) planned {
	w.t.Helper()
	r := w.run(append([]string{"plan", "-json", "-input=false", "-detailed-exitcode"}, more...)...)
	p := planned{code: r.code, actions: map[string]string{}}
	var texts []string
	for line := range strings.Lines(r.raw) {
		var event struct {
			Type    string `json:"type"`
			Message string `json:"@message"`
			Change  struct {
				Action   string `json:"action"`
				Resource struct {
					Addr string `json:"addr"`
				} `json:"resource"`
			} `json:"change"`
			Diagnostic struct {
				Detail string `json:"detail"`
			} `json:"diagnostic"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			texts = append(texts, line)
			continue
		}
		texts = append(texts, event.Message, event.Diagnostic.Detail)
		if event.Type == "planned_change" && event.Change.Action != "noop" {
			p.actions[event.Change.Resource.Addr] = event.Change.Action
		}
	}
	p.text = unwrap(strings.Join(texts, "\n"))
	return p
}

// wantPlan fails the test unless the plan consists of exactly these actions.
func (w *workspace) wantPlan(want map[string]string) planned {
	w.t.Helper()
	p := w.plan()
	if len(want) == 0 && p.code != 0 || len(want) > 0 && p.code != 2 || fmt.Sprint(p.actions) != fmt.Sprint(want) {
		w.t.Fatalf("plan: code %d, actions %v, want %v\n%s", p.code, p.actions, want, p.text)
	}
	return p
}

// instance is one object in state.
type instance struct {
	Status     string         `json:"status"` // "tainted" or ""
	Attributes map[string]any `json:"attributes"`
}

// state reads the state file itself: what would survive now. A resource that is not there is nil.
func (w *workspace) state(address string) *instance {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var state struct {
		Resources []struct {
			Type      string     `json:"type"`
			Name      string     `json:"name"`
			Instances []instance `json:"instances"`
		} `json:"resources"`
	}
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		err = decoder.Decode(&state)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Type+"."+r.Name == address && len(r.Instances) > 0 {
			return &r.Instances[0]
		}
	}
	return nil
}

// wantState fails the test unless the object is in state with these attributes and this taint.
func (w *workspace) wantState(address string, tainted bool, attributes map[string]any) *instance {
	w.t.Helper()
	got := w.state(address)
	if got == nil {
		w.t.Fatalf("%s is not in state", address)
	}
	if (got.Status == "tainted") != tainted {
		w.t.Errorf("%s: tainted is %v, want %v", address, !tainted, tainted)
	}
	for name, want := range attributes {
		if fmt.Sprint(got.Attributes[name]) != fmt.Sprint(want) {
			w.t.Errorf("%s: %s is %v, want %v", address, name, got.Attributes[name], want)
		}
	}
	return got
}

// wantStarts fails the test unless the agent was started so many times.
func (w *workspace) wantStarts(want int) {
	w.t.Helper()
	if got := w.cloud.Count(simulator.KindStart); got != want {
		w.t.Errorf("%d starts, want %d", got, want)
	}
}

// wantText fails the test unless all texts are in what was printed.
func wantText(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, unwrap(text)) {
			t.Errorf("%q is missing in:\n%s", text, printed)
		}
	}
}

// eventually waits until a condition of the simulated cloud holds: the process under test goes its own pace.
func (w *workspace) eventually(what string, condition func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// waiting blocks until the provider waits for a run: a run exists, and it was looked at since.
func (w *workspace) waiting(agentID int64) simulator.Run {
	w.t.Helper()
	var latest simulator.Run
	w.eventually("the provider waits for a run", func() bool {
		runs := w.cloud.Runs(agentID)
		if len(runs) == 0 {
			return false
		}
		latest = runs[0]
		for _, r := range w.cloud.Log() {
			if r.Kind == simulator.KindStatus && r.RunID == latest.ID {
				return true
			}
		}
		return false
	})
	return latest
}

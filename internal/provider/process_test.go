// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// process is one command of the CLI under way, in a separate process group, as under a shell.
type process struct {
	w      *workspace
	cmd    *exec.Cmd
	output lockedBuffer
	before int // how many requests the cloud had seen when it began
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
	p := &process{w: w, cmd: exec.Command(w.cli, args...), before: len(w.cloud.Log())}
	p.cmd.Dir, p.cmd.Env = w.dir, w.env
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.killLeftover)
	return p
}

// killLeftover kills a command that a failed test left behind.
func (p *process) killLeftover() {
	if p.cmd.ProcessState == nil {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may just have ended
		_ = p.cmd.Wait()
	}
}

var (
	applyArgs   = []string{"apply", "-auto-approve", "-no-color", "-input=false"}
	destroyArgs = []string{"destroy", "-auto-approve", "-no-color", "-input=false"}
)

func (w *workspace) beginApply() *process   { return w.begin(applyArgs...) }
func (w *workspace) beginDestroy() *process { return w.begin(destroyArgs...) }

// signal signals one process.
func (w *workspace) signal(pid int, s syscall.Signal) {
	w.t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		w.t.Fatal(err)
	}
}

// signalGroup signals the CLI and its provider alike, as a terminal or a container's stop does.
func (p *process) signalGroup(s syscall.Signal) {
	p.w.t.Helper()
	p.w.signal(-p.cmd.Process.Pid, s)
}

// providers lists the processes of this workspace's provider, without those that are dead and only not yet collected.
func (w *workspace) providers() []int {
	w.t.Helper()
	out, err := exec.Command("ps", "-axo", "pid=,stat=,command=").Output()
	if err != nil {
		w.t.Fatalf("ps, which tells whether a provider is left, cannot be run (Debian: apt-get install procps): %v", err)
	}
	var pids []int
	for line := range strings.Lines(string(out)) {
		var pid int
		var stat, command string
		if _, err := fmt.Sscan(line, &pid, &stat, &command); err == nil && strings.HasPrefix(command, w.dir+"/") && strings.Contains(command, providerName) && !strings.HasPrefix(stat, "Z") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// provider is the one provider process under way.
func (w *workspace) provider() int {
	w.t.Helper()
	var pids []int
	// The provider of the plan may still be about to end.
	w.eventually("there is one provider process", func() bool {
		pids = w.providers()
		return len(pids) == 1
	})
	return pids[0]
}

// wantNoProvider fails the test when a provider outlives its CLI.
func (w *workspace) wantNoProvider() {
	w.eventually("no provider is left", func() bool { return len(w.providers()) == 0 })
}

// result is how a command ended.
type result struct {
	code   int    // -1: a signal ended it
	output string // as printed, without frames, its lines joined: the CLI wraps them
	raw    string
}

func (p *process) wait() result {
	p.w.t.Helper()
	hung := time.AfterFunc(patience, func() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) })
	_ = p.cmd.Wait() // the exit code tells
	raw := p.output.String()
	if !hung.Stop() {
		p.w.t.Fatalf("the command did not end:\n%s", raw)
	}
	r := result{code: p.cmd.ProcessState.ExitCode(), output: unwrap(raw), raw: raw}
	p.w.notePrinted(r.output)
	return r
}

// interrupt is a Ctrl-C, and the end of the command.
func (p *process) interrupt() result {
	p.w.t.Helper()
	p.signalGroup(syscall.SIGINT)
	r := p.wait()
	if r.code != 1 {
		p.w.t.Fatalf("an interrupted command ended with %d:\n%s", r.code, r.raw)
	}
	return r
}

// mustSucceed waits for the end of a command and fails the test unless it succeeds.
func (p *process) mustSucceed() result {
	p.w.t.Helper()
	return p.w.wantSuccess(p.wait())
}

func (w *workspace) wantSuccess(r result) result {
	w.t.Helper()
	if r.code != 0 {
		w.t.Fatalf("the command ended with %d:\n%s", r.code, r.raw)
	}
	return r
}

// mustFail waits for the end of a command and fails the test unless it ends with an error that says so.
func (p *process) mustFail(texts ...string) result {
	p.w.t.Helper()
	return p.w.wantFailure(p.wait(), texts...)
}

func (w *workspace) wantFailure(r result, texts ...string) result {
	w.t.Helper()
	if r.code != 1 {
		w.t.Fatalf("the command ended with %d, want an error:\n%s", r.code, r.raw)
	}
	wantText(w.t, r.output, texts...)
	return r
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

func (w *workspace) apply(more ...string) result {
	w.t.Helper()
	return w.run(append(applyArgs, more...)...)
}

func (w *workspace) destroy(more ...string) result {
	w.t.Helper()
	return w.run(append(destroyArgs, more...)...)
}

// mustRun, mustApply and mustDestroy fail the test unless the command goes well.
func (w *workspace) mustRun(args ...string) result {
	w.t.Helper()
	return w.wantSuccess(w.run(args...))
}

func (w *workspace) mustApply(more ...string) result {
	w.t.Helper()
	return w.wantSuccess(w.apply(more...))
}

func (w *workspace) mustDestroy(more ...string) result {
	w.t.Helper()
	return w.wantSuccess(w.destroy(more...))
}

// wantText fails the test unless all texts are in what was printed.
func wantText(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, unwrap(text)) {
			t.Errorf("%q is missing in:\n…%s", text, printed[max(0, len(printed)-5000):])
		}
	}
}

// wantNoText fails the test when one of the texts is in what was printed.
func wantNoText(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(printed, unwrap(text)) {
			t.Errorf("%q is in:\n%s", text, printed)
		}
	}
}

// requests are those of a kind that the cloud has seen since the command began.
func (p *process) requests(kind simulator.Kind) int {
	n := 0
	for _, r := range p.w.cloud.Log()[p.before:] {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// awaitWait blocks until the command waits for the agent's newest run: it was looked at by itself since the command
// began. With several waits a list takes the place of such looks.
func (p *process) awaitWait() simulator.Run {
	p.w.t.Helper()
	var latest simulator.Run
	p.w.eventually("the provider waits for a run", func() bool {
		runs := p.w.cloud.Runs(4711)
		if len(runs) == 0 {
			return false
		}
		latest = runs[0]
		for _, r := range p.w.cloud.Log()[p.before:] {
			if r.Kind == simulator.KindStatus && r.RunID == latest.ID {
				return true
			}
		}
		return false
	})
	return latest
}

// awaitRequests blocks until the cloud has seen n requests of a kind since the command began.
func (p *process) awaitRequests(kind simulator.Kind, n int) {
	p.w.t.Helper()
	p.w.eventually(fmt.Sprintf("%d requests of kind %s", n, kind), func() bool { return p.requests(kind) >= n })
}

// kill is a kill -9 of the CLI and its provider.
func (p *process) kill() {
	p.w.t.Helper()
	p.signalGroup(syscall.SIGKILL)
	if r := p.wait(); r.code != -1 {
		p.w.t.Fatalf("the killed command ended with %d:\n%s", r.code, r.raw)
	}
}

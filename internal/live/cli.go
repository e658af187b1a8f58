// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// providerBinary is the name by which a CLI finds the provider.
const providerBinary = "terraform-provider-sequentum"

// workspace is a folder with a configuration, a state, and the settings of the CLI.
type workspace struct {
	cli, dir string
	env      []string
	hide     func(string) string // removes secrets from a text
	say      func(format string, a ...any)
}

// newWorkspace makes the folder below parent. Requests of the provider go to url.
func newWorkspace(parent, url string, o Options, say func(string, ...any)) (*workspace, error) {
	dir, err := os.MkdirTemp(parent, "story-")
	if err != nil {
		return nil, fmt.Errorf("making the folder of a story: %w", err)
	}
	w := &workspace{cli: o.CLI, dir: dir, hide: o.hide, say: say}
	plugin := filepath.Join(dir, "plugin")
	settings := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"sequentum/sequentum\" = %[1]q\n    \"registry.opentofu.org/sequentum/sequentum\" = %[1]q\n  }\n  direct {}\n}\n", plugin)
	binary, err := filepath.Abs(o.Provider)
	if err == nil {
		err = os.Mkdir(plugin, 0o700)
	}
	if err == nil {
		err = os.Symlink(binary, filepath.Join(plugin, providerBinary))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(settings), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("preparing the folder of a story: %w", err)
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "SEQUENTUM_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env,
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "TF_DATA_DIR="+filepath.Join(dir, ".terraform"),
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"SEQUENTUM_API_URL="+url, "SEQUENTUM_API_KEY="+o.APIKey, "TF_VAR_input="+o.Input,
	)
	return w, nil
}

// configure replaces the configuration.
func (w *workspace) configure(blocks ...string) error {
	content := "terraform {\n  required_providers {\n    sequentum = { source = \"sequentum/sequentum\" }\n  }\n}\n\nprovider \"sequentum\" {}\n" +
		strings.Join(blocks, "\n")
	return os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(content), 0o600)
}

// command is a command of the CLI under way.
type command struct {
	w      *workspace
	name   string
	cmd    *exec.Cmd
	began  time.Time
	output lockedBuffer
	ended  chan struct{}
}

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

// patience is how long a CLI has to end after an interrupt: the provider may still be looking for a run.
const patience = 3 * time.Minute

// begin starts the CLI. It is interrupted when ctx ends, as by a Ctrl-C.
func (w *workspace) begin(ctx context.Context, name string, args ...string) (*command, error) {
	args = append([]string{name, "-input=false", "-no-color"}, args...)
	c := &command{w: w, name: name, began: time.Now(), cmd: exec.CommandContext(ctx, w.cli, args...), ended: make(chan struct{})}
	c.cmd.Dir, c.cmd.Env = w.dir, w.env
	c.cmd.Stdout, c.cmd.Stderr = &c.output, &c.output
	// In a separate group the CLI gets a Ctrl-C only once: from Cancel, and not also from the terminal.
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.cmd.Cancel = c.interrupt
	c.cmd.WaitDelay = patience
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", w.cli, err)
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // the exit code says what matters
	}()
	return c, nil
}

func (c *command) interrupt() error { return c.cmd.Process.Signal(os.Interrupt) }

// result is how a command ended.
type result struct {
	name   string
	code   int    // -1: a signal ended it
	output string // in one line, without frames and secrets
	raw    string
}

func (c *command) wait() result {
	<-c.ended
	c.w.say("    %s %s: exit code %d after %.0f s", filepath.Base(c.w.cli), c.name, c.cmd.ProcessState.ExitCode(), time.Since(c.began).Seconds())
	raw := c.w.hide(c.output.String())
	output := strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(raw)
	return result{c.name, c.cmd.ProcessState.ExitCode(), strings.Join(strings.Fields(output), " "), raw}
}

func (w *workspace) run(ctx context.Context, name string, args ...string) (result, error) {
	c, err := w.begin(ctx, name, args...)
	if err != nil {
		return result{}, err
	}
	r := c.wait()
	return r, ctx.Err()
}

// must runs a command that has to succeed.
func (w *workspace) must(ctx context.Context, name string, args ...string) error {
	r, err := w.run(ctx, name, args...)
	if err == nil && r.code != 0 {
		err = r.failure("it has to succeed")
	}
	return err
}

func (w *workspace) apply(ctx context.Context, args ...string) error {
	return w.must(ctx, "apply", append([]string{"-auto-approve"}, args...)...)
}

func (w *workspace) destroy(ctx context.Context) error {
	return w.must(ctx, "destroy", "-auto-approve")
}

// wantEmptyPlan is an error when a plan shows a change.
func (w *workspace) wantEmptyPlan(ctx context.Context) error {
	r, err := w.run(ctx, "plan", "-detailed-exitcode")
	if err == nil && r.code != 0 {
		err = r.failure("the plan must be empty")
	}
	return err
}

// shownOutput is how much of a failed command's output is shown, in bytes: its end.
const shownOutput = 4000

func (r result) failure(rule string) error {
	return fmt.Errorf("%s ended with exit code %d, but %s:\n%s", r.name, r.code, rule, r.raw[max(0, len(r.raw)-shownOutput):])
}

// canInvoke reports whether the CLI has actions: Terraform from 1.14 on.
func canInvoke(ctx context.Context, cli string) (bool, error) {
	show := exec.CommandContext(ctx, cli, "version")
	show.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	output, err := show.Output()
	if err != nil {
		return false, fmt.Errorf("asking %s for its version: %w", cli, err)
	}
	var major, minor int
	_, err = fmt.Sscanf(string(output), "Terraform v%d.%d", &major, &minor)
	return err == nil && (major > 1 || minor >= 14), nil
}

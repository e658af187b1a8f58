// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// terminalCLI is terraform or tofu with a configuration, and with a mirror that
// holds only this provider.
type terminalCLI struct {
	path, dir string
	env       []string
}

// newCLI copies the example into dir, and runs init there.
func newCLI(ctx context.Context, dir string, o options, cloud *simulator) (*terminalCLI, error) {
	work := filepath.Join(dir, "configuration")
	if err := copyConfiguration(work, o.example); err != nil {
		return nil, err
	}
	settings := filepath.Join(dir, "cli.tfrc")
	mirror := filepath.Join(dir, "mirror")
	if err := makeMirror(mirror, o.provider); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("writing the settings of the CLI: %w", err)
	}
	cli := &terminalCLI{path: o.cli, dir: work, env: append(withoutSettings(os.Environ()),
		"TF_CLI_CONFIG_FILE="+settings,
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
		"TF_VAR_agent_id="+strconv.Itoa(o.agent),
		"TF_VAR_records_file=products.csv",
		"SEQUENTUM_API_URL="+cloud.URL,
		"SEQUENTUM_API_KEY="+cloud.APIKey,
	)}
	return cli, cli.prepare(ctx, "init")
}

func (c *terminalCLI) name() string { return filepath.Base(c.path) }

// command returns a CLI that prints as this terminal can show it.
func (c *terminalCLI) command(ctx context.Context, verb string, args ...string) *exec.Cmd {
	options := []string{verb, "-input=false"}
	if terminal, err := os.Stdout.Stat(); err != nil || terminal.Mode()&os.ModeCharDevice == 0 {
		options = append(options, "-no-color")
	}
	return c.process(ctx, append(options, args...)...)
}

// process returns a CLI that is interrupted when ctx ends, as by Ctrl-C. It may
// then take as long as it needs to stop.
func (c *terminalCLI) process(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, c.path, args...)
	command.Dir, command.Env = c.dir, c.env
	// In a separate group it gets a Ctrl-C only once: from Cancel, and not also
	// from the terminal.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	return command
}

// show runs the CLI on the terminal.
func (c *terminalCLI) show(ctx context.Context, verb string, args ...string) error {
	command := c.command(ctx, verb, args...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return c.failure(ctx, verb, command.Run(), nil)
}

// prepare runs the CLI and shows its output only when it fails.
func (c *terminalCLI) prepare(ctx context.Context, verb string, args ...string) error {
	output, err := c.command(ctx, verb, args...).CombinedOutput()
	return c.failure(ctx, verb, err, output)
}

func (c *terminalCLI) failure(ctx context.Context, verb string, err error, output []byte) error {
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; the simulator is stopped and the temporary folder is removed")
	case err != nil:
		return fmt.Errorf("%s %s: %w\n%s", c.name(), verb, err, output)
	}
	return nil
}

// withoutSettings removes from env the settings of the CLI and of the provider:
// they would change what the demo shows.
func withoutSettings(env []string) []string {
	var kept []string
	for _, setting := range env {
		if !strings.HasPrefix(setting, "TF_") && !strings.HasPrefix(setting, "SEQUENTUM_") {
			kept = append(kept, setting)
		}
	}
	return kept
}

func copyConfiguration(target, example string) error {
	files, err := filepath.Glob(filepath.Join(example, "*.tf"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("found no *.tf files in the folder %s: give the folder of a configuration with -example", example)
	}
	if err := os.MkdirAll(target, 0o700); err != nil {
		return fmt.Errorf("creating the folder of the configuration: %w", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("copying the example: %w", err)
		}
		if err := os.WriteFile(filepath.Join(target, filepath.Base(file)), content, 0o600); err != nil {
			return fmt.Errorf("copying the example: %w", err)
		}
	}
	return nil
}

// makeMirror creates a mirror of the provider. Terraform and OpenTofu expand the
// source "sequentum/sequentum" to different addresses: the mirror has both.
func makeMirror(mirror, provider string) error {
	binary, err := filepath.Abs(provider)
	if err != nil {
		return fmt.Errorf("finding the path of the provider: %w", err)
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, registry, "sequentum", "sequentum", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("creating the provider mirror: %w", err)
		}
		if err := os.Symlink(binary, filepath.Join(folder, "terraform-provider-sequentum_v0.0.1")); err != nil {
			return fmt.Errorf("creating the provider mirror: %w", err)
		}
	}
	return nil
}

// showDownloads lists the files that the apply has downloaded.
func (c *terminalCLI) showDownloads() error {
	return filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == c.dir {
			return err
		}
		if entry.IsDir() {
			if strings.HasPrefix(entry.Name(), ".") {
				return filepath.SkipDir // the CLI's own folder
			}
			return nil
		}
		info, err := entry.Info()
		if err == nil && filepath.Dir(path) != c.dir {
			name, _ := filepath.Rel(c.dir, path) // path is always below c.dir
			fmt.Printf("%6d bytes  %s\n", info.Size(), name)
		}
		return err
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// speed is how much faster the simulator's clock runs than the system's.
const speed = 20

// quickstartAgent is the agent in the agents file of examples/quickstart.
const quickstartAgent = 4711

// trial is a configuration of a user: a copy of examples/quickstart, a CLI that installs providers from a folder only, and a
// simulated cloud.
type trial struct {
	cli    string
	name   string // of the CLI, with its version
	dir    string // of the configuration
	mirror string // the folder with the zips, by registry
	env    []string
	cloud  *simulator.Cloud
	server *simulator.Server
}

// newTrial prepares a trial below dir. It runs nothing yet.
func newTrial(ctx context.Context, dir, cli, example string) (*trial, error) {
	t := &trial{cli: cli, dir: filepath.Join(dir, "configuration"), mirror: filepath.Join(dir, "mirror")}
	for _, folder := range []string{t.dir, t.mirror} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	if err := copyConfiguration(t.dir, example); err != nil {
		return nil, err
	}
	settings := filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", t.mirror)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return nil, err
	}
	config, err := simulator.ReadConfig(filepath.Join(example, "agents.json"))
	if err != nil {
		return nil, err
	}
	options := simulator.Options{Clock: simulator.Accelerated(speed)}
	config.Apply(&options)
	t.cloud = simulator.New(options)
	if t.server, err = simulator.Serve(t.cloud, "127.0.0.1:0"); err != nil {
		return nil, err
	}
	t.env = append(withoutSettings(os.Environ()),
		"TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		fmt.Sprintf("TF_VAR_agent_id=%d", quickstartAgent), "TF_VAR_records_file=products.csv",
		"SEQUENTUM_API_URL="+t.server.URL, "SEQUENTUM_API_KEY=sk-simulator",
	)
	version, err := t.run(ctx, "version")
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.name, _, _ = strings.Cut(version, "\n")
	return t, nil
}

func (t *trial) close() error { return t.server.Close() }

// withoutSettings leaves out the settings of the CLI and of the provider: they would change what is installed.
func withoutSettings(env []string) []string {
	return slices.DeleteFunc(env, func(setting string) bool {
		return strings.HasPrefix(setting, "TF_") || strings.HasPrefix(setting, "SEQUENTUM_")
	})
}

func copyConfiguration(target, example string) error {
	files, err := filepath.Glob(filepath.Join(globEscape(example), "*.tf"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no configuration", example)
	}
	for _, file := range files {
		content, readErr := os.ReadFile(file)
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(target, filepath.Base(file)), content, 0o600))
	}
	return err
}

// publish puts a zip into the folder that the CLI installs from. Terraform and OpenTofu expand the source
// "sequentum/sequentum" to different registries: the folder has both.
func (t *trial) publish(z zipped) error {
	return t.inMirror(z, func(path string) error {
		content, err := os.ReadFile(z.path)
		return errors.Join(err, os.WriteFile(path, content, 0o600))
	})
}

// tamper changes one text in the published zip, and nothing else.
func (t *trial) tamper(z zipped) error {
	return t.inMirror(z, func(path string) (err error) {
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		return copyTampered(file, z.path)
	})
}

func copyTampered(target *os.File, path string) error {
	original, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer closeRead(original)
	changed := zip.NewWriter(target)
	for _, file := range original.File {
		if file.Name != "README.md" {
			err = errors.Join(err, changed.Copy(file))
			continue
		}
		entry, createErr := changed.Create(file.Name)
		if createErr != nil {
			return createErr
		}
		_, writeErr := entry.Write([]byte("Changed after the release.\n"))
		err = errors.Join(err, writeErr)
	}
	return errors.Join(err, changed.Close())
}

func (t *trial) inMirror(z zipped, write func(path string) error) error {
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(t.mirror, registry, "sequentum", "sequentum")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := write(filepath.Join(folder, filepath.Base(z.path))); err != nil {
			return err
		}
	}
	return nil
}

// commandError is a command of the CLI that did not exit with 0.
type commandError struct {
	verb, output string
	code         int // -1: it did not run to its end
}

func (e *commandError) Error() string {
	return fmt.Sprintf("%s ended with exit code %d:\n%s", e.verb, e.code, e.output)
}

// run runs the CLI to its end. An interrupt of this process reaches the CLI as Ctrl-C.
func (t *trial) run(ctx context.Context, verb string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, t.cli, append([]string{verb}, args...)...)
	command.Dir, command.Env = t.dir, t.env
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute
	output, err := command.CombinedOutput()
	if err != nil {
		code := -1
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			code = exit.ExitCode()
		} else {
			output = fmt.Appendf(output, "%v", err)
		}
		return string(output), &commandError{verb: strings.Join(append([]string{verb}, args...), " "), output: string(output), code: code}
	}
	return string(output), nil
}

// forget removes what init has installed, but neither the state nor the lock file: a new clone on another machine.
func (t *trial) forget() error { return os.RemoveAll(filepath.Join(t.dir, ".terraform")) }

// downloads are the names of the files that an apply has downloaded.
func (t *trial) downloads() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(t.dir, "products"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

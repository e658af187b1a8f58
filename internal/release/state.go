// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// everything is a configuration with every resource. A release keeps the state that it gives, and all later versions must
// plan nothing for it.
const everything = "internal/release/testdata/everything"

// importedAgent has the run that the configuration imports.
const importedAgent = 4712

func runState(ctx context.Context, flags *flag.FlagSet, args []string) error {
	ref := flags.String("ref", "HEAD", "tag or `commit` of the version that writes the state")
	cli := flags.String("cli", "", "`path` of terraform or tofu")
	target := flags.String("to", "", "new `folder` for the configuration and its state")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *cli == "" || *target == "" {
		return errors.New("-cli and -to are needed")
	}
	commit, version, name, err := findPrevious(ctx, *ref)
	if err != nil {
		return err
	}
	return inTemporary(func(dir string) error {
		built, _, err := buildPrevious(ctx, filepath.Join(dir, "build"), commit, version)
		if err != nil {
			return err
		}
		return inTrial(ctx, filepath.Join(dir, "apply"), *cli, everything, func(t *trial) error {
			if err := t.writeState(ctx, built, *target); err != nil {
				return err
			}
			report("%s: %s now holds a state written by %s", t.name, *target, name)
			return nil
		})
	})
}

// writeState applies the configuration, and keeps it with its state, its downloads and the agents of the cloud.
func (t *trial) writeState(ctx context.Context, z zipped, target string) error {
	if err := t.publish(z); err != nil {
		return err
	}
	t.cloud.AddFinishedRuns(importedAgent, 1, simulator.Success)
	for _, command := range [][]string{{"init"}, {"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}} {
		if _, err := t.run(ctx, command[0], append(command[1:], "-no-color")...); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(target, 0o755); err != nil {
		return fmt.Errorf("creating the folder of the state (a state that exists is never replaced): %w", err)
	}
	if err := os.CopyFS(filepath.Join(target, "products"), os.DirFS(filepath.Join(t.dir, "products"))); err != nil {
		return err
	}
	for name, source := range map[string]string{"main.tf": "main.tf", "state.json": "terraform.tfstate"} {
		content, err := os.ReadFile(filepath.Join(t.dir, source))
		if err := errors.Join(err, os.WriteFile(filepath.Join(target, name), content, 0o644)); err != nil {
			return err
		}
	}
	return t.writeAgents(filepath.Join(target, "agents.json"))
}

// writeAgents writes the agents of the cloud with the schedules that they have now.
func (t *trial) writeAgents(path string) error {
	config, err := simulator.ReadConfig(filepath.Join(everything, "agents.json"))
	if err != nil {
		return err
	}
	for i := range config.Agents {
		config.Agents[i].Schedules = t.cloud.Schedules(config.Agents[i].ID)
	}
	text, err := json.MarshalIndent(map[string]any{"agents": config.Agents}, "", "  ")
	return errors.Join(err, os.WriteFile(path, append(text, '\n'), 0o644))
}

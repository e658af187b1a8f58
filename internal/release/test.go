// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func runTest(ctx context.Context, flags *flag.FlagSet, args []string) error {
	dist := flags.String("dist", "", "`folder` with the release to test; empty: build a snapshot for this machine")
	previous := flags.String("previous", "", "tag, branch or `commit` to upgrade from; empty: the newest release before this commit, or else its parent")
	var clis []string
	flags.Func("cli", "`path` of terraform or tofu; can be given several times", func(path string) error {
		// On some machines the CLI on PATH is one of the others.
		if !slices.Contains(clis, path) {
			clis = append(clis, path)
		}
		return nil
	})
	if err := parse(flags, args); err != nil {
		return err
	}
	if len(clis) == 0 {
		return errors.New("give at least one CLI with -cli")
	}
	commit, oldVersion, oldName, err := findPrevious(ctx, *previous)
	if err != nil {
		return err
	}
	return inTemporary(func(dir string) error {
		if *dist == "" {
			*dist = filepath.Join(dir, "dist")
			if err := buildSnapshot(ctx, *dist); err != nil {
				return err
			}
		}
		current, err := openZipped(*dist)
		if err != nil {
			return err
		}
		older, source, err := buildPrevious(ctx, filepath.Join(dir, "previous"), commit, oldVersion)
		if err != nil {
			return err
		}
		report("built version %s, and version %s from %s", current.version, older.version, oldName)
		var trials errgroup.Group
		for number, cli := range clis {
			below := filepath.Join(dir, fmt.Sprint(number))
			trials.Go(func() error {
				return inTrial(ctx, filepath.Join(below, "install"), cli, filepath.Join("examples", "quickstart"), func(t *trial) error { return t.install(ctx, current) })
			})
			trials.Go(func() error {
				// A user's configuration stays as it was written for the old version.
				return inTrial(ctx, filepath.Join(below, "upgrade"), cli, filepath.Join(source, "examples", "quickstart"), func(t *trial) error { return t.upgrade(ctx, older, current) })
			})
		}
		return trials.Wait()
	})
}

// buildSnapshot builds this clone for this machine, as it is, and checks the result.
func buildSnapshot(ctx context.Context, dist string) error {
	built, err := headCommit(ctx)
	if err != nil {
		return err
	}
	if err := (snapshot{source: ".", dist: dist, host: true}).build(ctx); err != nil {
		return err
	}
	return checkRelease(dist, expectation{platforms: []string{hostPlatform}, manifest: manifestPath, commit: built})
}

// headCommit is the commit that a build of this clone must name: with uncommitted changes it must say so.
func headCommit(ctx context.Context) (string, error) {
	commit, err := git(ctx, "rev-parse", "HEAD")
	if err != nil {
		return "", err
	}
	changes, err := git(ctx, "status", "--porcelain")
	if changes != "" {
		commit += "-dirty"
	}
	return commit, err
}

// inTrial names the CLI in the error of do.
func inTrial(ctx context.Context, dir, cli, example string, do func(*trial) error) error {
	t, err := newTrial(ctx, dir, cli, example)
	if err != nil {
		return fmt.Errorf("%s: %w", cli, err)
	}
	if err := do(t); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", t.name, err), t.close())
	}
	return t.close()
}

// install goes through the life of a version that is installed for the first time.
func (t *trial) install(ctx context.Context, z zipped) error {
	if err := t.publish(z); err != nil {
		return err
	}
	if _, err := t.run(ctx, "init", "-no-color"); err != nil {
		return err
	}
	if err := t.wantLocked(z); err != nil {
		return err
	}
	if err := t.wantLockHolds(ctx, z); err != nil {
		return err
	}
	if err := t.lockAsRegistry(z); err != nil {
		return err
	}
	if err := t.wantLockHolds(ctx, z); err != nil {
		return fmt.Errorf("with the hash of a registry: %w", err)
	}
	report("%s: installed; a second init accepts the lock file, and refuses a zip that was changed", t.name)
	if err := t.applyOnce(ctx, z); err != nil {
		return err
	}
	if err := t.destroy(ctx); err != nil {
		return err
	}
	report("%s: applied and destroyed the quickstart, with one run", t.name)
	return nil
}

// wantLockHolds runs init as on another machine: it accepts the zip, and refuses a changed one.
func (t *trial) wantLockHolds(ctx context.Context, z zipped) error {
	if err := t.forget(); err != nil {
		return err
	}
	if _, err := t.run(ctx, "init", "-no-color", "-lockfile=readonly"); err != nil {
		return fmt.Errorf("with the lock file: %w", err)
	}
	if err := errors.Join(t.forget(), t.tamper(z)); err != nil {
		return err
	}
	output, err := t.run(ctx, "init", "-no-color")
	if err == nil {
		return errors.New("init accepted a zip that was changed after the lock file was written")
	}
	if text := strings.Join(strings.Fields(output), " "); !strings.Contains(text, "match any of the checksums") {
		return fmt.Errorf("with a changed zip, init must complain about its checksum: %w", err)
	}
	if err := t.publish(z); err != nil {
		return err
	}
	_, err = t.run(ctx, "init", "-no-color")
	return err
}

// applyOnce applies, and wants one run, its files, and an empty plan.
func (t *trial) applyOnce(ctx context.Context, z zipped) error {
	if _, err := t.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	if err := t.wantSettled(ctx); err != nil {
		return err
	}
	return t.wantAgent(z, 0)
}

// wantSettled wants that the plan is empty, that only one run was ever started, and that its files are there.
func (t *trial) wantSettled(ctx context.Context) error {
	if _, err := t.run(ctx, "plan", "-detailed-exitcode", "-no-color"); err != nil {
		return fmt.Errorf("the plan must be empty: %w", err)
	}
	starts := 0
	for _, request := range t.cloud.Log() {
		if request.Kind == simulator.KindStart {
			starts++
		}
	}
	if runs := len(t.cloud.Runs(quickstartAgent)); starts != 1 || runs != 1 {
		return fmt.Errorf("there must be one run: there were %d requests to start one, and there are %d runs", starts, runs)
	}
	files, err := t.downloads()
	if want := []string{"products.csv", "products.json"}; err == nil && !slices.Equal(files, want) {
		return fmt.Errorf("the downloaded files must be %q, and are %q", want, files)
	}
	return err
}

// wantAgent wants that all requests after the first ones came from this version.
func (t *trial) wantAgent(z zipped, after int) error {
	requests := t.cloud.Log()[after:]
	if len(requests) == 0 {
		return errors.New("the provider sent no request")
	}
	for _, request := range requests {
		if want := project + "/" + z.version + " (commit "; !strings.HasPrefix(request.UserAgent, want) {
			return fmt.Errorf("the user agent of %s is %q: it must begin with %q", request.Path, request.UserAgent, want)
		}
	}
	return nil
}

func (t *trial) destroy(ctx context.Context) error {
	if _, err := t.run(ctx, "destroy", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	files, err := t.downloads()
	if len(files) > 0 {
		return fmt.Errorf("destroy must remove the downloaded files, and has left %q", files)
	}
	return err
}

// upgrade applies with the older version and goes on with the newer one.
func (t *trial) upgrade(ctx context.Context, older, newer zipped) error {
	if err := t.publish(older); err != nil {
		return err
	}
	if _, err := t.run(ctx, "init", "-no-color"); err != nil {
		return err
	}
	if _, err := t.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return fmt.Errorf("with version %s: %w", older.version, err)
	}
	before := len(t.cloud.Log())
	if err := t.publish(newer); err != nil {
		return err
	}
	if _, err := t.run(ctx, "init", "-upgrade", "-no-color"); err != nil {
		return err
	}
	if err := t.wantLocked(newer); err != nil {
		return err
	}
	if err := t.wantSettled(ctx); err != nil {
		return fmt.Errorf("after the upgrade: %w", err)
	}
	if _, err := t.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return fmt.Errorf("after the upgrade: %w", err)
	}
	if err := t.wantSettled(ctx); err != nil {
		return fmt.Errorf("after the upgrade and an apply: %w", err)
	}
	if err := t.wantAgent(newer, before); err != nil {
		return err
	}
	if err := t.destroy(ctx); err != nil {
		return err
	}
	report("%s: upgraded a state from version %s to %s: the plan is empty, and no second run was started", t.name, older.version, newer.version)
	return nil
}

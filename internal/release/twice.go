// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func runTwice(ctx context.Context, flags *flag.FlagSet, args []string) error {
	all := flags.Bool("all", false, "build for all platforms, not only for this machine's; this takes many minutes")
	if err := parse(flags, args); err != nil {
		return err
	}
	return inTemporary(func(dir string) error {
		first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second clone", "in another folder")
		if err := buildClone(ctx, first, snapshot{host: !*all}); err != nil {
			return err
		}
		report("built the last commit")
		// Another machine: another folder, time zone and mask of modes, and nothing compiled before. Without the last,
		// Go would take what the first build has compiled.
		other := snapshot{
			host:    !*all,
			wrapper: []string{"/bin/sh", "-c", `umask 077 && exec "$0" "$@"`},
			env:     []string{"TZ=Asia/Kathmandu", "LC_ALL=C", "GOCACHE=" + filepath.Join(dir, "cache")},
		}
		if err := buildClone(ctx, second, other); err != nil {
			return err
		}
		report("built it again, elsewhere")
		files, err := compare(distOf(first), distOf(second))
		if err != nil {
			return err
		}
		report("both builds gave the same %d files, byte by byte", files)
		return nil
	})
}

func distOf(clone string) string { return clone + " dist" }

// buildClone builds the last commit in a new clone. Uncommitted changes are not part of it.
func buildClone(ctx context.Context, clone string, s snapshot) error {
	if err := os.MkdirAll(filepath.Dir(clone), 0o700); err != nil {
		return err
	}
	if output, err := exec.CommandContext(ctx, "git", "clone", "--quiet", ".", clone).CombinedOutput(); err != nil {
		return fmt.Errorf("cloning the repository: %w\n%s", err, output)
	}
	s.source, s.dist = clone, distOf(clone)
	return s.build(ctx)
}

// compare compares the files of two releases, and returns how many there are.
func compare(first, second string) (int, error) {
	names, err := releaseFiles(first)
	if err != nil {
		return 0, err
	}
	others, err := releaseFiles(second)
	if err != nil {
		return 0, err
	}
	if !slices.Equal(names, others) || len(names) == 0 {
		return 0, fmt.Errorf("two builds of the same commit gave different files: %q and %q", names, others)
	}
	var errs []error
	for _, name := range names {
		a, err1 := sumOf(filepath.Join(first, name))
		b, err2 := sumOf(filepath.Join(second, name))
		if err := errors.Join(err1, err2); err != nil {
			return 0, err
		}
		if a != b {
			errs = append(errs, fmt.Errorf("two builds of the same commit gave a different %s: %s and %s", name, a, b))
		}
	}
	return len(names), errors.Join(errs...)
}

// releaseFiles lists what goreleaser would upload.
func releaseFiles(dist string) ([]string, error) {
	entries, err := os.ReadDir(dist)
	var names []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), project+"_") {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

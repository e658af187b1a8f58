// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"
)

// zipped is the zip of one version of the provider for this machine.
type zipped struct {
	version string
	path    string
	sum     string // its SHA-256 in hex, as in SHA256SUMS
	h1      string // the hash of its content, as in a lock file
}

// openZipped finds the zip for this machine in a folder with a release.
func openZipped(dir string) (zipped, error) {
	version, err := findVersion(dir)
	if err != nil {
		return zipped{}, err
	}
	return hashZipped(version, filepath.Join(dir, project+"_"+version+"_"+hostPlatform+".zip"))
}

func hashZipped(version, path string) (zipped, error) {
	z := zipped{version: version, path: path}
	var err error
	if z.sum, err = sumOf(path); err != nil {
		return z, err
	}
	z.h1, err = dirhash.HashZip(path, dirhash.Hash1)
	return z, err
}

// snapshot is one build by goreleaser.
type snapshot struct {
	source  string   // the clone to build in
	dist    string   // where to write the release
	host    bool     // only for this machine's platform
	signed  bool     // with the key of the environment
	wrapper []string // a command that runs goreleaser; empty: none
	env     []string // beside the environment of this process
}

// build runs goreleaser with the settings of the clone, apart from the folder and the platforms.
func (s snapshot) build(ctx context.Context) error {
	settings, err := os.ReadFile(filepath.Join(s.source, ".goreleaser.yml"))
	if err != nil {
		return err
	}
	settings = fmt.Appendf(settings, "dist: %q\n", s.dist)
	if s.host {
		if settings, err = onlyHost(settings); err != nil {
			return err
		}
	}
	// Beside the folder of the release, which goreleaser empties, and outside of the clone, which it would make dirty.
	path := s.dist + ".goreleaser.yml"
	if err := os.WriteFile(path, settings, 0o600); err != nil {
		return err
	}
	script, err := filepath.Abs("internal/tools/goreleaser")
	if err != nil {
		return err
	}
	args := slices.Concat(s.wrapper, []string{script, "release", "--snapshot", "--clean", "--config", path})
	if !s.signed {
		args = append(args, "--skip=sign")
	}
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir, command.Env = s.source, append(os.Environ(), s.env...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building a snapshot: %w\n%s", err, output)
	}
	return nil
}

// onlyHost replaces the platforms in the settings of goreleaser by this machine's: `goreleaser release` has no flag for that.
func onlyHost(settings []byte) ([]byte, error) {
	goos, goarch, _ := strings.Cut(hostPlatform, "_")
	for key, value := range map[string]string{"goos": goos, "goarch": goarch} {
		line := regexp.MustCompile(`(?m)^    ` + key + `: \[.*\]$`)
		if found := line.FindAll(settings, -1); len(found) != 1 {
			return nil, fmt.Errorf(".goreleaser.yml must have one line of the form %q, and has %d", "    "+key+": [...]", len(found))
		}
		settings = line.ReplaceAll(settings, fmt.Appendf(nil, "    %s: [%q]", key, value))
	}
	return settings, nil
}

// git runs git in the current folder and returns the first line that it prints.
func git(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	output, err := command.Output()
	if err != nil {
		message := err.Error()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			message = strings.TrimSpace(string(exit.Stderr))
		}
		return "", fmt.Errorf("git %s: %s", strings.Join(args, " "), message)
	}
	line, _, _ := strings.Cut(string(output), "\n")
	return line, nil
}

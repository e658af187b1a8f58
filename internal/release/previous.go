// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/semver"
)

// unreleased is the version of a previous build that is not a release. It is lower than that of any snapshot. It is not 0.0.0:
// OpenTofu never installs that.
const unreleased = "0.0.1"

// findPrevious returns the commit to upgrade from: that of ref, or when ref is empty, the newest release before this commit,
// or its parent when there is no release yet. A clone without history only has this commit itself. The text says which it is.
func findPrevious(ctx context.Context, ref string) (commit, version, text string, err error) {
	if ref == "" {
		ref, err = git(ctx, "describe", "--tags", "--abbrev=0", "--match", "v*", "--exclude", "*-*", "HEAD^")
		if err != nil {
			ref = "HEAD^"
		}
		if _, err := git(ctx, "rev-parse", "--verify", "--quiet", ref+"^{commit}"); err != nil {
			ref = "HEAD"
			fmt.Println("This clone lacks the commit before this one. So the upgrade starts from this commit itself. For the whole test, run: git fetch --unshallow --tags")
		}
	}
	commit, err = git(ctx, "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	if err != nil {
		return "", "", "", fmt.Errorf("this clone has no commit %q to upgrade from. If the clone is shallow, run: git fetch --unshallow --tags. Otherwise set PREVIOUS to a tag, a branch or a commit", ref)
	}
	version = unreleased
	if semver.IsValid(ref) && semver.Prerelease(ref) == "" {
		version = strings.TrimPrefix(ref, "v")
	}
	return commit, version, fmt.Sprintf("%s (commit %.12s)", ref, commit), nil
}

// buildPrevious builds the provider of a commit for this machine, and returns its zip and the folder with its sources.
func buildPrevious(ctx context.Context, dir, commit, version string) (built zipped, source string, err error) {
	source = filepath.Join(dir, "source")
	if err := exportCommit(ctx, source, commit); err != nil {
		return built, "", fmt.Errorf("exporting commit %.12s: %w", commit, err)
	}
	binary := filepath.Join(dir, binaryName(version, hostPlatform))
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+version+" -X main.commit="+commit, "-o", binary, ".")
	command.Dir, command.Env = source, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return built, "", fmt.Errorf("building commit %.12s: %w\n%s", commit, err, output)
	}
	path := filepath.Join(dir, project+"_"+version+"_"+hostPlatform+".zip")
	if err := zipBinary(path, binary); err != nil {
		return built, "", err
	}
	built, err = hashZipped(version, path)
	return built, source, err
}

// exportCommit writes the files of a commit to the folder. It needs no clone, and so also works in one that is shallow.
func exportCommit(ctx context.Context, folder, commit string) error {
	path := folder + ".zip"
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return err
	}
	if _, err := git(ctx, "archive", "--format=zip", "-0", "--output="+path, commit); err != nil {
		return err
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer closeRead(archive)
	return os.CopyFS(folder, archive)
}

func zipBinary(path, binary string) (err error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	archive := zip.NewWriter(file)
	header := &zip.FileHeader{Name: filepath.Base(binary), Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err == nil {
		_, err = entry.Write(content)
	}
	return errors.Join(err, archive.Close())
}

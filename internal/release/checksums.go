// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/semver"
)

const (
	project      = "terraform-provider-sequentum"
	checksumsEnd = "_SHA256SUMS"
)

// checksums are the lines of SHA256SUMS: the hex SHA-256 of each file, by its name.
type checksums map[string]string

var checksumLine = regexp.MustCompile(`^([0-9a-f]{64})  (\S+)$`)

// findVersion returns the version of the release in dir, from the name of its checksums.
func findVersion(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(globEscape(dir), "*"+checksumsEnd))
	if err != nil {
		return "", err
	}
	if len(files) != 1 {
		return "", fmt.Errorf("%s holds %d files named %s_VERSION%s: there must be one", dir, len(files), project, checksumsEnd)
	}
	name := filepath.Base(files[0])
	version, ok := strings.CutPrefix(strings.TrimSuffix(name, checksumsEnd), project+"_")
	if !ok || !semver.IsValid("v"+version) || strings.Count(version, ".") < 2 {
		return "", fmt.Errorf("%s: the name must be %s_VERSION%s, with a version such as 1.2.3", name, project, checksumsEnd)
	}
	return version, nil
}

// globEscape keeps filepath.Glob from reading a pattern in the path of a folder.
func globEscape(path string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(path)
}

func readChecksums(path string) (checksums, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, ended := strings.CutSuffix(string(content), "\n")
	if !ended {
		return nil, errors.New("SHA256SUMS does not end with a line feed")
	}
	sums := checksums{}
	for number, line := range strings.Split(text, "\n") {
		parts := checksumLine.FindStringSubmatch(line)
		if parts == nil {
			return nil, fmt.Errorf("SHA256SUMS, line %d: %q is not a checksum, two spaces and a name", number+1, line)
		}
		if _, known := sums[parts[2]]; known {
			return nil, fmt.Errorf("SHA256SUMS lists %s twice", parts[2])
		}
		sums[parts[2]] = parts[1]
	}
	return sums, nil
}

func sumOf(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}

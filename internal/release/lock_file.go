// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

const lockFile = ".terraform.lock.hcl"

var (
	lockedVersion = regexp.MustCompile(`(?m)^  version += "([^"]+)"$`)
	lockedHash    = regexp.MustCompile(`"((?:h1|zh):[^"]+)"`)
	lockedHashes  = regexp.MustCompile(`(?s)hashes = \[.*?\]`)
)

// wantLocked fails unless the lock file names exactly this version, by the hash of its content. From a folder, a CLI records no
// other hash.
func (t *trial) wantLocked(z zipped) error {
	text, err := os.ReadFile(filepath.Join(t.dir, lockFile))
	if err != nil {
		return err
	}
	var versions, hashes []string
	for _, found := range lockedVersion.FindAllStringSubmatch(string(text), -1) {
		versions = append(versions, found[1])
	}
	for _, found := range lockedHash.FindAllStringSubmatch(string(text), -1) {
		hashes = append(hashes, found[1])
	}
	if !slices.Equal(versions, []string{z.version}) || !slices.Equal(hashes, []string{z.h1}) {
		return fmt.Errorf("the lock file must have the version %s and the hash %s:\n%s", z.version, z.h1, text)
	}
	return nil
}

// lockAsRegistry replaces the hash in the lock file by the one that a registry gives: that of the zip, from SHA256SUMS.
func (t *trial) lockAsRegistry(z zipped) error {
	path := filepath.Join(t.dir, lockFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !lockedHashes.Match(text) {
		return errors.New("the lock file has no hashes")
	}
	text = lockedHashes.ReplaceAll(text, fmt.Appendf(nil, "hashes = [\n    %q,\n  ]", "zh:"+z.sum))
	return os.WriteFile(path, text, 0o600)
}

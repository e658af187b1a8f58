// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// platforms are those of a release, in Go's words.
var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// expectation is what a folder with a release must hold.
type expectation struct {
	platforms []string
	manifest  string // path of the repository's manifest; empty: the folder must hold it, as a release on GitHub does
	commit    string // that the binaries are built from; empty: any
	signed    bool   // the signature must be there; otherwise it may be
}

// folder is a release on disk: the dist folder of goreleaser, or the files of a release that were downloaded.
type folder struct {
	dir     string
	version string
	expectation
}

// checkRelease reads the release in dir as the registries do, and returns everything that is wrong with it.
//
// The rules are those of https://developer.hashicorp.com/terraform/registry/providers/publishing. The Terraform registry
// refuses a release whose SHA256SUMS lists any other file; the OpenTofu registry takes the names of the zips from it.
func checkRelease(dir string, want expectation) error {
	version, err := findVersion(dir)
	if err != nil {
		return err
	}
	f := folder{dir: dir, version: version, expectation: want}
	sums, err := readChecksums(f.path(checksumsEnd))
	if err != nil {
		return err
	}
	errs := []error{f.checkNames(sums), f.checkSums(sums), f.checkManifest(), f.checkSignature(), f.checkFiles()}
	for _, platform := range f.platforms {
		if sums[f.name("_"+platform+".zip")] == "" {
			continue // checkNames says so
		}
		if err := f.checkZip(platform); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.name("_"+platform+".zip"), err))
		}
		if err := f.checkSBOM(platform); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.name("_"+platform+sbomEnd), err))
		}
	}
	return errors.Join(errs...)
}

const (
	manifestEnd  = "_manifest.json"
	sbomEnd      = ".cdx.json"
	signatureEnd = checksumsEnd + ".sig"
)

// name is the name of the file of the release with this end.
func (f folder) name(end string) string { return project + "_" + f.version + end }
func (f folder) path(end string) string { return filepath.Join(f.dir, f.name(end)) }

// checkNames compares the names in SHA256SUMS with those that must be there.
func (f folder) checkNames(sums checksums) error {
	want := map[string]bool{f.name(manifestEnd): true}
	for _, platform := range f.platforms {
		want[f.name("_"+platform+".zip")] = true
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if sums[name] == "" {
			errs = append(errs, fmt.Errorf("SHA256SUMS does not list %s", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		if !want[name] {
			errs = append(errs, fmt.Errorf("SHA256SUMS lists %s: the Terraform registry refuses a release that lists anything but the zips and the manifest", name))
		}
	}
	return errors.Join(errs...)
}

func (f folder) checkSums(sums checksums) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		path := filepath.Join(f.dir, name)
		if name == f.name(manifestEnd) {
			path = f.manifestPath()
		}
		switch sum, err := sumOf(path); {
		case err != nil:
			errs = append(errs, fmt.Errorf("SHA256SUMS lists a file that cannot be read: %w", err))
		case sum != sums[name]:
			errs = append(errs, fmt.Errorf("%s has the SHA-256 %s, but SHA256SUMS says %s", name, sum, sums[name]))
		}
	}
	return errors.Join(errs...)
}

// manifestPath is the manifest in the folder. goreleaser gives it this name only when it uploads it: before, it is the file of
// the repository.
func (f folder) manifestPath() string {
	if _, err := os.Stat(f.path(manifestEnd)); err == nil || f.manifest == "" {
		return f.path(manifestEnd)
	}
	return f.manifest
}

func (f folder) checkManifest() error {
	content, err := os.ReadFile(f.manifestPath())
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(content, &manifest); err != nil {
		return fmt.Errorf("the manifest is not JSON: %w", err)
	}
	if protocols := manifest.Metadata.ProtocolVersions; manifest.Version != 1 || !slices.Equal(protocols, []string{"6.0"}) {
		return fmt.Errorf("the manifest has version %d and the protocol versions %q: it must have version 1 and only 6.0", manifest.Version, protocols)
	}
	return nil
}

// checkSignature looks at the form only: whether the key is right, gpg says.
func (f folder) checkSignature() error {
	content, err := os.ReadFile(f.path(signatureEnd))
	switch {
	case errors.Is(err, os.ErrNotExist) && !f.signed:
		return nil
	case err != nil:
		return fmt.Errorf("reading the signature: %w", err)
	case len(content) == 0 || content[0]&0x80 == 0: // the first bit of each OpenPGP packet is set
		return errors.New("the signature is not binary: the registries do not accept an ASCII-armored one")
	}
	return nil
}

// checkFiles fails for files that do not belong to a release, such as a zip that SHA256SUMS does not list.
func (f folder) checkFiles() error {
	known := []string{
		"artifacts.json", "config.yaml", "metadata.json", "digests.txt", // of goreleaser itself; it does not upload them
		f.name(checksumsEnd), f.name(signatureEnd), f.name(manifestEnd),
	}
	for _, platform := range f.platforms {
		known = append(known, f.name("_"+platform+".zip"), f.name("_"+platform+sbomEnd))
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		isProvenance := strings.HasSuffix(entry.Name(), ".intoto.jsonl") || strings.HasSuffix(entry.Name(), ".sigstore.json")
		if !entry.IsDir() && !isProvenance && !slices.Contains(known, entry.Name()) {
			errs = append(errs, fmt.Errorf("%s does not belong to the release of version %s", entry.Name(), f.version))
		}
	}
	return errors.Join(errs...)
}

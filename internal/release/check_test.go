// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testVersion = "1.2.3"
	testCommit  = "0123456789abcdef0123456789abcdef01234567"
)

// fakeBinary is a program that Go records the right things of. It is built once.
var fakeBinary = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "sequentum-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source := fmt.Sprintf("package main\n\nfunc main() { println(%q) }\n", testVersion+testCommit)
	for name, text := range map[string]string{"go.mod": "module github.com/sequentum/" + project + "\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", "binary", ".")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building a program: %w\n%s", err, output)
	}
	return os.ReadFile(filepath.Join(dir, "binary"))
})

// fakeRelease is a release that a test changes before it is written.
type fakeRelease struct {
	entries  map[string][]byte // of the zip
	modes    map[string]fs.FileMode
	sbom     string
	manifest string
	// downloaded is true for the files of a release on GitHub: the manifest must be among them.
	downloaded bool
	extra      map[string]string // more files of the folder
	sums       func(lines []string) []string
}

func newFakeRelease(t *testing.T) *fakeRelease {
	t.Helper()
	binary, err := fakeBinary()
	if err != nil {
		t.Fatal(err)
	}
	name := binaryName(testVersion, hostPlatform)
	return &fakeRelease{
		entries:  map[string][]byte{name: binary, "LICENSE": []byte("l"), "README.md": []byte("r"), "CHANGELOG.md": []byte("c")},
		modes:    map[string]fs.FileMode{name: 0o755},
		sbom:     `{"bomFormat":"CycloneDX","metadata":{"component":{"name":"x","version":"v` + testVersion + `"}},"components":[{}]}`,
		manifest: `{"version":1,"metadata":{"protocol_versions":["6.0"]}}`,
		extra:    map[string]string{},
		sums:     func(lines []string) []string { return lines },
	}
}

// check writes the release as goreleaser does, and returns what the check says.
func (r *fakeRelease) check(t *testing.T) error {
	t.Helper()
	dir := t.TempDir()
	f := folder{dir: dir, version: testVersion}
	zipEnd := "_" + hostPlatform + ".zip"
	r.writeZip(t, f.path(zipEnd))
	files := map[string]string{f.name("_" + hostPlatform + sbomEnd): r.sbom, "artifacts.json": "[]", "config.yaml": "", "digests.txt": ""}
	maps.Copy(files, r.extra)
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	writeFile(t, manifest, r.manifest)
	sum, err := sumOf(f.path(zipEnd))
	if err != nil {
		t.Fatal(err)
	}
	lines := r.sums([]string{sum + "  " + f.name(zipEnd), fmt.Sprintf("%x  %s", sha256.Sum256([]byte(r.manifest)), f.name(manifestEnd))})
	writeFile(t, f.path(checksumsEnd), strings.Join(lines, "\n")+"\n")
	if r.downloaded {
		manifest = ""
	}
	return checkRelease(dir, expectation{platforms: []string{hostPlatform}, manifest: manifest, commit: testCommit})
}

func (r *fakeRelease) writeZip(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	for _, name := range slices.Sorted(maps.Keys(r.entries)) {
		header := &zip.FileHeader{Name: name, Modified: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)}
		header.SetMode(max(r.modes[name], 0o644))
		entry, err := archive.CreateHeader(header)
		if err == nil {
			_, err = entry.Write(r.entries[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheckReleaseAccepts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*fakeRelease){
		"a snapshot":      func(*fakeRelease) {},
		"a signed one":    func(r *fakeRelease) { r.extra[signatureName] = "\x89binary" },
		"with provenance": func(r *fakeRelease) { r.extra["multiple.intoto.jsonl"] = "{}" },
		"a manifest under its name in the release": func(r *fakeRelease) {
			r.extra[project+"_"+testVersion+manifestEnd] = r.manifest
		},
		"a download": func(r *fakeRelease) {
			r.downloaded = true
			r.extra[project+"_"+testVersion+manifestEnd] = r.manifest
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newFakeRelease(t)
			change(r)
			if err := r.check(t); err != nil {
				t.Error(err)
			}
		})
	}
}

const signatureName = project + "_" + testVersion + signatureEnd

// Each change is a release that a registry or a CLI refuses, or that nobody can build again.
func TestCheckReleaseRefuses(t *testing.T) {
	t.Parallel()
	binary := binaryName(testVersion, hostPlatform)
	zeros := strings.Repeat("0", 64)
	for says, change := range map[string]func(*fakeRelease){
		"lists " + project + "_" + testVersion + "_" + hostPlatform + ".cdx.json: the Terraform registry refuses": func(r *fakeRelease) {
			r.sums = func(lines []string) []string {
				sum := sha256.Sum256([]byte(r.sbom))
				return append(lines, fmt.Sprintf("%x  %s_%s_%s.cdx.json", sum, project, testVersion, hostPlatform))
			}
		},
		"does not list " + project + "_" + testVersion + "_manifest.json": func(r *fakeRelease) {
			r.sums = func(lines []string) []string { return lines[:1] }
		},
		"but SHA256SUMS says " + zeros: func(r *fakeRelease) {
			r.sums = func(lines []string) []string { return []string{zeros + lines[0][64:], lines[1]} }
		},
		"twice": func(r *fakeRelease) {
			r.sums = func(lines []string) []string { return append(lines, lines[0]) }
		},
		"is not a checksum, two spaces and a name": func(r *fakeRelease) {
			r.sums = func(lines []string) []string { return append(lines, "") }
		},
		`protocol versions ["5.0"]`: func(r *fakeRelease) {
			r.manifest = strings.Replace(r.manifest, "6.0", "5.0", 1)
		},
		"reading the manifest":              func(r *fakeRelease) { r.downloaded = true },
		"the manifest is not JSON":          func(r *fakeRelease) { r.manifest += "," },
		"the signature is not binary":       func(r *fakeRelease) { r.extra[signatureName] = "-----BEGIN PGP SIGNATURE-----" },
		"does not belong to the release":    func(r *fakeRelease) { r.extra[project+"_"+testVersion+"_plan9_mips.zip"] = "" },
		"holds 2 files named":               func(r *fakeRelease) { r.extra[project+"_1.2.2"+checksumsEnd] = "" },
		binary + " has the mode -rw-r--r--": func(r *fakeRelease) { r.modes = nil },
		binary + " is missing":              func(r *fakeRelease) { delete(r.entries, binary) },
		"LICENSE is missing":                func(r *fakeRelease) { delete(r.entries, "LICENSE") },
		"holds secrets.txt":                 func(r *fakeRelease) { r.entries["secrets.txt"] = nil },
		"is not a Go program":               func(r *fakeRelease) { r.entries[binary] = []byte("#!/bin/sh\n") },
		"does not contain \"" + testCommit:  func(r *fakeRelease) { r.entries[binary] = cut(r.entries[binary], testCommit) },
		"is not a CycloneDX list":           func(r *fakeRelease) { r.sbom = "{}" },
		"is about x v1.2.2":                 func(r *fakeRelease) { r.sbom = strings.Replace(r.sbom, testVersion, "1.2.2", 1) },
		"has a serial number or a time":     func(r *fakeRelease) { r.sbom = strings.Replace(r.sbom, "{", `{"serialNumber":"urn:uuid:1",`, 1) },
		"unexpected end of JSON input":      func(r *fakeRelease) { r.sbom = "" },
		"SHA256SUMS lists a file that cannot": func(r *fakeRelease) {
			r.sums = func(lines []string) []string { return append(lines, zeros+"  other.zip") }
		},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			r := newFakeRelease(t)
			change(r)
			if err := r.check(t); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func cut(content []byte, text string) []byte {
	return []byte(strings.ReplaceAll(string(content), text, strings.Repeat("x", len(text))))
}

func TestOnlyHost(t *testing.T) {
	t.Parallel()
	settings, err := os.ReadFile("../../.goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := onlyHost(settings)
	if err != nil {
		t.Fatal(err)
	}
	goos, goarch, _ := strings.Cut(hostPlatform, "_")
	if text := string(changed); !strings.Contains(text, fmt.Sprintf("    goos: [%q]\n    goarch: [%q]\n", goos, goarch)) || strings.Count(text, "\n") != strings.Count(string(settings), "\n") {
		t.Errorf("the settings are:\n%s", text)
	}
	if _, err := onlyHost([]byte(strings.Replace(string(settings), "    goos: [", "    goos: &os [", 1))); err == nil || !strings.Contains(err.Error(), "goos") {
		t.Errorf("another form of the settings gives the error %v", err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	release := func(sums, sbom string) string {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, project+"_1.2.3"+checksumsEnd), sums)
		writeFile(t, filepath.Join(dir, project+"_1.2.3"+sbomEnd), sbom)
		writeFile(t, filepath.Join(dir, "artifacts.json"), dir) // differs, and is not a file of the release
		return dir
	}
	if files, err := compare(release("a", "b"), release("a", "b")); files != 2 || err != nil {
		t.Errorf("equal releases: %d, %v", files, err)
	}
	for name, other := range map[string]string{"other checksums": release("x", "b"), "another SBOM": release("a", "x"), "nothing": t.TempDir()} {
		if _, err := compare(release("a", "b"), other); err == nil || !strings.Contains(err.Error(), "different") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

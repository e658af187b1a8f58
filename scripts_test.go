// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// script is a script of the project, as an absolute path.
func script(t *testing.T, path string) string {
	t.Helper()
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return absolute
}

// runIn runs a command in a directory with these variables beside the test's own, and returns what it prints.
func runIn(t *testing.T, dir string, variables []string, command ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	// In a hook of git, GIT_DIR and others name the repository of the developer: the commits and tags of a test would go there.
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") }), variables...)
	output, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

// A tag becomes a release only if it is a version on main whose changes are written down.
func TestCheckTag(t *testing.T) {
	repository := t.TempDir()
	git := func(arguments ...string) {
		t.Helper()
		output, err := runIn(t, repository, []string{
			"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		}, append([]string{"git"}, arguments...)...)
		if err != nil {
			t.Fatalf("git %q: %v\n%s", arguments, err, output)
		}
	}
	changes := "# Changelog\n\n## Unreleased\n\n## 1.2.3 (2026-11-26)\n\n- A fix.\n\n## 2.0.0-rc.1\n\n- A try.\n\n## 1.1.0\n\n## 01.2.3\n\n## next\n"
	if err := os.WriteFile(filepath.Join(repository, "CHANGELOG.md"), []byte(changes), 0o600); err != nil {
		t.Fatal(err)
	}
	git("init", "--quiet", "--initial-branch=main")
	git("add", ".")
	git("commit", "--quiet", "--message=released")
	git("tag", "v1.2.3")
	git("tag", "--annotate", "--message=candidate", "v2.0.0-rc.1")
	for _, tag := range []string{"v1.3.0", "v1.1.0", "v1.2.3-rc.01", "v01.2.3", "vnext", "v1.2", "v1.2.3+build"} {
		git("tag", tag)
	}
	git("commit", "--quiet", "--allow-empty", "--message=main goes on")
	git("checkout", "--quiet", "--detach", "v1.2.3")
	git("commit", "--quiet", "--allow-empty", "--message=never merged")
	git("tag", "v2.0.0")

	for tag, want := range map[string]string{
		"v1.2.3":       "can be released",
		"v2.0.0-rc.1":  "can be released",
		"v2.0.0":       "is not on main",
		"v1.3.0":       `no section "## 1.3.0"`,
		"v1.1.0":       "or nothing in it",
		"v1.2.3-rc.01": "not a version",
		"v1.2.4":       "this clone has no such tag",
		"v01.2.3":      "not a version",
		"vnext":        "not a version",
		"v1.2":         "not a version",
		"v1.2.3+build": "not a version",
		"1.2.3":        "not a version",
	} {
		output, err := runIn(t, repository, nil, script(t, "internal/tools/check-tag"), tag, "main")
		if (err == nil) != (want == "can be released") || !strings.Contains(output, want) {
			t.Errorf("%s: %v, %s; want %q", tag, err, output, want)
		}
	}
	if output, err := runIn(t, repository, nil, script(t, "internal/tools/check-tag"), "v1.2.3", "origin/main"); err == nil || !strings.Contains(output, "has no origin/main") {
		t.Errorf("without the branch: %v, %s", err, output)
	}
}

// On Windows a test gets a path that a Go program can use, whatever bash calls it. A stand-in for cygpath, the tool of Git
// for Windows, maps C:/ to a folder.
func TestFindCLIOnWindows(t *testing.T) {
	drive := t.TempDir()
	for path, content := range map[string]string{
		"cli dir/terraform": "#!/bin/sh\n", // bash on Windows finds terraform.exe by this name
		"bin/cygpath": "#!/bin/sh\ncase $1 in\n-u) printf '%s\\n' \"$2\" | sed -e 's#\\\\#/#g' -e 's#^C:#" + drive + "#' ;;\n" +
			"-m) printf '%s\\n' \"$2\" | sed -e 's#^" + drive + "#C:#' ;;\nesac\n",
	} {
		file := filepath.Join(drive, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("terraform", filepath.Join(drive, "cli dir/terraform.exe")); err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + filepath.Join(drive, "bin") + ":" + filepath.Join(drive, "cli dir") + ":" + os.Getenv("PATH")
	for _, cli := range []string{"", "terraform", drive + "/cli dir/terraform", `C:\cli dir\terraform.exe`, "C:/cli dir/terraform"} {
		output, err := runIn(t, ".", []string{path, "CLI=" + cli}, script(t, "internal/tools/find-cli"))
		if want := "C:/cli dir/terraform.exe"; err != nil || output != want {
			t.Errorf("CLI=%s gives %q, %v; want %q", cli, output, err, want)
		}
	}
	if output, err := runIn(t, ".", []string{path, `CLI=C:\none.exe`}, script(t, "internal/tools/find-cli")); err == nil || !strings.Contains(output, "is not a program") {
		t.Errorf("of a CLI that does not exist: %q, %v", output, err)
	}
}

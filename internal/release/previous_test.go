// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inRepository runs the test in a new repository with these commits; a commit with a space is a message and a tag.
func inRepository(t *testing.T, commits ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	// In a hook of git, GIT_DIR and others name the repository of the developer: the commits and tags would go there.
	for _, setting := range os.Environ() {
		if name, value, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, value) // restores it at the end of the test
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	mustGit(t, "init", "--quiet")
	for _, commit := range commits {
		message, tag, tagged := strings.Cut(commit, " ")
		mustGit(t, "-c", "user.name=Nobody", "-c", "user.email=nobody@example.test", "commit", "--quiet", "--allow-empty", "-m", message)
		if tagged {
			mustGit(t, "tag", tag)
		}
	}
}

func mustGit(t *testing.T, args ...string) {
	t.Helper()
	if output, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
}

func TestFindPrevious(t *testing.T) {
	for name, c := range map[string]struct {
		commits []string
		ref     string
		commit  string // its message
		version string
	}{
		"the parent, before the first release":   {[]string{"a", "b", "c"}, "", "b", unreleased},
		"the newest release":                     {[]string{"a v1.0.0", "b v1.1.0", "c", "d"}, "", "b", "1.1.0"},
		"the release before the one made now":    {[]string{"a v1.0.0", "b v1.1.0"}, "", "a", "1.0.0"},
		"no prerelease: a plain init ignores it": {[]string{"a v1.0.0", "b v1.1.0-rc.1", "c"}, "", "a", "1.0.0"},
		"no other tag":                           {[]string{"a v1.0.0", "b nightly", "c"}, "", "a", "1.0.0"},
		"itself, when there is no history":       {[]string{"a"}, "", "a", unreleased},
		"the commit that was asked for":          {[]string{"a v1.0.0", "b", "c", "d"}, "HEAD~2", "b", unreleased},
		"the release that was asked for":         {[]string{"a v1.0.0", "b v1.1.0", "c"}, "v1.0.0", "a", "1.0.0"},
		"the prerelease that was asked for":      {[]string{"a v1.0.0-rc.1", "b"}, "v1.0.0-rc.1", "a", unreleased},
	} {
		t.Run(name, func(t *testing.T) {
			inRepository(t, c.commits...)
			commit, version, _, err := findPrevious(t.Context(), c.ref)
			if err != nil {
				t.Fatal(err)
			}
			message, err := git(t.Context(), "show", "--no-patch", "--format=%s", commit)
			if err != nil || message != c.commit || version != c.version {
				t.Errorf("commit %q, version %s, %v: want commit %q, version %s", message, version, err, c.commit, c.version)
			}
		})
	}
}

func TestFindPreviousWithoutHistory(t *testing.T) {
	inRepository(t, "a v1.0.0", "b", "c")
	origin, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	mustGit(t, "clone", "--quiet", "--depth=1", "--no-local", origin, ".")
	if commit, _, text, err := findPrevious(t.Context(), ""); err != nil || !strings.HasPrefix(text, "HEAD (commit ") {
		t.Errorf("a shallow clone upgrades from %q, %s, %v", text, commit, err)
	}
	if _, _, _, err := findPrevious(t.Context(), "v0.9.0"); err == nil || !strings.Contains(err.Error(), "git fetch --unshallow --tags") {
		t.Errorf("a version that the clone does not have gives the error %v", err)
	}
}

func TestExportCommit(t *testing.T) {
	inRepository(t, "a")
	if err := os.WriteFile("run", []byte("old"), 0o700); err != nil {
		t.Fatal(err)
	}
	mustGit(t, "add", ".")
	mustGit(t, "-c", "user.name=Nobody", "-c", "user.email=nobody@example.test", "commit", "--quiet", "-m", "b")
	if err := os.WriteFile("run", []byte("changed"), 0o700); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "a folder", "source")
	if err := exportCommit(t.Context(), folder, "HEAD"); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(folder, "run")); err != nil || string(content) != "old" {
		t.Errorf("the exported file is %q, %v", content, err)
	}
}

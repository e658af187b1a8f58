// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

func TestNotesOf(t *testing.T) {
	t.Parallel()
	const changes = "# Changelog\n\nText.\n\n## Unreleased\n\n## 1.10.0 (2026-12-01)\n\n- New.\n\n### Fixed\n\n- Old.\n\n## 1.1.0\n- First.\n"
	for version, want := range map[string]string{"1.10.0": "- New.\n\n### Fixed\n\n- Old.\n", "1.1.0": "- First.\n"} {
		if notes, err := notesOf(changes, version); notes != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", version, notes, err, want)
		}
	}
	for _, version := range []string{"1.1", "1.10.1", "Unreleased", ""} {
		if notes, err := notesOf(changes, version); err == nil || !strings.Contains(err.Error(), "CHANGELOG.md has no section") {
			t.Errorf("%q: %q, %v", version, notes, err)
		}
	}
}

// A release has the same commit as its last candidate when nothing has changed since.
func TestNotesAreOfTheReleasedTag(t *testing.T) {
	for current, want := range map[string]string{"": "The release.\n", "v1.0.0": "The release.\n", "v1.0.0-rc.1": "The candidate.\n"} {
		t.Run(current, func(t *testing.T) {
			inRepository(t, "a v1.0.0")
			mustGit(t, "tag", "v1.0.0-rc.1")
			writeFile(t, "CHANGELOG.md", "# Changelog\n\n## 1.0.0\n\nThe release.\n\n## 1.0.0-rc.1\n\nThe candidate.\n")
			t.Setenv("GORELEASER_CURRENT_TAG", current)
			if err := runNotes(t.Context(), flag.NewFlagSet("notes", flag.ContinueOnError), []string{"-to", "notes.md"}); err != nil {
				t.Fatal(err)
			}
			if notes, err := os.ReadFile("notes.md"); string(notes) != want || err != nil {
				t.Errorf("the notes are %q, %v, want %q", notes, err, want)
			}
		})
	}
}

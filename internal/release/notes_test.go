// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
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

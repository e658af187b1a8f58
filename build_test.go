// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestCommitOf(t *testing.T) {
	hash := strings.Repeat("0123456789", 4)
	recorded := func(settings ...debug.BuildSetting) *debug.BuildInfo { return &debug.BuildInfo{Settings: settings} }
	revision := debug.BuildSetting{Key: "vcs.revision", Value: hash}
	for name, c := range map[string]struct {
		released string
		recorded *debug.BuildInfo
		want     string
	}{
		"a release":                         {hash, nil, "012345678901"},
		"a release of an uncommitted tree":  {hash + "-dirty", nil, "012345678901-dirty"},
		"a release knows better than Go":    {hash, recorded(debug.BuildSetting{Key: "vcs.revision", Value: "other"}), "012345678901"},
		"a build":                           {"", recorded(revision, debug.BuildSetting{Key: "vcs.modified", Value: "false"}), "012345678901"},
		"a build of an uncommitted tree":    {"", recorded(revision, debug.BuildSetting{Key: "vcs.modified", Value: "true"}), "012345678901-dirty"},
		"a build outside a repository":      {"", recorded(), "unknown"},
		"a build without any record":        {"", nil, "unknown"},
		"a commit that is short as it is":   {"abc", nil, "abc"},
		"short, and of an uncommitted tree": {"abc-dirty", nil, "abc-dirty"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := commitOf(c.released, c.recorded); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

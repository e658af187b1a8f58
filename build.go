// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version and commit are set by the release build. Without it, commit is empty, and Go's own record of the build says which
// commit it was.
var (
	version = "dev"
	commit  string
)

// uncommitted marks the commit of a build that also contains changes without a commit.
const uncommitted = "-dirty"

// shortCommit is how many characters of a commit are shown. They are enough to find it.
const shortCommit = 12

// build says what this binary was built from, as in "1.2.3 (commit 0123456789ab)". The user agent and the reports of bugs
// contain it.
func build() string {
	recorded, _ := debug.ReadBuildInfo() // nil: a test, or an unusual toolchain
	return fmt.Sprintf("%s (commit %s)", version, commitOf(commit, recorded))
}

// buildDetails is what -version prints.
func buildDetails() string {
	return fmt.Sprintf("terraform-provider-sequentum %s, %s, %s_%s", build(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// commitOf returns the commit of the release build. For any other build, it is the commit that Go has recorded; "unknown" when
// there is no record, for example because of -buildvcs=false.
func commitOf(released string, recorded *debug.BuildInfo) string {
	if released != "" {
		return shorten(released)
	}
	settings := map[string]string{}
	if recorded != nil {
		for _, s := range recorded.Settings {
			settings[s.Key] = s.Value
		}
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return "unknown"
	}
	if settings["vcs.modified"] == "true" {
		revision += uncommitted
	}
	return shorten(revision)
}

// shorten shortens a commit, but never hides that the build has uncommitted changes.
func shorten(commit string) string {
	hash, isUncommitted := strings.CutSuffix(commit, uncommitted)
	hash = hash[:min(len(hash), shortCommit)]
	if isUncommitted {
		hash += uncommitted
	}
	return hash
}

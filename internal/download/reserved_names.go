// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"slices"
	"strings"
	"unicode"
)

// Files can be downloaded into the directory of a configuration. Terraform must not read a file from a scraped site as
// configuration or state.

// reservedEndings are the endings of names that Terraform or OpenTofu reads by itself.
var reservedEndings = []string{
	".tf", ".tofu", ".tf.json", ".tofu.json", // configuration, override files included
	".tfvars", ".tfvars.json", ".tofuvars", ".tofuvars.json",
	".tfstate", ".tfstate.backup", ".tfstate.d", ".tfstate.lock.info",
	".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json",
	".tfmock.hcl", ".tfmock.json", ".tofumock.hcl", ".tofumock.json",
	".tfquery.hcl", ".tfquery.json", ".tofuquery.hcl", ".tofuquery.json",
	".tfstack.hcl", ".tfstack.json", ".tfdeploy.hcl", ".tfdeploy.json", ".tfcomponent.hcl", ".tfcomponent.json",
	".tfrc", ".tofurc",
}

// reservedNames are whole names that Terraform or OpenTofu reads by itself.
var reservedNames = []string{"terraform.rc", "tofu.rc", "terraform.d"}

// reservedBeginnings are the beginnings of names that a CLI uses for its own files.
var reservedBeginnings = []string{".terraform", ".tofu"}

// isReserved reports whether a CLI or a later download would treat a file of that name as its own.
func isReserved(name string) bool { return hasReservedEnding(name) || hasReservedBeginning(name) }

func hasReservedEnding(name string) bool {
	folded := looseName(name)
	return slices.Contains(reservedNames, folded) ||
		slices.ContainsFunc(reservedEndings, func(ending string) bool { return strings.HasSuffix(folded, ending) })
}

func hasReservedBeginning(name string) bool {
	folded := looseName(name)
	return isTemporary(name) ||
		slices.ContainsFunc(reservedBeginnings, func(beginning string) bool { return strings.HasPrefix(folded, beginning) })
}

// looseName returns the same text for names that some file system treats as the same: it ignores case and invisible
// characters.
func looseName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, foldName(name))
}

// harmlessRoom is how many bytes makeHarmless adds to a name at most.
const harmlessRoom = 2

// makeHarmless adds a _ to a reserved name, at its beginning or end, so that it is not reserved any more.
func makeHarmless(name string) string {
	if hasReservedBeginning(name) {
		name = "_" + name
	}
	if hasReservedEnding(name) {
		name += "_"
	}
	return name
}

package download

import (
	"slices"
	"strings"
	"unicode"
)

// A directory of downloads can also hold a configuration. A file of a scraped site must then be neither
// configuration nor state.

// reservedEndings are the endings of the names that Terraform or OpenTofu read by themselves.
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

// reservedNames are read by these names only.
var reservedNames = []string{"terraform.rc", "tofu.rc", "terraform.d"}

// reservedBeginnings are the beginnings of the names that a CLI uses for its own files.
var reservedBeginnings = []string{".terraform", ".tofu"}

// isReserved reports whether a CLI, or a later download, would take a file of that name for its own.
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

// looseName makes names equal that some file system takes for the same: without regard to case, and without the
// characters that nobody sees.
func looseName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, foldName(name))
}

// harmlessRoom is the most that harmless adds to a name, in bytes.
const harmlessRoom = 2

// harmless changes a reserved name where it is reserved.
func harmless(name string) string {
	if hasReservedBeginning(name) {
		name = "_" + name
	}
	if hasReservedEnding(name) {
		name += "_"
	}
	return name
}

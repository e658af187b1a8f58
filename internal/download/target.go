package download

import (
	"slices"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Target is a file to be saved.
type Target struct {
	File    sequentum.File
	Name    string // in the directory
	SHA256  string // hex; what the content must be; "": whatever it is
	Replace Replace
}

// Targets gives each file a name to be saved under, ordered by id: safe on every file system, in NFC form, and with the
// id in it where two files would otherwise share one.
func Targets(files []sequentum.File) []Target {
	files = slices.CompactFunc(files, func(a, b sequentum.File) bool { return a.ID == b.ID })
	names := diskNames(files)
	targets := make([]Target, len(files))
	for i, f := range files {
		targets[i] = Target{File: f, Name: names[f.ID]}
	}
	return targets
}

// Replace says what a saved file may take the place of. A directory is never replaced.
type Replace int

// What a saved file may replace.
const (
	ReplaceNothing Replace = iota
	ReplaceFile            // a regular file
	ReplaceAny             // also a symbolic link, which is itself replaced and not what it points to
)

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"slices"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Target is a file to be saved, and how.
type Target struct {
	File    sequentum.File // as the run's list of files has it; its size is a hint
	Name    string         // the file's name in the directory
	SHA256  string         // hex; another content is a [MismatchError]; "": any content is accepted
	Replace Replace        // zero: [ReplaceNothing]
}

// Targets gives each file a name on disk. files must be ordered by id; a file that is there twice gives one target. A name is
// safe on every file system and in NFC form. If several files would get the same name, each gets its id in its name.
func Targets(files []sequentum.File) []Target {
	files = slices.CompactFunc(files, func(a, b sequentum.File) bool { return a.ID == b.ID })
	names := diskNames(files)
	targets := make([]Target, len(files))
	for i, f := range files {
		targets[i] = Target{File: f, Name: names[f.ID]}
	}
	return targets
}

// Replace says what a new file may replace. A directory is never replaced.
type Replace int

// What a new file may replace.
const (
	ReplaceNothing Replace = iota
	ReplaceFile            // a regular file
	ReplaceAny             // also a symbolic link or another special file; what a link points to stays as it is
)

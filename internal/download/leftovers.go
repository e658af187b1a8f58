// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"
)

// leftoverAge is the age from which a temporary file can be a leftover. A younger one can belong to another process that has not
// locked it yet.
const leftoverAge = time.Minute

// removeLeftovers removes the temporary files of downloads that were killed: those that no process has locked. A file that
// cannot be removed stays.
func (d *Directory) removeLeftovers(now time.Time) {
	entries, _ := fs.ReadDir(d.root.FS(), ".") // a directory that cannot be listed can still be written to
	for _, entry := range entries {
		if entry.Type().IsRegular() && isTemporary(entry.Name()) {
			d.removeLeftover(entry.Name(), now)
		}
	}
}

func (d *Directory) removeLeftover(name string, now time.Time) {
	f, err := d.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return
	}
	info, err := f.Stat()
	left := err == nil && now.Sub(info.ModTime()) > leftoverAge && lockFile(f) == nil
	// Windows removes no open file, and refuses to remove one that another process has open.
	if err := errors.Join(f.Close(), err); left && err == nil {
		_ = d.root.Remove(name)
	}
}

const temporaryPrefix, temporarySuffix = ".sequentum-", ".part"

// temporaryName returns a new random name of a hidden file.
func temporaryName() string { return temporaryPrefix + rand.Text() + temporarySuffix }

// isTemporary reports whether a name has exactly the form of [temporaryName]. A file with a similar name can be somebody's work.
func isTemporary(name string) bool {
	random, found := strings.CutPrefix(name, temporaryPrefix)
	random, ended := strings.CutSuffix(random, temporarySuffix)
	return found && ended && len(random) == len(rand.Text()) && strings.Trim(random, base32Alphabet) == ""
}

// base32Alphabet has the characters that rand.Text uses.
const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

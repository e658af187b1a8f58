package download

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"
)

// leftoverAge protects a file that another process has just made, and has not locked yet, from being taken for a
// leftover.
const leftoverAge = time.Minute

// removeLeftovers removes what downloads that were killed have left half-written: the temporary files that no process
// holds any more. What cannot be removed stays.
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
	left := err == nil && now.Sub(info.ModTime()) > leftoverAge && lock(f) == nil
	// Windows removes no open file, and refuses to remove one that another process has open.
	if err := errors.Join(f.Close(), err); left && err == nil {
		_ = d.root.Remove(name)
	}
}

const temporaryPrefix, temporarySuffix = ".sequentum-", ".part"

// temporaryName is a hidden name that nothing else has.
func temporaryName() string { return temporaryPrefix + rand.Text() + temporarySuffix }

// isTemporary reports whether a name has exactly the form of [temporaryName]: a file with a similar name is somebody's.
func isTemporary(name string) bool {
	random, found := strings.CutPrefix(name, temporaryPrefix)
	random, ended := strings.CutSuffix(random, temporarySuffix)
	return found && ended && len(random) == len(rand.Text()) && strings.Trim(random, base32Alphabet) == ""
}

// base32Alphabet is what rand.Text writes in.
const base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

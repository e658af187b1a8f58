//go:build unix

package download

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes the file for as long as it is open, and fails when another process has it.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

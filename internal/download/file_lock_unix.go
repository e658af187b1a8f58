// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package download

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile locks the file until it is closed. It fails if another process has locked the file.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

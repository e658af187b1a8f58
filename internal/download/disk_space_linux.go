// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"os"

	"golang.org/x/sys/unix"
)

// reserveSpace reserves size bytes on the disk, so that a full disk is found before the transfer, and writing is faster. A file
// system that cannot reserve space gives no error.
func reserveSpace(f diskFile, size int64) error {
	if size == 0 {
		return nil
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		if refused = checkSpace(int(fd), size); refused == nil {
			refused = unix.Fallocate(int(fd), unix.FALLOC_FL_KEEP_SIZE, 0, min(size, maxReserved))
		}
	})
	if isOutOfSpace(refused) {
		return &os.PathError{Op: "reserve room for", Path: f.Name(), Err: refused}
	}
	return err
}

// checkSpace returns ENOSPC if the file system has less than size bytes free.
func checkSpace(fd int, size int64) error {
	var stat unix.Statfs_t
	if err := unix.Fstatfs(fd, &stat); err != nil {
		return err
	}
	if stat.Bsize > 0 && uint64(size)/uint64(stat.Bsize) > stat.Bavail {
		return unix.ENOSPC
	}
	return nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"os"

	"golang.org/x/sys/unix"
)

// StartWriteBack makes the system write the file's content to the disk, without waiting until it is there: that takes less than
// a sync, which also empties the disk's own cache. A system that cannot do it gives no error: then only the last sync writes.
func (f systemFile) StartWriteBack() error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	if err := raw.Control(func(fd uintptr) { refused = unix.SyncFileRange(int(fd), 0, 0, unix.SYNC_FILE_RANGE_WRITE) }); err != nil {
		return err
	}
	switch refused {
	case nil, unix.ENOSYS, unix.EOPNOTSUPP, unix.EINVAL, unix.ESPIPE, unix.EPERM: // EPERM: a sandbox forbids the call
		return nil
	}
	return &os.PathError{Op: "write", Path: f.Name(), Err: refused}
}

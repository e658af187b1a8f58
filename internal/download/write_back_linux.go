// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// StartWriteBack starts writing the file's content to the disk, and does not wait until it is there. A sync takes longer: it
// also empties the disk's own cache. If the system cannot do this, there is no error, and only the last sync writes.
func (f systemFile) StartWriteBack() error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	if err := raw.Control(func(fd uintptr) { refused = unix.SyncFileRange(int(fd), 0, 0, unix.SYNC_FILE_RANGE_WRITE) }); err != nil {
		return err
	}
	if refused == nil || lastSyncWrites(refused) {
		return nil
	}
	return &os.PathError{Op: "write", Path: f.Name(), Err: refused}
}

// lastSyncWrites reports whether the last sync can write although an early write-back was refused: the system cannot do that, a
// sandbox forbids it (EPERM), or it is not possible at the moment.
func lastSyncWrites(refused error) bool {
	for _, harmless := range []error{unix.ENOSYS, unix.EOPNOTSUPP, unix.EINVAL, unix.ESPIPE, unix.EPERM, unix.ENOMEM, unix.EAGAIN, unix.EINTR} {
		if errors.Is(refused, harmless) {
			return true
		}
	}
	return false
}

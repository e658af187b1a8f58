package run

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve asks the disk for room, so that a full one shows before anything has been transferred, and writing costs
// less. A file system that cannot say has no objection.
func reserve(f *os.File, size int64) error {
	if size == 0 {
		return nil
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) { refused = unix.Fallocate(int(fd), unix.FALLOC_FL_KEEP_SIZE, 0, size) })
	if errors.Is(refused, unix.ENOSPC) || errors.Is(refused, unix.EDQUOT) || errors.Is(refused, unix.EFBIG) {
		return &os.PathError{Op: "reserve room for", Path: f.Name(), Err: refused}
	}
	return err
}

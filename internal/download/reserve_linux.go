package download

import (
	"os"

	"golang.org/x/sys/unix"
)

// reserve asks the disk for room, so that a full disk shows before anything has been transferred, and writing
// costs less. It is no error if the file system cannot tell.
func reserve(f *os.File, size int64) error {
	if size == 0 {
		return nil
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		if refused = enoughRoom(int(fd), size); refused == nil {
			refused = unix.Fallocate(int(fd), unix.FALLOC_FL_KEEP_SIZE, 0, min(size, maxReserve))
		}
	})
	if noRoom(refused) {
		return &os.PathError{Op: "reserve room for", Path: f.Name(), Err: refused}
	}
	return err
}

// enoughRoom compares a size with what the file system has left.
func enoughRoom(fd int, size int64) error {
	var stat unix.Statfs_t
	if err := unix.Fstatfs(fd, &stat); err != nil {
		return err
	}
	if stat.Bsize > 0 && uint64(size)/uint64(stat.Bsize) > stat.Bavail {
		return unix.ENOSPC
	}
	return nil
}

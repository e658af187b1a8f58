package download

import (
	"errors"
	"runtime"
	"syscall"
)

// maxReserve is the most that is taken from the disk ahead of what has arrived. A host may announce any size, and room
// that is reserved for nothing is not there for the other files.
const maxReserve = 1 << 30

// windowsDiskFull is ERROR_DISK_FULL. On other systems the number means another error.
const windowsDiskFull = syscall.Errno(112)

// noRoom reports whether the disk has no room for the file: a smaller one may still fit.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) ||
		runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull)
}

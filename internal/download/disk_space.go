package download

import (
	"errors"
	"runtime"
	"syscall"
)

// maxReserved is the most that is taken from the disk ahead of what has arrived. A host may announce any size, and room
// that is taken for nothing is missing to the other files.
const maxReserved = 1 << 30

// windowsDiskFull is ERROR_DISK_FULL, which is another error elsewhere.
const windowsDiskFull = syscall.Errno(112)

// isOutOfSpace reports whether the disk has no room for the file: a smaller one may still fit.
func isOutOfSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) ||
		runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull)
}

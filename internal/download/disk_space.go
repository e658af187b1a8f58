// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"errors"
	"runtime"
	"syscall"
)

// maxReserved is the most that is reserved for one file, in bytes. A host can announce any size, and the other files need space
// too.
const maxReserved = 1 << 30

// windowsDiskFull is ERROR_DISK_FULL, which is another error elsewhere.
const windowsDiskFull = syscall.Errno(112)

// isOutOfSpace reports whether the disk has no space for the file. A smaller file can still fit.
func isOutOfSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) ||
		runtime.GOOS == "windows" && errors.Is(err, windowsDiskFull)
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package simulator

import "syscall"

// What the operating system says of a broken and of a refused connection.
const (
	connectionReset   = syscall.ECONNRESET
	connectionRefused = syscall.ECONNREFUSED
)

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import "golang.org/x/sys/windows"

// What the operating system says of a broken and of a refused connection.
const (
	connectionReset   = windows.WSAECONNRESET
	connectionRefused = windows.WSAECONNREFUSED
)

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import "time"

// firstCallWithin is the longest time until a CLI makes its first call. A CLI waits at most one minute for a provider to
// start, and then makes the first call at once.
const firstCallWithin = 2 * time.Minute

// exitWithoutCall ends this process when no call comes within firstCallWithin. It is for a CLI that died before
// exitWithParent read the parent's id: the provider then already has another parent, and cannot see that the CLI is gone.
func exitWithoutCall(called <-chan struct{}, exit func(code int)) {
	select {
	case <-called:
	case <-time.After(firstCallWithin):
		exit(1)
	}
}

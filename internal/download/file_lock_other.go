// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package download

import "os"

// lockFile does nothing: this system does not remove an open file, so a temporary file in use is safe.
func lockFile(*os.File) error { return nil }

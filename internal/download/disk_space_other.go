// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package download

// reserveSpace does nothing on this system: a full disk is found when the file is written.
func reserveSpace(diskFile, int64) error { return nil }

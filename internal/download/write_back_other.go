// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package download

// StartWriteBack syncs the file: this system offers no way to start writing without waiting.
func (f systemFile) StartWriteBack() error { return f.Sync() }

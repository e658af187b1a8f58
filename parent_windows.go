// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// exitWithParent ends this process when the process that started it has died. On Windows the parent's id does not change
// then, so this waits for the parent's handle.
func exitWithParent() error {
	parent, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(os.Getppid()))
	if err != nil {
		return err
	}
	go func() {
		if _, err := windows.WaitForSingleObject(parent, windows.INFINITE); err == nil {
			os.Exit(1)
		}
	}()
	return nil
}

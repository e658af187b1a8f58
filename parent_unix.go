// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"time"
)

// parentInterval is the time between two checks that the CLI still runs. The provider must check by itself, because an
// idle provider does not notice that its CLI has died.
const parentInterval = time.Second

// exitWithParent ends this process when the process that started it has died: the parent's id then changes.
func exitWithParent() error {
	parent := os.Getppid()
	go func() {
		for range time.Tick(parentInterval) {
			if os.Getppid() != parent {
				os.Exit(1)
			}
		}
	}()
	return nil
}

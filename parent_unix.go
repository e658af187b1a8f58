//go:build unix

package main

import (
	"os"
	"time"
)

// parentInterval is how often the provider looks whether its CLI is still there. An idle provider has no request to
// learn it from.
const parentInterval = time.Second

// exitWithParent ends this process when the one that started it is gone: an orphan is given another parent.
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

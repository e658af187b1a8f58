// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestExitWithoutCall(t *testing.T) {
	for name, c := range map[string]struct {
		calledAfter time.Duration
		exits       bool
	}{
		"no call in an hour":            {time.Hour, true},
		"a first call after 90 seconds": {90 * time.Second, false},
		"a first call at once":          {0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				called := make(chan struct{})
				time.AfterFunc(c.calledAfter, func() { close(called) })
				exited := 0
				exitWithoutCall(called, func(int) { exited++ })
				if (exited == 1) != c.exits {
					t.Errorf("exited %d times after %v", exited, c.calledAfter)
				}
				<-called
			})
		})
	}
}

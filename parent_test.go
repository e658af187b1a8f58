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
		"nobody calls":                       {time.Hour, true},
		"a call on a slow machine":           {90 * time.Second, false},
		"a call at once, and a wait of days": {0, false},
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

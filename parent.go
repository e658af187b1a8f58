package main

import "time"

// firstCallWithin is how long a CLI can take to make its first call. It waits a minute at most for a provider to start,
// and then it calls at once.
const firstCallWithin = 2 * time.Minute

// exitWithoutCall ends this process when nobody calls it. A CLI that was gone before the provider first looked at its
// parent cannot be seen to go: the parent is another process by then, and any process can be an orphan's parent.
func exitWithoutCall(called <-chan struct{}, exit func(code int)) {
	select {
	case <-called:
	case <-time.After(firstCallWithin):
		exit(1)
	}
}

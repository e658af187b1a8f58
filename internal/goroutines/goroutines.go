// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package goroutines counts the goroutines of a test.
package goroutines

import (
	"bytes"
	"regexp"
	"runtime"
)

var ownBubble = regexp.MustCompile(`^goroutine \d+ \[[^\]]*(, synctest bubble \d+)`)

// InBubble counts the goroutines of the caller's bubble. The runtime's own count is that of the whole process, in
// which other tests and the runtime itself begin and end goroutines. Outside of a bubble it panics.
func InBubble() int {
	stacks := make([]byte, 1<<16)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	own := ownBubble.FindSubmatch(stacks) // the caller's stack comes first
	if own == nil {
		panic("the caller is in no bubble of testing/synctest")
	}
	return bytes.Count(stacks, append(own[1], ']'))
}

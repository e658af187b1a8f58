// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math"
	"time"
)

// Clock is the time of a [Cloud]. Clocks of other packages fit as they are.
type Clock interface {
	// Now returns the present moment.
	Now() time.Time
	// After delivers the time once d has passed, at once if d is not positive.
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

type acceleratedClock struct {
	factor float64
	begin  time.Time
}

// Accelerated returns a clock that begins with the system's time and runs factor times as fast.
// It panics if factor is not positive.
func Accelerated(factor float64) Clock {
	if !(factor > 0) || math.IsInf(factor, 1) {
		panic("simulator: a clock's factor must be a positive number")
	}
	return acceleratedClock{factor: factor, begin: time.Now()}
}

func (c acceleratedClock) Now() time.Time {
	return c.begin.Add(time.Duration(float64(time.Since(c.begin)) * c.factor))
}

func (c acceleratedClock) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	// Rounded up: after the wait, the clock must never show a time before its end.
	system := time.Duration(math.Ceil(float64(d)/c.factor)) + 1
	time.AfterFunc(system, func() { ch <- c.Now() })
	return ch
}

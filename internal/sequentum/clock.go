// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"time"
)

// Clock tells the time and lets it pass. Tests and simulations bring their own.
type Clock interface {
	// Now is the current time.
	Now() time.Time
	// After sends the time once on the channel that it returns, when d has passed.
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// SystemClock is the clock of the machine.
func SystemClock() Clock { return systemClock{} }

func orSystemClock(c Clock) Clock {
	if c == nil {
		return systemClock{}
	}
	return c
}

// Sleep waits until d has passed on clock (nil: the system's). When ctx ends before, it returns the cause of that end.
func Sleep(ctx context.Context, clock Clock, d time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	select {
	case <-orSystemClock(clock).After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// WithTimeout returns a copy of ctx that ends when d has passed on clock (nil: the system's). Its cause is then
// context.DeadlineExceeded. Call the cancel function to free its resources, as with context.WithTimeout.
//
// On a clock other than the system's the context has no deadline, and its Err is context.Canceled even after the timeout.
// So ask context.Cause.
func WithTimeout(ctx context.Context, clock Clock, d time.Duration) (context.Context, context.CancelFunc) {
	clock = orSystemClock(clock)
	if _, ok := clock.(systemClock); ok {
		return context.WithTimeout(ctx, d)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	if d <= 0 {
		cancel(context.DeadlineExceeded)
		return ctx, func() { cancel(nil) }
	}
	passed := clock.After(d) // the time counts from now, not from the start of the goroutine
	go func() {
		select {
		case <-passed:
			cancel(context.DeadlineExceeded)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// Outlive returns a context that ends grace after ctx does, with its cause. Call the function to release it.
func Outlive(ctx context.Context, clock Clock, grace time.Duration) (context.Context, context.CancelFunc) {
	outliving, end := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if Sleep(outliving, clock, grace) == nil {
			end(context.Cause(ctx))
		}
	})
	return outliving, func() {
		stop()
		end(nil)
	}
}

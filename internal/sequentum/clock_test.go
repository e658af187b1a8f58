// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// bubbleClock has the time of the test's bubble, but is not recognized as the system's clock.
type bubbleClock struct{ systemClock }

func bothClocks(t *testing.T, test func(t *testing.T, clock Clock)) {
	t.Helper()
	for name, clock := range map[string]Clock{"system": nil, "other": bubbleClock{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, clock) })
		})
	}
}

func TestSleepEndsWithItsTimeOrContext(t *testing.T) {
	bothClocks(t, func(t *testing.T, clock Clock) {
		began := time.Now()
		if err := Sleep(t.Context(), clock, time.Hour); err != nil || time.Since(began) != time.Hour {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := Sleep(t.Context(), clock, -1); err != nil {
			t.Error(err)
		}
		interrupt := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(interrupt) })
		began = time.Now()
		if err := Sleep(ctx, clock, time.Hour); err != interrupt || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := Sleep(ctx, clock, 0); err != interrupt {
			t.Errorf("got %v", err)
		}
	})
}

func TestWithTimeoutEndsTheContext(t *testing.T) {
	bothClocks(t, func(t *testing.T, clock Clock) {
		began := time.Now()
		ctx, cancel := WithTimeout(t.Context(), clock, time.Hour)
		defer cancel()
		<-ctx.Done()
		if cause := context.Cause(ctx); cause != context.DeadlineExceeded || time.Since(began) != time.Hour {
			t.Errorf("%v after %v", cause, time.Since(began))
		}

		// After a cancel no goroutine is left: the bubble would not end.
		ctx, cancel = WithTimeout(t.Context(), clock, time.Hour)
		cancel()
		<-ctx.Done()
		if cause := context.Cause(ctx); cause != context.Canceled {
			t.Errorf("got %v", cause)
		}

		ctx, cancel = WithTimeout(t.Context(), clock, 0)
		defer cancel()
		if cause := context.Cause(ctx); cause != context.DeadlineExceeded {
			t.Errorf("got %v", cause)
		}

		interrupt := errors.New("interrupted")
		parent, end := context.WithCancelCause(t.Context())
		ctx, cancel = WithTimeout(parent, clock, time.Hour)
		defer cancel()
		end(interrupt)
		<-ctx.Done()
		if cause := context.Cause(ctx); cause != interrupt {
			t.Errorf("got %v", cause)
		}
	})
}

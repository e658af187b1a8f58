// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowAnswer is a call that takes a minute, and says whether it was cancelled.
func slowAnswer(cancelled *bool) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		select {
		case <-time.After(time.Minute):
			return "the answer", nil
		case <-ctx.Done():
			*cancelled = true
			return "", ctx.Err()
		}
	}
}

func TestSharedCallOutlivesItsFirstCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cancelled bool
		first, stop := context.WithCancel(t.Context())
		call := ShareCall(first, slowAnswer(&cancelled))
		call.Join()
		call.Join()
		go func() {
			if _, err := call.Wait(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the first caller got %v", err)
			}
		}()
		stop()
		if got, err := call.Wait(t.Context()); got != "the answer" || err != nil || cancelled {
			t.Errorf("the second caller got %q, %v, cancelled %v", got, err, cancelled)
		}
		if !call.Join() {
			t.Error("nobody can join a call that has its answer")
		}
	})
}

func TestSharedCallEndsWithItsLastCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cancelled bool
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		call := ShareCall(t.Context(), slowAnswer(&cancelled))
		call.Join()
		if _, err := call.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if !cancelled {
			t.Error("the call goes on although nobody waits for it")
		}
		if call.Join() {
			t.Error("a caller joined an abandoned call")
		}
	})
}

func TestSharedCallSaysWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		call := ShareCall(t.Context(), func(ctx context.Context) (string, error) {
			ctx.Value(waitingKey{}).(func(Waiting))(func() string { return "its turn" })
			<-ctx.Done()
			return "", ctx.Err()
		})
		call.Join()
		if _, err := call.Wait(ctx); err == nil || !strings.Contains(err.Error(), "while waiting for its turn") {
			t.Errorf("got %v", err)
		}
	})
}

func TestSharedCallTurnsAPanicIntoAnError(t *testing.T) {
	call := ShareCall(t.Context(), func(context.Context) (string, error) { panic("a bug") })
	call.Join()
	_, err := call.Wait(t.Context())
	if _, ok := errors.AsType[*PanicError](err); !ok {
		t.Errorf("got %v", err)
	}
}

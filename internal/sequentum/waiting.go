// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"fmt"
	"sync"
)

// Waiting returns what a call waits for at the moment, such as "its turn in the request budget: …". A nil Waiting means
// that the call waits for nothing.
type Waiting func() string

type waitingKey struct{}

// WithWaiting returns a context whose calls tell report what they wait for, and nil when they have ended. It is for
// callers who share the answer of another caller's call: when their own time is over, they cannot wait for the error of
// that call. report must not block.
func WithWaiting(ctx context.Context, report func(Waiting)) context.Context {
	return context.WithValue(ctx, waitingKey{}, report)
}

// setWaiting reports what the call waits for from now on, to the function given to WithWaiting.
func (k *call) setWaiting(what Waiting) {
	if k.reportWaiting == nil {
		return
	}
	if what == nil || k.tries.lastError == nil {
		k.reportWaiting(what)
		return
	}
	last := "; the last try ended with " + k.tries.lastError.reason()
	k.reportWaiting(func() string { return what() + last })
}

// WaitingFor knows what the calls of a context wait for at the moment, for callers who share their answer. The zero value
// is ready for use.
type WaitingFor struct {
	mu      sync.Mutex
	current Waiting
}

// Follow returns a context whose calls keep w current.
func (w *WaitingFor) Follow(ctx context.Context) context.Context {
	return WithWaiting(ctx, func(current Waiting) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.current = current
	})
}

// Describe says what the calls wait for; empty: for nothing.
func (w *WaitingFor) Describe() string {
	w.mu.Lock()
	current := w.current
	w.mu.Unlock()
	if current == nil {
		return ""
	}
	return current()
}

// EndedWhile is the error of a context that has ended. It also says what its owner was waiting for; empty: for nothing.
func EndedWhile(ctx context.Context, waiting string) error {
	if waiting == "" {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w while waiting for %s", context.Cause(ctx), waiting)
}

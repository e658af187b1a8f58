// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"sync"
)

// SharedCall is a request, or several in a row, whose answer several callers wait for. It goes on as long as one of them
// waits, so that no caller loses the answer because another has gone.
type SharedCall[T any] struct {
	cancel   context.CancelFunc
	waitsFor WaitingFor
	done     chan struct{} // closed when value or err is set
	value    T
	err      error

	mu        sync.Mutex
	callers   int
	abandoned bool // the last caller went before the answer came
}

// ShareCall begins ask in a goroutine of its own, with the values of ctx but not its end. The caller must join the call
// too, before others can leave it. A panic of ask is the error of all callers.
func ShareCall[T any](ctx context.Context, ask func(context.Context) (T, error)) *SharedCall[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &SharedCall[T]{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer cancel()
		defer close(s.done)
		defer Recover(func(p *PanicError) { s.err = p })
		s.value, s.err = ask(s.waitsFor.Follow(ctx))
	}()
	return s
}

// Join counts a caller, who must then call Wait. It returns false if the call was abandoned: begin another.
func (s *SharedCall[T]) Join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.abandoned {
		return false
	}
	s.callers++
	return true
}

// Wait blocks until the answer is there or ctx ends, and leaves the call. An error: the call's, or that of ctx with what
// the call was waiting for.
func (s *SharedCall[T]) Wait(ctx context.Context) (T, error) {
	defer s.leave()
	select {
	case <-s.done:
		return s.value, s.err
	case <-ctx.Done():
		var none T
		return none, EndedWhile(ctx, s.waitsFor.Describe())
	}
}

// leave cancels the call when nobody waits for it any more.
func (s *SharedCall[T]) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callers--
	if s.callers > 0 {
		return
	}
	select {
	case <-s.done:
	default:
		s.abandoned = true
		s.cancel()
	}
}

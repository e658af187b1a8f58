// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// sharedReadLife is how old an answer may be that serves another read. A refresh asks for everything at about the same
// time, and a plan shows the present.
const sharedReadLife = 5 * time.Second

// sharedReads lets equal reads of this process, which come at the same time or shortly one after the other, share one
// request. K says what is read, for example the schedules of an agent.
type sharedReads[K comparable, V any] struct {
	clock sequentum.Clock

	mu    sync.Mutex
	reads map[K]*sharedRead[V]
}

// sharedRead is the latest read of one thing.
type sharedRead[V any] struct {
	*sequentum.SharedCall[V]
	answered time.Time // zero: it is under way
}

func newSharedReads[K comparable, V any](clock sequentum.Clock) *sharedReads[K, V] {
	return &sharedReads[K, V]{clock: clock, reads: map[K]*sharedRead[V]{}}
}

// read returns what another read of key has just got or is about to get, or asks. An error is shared by the reads that
// waited for it, and then forgotten. The value is shared: nobody may change it.
func (s *sharedReads[K, V]) read(ctx context.Context, key K, ask func(context.Context) (V, error)) (V, error) {
	return s.join(ctx, key, ask).Wait(ctx)
}

// join returns a read that the caller has joined.
func (s *sharedReads[K, V]) join(ctx context.Context, key K, ask func(context.Context) (V, error)) *sharedRead[V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.reads[key]; r != nil && s.serves(r) && r.Join() {
		return r
	}
	maps.DeleteFunc(s.reads, func(_ K, r *sharedRead[V]) bool { return !s.serves(r) }) // a walk can read thousands of things
	r := &sharedRead[V]{}
	r.SharedCall = sequentum.ShareCall(ctx, func(ctx context.Context) (V, error) {
		answered := false
		defer func() { s.end(key, r, answered) }()
		value, err := ask(ctx)
		answered = err == nil
		return value, err
	})
	r.Join()
	s.reads[key] = r
	return r
}

// serves is called with the lock held.
func (s *sharedReads[K, V]) serves(r *sharedRead[V]) bool {
	return r.answered.IsZero() || s.clock.Now().Sub(r.answered) <= sharedReadLife
}

// end keeps an answer for the reads that follow, and forgets a failure.
func (s *sharedReads[K, V]) end(key K, r *sharedRead[V], answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.answered = s.clock.Now()
	if !answered && s.reads[key] == r {
		delete(s.reads, key)
	}
}

// forget makes later reads of key ask again, also while an earlier one is under way. Call it before and after a change
// that this process makes: a read that begins during the change may show either state.
func (s *sharedReads[K, V]) forget(key K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.reads, key)
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// countedReads counts how often each key was asked for. An answer takes a second.
type countedReads struct {
	*sharedReads[string, int]
	asked map[string]int
	fail  error
}

func inSharedReads(t *testing.T, play func(t *testing.T, c *countedReads)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		play(t, &countedReads{sharedReads: newSharedReads[string, int](sequentum.SystemClock()), asked: map[string]int{}})
	})
}

func (c *countedReads) get(ctx context.Context, key string) (int, error) {
	return c.read(ctx, key, func(ctx context.Context) (int, error) {
		c.asked[key]++
		number := c.asked[key]
		select {
		case <-time.After(time.Second):
			return number, c.fail
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	})
}

func (c *countedReads) want(t *testing.T, key string, number int) {
	t.Helper()
	if got, err := c.get(t.Context(), key); got != number || err != nil {
		t.Errorf("read %s: got answer %d, %v; want answer %d", key, got, err, number)
	}
}

func TestSharedReads(t *testing.T) {
	t.Run("reads at the same time share one request", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			var all sync.WaitGroup
			for range 30 {
				all.Go(func() { c.want(t, "a", 1) })
			}
			all.Wait()
			c.want(t, "b", 1)
		})
	})
	t.Run("an answer serves later reads for its life", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			c.want(t, "a", 1)
			time.Sleep(sharedReadLife)
			c.want(t, "a", 1)
			time.Sleep(time.Nanosecond)
			c.want(t, "a", 2)
		})
	})
	t.Run("an error serves nobody who comes later", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			c.fail = errors.New("refused")
			if _, err := c.get(t.Context(), "a"); !errors.Is(err, c.fail) {
				t.Errorf("got %v", err)
			}
			c.fail = nil
			c.want(t, "a", 2)
		})
	})
	t.Run("a change makes later reads ask again, also while a read is under way", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			var early sync.WaitGroup
			early.Go(func() { c.want(t, "a", 1) })
			synctest.Wait()
			c.forget("a")
			c.want(t, "a", 2)
			early.Wait()
			c.want(t, "a", 2)
		})
	})
	t.Run("a read that everybody has left is begun again", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if _, err := c.get(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			c.want(t, "a", 2)
		})
	})
	t.Run("an outdated answer is not kept", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			c.want(t, "a", 1)
			time.Sleep(sharedReadLife + time.Nanosecond)
			c.want(t, "b", 1)
			if len(c.reads) != 1 {
				t.Errorf("%d answers are kept", len(c.reads))
			}
		})
	})
	t.Run("a panic serves nobody who comes later", func(t *testing.T) {
		inSharedReads(t, func(t *testing.T, c *countedReads) {
			_, err := c.read(t.Context(), "a", func(context.Context) (int, error) { panic("a bug") })
			if _, panicked := errors.AsType[*sequentum.PanicError](err); !panicked {
				t.Errorf("got %v", err)
			}
			c.want(t, "a", 1)
		})
	})
}

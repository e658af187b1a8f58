// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"slices"
	"time"
)

// queue holds the requests that wait for a slot. It has no separate goroutine: the goroutine of one waiter, the
// leader, sleeps until the next slot can be free, and then grants slots to all of them.
type queue struct {
	waiters [priorities][]*waiter
	leader  *waiter
	timer   <-chan time.Time // the leader sleeps until it fires; nil: there is none
	timerAt time.Time
}

type waiter struct {
	priority Priority
	slot     *slot         // set when it is granted
	signal   chan struct{} // something has changed: a slot is granted, the waiter is now the leader, or the timer is new
}

func (w *waiter) wake() {
	select {
	case w.signal <- struct{}{}:
	default: // a signal is waiting already
	}
}

func (q *queue) hasWaiters(p Priority) bool { return len(q.waiters[p]) > 0 }

func (q *queue) push(w *waiter) { q.waiters[w.priority] = append(q.waiters[w.priority], w) }

func (q *queue) remove(w *waiter) {
	row := q.waiters[w.priority]
	if i := slices.Index(row, w); i >= 0 {
		q.waiters[w.priority] = slices.Delete(row, i, i+1)
	}
	if q.leader == w {
		q.leader = nil
	}
}

// first is the waiter whose turn is next; nil: nobody waits.
func (q *queue) first() *waiter {
	for p := PriorityControl; p >= 0; p-- {
		if q.hasWaiters(p) {
			return q.waiters[p][0]
		}
	}
	return nil
}

// acquire waits for a slot, which the caller has to release. An error is the cause of ctx's end; there is no slot then.
func (b *Budget) acquire(ctx context.Context, p Priority) (*slot, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &waiter{priority: p, signal: make(chan struct{}, 1)}
	b.enqueue(w)
	for {
		granted, timer := b.slotOrTimer(w)
		if granted != nil {
			return granted, nil
		}
		select {
		case <-w.signal:
		case <-timer:
			b.timerFired()
		case <-ctx.Done():
			b.leaveQueue(w)
			return nil, context.Cause(ctx)
		}
	}
}

// enqueue adds w to the queue. It can get its slot at once.
func (b *Budget) enqueue(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue.push(w)
	b.grantSlots(b.clock.Now())
}

// slotOrTimer returns the slot that w was granted, or the timer until which it has to sleep (nil unless it is the leader).
func (b *Budget) slotOrTimer(w *waiter) (*slot, <-chan time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queue.leader != w {
		return w.slot, nil
	}
	return w.slot, b.queue.timer
}

// timerFired grants the slots that the timer was waiting for.
func (b *Budget) timerFired() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue.timer = nil
	b.grantSlots(b.clock.Now())
}

// leaveQueue removes w, and frees its slot when it was granted one in the same instant.
func (b *Budget) leaveQueue(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.queue.remove(w)
	if w.slot != nil {
		b.slots.endRequest(now, w.slot.ofShare, false)
	}
	b.grantSlots(now)
}

// grantSlots grants all the slots that are free, and makes the leader sleep until more can be. Every change of the budget
// calls it, with the lock held.
func (b *Budget) grantSlots(now time.Time) {
	if !now.Before(b.pausedUntil) {
		for p := PriorityControl; p >= 0; p-- {
			for b.queue.hasWaiters(p) {
				ok, ofShare := b.admits(p, now)
				if !ok {
					break
				}
				w := b.queue.waiters[p][0]
				b.queue.remove(w)
				w.slot = b.bookSlot(p, ofShare, now)
				w.wake()
			}
		}
	}
	b.electLeader(now)
}

// electLeader chooses a leader if there is none, and sets the timer if there is none or if it is too late. A timer that
// fires too early does no harm.
func (b *Budget) electLeader(now time.Time) {
	q := &b.queue
	changed := q.leader == nil
	if changed {
		q.leader = q.first()
	}
	if q.leader == nil {
		return
	}
	next := b.nextChange(now)
	if !next.IsZero() && (q.timer == nil || next.Before(q.timerAt)) {
		q.timer, q.timerAt = b.clock.After(next.Sub(now)), next
		changed = true
	}
	if changed {
		q.leader.wake()
	}
}

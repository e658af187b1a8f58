package sequentum

import (
	"context"
	"slices"
	"time"
)

// queue holds those who wait for a slot. There is no goroutine but theirs: one of
// them, the leader, sleeps until the next slot can be free, and serves all.
type queue struct {
	waiters [priorities][]*waiter
	leader  *waiter
	timer   <-chan time.Time // what the leader sleeps on; nil: nothing to wait for
	timerAt time.Time
}

type waiter struct {
	priority Priority
	slot     *slot         // set when it is granted
	signal   chan struct{} // look again: granted, made the leader, or a new timer
}

func (w *waiter) wake() {
	select {
	case w.signal <- struct{}{}:
	default: // it is about to look anyway
	}
}

func (q *queue) waiting(p Priority) bool { return len(q.waiters[p]) > 0 }

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

// first is who is next; nil: nobody waits.
func (q *queue) first() *waiter {
	for p := PriorityControl; p >= 0; p-- {
		if q.waiting(p) {
			return q.waiters[p][0]
		}
	}
	return nil
}

// acquire waits for a slot.
func (b *Budget) acquire(ctx context.Context, p Priority) (*slot, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	w := &waiter{priority: p, signal: make(chan struct{}, 1)}
	b.enter(w)
	for {
		granted, timer := b.look(w)
		if granted != nil {
			return granted, nil
		}
		select {
		case <-w.signal:
		case <-timer:
			b.timerFired()
		case <-ctx.Done():
			b.giveUp(w)
			return nil, context.Cause(ctx)
		}
	}
}

func (b *Budget) enter(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue.push(w)
	b.dispatch(b.clock.Now())
}

// look is what w finds: its slot, or what to sleep on (nil unless it is the leader).
func (b *Budget) look(w *waiter) (*slot, <-chan time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queue.leader != w {
		return w.slot, nil
	}
	return w.slot, b.queue.timer
}

func (b *Budget) timerFired() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue.timer = nil
	b.dispatch(b.clock.Now())
}

// giveUp leaves no trace of w, also when it was granted a slot in the same instant.
func (b *Budget) giveUp(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.queue.remove(w)
	if w.slot != nil {
		b.log.answer(now, w.slot.ofShare, false)
	}
	b.dispatch(now)
}

// dispatch grants what can be granted, and sees to it that somebody sleeps until
// more can be. Whatever changes the budget calls it, with the lock held.
func (b *Budget) dispatch(now time.Time) {
	if !now.Before(b.pausedUntil) {
		for p := PriorityControl; p >= 0; p-- {
			for b.queue.waiting(p) {
				ok, ofShare := b.admits(p, now)
				if !ok {
					break
				}
				w := b.queue.waiters[p][0]
				b.queue.remove(w)
				w.slot = b.take(p, ofShare, now)
				w.wake()
			}
		}
	}
	b.elect(now)
}

// elect names a leader if there is none, and sets a timer if there is none or a
// later one. A timer that is early does no harm.
func (b *Budget) elect(now time.Time) {
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

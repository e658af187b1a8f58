// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// limiter is the API's rate limit: a sliding window per credential, and a queue of requests that already have a permit
// for a later moment. The cloud's mutex guards it.
type limiter struct {
	limit   int
	queue   int
	window  time.Duration
	permits map[string][]time.Time // by credential, ascending; those after now belong to the queue
}

func newLimiter(limit, queue int, window time.Duration) limiter {
	return limiter{limit: limit, queue: queue, window: window, permits: make(map[string][]time.Time)}
}

// reservePermit takes the next permit, which may be for a later moment. Where the queue is full it takes none, and
// returns when one will be free.
func (l *limiter) reservePermit(credential string, now time.Time) (at time.Time, ok bool) {
	permits := l.permits[credential]
	expired, _ := slices.BinarySearchFunc(permits, now.Add(-l.window), firstAfter)
	permits = permits[expired:]
	at = now
	if over := len(permits) - l.limit; over >= 0 {
		if free := permits[over].Add(l.window); free.After(now) {
			at = free
		}
	}
	granted, _ := slices.BinarySearchFunc(permits, now, firstAfter)
	ok = !at.After(now) || len(permits)-granted < l.queue
	if ok {
		place, _ := slices.BinarySearchFunc(permits, at, firstAfter)
		permits = slices.Insert(permits, place, at)
	}
	l.permits[credential] = permits
	return at, ok
}

// returnPermit gives back the permit of a request that left the queue.
func (l *limiter) returnPermit(credential string, at time.Time) {
	permits := l.permits[credential]
	if i := slices.Index(permits, at); i >= 0 {
		l.permits[credential] = slices.Delete(permits, i, i+1)
	}
}

// firstAfter makes a binary search find the first moment after t.
func firstAfter(permit, t time.Time) int {
	if permit.After(t) {
		return 1
	}
	return -1
}

// wholeSeconds is d in seconds, rounded up to a whole number of at least one.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}

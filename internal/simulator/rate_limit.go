package simulator

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// limiter is the API's rate limit: a sliding window per credential, and a queue of requests that already have a
// permit of the near future. The cloud's mutex guards it.
type limiter struct {
	limit   int
	queue   int
	window  time.Duration
	permits map[string][]time.Time // ascending; those after now belong to the queue
}

func newLimiter(limit, queue int, window time.Duration) limiter {
	return limiter{limit: limit, queue: queue, window: window, permits: make(map[string][]time.Time)}
}

// reservePermit takes the next permit, which may lie in the future. Where the queue is full there is none, and the
// returned moment is when one would have been free.
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

// returnPermit returns a permit of the future whose request has gone.
func (l *limiter) returnPermit(credential string, at time.Time) {
	permits := l.permits[credential]
	if i := slices.Index(permits, at); i >= 0 {
		l.permits[credential] = slices.Delete(permits, i, i+1)
	}
}

// firstAfter has a binary search find the first permit that is later than t.
func firstAfter(permit, t time.Time) int {
	if permit.After(t) {
		return 1
	}
	return -1
}

// wholeSeconds is d in whole wholeSeconds, rounded up, at least one.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}

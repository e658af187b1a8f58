// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// No header is believed beyond these limits: an odd one must not stop everything, nor make the arithmetic overflow.
const (
	defaultLimit  = 100
	defaultWindow = time.Minute
	maxLimit      = 1_000_000
	maxWindow     = 24 * time.Hour
	maxRetryAfter = 24 * time.Hour
	minWindow     = time.Second
	// maxPerMinute is what the largest limit in the shortest window allows in a minute.
	maxPerMinute = int(time.Minute/minWindow) * maxLimit

	// A 429 that others have caused divides the limit by throttleDivisor, to no less than minThrottled. Each window
	// without a 429 gives 1/restoreDivisor of the limit back.
	throttleDivisor = 2
	minThrottled    = 5
	restoreDivisor  = 10
)

// rate is how many requests are allowed in which window.
type rate struct {
	limit     int // what counts: the server's limit, or less when the user's is lower
	window    time.Duration
	server    serverRate
	doubted   serverRate // what the latest answer said, if it was not believed
	perMinute int        // the user's limit; 0: none

	// When others use the key too, throttled is our part of the limit, less than limit; 0: all of it.
	throttled   int
	throttledAt time.Time
	quietSince  time.Time // the last 429, or the last time that restoreLimit gave something back
}

// serverRate is the limit and window of an answer's headers.
type serverRate struct {
	limit  int
	window time.Duration
}

// starves reports whether the rate allows not even one watcher its turns.
func (s serverRate) starves() bool { return time.Duration(s.limit)*turnLength < s.window }

func newRate(perMinute int) rate {
	r := rate{perMinute: min(perMinute, maxPerMinute)}
	r.server = serverRate{defaultLimit, defaultWindow}
	r.combineLimits()
	return r
}

// combineLimits finds one limit and window that exceed neither the server's limit nor the user's. Where no such pair
// gives all that both allow together, it chooses one that gives less.
func (r *rate) combineLimits() {
	r.limit, r.window = r.server.limit, r.server.window
	if r.perMinute == 0 {
		return
	}
	windowsAMinute := int((time.Minute + r.window - 1) / r.window)
	minutesAWindow := int64((r.window + time.Minute - 1) / time.Minute)
	inWindow := r.perMinute / windowsAMinute
	switch {
	case int64(r.perMinute)*minutesAWindow <= int64(r.limit):
		r.limit, r.window = r.perMinute, time.Minute
	case r.window < time.Minute && inWindow > 0:
		r.limit = min(r.limit, inWindow)
	default:
		r.limit, r.window = min(r.limit, r.perMinute), max(r.window, time.Minute)
	}
}

// readHeaders reads the server's rate limit headers. A header that is no number above 0 is ignored. A rate that starves
// is believed only when two answers in a row give it: with such a rate hardly any request would be sent, and so no other
// answer could correct it.
func (r *rate) readHeaders(h http.Header) {
	said := r.server
	if limit, ok := headerNumber(h, "X-RateLimit-Limit"); ok && limit > 0 {
		said.limit = int(max(1, min(limit, maxLimit)))
	}
	if seconds, ok := headerNumber(h, "X-RateLimit-Window-Seconds"); ok && seconds > 0 {
		said.window = max(minWindow, secondsAtMost(seconds, maxWindow))
	}
	if said.starves() && said != r.doubted && said != r.server {
		r.doubted = said
		return
	}
	if said != r.server {
		r.throttled, r.throttledAt = 0, time.Time{} // it was a part of another limit
	}
	r.server, r.doubted = said, serverRate{}
	r.combineLimits()
}

// headerNumber reads a number in any notation; ok is false when the header holds none.
func headerNumber(h http.Header, name string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(h.Get(name)), 64)
	if errors.Is(err, strconv.ErrRange) { // it is infinite then
		err = nil
	}
	return n, err == nil && !math.IsNaN(n)
}

// secondsAtMost is a number of seconds as a duration between 0 and limit.
func secondsAtMost(seconds float64, limit time.Duration) time.Duration {
	return time.Duration(max(0, min(seconds, limit.Seconds())) * float64(time.Second))
}

// allowed is the limit that counts now: at least 1.
func (r *rate) allowed(now time.Time) int {
	r.restoreLimit(now)
	if r.throttled == 0 {
		return r.limit
	}
	return r.throttled
}

// throttle lowers the limit after a 429 that came when we had spent so many requests. If they were fewer than the
// server's limit, others use the key too, and half of the limit is left to them. This happens once per window at most,
// because several 429s of one moment have the same cause.
func (r *rate) throttle(now time.Time, spent int) {
	allowed := r.allowed(now)
	r.quietSince = now
	if spent >= r.server.limit || !r.throttledAt.IsZero() && now.Before(r.throttledAt.Add(r.window)) {
		return
	}
	r.throttled = max(allowed/throttleDivisor, min(minThrottled, allowed))
	r.throttledAt = now
}

// restoreLimit raises a lowered limit again for each window that has passed without a 429.
func (r *rate) restoreLimit(now time.Time) {
	if r.throttled == 0 {
		return
	}
	sinceLast := now.Sub(r.quietSince)
	r.quietSince = now.Add(-(sinceLast % r.window))
	const enough = 2 * restoreDivisor // so many parts are all of the limit, although each is rounded down
	r.throttled += int(min(sinceLast/r.window, enough)) * max(1, r.limit/restoreDivisor)
	if r.throttled >= r.limit {
		r.throttled = 0
	}
}

// nextRestore is when restoreLimit next gives something back; zero: never.
func (r *rate) nextRestore() time.Time {
	if r.throttled == 0 {
		return time.Time{}
	}
	return r.quietSince.Add(r.window)
}

// pacer spreads requests evenly, except for a burst. (It is the generic cell rate algorithm.)
type pacer struct {
	due time.Time // when the next request would be sent if all were spread evenly
}

// noBurst is the burst of a pacer whose requests are all spread.
const noBurst = 1

// readyAt is when the next request may be sent, if one is allowed every interval, and burst of them at once.
func (p *pacer) readyAt(interval time.Duration, burst int) time.Time {
	return p.due.Add(-time.Duration(burst-1) * interval)
}

// addRequest counts a request that is sent now.
func (p *pacer) addRequest(now time.Time, interval time.Duration) {
	if p.due.Before(now) {
		p.due = now
	}
	p.due = p.due.Add(interval)
}

// clockGuard is added to the window, because the server's clock and ours round differently.
const clockGuard = time.Millisecond

// slotLog knows the requests that the server may still count.
type slotLog struct {
	inFlight int
	answered []answeredRequest // oldest first
	ofShare  int               // how many of both use the watchers' share
}

type answeredRequest struct {
	at      time.Time
	ofShare bool
}

// addSent counts a request that is sent now.
func (l *slotLog) addSent(ofShare bool) {
	l.inFlight++
	if ofShare {
		l.ofShare++
	}
}

// endRequest counts a request that was in flight as answered. counted: the server may have counted it.
func (l *slotLog) endRequest(now time.Time, ofShare, counted bool) {
	l.inFlight--
	if counted {
		l.answered = append(l.answered, answeredRequest{now, ofShare})
	} else if ofShare {
		l.ofShare--
	}
}

// countSpent drops the requests that the server no longer counts, and returns how many are left.
func (l *slotLog) countSpent(now time.Time, window time.Duration) int {
	for len(l.answered) > 0 && !now.Before(l.nextFree(window)) {
		if l.answered[0].ofShare {
			l.ofShare--
		}
		l.answered = l.answered[1:]
	}
	return l.inFlight + len(l.answered)
}

// nextFree is when the server stops counting the oldest answered request; zero: none was answered.
func (l *slotLog) nextFree(window time.Duration) time.Time {
	if len(l.answered) == 0 {
		return time.Time{}
	}
	return l.answered[0].at.Add(window + clockGuard)
}

// retryAfter reads the header Retry-After: seconds or a date, at most a day. A date counts from the answer's own Date, if
// it has one, because clocks differ. ok is false when the header holds neither.
func retryAfter(h http.Header, now time.Time) (d time.Duration, ok bool) {
	if seconds, ok := headerNumber(h, "Retry-After"); ok {
		return secondsAtMost(seconds, maxRetryAfter), true
	}
	at, err := http.ParseTime(strings.TrimSpace(h.Get("Retry-After")))
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, at.Sub(now)), maxRetryAfter), true
}

package sequentum

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// No header may ask for more than these: one that is odd must not stop everything, nor let the arithmetic overflow.
const (
	defaultLimit  = 100
	defaultWindow = time.Minute
	maxLimit      = 1_000_000
	maxWindow     = 24 * time.Hour
	maxRetryAfter = 24 * time.Hour
	// maxPerMinute is the most that the largest limit in the shortest window gives in a minute.
	maxPerMinute = 60 * maxLimit
	// minThrottled is as far as 429s slow the client down.
	minThrottled = 5
)

// rate is how many requests are allowed in what window.
type rate struct {
	limit     int // what counts: the server's, or less where the user's asks for it
	window    time.Duration
	server    serverRate
	doubted   serverRate // what the latest answer said, if it was not believed
	perMinute int        // the user's; 0: none

	// When others use the key too, throttled is what is left to us, less than limit; 0: all of it.
	throttled  int
	halvedAt   time.Time
	quietSince time.Time // the last 429, or the last step of recovery
}

// serverRate is what an answer's headers say.
type serverRate struct {
	limit  int
	window time.Duration
}

// starves reports whether the rate would leave a lone watcher without its turn.
func (s serverRate) starves() bool { return time.Duration(s.limit)*turnLength < s.window }

func newRate(perMinute int) rate {
	r := rate{perMinute: min(perMinute, maxPerMinute)}
	r.server = serverRate{defaultLimit, defaultWindow}
	r.settle()
	return r
}

// settle finds one limit and window that keep to the server's and to the user's. Where
// no such pair gives all that the two together allow, it is one that gives less.
func (r *rate) settle() {
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

// observe reads the server's rate limit headers. What is no number, or not above 0, is ignored. A rate so low that
// hardly anything would be asked again, and so no other answer ever correct it, is believed when two answers in a row
// give it.
func (r *rate) observe(h http.Header) {
	said := r.server
	if limit, ok := headerNumber(h, "X-RateLimit-Limit"); ok && limit > 0 {
		said.limit = int(max(1, min(limit, maxLimit)))
	}
	if seconds, ok := headerNumber(h, "X-RateLimit-Window-Seconds"); ok && seconds > 0 {
		said.window = max(time.Second, secondsAtMost(seconds, maxWindow))
	}
	if said.starves() && said != r.doubted && said != r.server {
		r.doubted = said
		return
	}
	if said != r.server {
		r.throttled, r.halvedAt = 0, time.Time{} // it was so many of another limit, in another window
	}
	r.server, r.doubted = said, serverRate{}
	r.settle()
}

// headerNumber reads a number, in whatever way it is written; ok is false when the header holds none.
func headerNumber(h http.Header, name string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(h.Get(name)), 64)
	if errors.Is(err, strconv.ErrRange) { // it is infinite then
		err = nil
	}
	return n, err == nil && !math.IsNaN(n)
}

// secondsAtMost is a time of 0 to limit.
func secondsAtMost(seconds float64, limit time.Duration) time.Duration {
	return time.Duration(max(0, min(seconds, limit.Seconds())) * float64(time.Second))
}

// allowed is the limit that counts now: at least 1.
func (r *rate) allowed(now time.Time) int {
	r.restore(now)
	if r.throttled == 0 {
		return r.limit
	}
	return r.throttled
}

// refused learns from a 429 that came while held slots were taken. If they were
// fewer than the server's limit, others use the key: half is left to them, at most
// once per window, for the 429s of one moment tell the same thing.
func (r *rate) refused(now time.Time, held int) {
	allowed := r.allowed(now)
	r.quietSince = now
	if held >= r.server.limit || !r.halvedAt.IsZero() && now.Before(r.halvedAt.Add(r.window)) {
		return
	}
	r.throttled = max(allowed/2, min(minThrottled, allowed))
	r.halvedAt = now
}

// restore gives back a tenth of the limit for each window without a 429.
func (r *rate) restore(now time.Time) {
	if r.throttled == 0 {
		return
	}
	sinceLast := now.Sub(r.quietSince)
	r.quietSince = now.Add(-(sinceLast % r.window))
	const all = 20 // times a tenth, rounded down, is all
	r.throttled += int(min(sinceLast/r.window, all)) * max(1, r.limit/10)
	if r.throttled >= r.limit {
		r.throttled = 0
	}
}

// nextStep is when restore next has something to give back; zero: never.
func (r *rate) nextStep() time.Time {
	if r.throttled == 0 {
		return time.Time{}
	}
	return r.quietSince.Add(r.window)
}

// pacer spreads requests evenly, but for a burst. (The generic cell rate algorithm.)
type pacer struct {
	due time.Time // when the last request would have been over, had all been spread evenly
}

// readyAt is when the next may be sent, if there is to be one every interval.
func (p *pacer) readyAt(interval time.Duration, burst int) time.Time {
	return p.due.Add(-time.Duration(burst-1) * interval)
}

func (p *pacer) take(now time.Time, interval time.Duration) {
	if p.due.Before(now) {
		p.due = now
	}
	p.due = p.due.Add(interval)
}

// clockGuard is added to the window: the server's clock and ours round differently.
const clockGuard = time.Millisecond

// slotLog knows the requests that the server may still count.
type slotLog struct {
	inFlight int
	answered []answered // oldest first
	ofShare  int        // how many of both are of the watchers' share
}

type answered struct {
	at      time.Time
	ofShare bool
}

func (l *slotLog) send(ofShare bool) {
	l.inFlight++
	if ofShare {
		l.ofShare++
	}
}

// answer ends a request; counted: the server may have counted it.
func (l *slotLog) answer(now time.Time, ofShare, counted bool) {
	l.inFlight--
	if counted {
		l.answered = append(l.answered, answered{now, ofShare})
	} else if ofShare {
		l.ofShare--
	}
}

// held forgets what the server has forgotten, and counts the rest.
func (l *slotLog) held(now time.Time, window time.Duration) int {
	for len(l.answered) > 0 && !now.Before(l.nextFree(window)) {
		if l.answered[0].ofShare {
			l.ofShare--
		}
		l.answered = l.answered[1:]
	}
	return l.inFlight + len(l.answered)
}

// nextFree is when the oldest answered request stops to count; zero: none has an answer.
func (l *slotLog) nextFree(window time.Duration) time.Time {
	if len(l.answered) == 0 {
		return time.Time{}
	}
	return l.answered[0].at.Add(window + clockGuard)
}

// retryAfter reads the header Retry-After: seconds, or a date, which is taken
// relative to the answer's own Date, if it has one, for clocks differ. It is at
// most a day.
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

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

const (
	// turnLength is how often each watcher gets a turn, if the limit allows it.
	turnLength = 10 * time.Second
	// A request of a watcher (a poll) may use its own share of the limit, which is at most 1/maxShareDivisor of it.
	maxShareDivisor = 2
	// When the budget is short, polls get maxPollShare of maxPollShareOf requests. The rest is for everything else.
	maxPollShare, maxPollShareOf = 4, 5
	// Files leave 1/filesReserveDivisor of the limit to all other requests. Otherwise a start or stop would wait for up to a
	// window until the server no longer counts the links of a large download.
	filesReserveDivisor = 10
	// At most 1/pollBurstDivisor of the limit may be polls that are sent at once.
	pollBurstDivisor = 10
	// pauseWithoutRetryAfter is the pause after a 429 that does not say how long.
	pauseWithoutRetryAfter = 5 * time.Second
	// minPause is the shortest pause after a 429: a server that says 0 has rounded down.
	minPause = time.Second
	// A random time is added to each pause, so that the processes that share a key do not all continue at once: at most
	// maxPauseJitter, and at most 1/pauseJitterDivisor of the pause.
	maxPauseJitter     = time.Second
	pauseJitterDivisor = 10
	// The server can hold our requests back once others and we have spent its limit. We expect that only after we have
	// spent 1/holdDivisor of the limit ourselves.
	holdDivisor = 10
	// maxHold is the longest time for which we wait for a request that the server holds back. Proxies end a connection earlier.
	maxHold = 10 * time.Minute
)

// Priority orders the requests that wait for a slot of a Budget. The higher priority goes first. Requests of the same
// priority are served in the order in which they came.
type Priority int

// The priorities, lowest first.
const (
	PriorityFiles   Priority = iota // files and links to them
	PriorityList                    // lists of runs, agents, diagnostics
	PriorityPoll                    // the status of a run; a watcher's list
	PriorityControl                 // start, stop, kill, delete
)

const priorities = int(PriorityControl) + 1

type priorityKey struct{}

// WithPriority returns a context whose requests all have priority p, instead of the priority of their call.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// Budget keeps all requests of one key below the server's rate limit (API:
// Conventions, Rate limit). It is safe for concurrent use.
//
// A request occupies a slot from its sending until one window after its answer. The server counted it at some instant
// between the two. So no window of the server's ever holds more requests than the limit, however long they take.
type Budget struct {
	clock Clock

	mu          sync.Mutex
	rate        rate
	slots       slotLog
	pollPace    pacer // of all polls
	sharePace   pacer // of those polls that use the watchers' share
	pausedUntil time.Time
	watchers    int
	queue       queue
}

// newBudget returns a budget of 100 requests a minute until an answer's headers
// say otherwise. requestsPerMinute lowers what they say; 0 does not. A nil clock is the system's.
func newBudget(clock Clock, requestsPerMinute int) *Budget {
	return &Budget{clock: orSystemClock(clock), rate: newRate(requestsPerMinute)}
}

// observeAnswer reads the rate limit headers of an answer. After a 429 it pauses all requests for the time that
// Retry-After says, or for pauseWithoutRetryAfter.
func (b *Budget) observeAnswer(h http.Header, status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.rate.readHeaders(h)
	if status == http.StatusTooManyRequests {
		b.pauseAll(now, h)
		b.rate.throttle(now, b.slots.countSpent(now, b.rate.window))
	}
	b.grantSlots(now)
}

// serverHold is how long the server may hold the next request back because others use the key too: for one window, but
// not longer than maxHold. It is zero while little of the limit is spent.
func (b *Budget) serverHold() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.slots.countSpent(b.clock.Now(), b.rate.window)*holdDivisor < b.rate.server.limit {
		return 0
	}
	return min(b.rate.server.window, maxHold) + time.Second
}

// waitingFor says what a request waits for that has no slot yet. The text is for people.
func (b *Budget) waitingFor() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if now.Before(b.pausedUntil) {
		return "the end of a pause until " + clockTime(b.pausedUntil, now) + ", which the API asked for with a 429"
	}
	return fmt.Sprintf("its turn in the request budget: %d of %d requests in %v are used",
		b.slots.countSpent(now, b.rate.window), b.rate.allowed(now), b.rate.window)
}

// clockTime writes a time in UTC, with its date only when that is not today's.
func clockTime(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.YearDay() != now.YearDay() {
		return at.Format("2006-01-02 15:04:05 UTC")
	}
	return at.Format("15:04:05 UTC")
}

// observeTimeout lowers the limit after a request that was not answered in time. When the limit is spent, the server
// first holds some requests back, and only then answers others with a 429 (API: Conventions, Rate limit).
func (b *Budget) observeTimeout() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.rate.throttle(now, b.slots.countSpent(now, b.rate.window))
}

// pauseAll stops all requests for the time that a 429 asks for.
func (b *Budget) pauseAll(now time.Time, h http.Header) {
	d, ok := retryAfter(h, now)
	if !ok {
		d = pauseWithoutRetryAfter
	}
	d = max(d, minPause)
	d += rand.N(min(d/pauseJitterDivisor, maxPauseJitter))
	if until := now.Add(d); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
}

// Watch announces one more watcher. From then on a share of the budget is kept for polls alone, so that each watcher
// gets a turn every turnLength. All shares together are at most half of the limit. done ends the watcher; it can be
// called more than once.
func (b *Budget) Watch() (done func()) {
	b.addWatchers(1)
	return sync.OnceFunc(func() { b.addWatchers(-1) })
}

func (b *Budget) addWatchers(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers += n
	b.grantSlots(b.clock.Now())
}

// PollInterval is how long a watcher has to wait between two polls. It is want, or longer when the polls of all watchers
// would otherwise take more than four fifths of the budget.
func (b *Budget) PollInterval(want time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.rate.allowed(b.clock.Now())
	return max(want, time.Duration(b.watchers)*(b.rate.window*maxPollShareOf/(maxPollShare*time.Duration(limit))))
}

// watcherShare is how many slots of a window only watchers may use. It is rounded up, because a window can be shorter
// than a turn.
func (b *Budget) watcherShare(limit int) int {
	turns := (time.Duration(b.watchers)*b.rate.window + turnLength - 1) / turnLength
	return min(int(turns), limit/maxShareDivisor)
}

// admits reports whether a request of priority p may be sent now, and whether it then uses the watchers' share. That
// share is spread evenly over the window, so that some of it is left when the next watcher's turn comes. A poll that
// finds the share used up for the moment can use any other slot, like all requests.
func (b *Budget) admits(p Priority, now time.Time) (ok, ofShare bool) {
	limit := b.rate.allowed(now)
	spent := b.slots.countSpent(now, b.rate.window)
	share := b.watcherShare(limit)
	if spent >= limit {
		return false, false
	}
	isPoll := p == PriorityPoll
	if isPoll && b.slots.ofShare < share && !now.Before(b.sharePace.readyAt(b.spacing(share), noBurst)) {
		return true, true
	}
	if isPoll && now.Before(b.pollPace.readyAt(b.spacing(limit), pollBurst(limit))) {
		return false, false
	}
	if p == PriorityFiles && spent >= limit-limit/filesReserveDivisor {
		return false, false
	}
	return spent-b.slots.ofShare < limit-share, false
}

// spacing is the time between two requests when n of them are spread over a window.
func (b *Budget) spacing(n int) time.Duration { return b.rate.window / time.Duration(max(1, n)) }

// pollBurst is how many polls may be sent at once.
func pollBurst(limit int) int { return max(1, limit/pollBurstDivisor) }

// bookSlot counts a request as sent from now on.
func (b *Budget) bookSlot(p Priority, ofShare bool, now time.Time) *slot {
	limit := b.rate.allowed(now)
	if p == PriorityPoll {
		b.pollPace.addRequest(now, b.spacing(limit))
	}
	if ofShare {
		b.sharePace.addRequest(now, b.spacing(b.watcherShare(limit)))
	}
	b.slots.addSent(ofShare)
	return &slot{budget: b, ofShare: ofShare}
}

// nextChange is the earliest time at which a waiter may get a slot without any other event; zero: there is none.
func (b *Budget) nextChange(now time.Time) time.Time {
	if now.Before(b.pausedUntil) {
		return b.pausedUntil
	}
	limit := b.rate.allowed(now)
	candidates := []time.Time{b.slots.nextFree(b.rate.window), b.rate.nextRestore()}
	if b.queue.hasWaiters(PriorityPoll) {
		candidates = append(candidates,
			b.pollPace.readyAt(b.spacing(limit), pollBurst(limit)), b.sharePace.readyAt(b.spacing(b.watcherShare(limit)), noBurst))
	}
	var next time.Time
	for _, t := range candidates {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// slot is one request's place in the budget.
type slot struct {
	budget  *Budget
	ofShare bool // it uses the watchers' share
}

// release ends the request, and has to be called once. counted: the server may have counted the request.
func (s *slot) release(counted bool) {
	b := s.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.slots.endRequest(now, s.ofShare, counted)
	b.grantSlots(now)
}

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
	// turnLength is how often each watcher is to get its turn.
	turnLength = 10 * time.Second
	// pauseWithoutRetryAfter is the pause after a 429 that does not say how long.
	pauseWithoutRetryAfter = 5 * time.Second
	// minPause: a server that says 0 has rounded down.
	minPause = time.Second
	// maxPauseJitter is what is added at most to a pause, and a tenth of it at most:
	// the processes that share a key must not all come back at once.
	maxPauseJitter = time.Second
	// holdShare: only one who has spent a tenth of the limit may meet its end, unless
	// ten others use the key.
	holdShare = 10
	// maxHold is for how long a server is believed to keep a request back. Nothing on the way keeps a connection for longer.
	maxHold = 10 * time.Minute
)

// Priority orders those who wait for their turn in a Budget: a higher one goes
// first, and within one it is first come, first served.
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

// WithPriority returns a context under which every request has priority p, whatever the method's own.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// Budget keeps all requests of one key below the server's rate limit (API:
// Conventions, Rate limit). It is safe for concurrent use.
//
// A request takes a slot when it is sent, and frees it when the server's window
// has passed since its answer: the server counted it at some instant between, so
// no window of the server's ever holds more requests than the limit, however long
// they take.
type Budget struct {
	clock Clock

	mu          sync.Mutex
	rate        rate
	log         slotLog
	pace        pacer // of all polls
	turns       pacer // of those polls that use the watchers' share
	pausedUntil time.Time
	watchers    int
	queue       queue
}

// NewBudget returns a budget of 100 requests a minute until an answer's headers
// say otherwise. requestsPerMinute lowers what they say; 0 does not. A nil clock is the system's.
func NewBudget(clock Clock, requestsPerMinute int) *Budget {
	return &Budget{clock: orSystemClock(clock), rate: newRate(requestsPerMinute)}
}

// Acquire waits for a slot, which release frees: to be called once, when the
// answer has come or is given up. An error is the cause of ctx's end; the caller
// then holds nothing.
func (b *Budget) Acquire(ctx context.Context, p Priority) (release func(), err error) {
	s, err := b.acquire(ctx, p)
	if err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { s.release(true) }), nil
}

// Observe learns from an answer: its rate limit headers, and, if status is 429, a
// pause for everybody of as long as Retry-After says (5 s if it does not).
func (b *Budget) Observe(h http.Header, status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.rate.observe(h)
	if status == http.StatusTooManyRequests {
		b.pause(now, h)
		b.rate.refused(now, b.log.held(now, b.rate.window))
	}
	b.dispatch(now)
}

// serverHold is how long the server may keep the next request back, where others use
// the key too: until a window is over, as far as that can be. It is zero as long as little is spent.
func (b *Budget) serverHold() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.log.held(b.clock.Now(), b.rate.window)*holdShare < b.rate.server.limit {
		return 0
	}
	return min(b.rate.server.window, maxHold) + time.Second
}

// waitingFor is what a request waits for that has not had its turn.
func (b *Budget) waitingFor() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if now.Before(b.pausedUntil) {
		return "the end of a pause until " + clockTime(b.pausedUntil, now) + ", which the API asked for with a 429"
	}
	return fmt.Sprintf("its turn in the request budget: %d of %d requests in %v are used",
		b.log.held(now, b.rate.window), b.rate.allowed(now), b.rate.window)
}

// clockTime is how a person reads a time of the next hours.
func clockTime(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.YearDay() != now.YearDay() {
		return at.Format("2006-01-02 15:04:05 UTC")
	}
	return at.Format("15:04:05 UTC")
}

// observeSilence learns from a request that was not answered in time: over its limit the
// server holds some requests back before it answers others with a 429.
func (b *Budget) observeSilence() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.rate.refused(now, b.log.held(now, b.rate.window))
}

func (b *Budget) pause(now time.Time, h http.Header) {
	d, ok := retryAfter(h, now)
	if !ok {
		d = pauseWithoutRetryAfter
	}
	d = max(d, minPause)
	d += rand.N(min(d/10, maxPauseJitter))
	if until := now.Add(d); until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
}

// Watch announces a watcher, for which a share of the budget is kept back from
// everything but polls, so that it gets a turn every 10 s as far as half of the
// limit allows. done ends that.
func (b *Budget) Watch() (done func()) {
	b.addWatchers(1)
	return sync.OnceFunc(func() { b.addWatchers(-1) })
}

func (b *Budget) addWatchers(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers += n
	b.dispatch(b.clock.Now())
}

// PollInterval is how long a watcher is to wait between two polls when it wants to
// wait for want: longer if all watchers together would take more than four fifths
// of the budget, which leaves the rest to what is not a poll.
func (b *Budget) PollInterval(want time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.rate.allowed(b.clock.Now())
	return max(want, time.Duration(b.watchers)*(b.rate.window*5/(4*time.Duration(limit))))
}

// share is how many slots of a window are the watchers' own: rounded up, for a
// window can be shorter than a turn.
func (b *Budget) share(limit int) int {
	turns := (time.Duration(b.watchers)*b.rate.window + turnLength - 1) / turnLength
	return min(int(turns), limit/2)
}

// admits reports whether a request of priority p may be sent now, and whether at
// the cost of the watchers' share. That share is given out evenly, so that it is
// not gone when the next watcher's turn comes; a poll that finds it used for the
// moment takes any other slot, as everybody does.
func (b *Budget) admits(p Priority, now time.Time) (ok, ofShare bool) {
	limit := b.rate.allowed(now)
	held := b.log.held(now, b.rate.window)
	share := b.share(limit)
	if held >= limit {
		return false, false
	}
	isPoll := p == PriorityPoll
	if isPoll && b.log.ofShare < share && !now.Before(b.turns.readyAt(b.turn(share), 1)) {
		return true, true
	}
	if isPoll && now.Before(b.pace.readyAt(b.turn(limit), pollBurst(limit))) {
		return false, false
	}
	return held-b.log.ofShare < limit-share, false
}

// turn is the time between two requests when n of them are spread over a window.
func (b *Budget) turn(n int) time.Duration { return b.rate.window / time.Duration(max(1, n)) }

// pollBurst is how many polls may be sent at once.
func pollBurst(limit int) int { return max(1, limit/10) }

// take books a slot.
func (b *Budget) take(p Priority, ofShare bool, now time.Time) *slot {
	limit := b.rate.allowed(now)
	if p == PriorityPoll {
		b.pace.take(now, b.turn(limit))
	}
	if ofShare {
		b.turns.take(now, b.turn(b.share(limit)))
	}
	b.log.send(ofShare)
	return &slot{budget: b, ofShare: ofShare}
}

// nextChange is the earliest time at which somebody in the queue may get a slot
// without any other event; zero: there is none.
func (b *Budget) nextChange(now time.Time) time.Time {
	if now.Before(b.pausedUntil) {
		return b.pausedUntil
	}
	limit := b.rate.allowed(now)
	candidates := []time.Time{b.log.nextFree(b.rate.window), b.rate.nextStep()}
	if b.queue.waiting(PriorityPoll) {
		candidates = append(candidates,
			b.pace.readyAt(b.turn(limit), pollBurst(limit)), b.turns.readyAt(b.turn(b.share(limit)), 1))
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
	ofShare bool
}

// release is called once. counted: the server may have counted the request.
func (s *slot) release(counted bool) {
	b := s.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	b.log.answer(now, s.ofShare, counted)
	b.dispatch(now)
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// For all headers of a server and all settings of a user the budget never panics, and never stops for longer than a window
// or the pause that a 429 asks for.
func TestBudgetKeepsServingWithExtremeHeaders(t *testing.T) {
	limits := []string{"", "-1", "0", "0.5", "1", "2", "99", "1000000", "4611686018427387904", "9223372036854775807", "1e400", "Inf", "NaN"}
	windows := []string{"", "-1", "0", "0.001", "1", "60", "86400", "9223372036854775807", "1e300", "NaN"}
	pauses := []string{"", "-5", "0", "30", "86400", "99999999999999999999999", "NaN", "Inf", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"}
	for _, perMinute := range []int{0, 1, 100, math.MaxInt} {
		for _, limit := range limits {
			for _, window := range windows {
				t.Run(fmt.Sprintf("%d a minute, %s in %s s", perMinute, limit, window), func(t *testing.T) {
					h := header("X-RateLimit-Limit", limit, "X-RateLimit-Window-Seconds", window)
					for _, pause := range pauses {
						h.Set("Retry-After", pause)
						checkBudgetGoesOn(t, perMinute, h)
					}
				})
			}
		}
	}
}

func checkBudgetGoesOn(t *testing.T, perMinute int, h http.Header) {
	t.Helper()
	clock := &instantClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	b := newBudget(clock, perMinute)
	r := rand.New(rand.NewPCG(1, 2))
	var held []func()
	for i := range 40 {
		if i%8 == 0 {
			t.Cleanup(b.Watch()) // one more watcher
		}
		before := clock.Now()
		release, err := acquire(t.Context(), b, Priority(r.IntN(priorities)))
		if err != nil {
			t.Fatal(err)
		}
		if waited := clock.Now().Sub(before); waited > maxWindow+maxRetryAfter+time.Minute {
			t.Fatalf("request %d waited %v", i, waited)
		}
		held = append(held, release)
		status := http.StatusOK
		if r.IntN(4) == 0 {
			status = http.StatusTooManyRequests // while slots are held
		}
		b.observeAnswer(h, status)
		if b.rate.limit < 1 || b.rate.limit > maxLimit || b.rate.window < time.Second || b.rate.window > maxWindow {
			t.Fatalf("%d requests in %v", b.rate.limit, b.rate.window)
		}
		if interval := b.PollInterval(time.Second); interval < time.Second || interval > 100*maxWindow {
			t.Fatalf("a poll every %v", interval)
		}
		if hold := b.serverHold(); hold < 0 || hold > maxHold+time.Second {
			t.Fatalf("the server holds back for %v", hold)
		}
		for keep := min(r.IntN(3), b.rate.allowed(clock.Now())/5); len(held) > keep; {
			held[0]()
			held = held[1:]
		}
	}
}

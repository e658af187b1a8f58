// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// acquire waits for a slot, and returns the function that ends its request as one that the server may have counted.
func acquire(ctx context.Context, b *Budget, p Priority) (release func(), err error) {
	s, err := b.acquire(ctx, p)
	if err != nil {
		return nil, err
	}
	return func() { s.release(true) }, nil
}

// spendSlots takes n slots of priority p and answers them at once. It reports how many
// it got before it had to wait.
func spendSlots(t *testing.T, b *Budget, p Priority, n int) int {
	t.Helper()
	for i := range n {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Nanosecond, cancel) // in a bubble: as soon as it waits
		release, err := acquire(ctx, b, p)
		cancel()
		if err != nil {
			return i
		}
		release()
	}
	return n
}

func TestBudgetKeepsToServersAndUsersLimit(t *testing.T) {
	for name, test := range map[string]struct {
		perMinute int
		header    http.Header
		want      int
		window    time.Duration
	}{
		"default":                                 {0, nil, 100, time.Minute},
		"header, lower":                           {0, header("X-RateLimit-Limit", "7", "X-RateLimit-Window-Seconds", "10"), 7, 10 * time.Second},
		"header, higher":                          {0, header("X-RateLimit-Limit", " 250 "), 250, time.Minute},
		"the user's":                              {45, nil, 45, time.Minute},
		"the user's, within a shorter window":     {45, header("X-RateLimit-Limit", "100", "X-RateLimit-Window-Seconds", "20"), 45, time.Minute},
		"the user's, of many shorter windows":     {45, header("X-RateLimit-Limit", "20", "X-RateLimit-Window-Seconds", "20"), 15, 20 * time.Second},
		"the user's, more than the shorter allow": {90, header("X-RateLimit-Limit", "20", "X-RateLimit-Window-Seconds", "20"), 20, 20 * time.Second},
		"the user's, of very many windows":        {45, header("X-RateLimit-Limit", "5", "X-RateLimit-Window-Seconds", "1"), 5, time.Minute},
		"the user's, of an hour's":                {45, header("X-RateLimit-Limit", "6000", "X-RateLimit-Window-Seconds", "3600"), 45, time.Minute},
		"the user's, more than an hour's":         {45, header("X-RateLimit-Limit", "1000", "X-RateLimit-Window-Seconds", "3600"), 45, time.Hour},
		"the user's, too high":                    {1000, header("X-RateLimit-Limit", "30"), 30, time.Minute},
		"the user's, tiny":                        {1, header("X-RateLimit-Window-Seconds", "10"), 1, time.Minute},
		"nonsense":                                {0, header("X-RateLimit-Limit", "many", "X-RateLimit-Window-Seconds", "-1"), 100, time.Minute},
		"zero":                                    {0, header("X-RateLimit-Limit", "0", "X-RateLimit-Window-Seconds", "0"), 100, time.Minute},
		"a window of a year":                      {0, header("X-RateLimit-Window-Seconds", "31536000"), 100, maxWindow},
		"a limit of all requests there are":       {60, header("X-RateLimit-Limit", "9223372036854775807"), 60, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBudget(nil, test.perMinute)
				b.observeAnswer(test.header, 200)
				b.observeAnswer(test.header, 200) // a rate that starves is believed when it is said twice
				if got := spendSlots(t, b, PriorityControl, 300); got != test.want {
					t.Fatalf("%d requests at once, expected %d", got, test.want)
				}
				time.Sleep(test.window - time.Second)
				if got := spendSlots(t, b, PriorityControl, 300); got != 0 {
					t.Errorf("%d more requests in the same window", got)
				}
				time.Sleep(2 * time.Second)
				if got := spendSlots(t, b, PriorityControl, 300); got != test.want {
					t.Errorf("%d requests in the next window, expected %d", got, test.want)
				}
			})
		})
	}
}

// A lower limit applies from the answer that brings it, also to requests that are in flight.
func TestLoweredLimitAppliesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		if got := spendSlots(t, b, PriorityControl, 20); got != 20 {
			t.Fatal(got)
		}
		b.observeAnswer(header("X-RateLimit-Limit", "21"), 200)
		if got := spendSlots(t, b, PriorityControl, 20); got != 1 {
			t.Errorf("%d more requests, expected 1", got)
		}
		waiting := make(chan time.Duration)
		began := time.Now()
		go func() {
			_, err := acquire(t.Context(), b, PriorityList)
			if err != nil {
				t.Error(err)
			}
			waiting <- time.Since(began)
		}()
		synctest.Wait()
		b.observeAnswer(header("X-RateLimit-Limit", "22"), 200)
		if waited := <-waiting; waited != 0 {
			t.Errorf("a raised limit was used after %v", waited)
		}
	})
}

func TestPauseAfter429IsRetryAfter(t *testing.T) {
	const date = "Sun, 01 Mar 2026 12:00:00 GMT"
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"seconds":                 {header("Retry-After", "30"), 30 * time.Second},
		"missing":                 {nil, pauseWithoutRetryAfter},
		"nonsense":                {header("Retry-After", "later"), pauseWithoutRetryAfter},
		"zero":                    {header("Retry-After", "0"), minPause},
		"negative":                {header("Retry-After", "-4"), minPause},
		"absurd":                  {header("Retry-After", "9223372036854775807"), maxRetryAfter},
		"a date":                  {header("Retry-After", "Sun, 01 Mar 2026 12:00:40 GMT", "Date", date), 40 * time.Second},
		"a date in the past":      {header("Retry-After", "Sun, 01 Mar 2026 11:00:40 GMT", "Date", date), minPause},
		"a date far away":         {header("Retry-After", "Sun, 01 Mar 2076 11:00:40 GMT", "Date", date), maxRetryAfter},
		"a date, no Date":         {header("Retry-After", "Sat, 01 Jan 2000 00:00:50 GMT"), 50 * time.Second},
		"a date, unreadable Date": {header("Retry-After", "Sat, 01 Jan 2000 00:00:50 GMT", "Date", "today"), 50 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // begins on 1 January 2000
				b := newBudget(nil, 0)
				b.observeAnswer(test.header, http.StatusTooManyRequests)
				began := time.Now()
				release, err := acquire(t.Context(), b, PriorityControl)
				if err != nil {
					t.Fatal(err)
				}
				release()
				if paused := time.Since(began); paused < test.want || paused > test.want+maxPauseJitter {
					t.Errorf("paused for %v", paused)
				}
			})
		})
	}
}

// The pause is for all requests. A later and shorter one does not end it. A request whose context ends leaves at once.
func TestPauseAfter429StopsAllRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		b.observeAnswer(header("Retry-After", "60"), 429)
		b.observeAnswer(header("Retry-After", "2"), 429)
		began := time.Now()
		for p := range Priority(priorities) {
			go func() {
				release, err := acquire(t.Context(), b, p)
				if err != nil || time.Since(began) < time.Minute {
					t.Errorf("priority %d: %v after %v", p, err, time.Since(began))
					return
				}
				release()
			}()
		}
		interrupt := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(interrupt) })
		if _, err := acquire(ctx, b, PriorityControl); err != interrupt || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if _, err := acquire(ctx, b, PriorityControl); err != interrupt {
			t.Errorf("got %v", err)
		}
		time.Sleep(2 * time.Minute)
	})
}

// allowed is how many requests the budget admits per window just now.
func allowed(b *Budget) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rate.allowed(b.clock.Now())
}

func TestBudgetSlowsDownWhenOthersUseTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		expect := func(want int) {
			t.Helper()
			if got := allowed(b); got != want {
				t.Errorf("%v: %d requests are allowed, expected %d", time.Now().Format("15:04:05"), got, want)
			}
		}
		refuse := func() { b.observeAnswer(header("Retry-After", "1"), 429) }
		refuse()
		expect(50)
		time.Sleep(59 * time.Second)
		refuse() // in the same window
		expect(50)
		time.Sleep(2 * time.Second)
		refuse()
		expect(25)
		for range 10 {
			time.Sleep(31 * time.Second)
			refuse()
		}
		expect(minThrottled)
		time.Sleep(time.Minute - time.Second)
		expect(5)
		time.Sleep(2 * time.Second)
		expect(15)
		time.Sleep(3 * time.Minute)
		expect(45)
		time.Sleep(time.Hour)
		expect(100)
	})
}

// A request that waits gets its slot when the limit is restored.
func TestRestoredLimitWakesWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		for range 60 {
			if _, err := acquire(t.Context(), b, PriorityControl); err != nil { // never answered
				t.Fatal(err)
			}
		}
		b.observeAnswer(nil, 429)
		began := time.Now()
		if _, err := acquire(t.Context(), b, PriorityControl); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited != 2*time.Minute { // 50, 60, 70
			t.Errorf("waited %v", waited)
		}
	})
}

func TestBudgetDoesNotSlowDownWhenWeSpentTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		spendSlots(t, b, PriorityControl, 100)
		b.observeAnswer(nil, 429) // the limit was spent by us alone
		if got := allowed(b); got != 100 {
			t.Errorf("%d requests are allowed", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 3)
		b.observeAnswer(nil, 429)
		if got := allowed(b); got != 3 {
			t.Errorf("%d requests are allowed", got)
		}
	})
}

func TestPollIntervalGrowsWithTheWatchers(t *testing.T) {
	for _, test := range []struct {
		watchers, limit int
		want, interval  time.Duration
	}{
		{0, 100, 2 * time.Second, 2 * time.Second},
		{1, 100, 2 * time.Second, 2 * time.Second},
		{1, 100, 0, 750 * time.Millisecond},
		{20, 100, 2 * time.Second, 15 * time.Second},
		{20, 100, 20 * time.Second, 20 * time.Second},
		{1, 1, 2 * time.Second, 75 * time.Second},
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			b := newBudget(nil, 0)
			for range 2 { // a rate that starves is believed when it is said twice
				b.observeAnswer(header("X-RateLimit-Limit", fmt.Sprint(test.limit)), 200)
			}
			for range test.watchers {
				b.Watch()
			}
			gone := b.Watch()
			gone()
			gone() // the second time does nothing
			if got := b.PollInterval(test.want); got != test.interval {
				t.Errorf("got %v, expected %v", got, test.interval)
			}
		})
	}
}

// A request that was never sent uses no slot. One whose outcome is unknown uses one.
func TestOnlyRequestsThatWereSentUseSlots(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		held int
	}{"never sent": {errRefused, 0}, "connection reset": {errors.New("reset"), 1}} {
		t.Run(name, func(t *testing.T) {
			c, _ := newTestClient(t, newScript(t, statusCall(exchange{err: test.err})), func(c *Config) { c.MaxRetries = 0 })
			defer c.Budget().Watch()()
			if _, err := c.RunStatus(t.Context(), 1, 2); err == nil {
				t.Fatal("no error")
			}
			if got := c.budget.slots.countSpent(c.clock.Now(), time.Minute); got != test.held {
				t.Errorf("%d slots are held", got)
			}
			if share := c.budget.slots.ofShare; share != test.held {
				t.Errorf("%d slots of the watchers' share are held", share)
			}
		})
	}
}

func TestContextSetsThePriority(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, statusCall(exchange{answer: `{"id": 2}`}), statusCall(exchange{answer: `{"id": 2}`})))
	defer c.Budget().Watch()()
	for want, ctx := range []context.Context{WithPriority(t.Context(), PriorityList), t.Context()} {
		if _, err := c.RunStatus(ctx, 1, 2); err != nil {
			t.Fatal(err)
		}
		if got := c.budget.slots.ofShare; got != want {
			t.Errorf("%d polls, expected %d", got, want)
		}
	}
}

// One odd answer must not stop all further requests: no other answer could then correct it.
func TestOneHeaderThatStarvesIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, odd := range map[string]http.Header{
			"limit":  header("X-RateLimit-Limit", "1"),
			"window": header("X-RateLimit-Window-Seconds", "86400"),
		} {
			b := newBudget(nil, 0)
			b.observeAnswer(header("X-RateLimit-Limit", "50"), 200)
			b.observeAnswer(odd, 200)
			if got := spendSlots(t, b, PriorityControl, 300); got != 50 {
				t.Errorf("%s: %d requests at once after one odd answer", name, got)
			}
			b.observeAnswer(header("X-RateLimit-Limit", "50", "X-RateLimit-Window-Seconds", "60"), 200)
			b.observeAnswer(odd, 200)
			time.Sleep(2 * time.Minute)
			if got := spendSlots(t, b, PriorityControl, 300); got != 50 {
				t.Errorf("%s: %d requests at once after two odd answers that did not come in a row", name, got)
			}
		}
	})
}

// A new limit is not lowered by the 429s under the old one: half of a minute's limit must not become the limit of a day.
func TestNewLimitEndsTheSlowDownOfTheOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		b.observeAnswer(header("X-RateLimit-Limit", "100", "Retry-After", "1"), 429)
		b.Watch()
		b.observeAnswer(header("X-RateLimit-Limit", "1e400", "X-RateLimit-Window-Seconds", "1e300"), 200)
		if got := b.PollInterval(2 * time.Second); got != 2*time.Second {
			t.Errorf("the next poll is in %v", got)
		}
	})
}

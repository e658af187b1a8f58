// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateLimitCountsOverASlidingWindow(t *testing.T) {
	o := withAgents(products())
	o.RateLimit, o.Window, o.Queue = 3, 10*time.Second, -1
	inBubble(t, o, func(tc *testCloud) {
		ask := func(want int) reply {
			tc.t.Helper()
			r := tc.send("GET", "/agent/4711", "")
			tc.wantCode(r, want)
			return r
		}
		ask(200)
		time.Sleep(4 * time.Second)
		ask(200)
		ask(200)
		r := ask(429)
		if got := r.header; got.Get("Retry-After") != "6" || got.Get("X-RateLimit-Limit") != "3" || got.Get("X-RateLimit-Window-Seconds") != "10" {
			tc.t.Errorf("the 429 has the headers %v", got)
		}
		time.Sleep(5999 * time.Millisecond)
		if r := ask(429); r.header.Get("Retry-After") != "1" {
			tc.t.Errorf("Retry-After %s, want 1", r.header.Get("Retry-After"))
		}
		time.Sleep(time.Millisecond)
		ask(200)
		ask(429) // the other two permits began 4 s later
		if got := tc.TooMany(); got != 3 {
			tc.t.Errorf("%d times 429, want 3", got)
		}
		tc.SetRateLimit(4, 10*time.Second)
		ask(200)
		if tc.ResetCounts(); tc.TooMany() != 0 || tc.Count(AnyKind) != 0 || len(tc.Requests()) != 0 || len(tc.Log()) != 8 {
			tc.t.Error("the counts were not reset, or the log was")
		}
	})
}

func TestRequestWithABadKeyDoesNotCountAgainstTheLimit(t *testing.T) {
	o := withAgents(products())
	o.RateLimit, o.Queue, o.AccessToken = 1, -1, "token"
	inBubble(t, o, func(tc *testCloud) {
		for _, step := range []struct {
			key  string
			want int
		}{{"ApiKey wrong", 401}, {"ApiKey sk-simulator", 200}, {"Bearer token", 200}, {"ApiKey sk-simulator", 429}, {"ApiKey wrong", 401}} {
			tc.key = step.key
			tc.wantCode(tc.send("GET", "/agent/4711", ""), step.want)
		}
	})
}

func TestRequestsAboveTheLimitWaitInTheQueue(t *testing.T) {
	o := withAgents(products())
	o.RateLimit, o.Window, o.Queue = 2, 10*time.Second, 3
	inBubble(t, o, func(tc *testCloud) {
		begin := time.Now()
		var mu sync.Mutex
		var served []time.Duration
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				r := tc.send("GET", "/agent/4711", "")
				mu.Lock()
				defer mu.Unlock()
				if r.code == http.StatusOK {
					served = append(served, time.Since(begin))
				}
			})
		}
		all.Wait()
		slices.Sort(served)
		if want := []time.Duration{0, 0, 10 * time.Second, 10 * time.Second, 20 * time.Second}; !slices.Equal(served, want) || tc.TooMany() != 1 {
			tc.t.Errorf("served after %v with %d times 429, want %v and one", served, tc.TooMany(), want)
		}
	})
}

func TestRequestThatLeavesTheQueueReturnsItsPermit(t *testing.T) {
	o := withAgents(products())
	o.RateLimit, o.Window, o.Queue = 1, 10*time.Second, 1
	inBubble(t, o, func(tc *testCloud) {
		tc.startRun()
		ctx, cancel := context.WithTimeout(tc.t.Context(), time.Second)
		defer cancel()
		req := tc.newRequest(ctx, http.MethodPost, "/agent/4711/start", nil)
		if _, err := tc.doRequest(req); err == nil {
			tc.t.Error("the request was answered within a second")
		}
		synctest.Wait()
		begin := time.Now()
		tc.wantCode(tc.send("GET", "/agent/4711", ""), http.StatusOK)
		if waited := time.Since(begin); waited != 9*time.Second {
			tc.t.Errorf("the next request waited %v, want 9s", waited)
		}
		if got := len(tc.Runs(4711)); got != 1 {
			tc.t.Errorf("%d runs, want 1: the start had gone", got)
		}
	})
}

func TestNegativeRateLimitIsNoLimit(t *testing.T) {
	o := withAgents(products())
	o.RateLimit = -1
	inBubble(t, o, func(tc *testCloud) {
		for range 500 {
			tc.send("GET", "/agent/4711", "")
		}
		if got := tc.TooMany(); got != 0 {
			tc.t.Errorf("%d times 429", got)
		}
	})
}

// No window may ever hold more permits than the limit, also when requests leave the queue.
func TestNoWindowHoldsMorePermitsThanTheLimit(t *testing.T) {
	const limit, queue, window = 5, 4, 10 * time.Second
	limits := newLimiter(limit, queue, window)
	now := time.Unix(0, 0)
	used := map[time.Time]int{}
	for i := range 2000 {
		now = now.Add(time.Duration(i*7919%1300) * time.Millisecond)
		at, ok := limits.reservePermit("key", now)
		switch {
		case !ok:
		case i%3 == 0 && at.After(now):
			limits.returnPermit("key", at)
		default:
			used[at]++
		}
	}
	if len(used) < 100 {
		t.Fatalf("only %d permits were given", len(used))
	}
	for from := range used {
		total := 0
		for at, n := range used {
			if !at.Before(from) && at.Before(from.Add(window)) {
				total += n
			}
		}
		if total > limit {
			t.Errorf("the window from %v holds %d permits, more than %d", from, total, limit)
		}
	}
}

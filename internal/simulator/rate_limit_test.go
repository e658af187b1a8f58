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

func TestTheRateLimitSlides(t *testing.T) {
	o := cloudOf(products())
	o.RateLimit, o.Window, o.Queue = 3, 10*time.Second, -1
	inLab(t, o, func(l *lab) {
		ask := func(want int) reply {
			l.t.Helper()
			r := l.send("GET", "/agent/4711", "")
			l.wantCode(r, want)
			return r
		}
		ask(200)
		time.Sleep(4 * time.Second)
		ask(200)
		ask(200)
		r := ask(429)
		if got := r.header; got.Get("Retry-After") != "6" || got.Get("X-RateLimit-Limit") != "3" || got.Get("X-RateLimit-Window-Seconds") != "10" {
			l.t.Errorf("the 429 has the headers %v", got)
		}
		time.Sleep(5999 * time.Millisecond)
		if r := ask(429); r.header.Get("Retry-After") != "1" {
			l.t.Errorf("Retry-After %s, want 1", r.header.Get("Retry-After"))
		}
		time.Sleep(time.Millisecond)
		ask(200)
		ask(429) // the other two permits began 4 s later
		if got := l.TooMany(); got != 3 {
			l.t.Errorf("%d times 429, want 3", got)
		}
		l.SetRateLimit(4, 10*time.Second)
		ask(200)
		if l.ResetCounts(); l.TooMany() != 0 || l.Count(AnyKind) != 0 || len(l.Requests()) != 0 || len(l.Log()) != 8 {
			l.t.Error("the counts were not reset, or the log was")
		}
	})
}

func TestRequestsWithABadKeyDoNotCount(t *testing.T) {
	o := cloudOf(products())
	o.RateLimit, o.Queue, o.AccessToken = 1, -1, "token"
	inLab(t, o, func(l *lab) {
		for _, step := range []struct {
			key  string
			want int
		}{{"ApiKey wrong", 401}, {"ApiKey sk-simulator", 200}, {"Bearer token", 200}, {"ApiKey sk-simulator", 429}, {"ApiKey wrong", 401}} {
			l.key = step.key
			l.wantCode(l.send("GET", "/agent/4711", ""), step.want)
		}
	})
}

func TestRequestsAboveTheLimitQueue(t *testing.T) {
	o := cloudOf(products())
	o.RateLimit, o.Window, o.Queue = 2, 10*time.Second, 3
	inLab(t, o, func(l *lab) {
		begin := time.Now()
		var mu sync.Mutex
		var served []time.Duration
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				r := l.send("GET", "/agent/4711", "")
				mu.Lock()
				defer mu.Unlock()
				if r.code == http.StatusOK {
					served = append(served, time.Since(begin))
				}
			})
		}
		all.Wait()
		slices.Sort(served)
		if want := []time.Duration{0, 0, 10 * time.Second, 10 * time.Second, 20 * time.Second}; !slices.Equal(served, want) || l.TooMany() != 1 {
			l.t.Errorf("served after %v with %d times 429, want %v and one", served, l.TooMany(), want)
		}
	})
}

func TestARequestThatLeavesTheQueueReturnsItsPermit(t *testing.T) {
	o := cloudOf(products())
	o.RateLimit, o.Window, o.Queue = 1, 10*time.Second, 1
	inLab(t, o, func(l *lab) {
		l.start()
		ctx, cancel := context.WithTimeout(l.t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://api.invalid/api/v1/agent/4711/start", nil)
		if err != nil {
			l.t.Fatal(err)
		}
		req.Header.Set("Authorization", l.key)
		if _, err := l.do(req); err == nil {
			l.t.Error("the request was answered within a second")
		}
		synctest.Wait()
		begin := time.Now()
		l.wantCode(l.send("GET", "/agent/4711", ""), http.StatusOK)
		if waited := time.Since(begin); waited != 9*time.Second {
			l.t.Errorf("the next request waited %v, want 9s", waited)
		}
		if got := len(l.Runs(4711)); got != 1 {
			l.t.Errorf("%d runs, want 1: the start had gone", got)
		}
	})
}

func TestNoRateLimit(t *testing.T) {
	o := cloudOf(products())
	o.RateLimit = -1
	inLab(t, o, func(l *lab) {
		for range 500 {
			l.send("GET", "/agent/4711", "")
		}
		if got := l.TooMany(); got != 0 {
			l.t.Errorf("%d times 429", got)
		}
	})
}

// No window of the limit's length may ever hold more permits than the limit, whoever leaves the queue.
func TestNoWindowHoldsTooMany(t *testing.T) {
	const limit, queue, window = 5, 4, 10 * time.Second
	l := newLimiter(limit, queue, window)
	now := time.Unix(0, 0)
	used := map[time.Time]int{}
	for i := range 2000 {
		now = now.Add(time.Duration(i*7919%1300) * time.Millisecond)
		at, ok := l.reservePermit("key", now)
		switch {
		case !ok:
		case i%3 == 0 && at.After(now):
			l.returnPermit("key", at)
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

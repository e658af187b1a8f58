// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
)

// mostInAnyWindow is how many of the instants fall into the fullest window.
func mostInAnyWindow(instants []time.Time, window time.Duration) int {
	slices.SortFunc(instants, time.Time.Compare)
	most, first := 0, 0
	for last, at := range instants {
		for at.Sub(instants[first]) > window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// No window of the server's holds more requests than the limit, however long they take and whenever the server counts
// them. Nor is much of the limit left unused.
func TestNoWindowExceedsTheLimit(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				limit, window := 5+random.IntN(40), time.Duration(5+random.IntN(60))*time.Second
				latency := time.Duration(1 + random.Int64N(int64(window/2)))
				b := newBudget(nil, 0)
				b.observeAnswer(header("X-RateLimit-Limit", fmt.Sprint(limit), "X-RateLimit-Window-Seconds", fmt.Sprint(window.Seconds())), 200)
				for range random.IntN(3) {
					b.Watch()
				}
				began := time.Now()
				var mu sync.Mutex
				var counted []time.Time
				var requests sync.WaitGroup
				for range limit * 5 {
					p := Priority(random.IntN(priorities))
					before, after := time.Duration(random.Int64N(int64(latency))), time.Duration(random.Int64N(int64(latency)))
					requests.Go(func() {
						release, err := acquire(t.Context(), b, p)
						if err != nil {
							t.Error(err)
							return
						}
						time.Sleep(before)
						mu.Lock()
						counted = append(counted, time.Now())
						mu.Unlock()
						time.Sleep(after)
						release()
					})
				}
				requests.Wait()
				if most := mostInAnyWindow(counted, window); most > limit || most < limit/2 {
					t.Errorf("%d requests in a window of %d", most, limit)
				}
				if took, bound := time.Since(began), 9*(window+2*latency); took > bound {
					t.Errorf("took %v, more than %v", took, bound)
				}
			})
		})
	}
}

func TestHigherPriorityGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 1)
		spendSlots(t, b, PriorityControl, 1)
		var mu sync.Mutex
		var order []string
		for i := range 2 {
			for p := range Priority(priorities) {
				go func() {
					release, err := acquire(t.Context(), b, p)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					order = append(order, fmt.Sprint(p, i))
					mu.Unlock()
					release()
				}()
				synctest.Wait() // they come in this order
			}
		}
		time.Sleep(time.Hour)
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"3 0", "3 1", "2 0", "2 1", "1 0", "1 1", "0 0", "0 1"}; !slices.Equal(order, want) {
			t.Errorf("the order is %v", order)
		}
	})
}

// While many starts and lists wait, every watcher still gets its turn.
func TestWatchersKeepTheirShare(t *testing.T) {
	for _, test := range []struct {
		watchers int
		longest  time.Duration
	}{{1, 11 * time.Second}, {5, 11 * time.Second}, {20, 25 * time.Second}} {
		t.Run(fmt.Sprint(test.watchers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBudget(nil, 0)
				ctx, end := context.WithTimeout(t.Context(), 10*time.Minute)
				defer end()
				request := func(ctx context.Context, p Priority) bool {
					release, err := acquire(ctx, b, p)
					if err != nil {
						return false
					}
					time.Sleep(300 * time.Millisecond)
					release()
					return true
				}
				var callers sync.WaitGroup
				for i := range 100 {
					p := []Priority{PriorityControl, PriorityControl, PriorityList, PriorityFiles}[i%4]
					callers.Go(func() {
						for request(ctx, p) {
						}
					})
				}
				for range test.watchers {
					callers.Go(func() {
						defer b.Watch()()
						for last := time.Now(); ; last = time.Now() {
							if Sleep(ctx, nil, b.PollInterval(2*time.Second)) != nil || !request(ctx, PriorityPoll) {
								return
							}
							// The first minute's starts were there before the watchers.
							if gap := time.Since(last); gap > test.longest && time.Since(last.Truncate(24*time.Hour)) > 2*time.Minute {
								t.Errorf("%v between two polls", gap)
								return
							}
						}
					})
				}
				callers.Wait()
			})
		})
	}
}

// A poll that has no answer yet still counts for the watchers' share.
func TestOneWatcherUsesOnlyItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		defer b.Watch()()
		for range 8 {
			if _, err := acquire(t.Context(), b, PriorityPoll); err != nil { // never answered
				t.Fatal(err)
			}
			time.Sleep(turnLength)
		}
		if b.slots.ofShare != 6 || b.slots.inFlight != 8 {
			t.Errorf("%d of %d polls are of the watchers' share", b.slots.ofShare, b.slots.inFlight)
		}
	})
}

func TestWatchersShareFitsAnyWindow(t *testing.T) {
	for _, test := range []struct {
		watchers, limit int
		window          time.Duration
		want            int
	}{
		{0, 100, time.Minute, 0}, {1, 100, time.Minute, 6}, {8, 100, time.Minute, 48}, {9, 100, time.Minute, 50},
		{1, 10, time.Second, 1}, {15, 10, time.Second, 2}, {1, 10, 15 * time.Second, 2}, {3, 1, time.Minute, 0},
	} {
		b := newBudget(nil, 0)
		b.rate.window = test.window
		for range test.watchers {
			b.Watch()
		}
		if got := b.watcherShare(test.limit); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}

func TestEndedContextGetsNoSlot(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := newBudget(nil, 0)
	if _, err := acquire(ctx, b, PriorityControl); err != context.Canceled || b.slots.inFlight != 0 {
		t.Errorf("got %v, %d slots are taken", err, b.slots.inFlight)
	}
}

// The polls of a minute are not all sent in its first seconds.
func TestPollsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		began := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		var polls sync.WaitGroup
		for range 100 {
			polls.Go(func() {
				release, err := acquire(t.Context(), b, PriorityPoll)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				sent = append(sent, time.Since(began))
				mu.Unlock()
				release()
			})
		}
		polls.Wait()
		slices.Sort(sent)
		for i, at := range sent {
			if want := time.Duration(max(0, i-9)) * 600 * time.Millisecond; at != want {
				t.Fatalf("poll %d was sent after %v, expected %v", i, at, want)
			}
		}
	})
}

// Waiters come and go at random, also in the instant in which they get their slot. Those that stay get one, and those
// that leave hold none.
func TestWaiterThatGivesUpFreesItsSlot(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 2))
				b := newBudget(nil, 0)
				b.observeAnswer(header("X-RateLimit-Limit", "10", "X-RateLimit-Window-Seconds", "10"), 200)
				var waiters sync.WaitGroup
				for range 200 {
					p := Priority(random.IntN(priorities))
					patience := time.Duration(random.IntN(10)) * (10*time.Second + clockGuard)
					waiters.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), patience)
						defer cancel()
						if release, err := acquire(ctx, b, p); err == nil {
							release()
						}
					})
				}
				waiters.Wait()
				time.Sleep(11 * time.Second)
				if held := b.slots.countSpent(time.Now(), b.rate.window); held != 0 || b.slots.ofShare != 0 {
					t.Errorf("%d slots are held, %d of them of the watchers' share", held, b.slots.ofShare)
				}
				if b.queue.leader != nil || b.queue.first() != nil {
					t.Error("somebody is still in the queue")
				}
				if got := spendSlots(t, b, PriorityControl, 20); got != 10 {
					t.Errorf("%d requests are admitted afterwards, expected 10", got)
				}
			})
		})
	}
}

// countingClock counts the timers that somebody may still wait for.
type countingClock struct {
	systemClock
	mu      sync.Mutex
	pending []time.Time
	most    int
}

func (c *countingClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.pending = append(slices.DeleteFunc(c.pending, func(at time.Time) bool { return !at.After(now) }), now.Add(d))
	c.most = max(c.most, len(c.pending))
	return time.After(d)
}

// A day of watchers with lists, files and some 429s.
func TestBudgetDoesNotGrowOverADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &countingClock{}
		b := newBudget(clock, 0)
		ctx, end := context.WithTimeout(t.Context(), 24*time.Hour)
		defer end()
		var callers sync.WaitGroup
		for i := range 40 {
			callers.Go(func() {
				defer b.Watch()()
				for n := 0; ; n++ {
					release, err := acquire(ctx, b, Priority(i%priorities))
					if err != nil {
						return
					}
					status := http.StatusOK
					if n%100 == i {
						status = http.StatusTooManyRequests
					}
					b.observeAnswer(nil, status)
					release()
				}
			})
		}
		var most int
		for range 23 {
			time.Sleep(time.Hour)
			most = max(most, goroutines.InBubble())
		}
		before := goroutines.InBubble()
		callers.Wait()
		if most > before+3 { // the test's own timers may be about to run
			t.Errorf("%d goroutines at most, %d near the end", most, before)
		}
		// The leader waits for one timer. Another one may have been replaced by an earlier one.
		if clock.most > 3 {
			t.Errorf("%d timers at once", clock.most)
		}
		if held := len(b.slots.answered); held > 100 || cap(b.slots.answered) > 1000 {
			t.Errorf("%d answers are remembered, in room for %d", held, cap(b.slots.answered))
		}
	})
}

// While files are fetched without end, a start or stop and what belongs to it are sent at once.
func TestFilesLeaveRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		if got := spendSlots(t, b, PriorityFiles, 300); got != 90 {
			t.Errorf("%d files at once, expected 90", got)
		}
		if got := spendSlots(t, b, PriorityList, 5) + spendSlots(t, b, PriorityControl, 300); got != 10 {
			t.Errorf("%d other requests at once, expected 10", got)
		}
		time.Sleep(defaultWindow + time.Second)
		if got := spendSlots(t, b, PriorityFiles, 300); got != 90 {
			t.Errorf("%d files in the next window, expected 90", got)
		}
	})
}

// A limit that is too small to leave some of it unused serves files all the same.
func TestFilesOfATinyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 1)
		if got := spendSlots(t, b, PriorityFiles, 3); got != 1 {
			t.Errorf("%d files at once, expected 1", got)
		}
		time.Sleep(defaultWindow + time.Second)
		if got := spendSlots(t, b, PriorityFiles, 3); got != 1 {
			t.Errorf("%d files in the next window, expected 1", got)
		}
	})
}

// While many agents are waited for, files are fetched slowly, but they are fetched.
func TestFilesBesideManyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(nil, 0)
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
		defer cancel()
		rng := rand.New(rand.NewPCG(1, 1))
		var all sync.WaitGroup
		for range 20 {
			first := time.Duration(rng.Int64N(int64(14 * time.Second)))
			all.Go(func() {
				defer b.Watch()()
				for pause := first; Sleep(ctx, nil, pause) == nil; pause = b.PollInterval(14 * time.Second) {
					if release, err := acquire(ctx, b, PriorityPoll); err == nil {
						time.Sleep(50 * time.Millisecond)
						release()
					}
				}
			})
		}
		time.Sleep(5 * time.Minute)
		var files atomic.Int64
		for range 10 {
			all.Go(func() {
				for ctx.Err() == nil {
					if release, err := acquire(ctx, b, PriorityFiles); err == nil {
						files.Add(1)
						time.Sleep(50 * time.Millisecond)
						release()
					}
				}
			})
		}
		all.Wait()
		if n := files.Load(); n < 5*20 {
			t.Errorf("%d files in 20 minutes beside 20 waits, expected at least 5 a minute", n)
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"bytes"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// onceBrokenClock panics the first time that one of these methods, in internal/run itself, asks for the time.
type onceBrokenClock struct {
	sequentum.Clock
	methods []string
	broke   atomic.Bool
}

// looks are what asks for the time when a look has its answer.
var looks = []string{"(*watcher).lookAtRuns(", "(*watcher).askStatus("}

func (c *onceBrokenClock) Now() time.Time {
	_, caller, _, _ := runtime.Caller(1)
	stack := debug.Stack()
	calls := func(method string) bool { return bytes.Contains(stack, []byte(method)) }
	if slices.ContainsFunc(c.methods, calls) && strings.Contains(caller, "/internal/run/") && c.broke.CompareAndSwap(false, true) {
		panic("a bug")
	}
	return c.Clock.Now()
}

// A panic in a look costs that look and nothing else: the waits of the agent go on.
func TestPanicInALook(t *testing.T) {
	for how, waits := range map[string]int{"alone": 1, "shared": 2} {
		t.Run(how, func(t *testing.T) {
			agent := lasting(time.Minute)
			agent.Phases = append(agent.Phases, simulator.Phase{Status: simulator.Exporting, Duration: simulator.Duration(time.Minute)})
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				clock := &onceBrokenClock{Clock: sequentum.SystemClock(), methods: looks}
				w = newWorkbench(t, w.cloud, sequentum.Config{Clock: clock})
				runs, errs := w.waitAll(waits)
				for i, r := range runs {
					if errs[i] != nil {
						t.Fatal(errs[i])
					}
					wantStatus(t, r, sequentum.StatusCompleted)
				}
				if !clock.broke.Load() {
					t.Error("nothing panicked")
				}
			})
		})
	}
}

// A panic in what reports once a minute is told in the log, and the wait goes on.
func TestPanicInTheProgress(t *testing.T) {
	inBubble(t, with(lasting(5*time.Minute)), func(t *testing.T, w *workbench) {
		clock := &onceBrokenClock{Clock: sequentum.SystemClock(), methods: []string{"(*waitList).reportProgress("}}
		w = newWorkbench(t, w.cloud, sequentum.Config{Clock: clock})
		r, err := w.wait(t.Context(), w.start())
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusCompleted)
		if n := w.log.count("The log shows its changes of status, but no line each minute any more. The wait continues."); n != 1 {
			t.Errorf("the log says so %d times", n)
		}
	})
}

// brokenClock panics when it is asked to wait.
type brokenClock struct {
	sequentum.Clock
	broken atomic.Bool
}

func (c *brokenClock) After(d time.Duration) <-chan time.Time {
	if c.broken.Load() {
		panic("a bug")
	}
	return c.Clock.After(d)
}

// Where a panic ends the watcher itself, its waits end with an error that says so: nobody would look for them any more.
func TestPanicInTheWatcher(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		clock := &brokenClock{Clock: sequentum.SystemClock()}
		w = newWorkbench(t, w.cloud, sequentum.Config{Clock: clock})
		time.AfterFunc(time.Minute, func() { clock.broken.Store(true) })
		_, errs := w.waitAll(2)
		for _, err := range errs {
			if p := as[*sequentum.PanicError](t, err); p.Error() != "a bug in the provider: a panic with a value of type string" || len(p.Stack) == 0 {
				t.Error(p)
			}
		}
		clock.broken.Store(false)
		if _, err := w.resume(w.cancelAfter(time.Minute), 100001); as[*run.WaitError](t, err).Run == nil {
			t.Errorf("the next wait saw nothing: %v", err)
		}
	})
}

// panickingRequests is a transport on which each status request panics.
type panickingRequests struct{ next http.RoundTripper }

func (p panickingRequests) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/status") {
		panic("a bug")
	}
	return p.next.RoundTrip(req)
}

// A bug that is met at each look ends the wait within minutes: only another version of the provider fixes it.
func TestPanicInEachRequest(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w = newWorkbenchOver(t, w.cloud, panickingRequests{w.cloud.Transport()}, sequentum.Config{BaseURL: "https://cloud.example.test"})
		begin := time.Now()
		_, errs := w.waitAll(1)
		if as[*run.WaitError](t, errs[0]); !strings.Contains(errs[0].Error(), "Please report this bug") {
			t.Error(errs[0])
		}
		wantWithin(t, begin, 2*time.Minute, 4*time.Minute)
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Each action that ends a request, before and after the effect of a start, and what the client sees.
func TestFaultOfAStart(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		check func(r reply, err error) bool
	}{
		"reset of the connection": {Fault{Action: Reset}, func(_ reply, err error) bool {
			return errors.Is(err, syscall.ECONNRESET)
		}},
		"error in a shape of the API": {Fault{Action: StatusCode, RetryAfter: "7"}, func(r reply, err error) bool {
			return err == nil && r.code == 500 && json.Valid([]byte(r.text)) && r.header.Get("Retry-After") == "7" && r.header.Get("X-RateLimit-Limit") == "100"
		}},
		"error with a body of its own": {Fault{Action: StatusCode, Code: 422, Body: `{"message":"No."}`, NoHeaders: true}, func(r reply, err error) bool {
			return err == nil && r.code == 422 && r.text == `{"message":"No."}` && r.header.Get("X-RateLimit-Limit") == ""
		}},
		"proxy's page": {Fault{Action: HTML}, func(r reply, err error) bool {
			return err == nil && r.code == 502 && strings.Contains(r.text, "502 Bad Gateway") && r.header.Get("X-RateLimit-Limit") == ""
		}},
		"HTML of its own": {Fault{Action: HTML, Code: 404, Body: "<p>lost"}, func(r reply, err error) bool {
			return err == nil && r.code == 404 && r.text == "<p>lost" && r.header.Get("Content-Type") == "text/html" && r.header.Get("X-RateLimit-Limit") == ""
		}},
		"half of the JSON": {Fault{Action: TruncateJSON}, func(r reply, err error) bool {
			return err == nil && r.code/100 == 2 && strings.HasPrefix(r.text, `{"id":`) && !json.Valid([]byte(r.text))
		}},
		"cut body": {Fault{Action: TruncateBody, Bytes: 9}, func(r reply, err error) bool {
			return err == nil && errors.Is(r.err, io.ErrUnexpectedEOF) && r.text == `{"id":100`
		}},
		"garbage": {Fault{Action: Garbage}, func(r reply, err error) bool {
			return err == nil && r.code == 200 && r.text != "" && !json.Valid([]byte(r.text))
		}},
		"redirect": {Fault{Action: Redirect, Location: "http://elsewhere.invalid/"}, func(r reply, err error) bool {
			return err == nil && r.code == 302 && r.header.Get("Location") == "http://elsewhere.invalid/"
		}},
	} {
		for _, after := range []bool{false, true} {
			t.Run(name+beforeOrAfter(after), func(t *testing.T) {
				f := test.fault
				f.Kind, f.After = KindStart, after
				o := withAgents(products())
				o.Faults = []Fault{f}
				inBubble(t, o, func(tc *testCloud) {
					r, err := tc.trySend("POST", "/agent/4711/start", "{}")
					if !test.check(r, err) {
						tc.t.Errorf("the client saw %+v, %v", r, err)
					}
					want := 0
					if after {
						want = 1
					}
					if got := len(tc.Runs(4711)); got != want {
						tc.t.Errorf("%d runs, want %d", got, want)
					}
					tc.startRun() // the fault hits only one request
				})
			})
		}
	}
}

func TestTruncatedReadShowsPartOfTheRealAnswer(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		whole := tc.send("GET", runPathOf(id, "/status"), "")
		tc.Inject(Fault{Action: TruncateJSON}, Fault{Action: TruncateBody, Bytes: 20}, Fault{Action: TruncateBody, Bytes: 1 << 20})
		if r := tc.send("GET", runPathOf(id, "/status"), ""); r.text != whole.text[:len(whole.text)/2] || r.err != nil || r.header.Get("Content-Length") != "" {
			tc.t.Errorf("half of the answer is %q, %v", r.text, r.err)
		}
		if r := tc.send("GET", runPathOf(id, "/status"), ""); r.text != whole.text[:20] || r.err == nil {
			tc.t.Errorf("20 bytes of the answer are %q, %v", r.text, r.err)
		}
		if r := tc.send("GET", runPathOf(id, "/status"), ""); r.text != whole.text || r.err != nil {
			tc.t.Errorf("a cut beyond the end left %q, %v", r.text, r.err)
		}
	})
}

func TestFaultHitsOnlyMatchingRequests(t *testing.T) {
	inBubble(t, withAgents(products(), Agent{ID: 1}), func(tc *testCloud) {
		first, second := tc.startRun(), tc.startRun()
		codes := func(n int, path string) (codes []int) {
			for range n {
				codes = append(codes, tc.send("GET", path, "").code)
			}
			return codes
		}
		check := func(path string, want ...int) {
			tc.t.Helper()
			for i, got := range codes(len(want), path) {
				if got != want[i] {
					tc.t.Errorf("request %d of %s answers %d, want %d", i+1, path, got, want[i])
				}
			}
		}
		tc.Inject(
			Fault{Kind: KindStatus, Skip: 1, Times: 2, Action: StatusCode, Code: 500},
			Fault{Kind: KindStatus, Action: StatusCode, Code: 501},
		)
		check(runPathOf(first, "/status"), 501, 500, 500, 200)
		tc.Inject(Fault{RunID: second, Times: -1, Action: StatusCode, Code: 503})
		check(runPathOf(first, "/status"), 200)
		check(runPathOf(second, "/status"), 503, 503, 503)
		check(runPathOf(second, "/files"), 503)
		tc.ClearFaults()
		check(runPathOf(second, "/status"), 200)
		tc.Inject(Fault{AgentID: 1, Times: -1, Action: StatusCode, Code: 503})
		check("/agent/4711", 200)
		check("/agent/1", 503, 503)
	})
}

func TestDelayContinuesWhenTheClientHasGone(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.Inject(Fault{Kind: KindStart, Delay: time.Minute})
		ctx, cancel := context.WithTimeout(tc.t.Context(), 30*time.Second)
		defer cancel()
		req := tc.newRequest(ctx, http.MethodPost, "/agent/4711/start", nil)
		if _, err := tc.doRequest(req); !errors.Is(err, context.DeadlineExceeded) {
			tc.t.Errorf("the client saw %v", err)
		}
		if got := len(tc.Runs(4711)); got != 0 {
			tc.t.Errorf("%d runs before the delay is over", got)
		}
		time.Sleep(time.Minute)
		if got := len(tc.Runs(4711)); got != 1 {
			tc.t.Errorf("%d runs after the delay, want 1", got)
		}
		tc.Inject(Fault{Kind: KindStart, Delay: time.Minute, After: true})
		var took time.Duration
		go func() {
			begin := time.Now()
			tc.startRun()
			took = time.Since(begin)
		}()
		synctest.Wait()
		if got := len(tc.Runs(4711)); got != 2 {
			tc.t.Errorf("%d runs while the answer is delayed, want 2", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if took != time.Minute {
			tc.t.Errorf("the answer took %v, want 1m", took)
		}
	})
}

func TestHangingRequestTakesEffectWhenReleased(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.Inject(Fault{Kind: KindStart, Action: Hang}, Fault{Kind: KindStart, Action: Hang, After: true}, Fault{Kind: KindStart, Action: Hang})
		var answered atomic.Int32
		hang := func(ctx context.Context) {
			req := tc.newRequest(ctx, http.MethodPost, "/agent/4711/start", nil)
			if r, err := tc.doRequest(req); err == nil && r.code/100 == 2 {
				answered.Add(1)
			}
		}
		for i, want := range []int{0, 1} { // the second hangs after its effect
			go hang(tc.t.Context())
			time.Sleep(time.Hour)
			if got := len(tc.Runs(4711)); got != want || answered.Load() != 0 {
				tc.t.Errorf("%d hang: %d runs and %d answers, want %d and none", i+1, got, answered.Load(), want)
			}
		}
		tc.ClearFaults()
		tc.Release()
		synctest.Wait()
		if got := len(tc.Runs(4711)); got != 2 || answered.Load() != 2 {
			tc.t.Errorf("released: %d runs and %d answers, want 2 and 2", got, answered.Load())
		}
		tc.Inject(Fault{Kind: KindStart, Action: Hang})
		ctx, cancel := context.WithTimeout(tc.t.Context(), time.Minute)
		defer cancel()
		hang(ctx)
		synctest.Wait()
		tc.Release()
		synctest.Wait()
		if got := len(tc.Runs(4711)); got != 2 {
			tc.t.Errorf("%d runs: a start whose client had gone took effect", got)
		}
	})
}

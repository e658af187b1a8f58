// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

func statusCall(e exchange) exchange {
	e.method, e.path = "GET", "/agent/1/run/2/status"
	return e
}

func startCall(e exchange) exchange {
	e.method, e.path, e.body = "POST", "/agent/1/start", "{}"
	return e
}

func TestIdempotentRequestsAreRetried(t *testing.T) {
	tests := map[string]exchange{
		"500":                  {status: 500},
		"502 with HTML":        {status: 502, answer: "<html>"},
		"503":                  {status: 503, header: map[string]string{"Retry-After": "17"}},
		"429":                  {status: 429, header: map[string]string{"Retry-After": "17"}},
		"connection reset":     {err: errors.New("connection reset by peer")},
		"connection refused":   {err: errRefused},
		"an unreadable answer": {answer: `{"id`},
		"a proxy's 401":        {status: 401},
		"a firewall's 403":     {status: 403, answer: "<html>"},
		"a proxy's 404":        {status: 404, answer: `{"message": "no route"}`},
		"a proxy's redirect":   {status: 302, header: map[string]string{"Location": "https://login.example.test/"}},
		"204":                  {status: 204},
		"206":                  {status: 206, answer: `{"id": 2, "status": 9}`},
	}
	for name, failure := range tests {
		t.Run(name, func(t *testing.T) {
			c, clock := newTestClient(t, newScript(t, statusCall(failure), statusCall(failure), statusCall(exchange{answer: `{"id": 2, "status": 9}`})))
			run, err := c.RunStatus(t.Context(), 1, 2)
			if err != nil || run.Status != StatusCompleted {
				t.Fatalf("got %v, %v", run, err)
			}
			low, high := time.Duration(0), minBackoff+2*minBackoff
			if failure.header["Retry-After"] != "" {
				low, high = 2*17*time.Second, 2*(17*time.Second+maxPauseJitter)
			}
			if slept := clock.total(); slept <= low-1 || slept > high {
				t.Errorf("slept %v, expected %v to %v", clock.slept, low, high)
			}
		})
	}
}

func TestDeleteIsRetried(t *testing.T) {
	e := exchange{method: "DELETE", path: "/agent/1/run/2", status: 503}
	done := e
	done.status = 204
	c, _ := newTestClient(t, newScript(t, e, done))
	if err := c.DeleteRun(t.Context(), 1, 2, ""); err != nil {
		t.Fatal(err)
	}
}

// The outcome stays unknown when a later try was never sent.
func TestOutcomeOfDeleteStaysUnknown(t *testing.T) {
	e := exchange{method: "DELETE", path: "/agent/1/run/2", err: errors.New("reset")}
	never := exchange{method: "DELETE", path: "/agent/1/run/2", err: errRefused}
	c, _ := newTestClient(t, newScript(t, e, never, never, never))
	if err := c.DeleteRun(t.Context(), 1, 2, ""); !OutcomeUnknown(err) || NotSent(err) {
		t.Errorf("%v: not in doubt", err)
	}
}

func TestRetriesEndAtMaxRetries(t *testing.T) {
	failure := statusCall(exchange{status: 500, answer: `{"statusCode": 500, "message": "out of order"}`})
	c, _ := newTestClient(t, newScript(t, failure, failure, failure, failure))
	_, err := c.RunStatus(t.Context(), 1, 2)
	if err == nil || err.Error() != "GET /api/v1/agent/1/run/2/status: 500 Internal Server Error: out of order" {
		t.Errorf("got %v", err)
	}
}

func TestRefusalsAreNotRetried(t *testing.T) {
	for _, status := range []int{301, 302, 400, 401, 403, 404, 408, 409, 422, 499} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			c, clock := newTestClient(t, newScript(t, statusCall(exchange{status: status, header: limitHeaders})))
			_, err := c.RunStatus(t.Context(), 1, 2)
			if statusCodeOf(err) != status || len(clock.slept) != 0 {
				t.Errorf("got %v, slept %v", err, clock.slept)
			}
		})
	}
	t.Run("untrusted certificate", func(t *testing.T) {
		untrusted := &tls.CertificateVerificationError{Err: errors.New("unknown authority")}
		c, _ := newTestClient(t, newScript(t, statusCall(exchange{err: untrusted})))
		if _, err := c.RunStatus(t.Context(), 1, 2); err == nil {
			t.Error("no error")
		}
	})
}

// A request that may have been accepted is never sent twice.
func TestPostIsNotRepeated(t *testing.T) {
	failures := map[string]exchange{
		"201, no JSON": {status: 201, answer: "<html>"},
		"204":          {status: 204},
		"206":          {status: 206, answer: `{"id": 9, "status": 4}`},
		"403, HTML":    {status: 403, answer: "<html>"},
		"500":          {status: 500},
		"502":          {status: 502, answer: "<html>"},
		"503":          {status: 503, header: map[string]string{"Retry-After": "1"}},
		"302":          {status: 302, header: map[string]string{"Location": "https://login.example.test/?secret=1"}},
		"408":          {status: 408},
		"499":          {status: 499},
		"reset":        {err: errors.New("connection reset by peer")},
		"unreadable":   {answer: "<html>"},
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			c, clock := newTestClient(t, newScript(t, startCall(failure)))
			_, err := c.StartRun(t.Context(), 1, StartRequest{})
			if !OutcomeUnknown(err) || NotAccepted(err) || len(clock.slept) != 0 {
				t.Errorf("%v: the outcome is not unknown; slept %v", err, clock.slept)
			}
		})
	}
	for _, action := range []string{"stop", "kill"} {
		t.Run(action, func(t *testing.T) {
			c, _ := newTestClient(t, newScript(t, exchange{method: "POST", path: "/agent/1/run/2/" + action, body: "{}", status: 500}))
			act := map[string]func(context.Context, int64, int64) error{"stop": c.StopRun, "kill": c.KillRun}[action]
			if err := act(t.Context(), 1, 2); statusCodeOf(err) != 500 || !OutcomeUnknown(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestStartIsRepeatedWhenCertainlyNotAccepted(t *testing.T) {
	busy := startCall(exchange{status: 429, header: map[string]string{"X-RateLimit-Limit": "100", "X-RateLimit-Window-Seconds": "60", "Retry-After": "30"}})
	never := startCall(exchange{err: errRefused})
	accepted := startCall(exchange{status: 202, answer: `{"id": 9, "status": 4}`})
	c, clock := newTestClient(t, newScript(t, busy, never, busy, busy, never, busy, never, busy, accepted))
	run, err := c.StartRun(t.Context(), 1, StartRequest{})
	if err != nil || run.ID != 9 {
		t.Errorf("got %v, %v", run, err)
	}
	if len(clock.slept) != 8 {
		t.Errorf("slept %v: expected once for each failure", clock.slept)
	}
}

func TestStartNeverSentIsRetried(t *testing.T) {
	never := startCall(exchange{err: errRefused})
	c, clock := newTestClient(t, newScript(t, never, never, never, never))
	_, err := c.StartRun(t.Context(), 1, StartRequest{})
	if !NotSent(err) || !NotAccepted(err) || OutcomeUnknown(err) || len(clock.slept) != 3 {
		t.Errorf("%v, slept %v", err, clock.slept)
	}
}

// The context ends while the call waits for a pause, or for its next try.
func TestCallInterruptedBeforeItsRequestIsNotSent(t *testing.T) {
	t.Run("context ended before the call", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c, _ := newTestClient(t, newScript(t))
		_, err := c.StartRun(ctx, 1, StartRequest{})
		if !NotSent(err) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	for after, failure := range map[string]exchange{
		"the end of a pause until 12:00:3": {status: 429, header: map[string]string{"X-RateLimit-Limit": "100", "X-RateLimit-Window-Seconds": "60", "Retry-After": "30"}},
		"the next try at 12:00:0":          {err: errRefused},
	} {
		t.Run(after, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			c, _ := newTestClient(t, newScript(t, startCall(failure)), stopClock(cancel))
			_, err := c.StartRun(ctx, 1, StartRequest{})
			if !NotSent(err) || !NotAccepted(err) || !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			mustContain(t, err.Error(), "POST /api/v1/agent/1/start: interrupted while waiting for "+after)
		})
	}
	t.Run("after a try with unknown outcome", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, _ := newTestClient(t, newScript(t, exchange{method: "DELETE", path: "/agent/1/run/2", err: errors.New("reset")}), stopClock(cancel))
		err := c.DeleteRun(ctx, 1, 2, "")
		if NotSent(err) || !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		mustContain(t, err.Error(), "interrupted while waiting for the next try at 12:00:0", " UTC; the last try ended with reset")
	})
}

// stoppedClock calls onWait instead of letting time pass.
type stoppedClock struct {
	Clock
	onWait func()
}

func (c stoppedClock) After(time.Duration) <-chan time.Time {
	c.onWait()
	return nil
}

// stopClock gives a client a stoppedClock.
func stopClock(onWait func()) func(*Config) {
	return func(config *Config) { config.Clock = stoppedClock{config.Clock, onWait} }
}

// An answer counts also when the context ended before it came.
func TestAnswerToAnInterruptedCallCounts(t *testing.T) {
	for name, test := range map[string]struct {
		answer      exchange
		wantRun     bool
		notAccepted bool
	}{
		"accepted":      {exchange{answer: `{"id": 9, "status": 4}`}, true, false},
		"429":           {exchange{status: 429, header: limitHeaders}, false, true},
		"a proxy's 429": {exchange{status: 429}, false, false},
		"500":           {exchange{status: 500}, false, false},
		"refused":       {exchange{err: errRefused}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			test.answer.before = cancel
			s := newScript(t, startCall(test.answer))
			c, _ := newTestClient(t, s)
			run, err := c.StartRun(ctx, 1, StartRequest{})
			if (run != nil) != test.wantRun || (err == nil) != test.wantRun || NotAccepted(err) != test.notAccepted {
				t.Errorf("got %v, %v", run, err)
			}
			if NotSent(err) != test.notAccepted || errors.Is(err, context.Canceled) != test.notAccepted {
				t.Errorf("%v: not sent %v", err, NotSent(err))
			}
			if s.requests[0].Context().Value(callKey{}) == nil {
				t.Error("the request lost its context's values")
			}
		})
	}
}

func TestBackoffGrowsToItsMaximum(t *testing.T) {
	for retries, ceiling := range map[int]time.Duration{
		0: 500 * time.Millisecond, 1: time.Second, 5: 16 * time.Second, 6: 30 * time.Second, 100: 30 * time.Second,
	} {
		var longest time.Duration
		for range 200 {
			d := backoff(retries)
			if d <= 0 || d > ceiling {
				t.Fatalf("backoff(%d) is %v", retries, d)
			}
			longest = max(longest, d)
		}
		if longest < ceiling/2 {
			t.Errorf("200 times backoff(%d) is at most %v", retries, longest)
		}
	}
}

func TestRequestThatCannotBeEncodedIsNotSent(t *testing.T) {
	c, _ := newTestClient(t, newScript(t))
	err := c.send(t.Context(), &call{method: "POST", path: "/x", body: func() {}})
	if !NotSent(err) {
		t.Fatalf("got %v", err)
	}
	mustContain(t, err.Error(), "POST /api/v1/x: encoding the request")
	if err := c.send(t.Context(), &call{method: "A B", path: "/x"}); !NotSent(err) {
		t.Errorf("got %v", err)
	}
}

// A try whose context ends between its turn in the budget and its sending is not sent.
func TestTryInterruptedAfterItsTurnIsNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), callKey{}, &call{}))
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, testURL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	_, err = attemptHandler{next: newScript(t), timeout: time.Second, redact: newRedactor()}.RoundTrip(req)
	if !NotSent(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOutcomeIsUnknownWhenAnErrorCannotBeRead(t *testing.T) {
	c, _ := newTestClient(t, newScript(t))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp := exchange{status: 404}.response(req)
	resp.Body = io.NopCloser(iotest.ErrReader(errors.New("out of paper")))
	if err := c.handleAnswer(&call{}, resp); !OutcomeUnknown(err) || !strings.Contains(err.Error(), "out of paper") {
		t.Errorf("got %v", err)
	}
}

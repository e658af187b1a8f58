// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// calls are all of the client's methods. Each reports whether it returned a result.
var calls = map[string]func(context.Context, *Client) (bool, error){
	"start": func(ctx context.Context, c *Client) (bool, error) {
		r, err := c.StartRun(ctx, 1, StartRequest{})
		return r != nil, err
	},
	"status": func(ctx context.Context, c *Client) (bool, error) {
		r, err := c.RunStatus(ctx, 1, 2)
		return r != nil, err
	},
	"list": func(ctx context.Context, c *Client) (bool, error) {
		r, err := c.ListRuns(ctx, 1, 10)
		return r != nil, err
	},
	"files": func(ctx context.Context, c *Client) (bool, error) {
		_, err := c.RunFiles(ctx, 1, 2)
		return err == nil, err // no file is a result
	},
	"link": func(ctx context.Context, c *Client) (bool, error) {
		link, err := c.FileLink(ctx, 1, 2, 3)
		if err == nil && link.Body != nil {
			err = link.Body.Close()
		}
		return link != nil, err
	},
	"diagnostics": func(ctx context.Context, c *Client) (bool, error) {
		r, err := c.RunDiagnostics(ctx, 1, 2)
		return r != nil, err
	},
	"agent":   func(ctx context.Context, c *Client) (bool, error) { r, err := c.Agent(ctx, 1); return r != nil, err },
	"space":   func(ctx context.Context, c *Client) (bool, error) { r, err := c.Space(ctx, 1); return r != nil, err },
	"credits": func(ctx context.Context, c *Client) (bool, error) { r, err := c.Credits(ctx); return r != nil, err },
	"agents": func(ctx context.Context, c *Client) (bool, error) {
		_, err := c.Agents(ctx)
		return err == nil, err // no agent is a result
	},
	"spaces": func(ctx context.Context, c *Client) (bool, error) {
		_, err := c.Spaces(ctx)
		return err == nil, err // no space is a result
	},
	"stop": func(ctx context.Context, c *Client) (bool, error) {
		err := c.StopRun(ctx, 1, 2)
		return err == nil, err
	},
	"kill": func(ctx context.Context, c *Client) (bool, error) {
		err := c.KillRun(ctx, 1, 2)
		return err == nil, err
	},
	"schedules": func(ctx context.Context, c *Client) (bool, error) {
		l, err := c.Schedules(ctx, 1)
		return l != nil, err
	},
	"schedule": func(ctx context.Context, c *Client) (bool, error) {
		s, err := c.Schedule(ctx, 1, 2)
		return s != nil, err
	},
	"create schedule": func(ctx context.Context, c *Client) (bool, error) {
		s, err := c.CreateSchedule(ctx, 1, ScheduleSettings{})
		return s != nil, err
	},
	"update schedule": func(ctx context.Context, c *Client) (bool, error) {
		err := c.UpdateSchedule(ctx, 1, 2, ScheduleSettings{})
		return err == nil, err
	},
	"enable schedule": func(ctx context.Context, c *Client) (bool, error) {
		err := c.EnableSchedule(ctx, 1, 2)
		return err == nil, err
	},
	"disable schedule": func(ctx context.Context, c *Client) (bool, error) {
		err := c.DisableSchedule(ctx, 1, 2)
		return err == nil, err
	},
	"delete schedule": func(ctx context.Context, c *Client) (bool, error) {
		err := c.DeleteSchedule(ctx, 1, 2)
		return err == nil, err
	},
	"delete": func(ctx context.Context, c *Client) (bool, error) {
		err := c.DeleteRun(ctx, 1, 2, "")
		return err == nil, err
	},
}

func isPost(call string) bool {
	return slices.Contains([]string{"start", "stop", "kill", "create schedule", "enable schedule", "disable schedule"}, call)
}

// expectedStatuses are the statuses of a good answer to a call, if its body is good too.
func expectedStatuses(call string) []int {
	switch call {
	case "link":
		return []int{200, 301, 302, 303, 307, 308}
	case "stop", "kill", "delete", "update schedule", "enable schedule", "disable schedule", "delete schedule":
		return []int{200, 201, 202, 203, 204}
	}
	return []int{200, 201, 202, 203}
}

func TestEveryStatusHasAnOutcome(t *testing.T) {
	bodies := map[string]string{
		"empty": "", "null": "null", "object": `{"id": 2, "configId": 1}`, "agent": `{"id": 1}`, "credits": `{"availableCredits": 5}`, "array": `[{"id": 2}]`, "empty array": "[]", "HTML": "<html>",
	}
	for name, call := range calls {
		expected := map[int]bool{}
		for _, status := range expectedStatuses(name) {
			expected[status] = true
		}
		good := map[int]bool{}
		for status := 200; status < 600; status++ {
			for what, body := range bodies {
				for _, location := range []string{"", "https://files.example.test/x"} {
					if location != "" && (status < 300 || status > 399) {
						continue
					}
					got, err := answeredWith(t, call, exchange{status: status, answer: body, header: map[string]string{"Location": location}})
					if got == (err != nil) {
						t.Errorf("%s answered %d, %s: a result %v, and the error %v", name, status, what, got, err)
					}
					good[status] = good[status] || err == nil
					if err != nil && isPost(name) && status < 300 && !OutcomeUnknown(err) {
						t.Errorf("%s answered %d, %s: %v", name, status, what, err)
					}
				}
			}
		}
		for status, good := range good {
			if good != expected[status] {
				t.Errorf("%s answered %d: a good answer %v", name, status, good)
			}
		}
	}
}

// answeredWith is the outcome of a call that always gets the same answer. After a 429 its context ends.
func answeredWith(t *testing.T, call func(context.Context, *Client) (bool, error), answer exchange) (bool, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, _ := newTestClient(t, roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if answer.status == http.StatusTooManyRequests {
			cancel()
		}
		return answer.response(r), nil
	}), noRetries)
	return call(ctx, c)
}

// A panic ends only its own call. A request that was sent may have had its effect, and its slot is released.
func TestPanicIsAnErrorOfItsCall(t *testing.T) {
	for place, transport := range map[string]http.RoundTripper{
		"transport": roundTripperFunc(func(*http.Request) (*http.Response, error) { panic("the key is " + testKey) }),
		"body": roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			resp := exchange{}.response(r)
			resp.Body = panickingBody{}
			return resp, nil
		}),
		"no answer at all": roundTripperFunc(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: http.StatusOK}, nil }),
	} {
		for name, call := range calls {
			t.Run(place+", "+name, func(t *testing.T) {
				if place != "transport" && name == "link" {
					return // the caller reads its body
				}
				ctx, log := contextWithLog(t)
				c, _ := newTestClient(t, transport)
				got, err := call(ctx, c)
				if got || err == nil || isPost(name) && !OutcomeUnknown(err) {
					t.Fatalf("got %v, %v", got, err)
				}
				mustContain(t, err.Error(), "a bug in the provider: ", "Please report this bug at https://github.com/")
				mustContain(t, log.String(), "Recovered from a panic", "goroutine ")
				mustHideKey(t, "the error", err.Error())
				mustHideKey(t, "the log", log.String())
				if c.budget.slots.inFlight != 0 {
					t.Errorf("%d requests are under way for ever", c.budget.slots.inFlight)
				}
			})
		}
	}
}

type panickingBody struct{}

func (panickingBody) Read([]byte) (int, error) { panic(io.ErrNoProgress) }
func (panickingBody) Close() error             { return nil }

// A panic before a request was sent has certainly had no effect.
func TestRequestWithPanicBeforeItIsNotSent(t *testing.T) {
	c, _ := newTestClient(t, newScript(t))
	err := c.send(t.Context(), &call{method: http.MethodPost, path: "/x", body: panicking{}})
	if !NotSent(err) {
		t.Errorf("got %v", err)
	}
	c, clock := newTestClient(t, newScript(t))
	c.budget.clock = &panickingClock{instantClock: clock}
	if _, err := c.StartRun(t.Context(), 1, StartRequest{}); !NotSent(err) {
		t.Errorf("got %v", err)
	}
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("no") }

type panickingClock struct{ *instantClock }

func (panickingClock) Now() time.Time { panic("no") }

// The error of a call whose context ends says what the call was waiting for, and why the last try failed.
func TestErrorSaysWhatTheCallWaitedFor(t *testing.T) {
	busy := exchange{status: 429, header: map[string]string{"Retry-After": "7500"}, answer: `{"statusCode": 429, "message": "slow down"}`}
	down := exchange{status: 503, header: map[string]string{"Retry-After": "300"}, answer: "<html>"}
	for name, test := range map[string]struct {
		answers []exchange // after these the context ends
		want    string
	}{
		"a 429": {[]exchange{busy}, "the end of a pause until 14:05:00 UTC, which the API asked for with a 429; the last try ended with 429 Too Many Requests: slow down"},
		"a 503": {[]exchange{down}, "the next try at 12:01:00 UTC; the last try ended with 503 Service Unavailable: <html>"},
		"its turn": {[]exchange{{answer: `{"id": 2, "status": 1}`, header: map[string]string{"X-RateLimit-Limit": "1", "X-RateLimit-Window-Seconds": "10"}}},
			"its turn in the request budget: 1 of 1 requests in 10s are used"},
	} {
		t.Run(name, func(t *testing.T) {
			for end, want := range map[error]string{context.Canceled: "interrupted", context.DeadlineExceeded: "the time limit passed"} {
				ctx, cancel := context.WithCancelCause(t.Context())
				c, _ := newTestClient(t, newScript(t, statusCall(test.answers[0])), stopClock(func() { cancel(end) }))
				_, err := c.RunStatus(ctx, 1, 2)
				if err == nil { // the first call succeeds; the second one waits
					_, err = c.RunStatus(ctx, 1, 2)
				}
				e, ok := errors.AsType[*Error](err)
				if !ok || !errors.Is(err, end) || withoutJitter(e.WaitingFor) != test.want {
					t.Errorf("got %v", err)
				}
				mustContain(t, err.Error(), "GET /api/v1/agent/1/run/2/status: "+want+" while waiting for "+e.WaitingFor)
			}
		})
	}
}

// withoutJitter rounds the end of a pause down.
func withoutJitter(s string) string { return strings.Replace(s, ":05:01 UTC", ":05:00 UTC", 1) }

func TestClockTimeShowsADateOnlyWhenNeeded(t *testing.T) {
	now := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]string{time.Minute: "23:01:00 UTC", 2 * time.Hour: "2026-03-02 01:00:00 UTC"} {
		if got := clockTime(now.Add(after).In(time.FixedZone("", 3600)), now); got != want {
			t.Errorf("got %s, expected %s", got, want)
		}
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// limitHeaders are the headers that every answer of the API has.
var limitHeaders = map[string]string{"X-RateLimit-Limit": "100", "X-RateLimit-Window-Seconds": "60"}

// A 401 of the API says where the credential comes from; a proxy's does not.
func TestErrorSaysWhereTheCredentialComesFrom(t *testing.T) {
	for _, test := range []struct {
		header map[string]string
		want   string
	}{
		{limitHeaders, "401 Unauthorized: No such key. Check api_key or SEQUENTUM_API_KEY"},
		{nil, "401 Unauthorized: No such key."},
	} {
		from := func(c *Config) { c.CredentialFrom = "api_key or SEQUENTUM_API_KEY" }
		c, _ := newTestClient(t, newScript(t, statusCall(exchange{status: 401, header: test.header, answer: "No such key."})), noRetries, from)
		if _, err := c.RunStatus(t.Context(), 1, 2); err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

func TestErrorShowsWhatTheAnswerSays(t *testing.T) {
	const prefix = "GET /api/v1/agent/1/run/2/status: "
	tests := []struct {
		name   string
		answer exchange
		want   string
		own    bool
	}{
		{"RFC 7807", exchange{status: 404, answer: `{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such run", "instance": null}`},
			"404 Not Found: No such run", true},
		{"RFC 7807 without detail or status", exchange{status: 404, answer: `{"type": "about:blank", "title": "No run"}`},
			"404 Not Found: No run", true},
		{"the other shape", exchange{status: 404, answer: `{"statusCode": "404", "statusDescription": "Not Found", "message": "No such run"}`},
			"404 Not Found: No such run", true},
		{"the other shape without message", exchange{status: 404, answer: `{"statusCode": 404, "statusDescription": "Nothing there", "message": null}`},
			"404 Not Found: Nothing there", true},
		{"an error code", exchange{status: 403, answer: `{"statusCode": 403, "message": "No access", "errorCode": "forbidden", "severity": 2}`},
			"403 Forbidden: No access (forbidden)", true},
		{"an HTML page", exchange{status: 404, answer: "\n<!DOCTYPE html>\n<html>"}, "404 Not Found: <!DOCTYPE html>", false},
		{"an empty body", exchange{status: 404}, "404 Not Found", false},
		{"a null body", exchange{status: 404, answer: "null"}, "404 Not Found: null", false},
		{"an unknown code", exchange{status: 455}, "455", false},
		{"a proxy's message", exchange{status: 404, answer: `{"message": "no Route matched"}`}, "404 Not Found: no Route matched", false},
		{"a proxy's detail", exchange{status: 404, answer: `{"detail": "Not Found"}`}, "404 Not Found: Not Found", false},
		{"another status in the body", exchange{status: 404, answer: `{"title": "Gone", "detail": "Gone", "status": 410}`}, "404 Not Found: Gone", false},
		{"another statusCode in the body", exchange{status: 404, answer: `{"statusCode": 500, "message": "Gone"}`}, "404 Not Found: Gone", false},
		{"another JSON", exchange{status: 404, answer: `{"error": "x"}`}, `404 Not Found: {"error": "x"}`, false},
		{"half of the headers", exchange{status: 404, header: map[string]string{"X-RateLimit-Limit": "100"}}, "404 Not Found", false},
		{"control characters", exchange{status: 400, answer: "\x1b[2Jboo\xff"}, "400 Bad Request: \ufffd[2Jboo\ufffd", false},
		{"UTF-16", exchange{status: 400, answer: "\xff\xfeh\x00\xfc\x00h\x00"}, "400 Bad Request: hüh", false},
		{"UTF-16 without a mark", exchange{status: 400, answer: "\x00h\x00\xfc\x00h"}, "400 Bad Request: hüh", false},
		{"a redirect", exchange{status: 302, header: map[string]string{"Location": "https://u:pw@login.example.test/?ticket=1"}},
			"302 Found: redirected to https://login.example.test, the API does not redirect: check api_url", false},
		{"a redirect to nowhere", exchange{status: 302}, "302 Found: the API does not redirect: check api_url", false},
		{"a redirect to no URL", exchange{status: 302, header: map[string]string{"Location": "http://[x"}}, "302 Found: the API does not redirect: check api_url", false},

		{"thin: a message", exchange{status: 404, header: limitHeaders, answer: `{"message": "Run not found"}`}, "404 Not Found: Run not found", true},
		{"thin: a JSON string", exchange{status: 404, header: limitHeaders, answer: ` "Run \u006eot found" `}, "404 Not Found: Run not found", true},
		{"thin: plain text", exchange{status: 404, header: limitHeaders, answer: "Run not found"}, "404 Not Found: Run not found", true},
		{"thin: nothing", exchange{status: 404, header: limitHeaders}, "404 Not Found", true},
		{"thin: an empty string", exchange{status: 404, header: limitHeaders, answer: `""`}, `404 Not Found: ""`, true},
		{"thin: null", exchange{status: 404, header: limitHeaders, answer: `null`}, `404 Not Found: null`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newTestClient(t, newScript(t, statusCall(test.answer)), noRetries)
			_, err := c.RunStatus(t.Context(), 1, 2)
			if err == nil || err.Error() != prefix+test.want {
				t.Errorf("got  %v\nwant %s", err, prefix+test.want)
			}
			if IsNotFound(err) != (test.own && test.answer.status == 404) {
				t.Errorf("IsNotFound is %v", IsNotFound(err))
			}
			if e, ok := errors.AsType[*Error](err); !ok || e.Method != http.MethodGet || e.Path != "/api/v1/agent/1/run/2/status" || e.fromAPI != test.own {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func noRetries(c *Config) { c.MaxRetries = 0 }

// The error of a 403 names the missing scope: that of the header, or the one that the call needs.
func TestMissingScopeIsNamed(t *testing.T) {
	const body = `{"statusCode": 403, "message": "No access", "errorCode": "insufficient_scope"}`
	challenge := func(s string) map[string]string { return map[string]string{"WWW-Authenticate": s} }
	for name, test := range map[string]struct {
		answer      exchange
		want, scope string
		own         bool
	}{
		"in the header": {
			exchange{header: challenge(`Bearer error="insufficient_scope", scope="runs:all"`)},
			"insufficient_scope: the access token lacks the scope runs:all", "runs:all", true},
		"in the header, with a body": {
			exchange{header: challenge(`Bearer scope="a b", error="insufficient_scope"`), answer: body},
			"No access (insufficient_scope): the access token lacks the scope a b", "a b", true},
		"not named in the header": {
			exchange{header: challenge(`Bearer error="insufficient_scope"`)},
			"insufficient_scope: the access token lacks the scope runs:read", "runs:read", true},
		"in the body": {
			exchange{answer: body}, "No access (insufficient_scope): the access token lacks the scope runs:read", "runs:read", true},
		"another refusal":   {exchange{answer: `{"statusCode": 403, "message": "No access"}`}, "No access", "", true},
		"another challenge": {exchange{header: challenge(`Bearer scope="x"`), answer: "no"}, "no", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			test.answer.status = 403
			c, _ := newTestClient(t, newScript(t, statusCall(test.answer)), noRetries)
			_, err := c.RunStatus(t.Context(), 1, 2)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Scope != test.scope || IsForbidden(err) != test.own {
				t.Fatalf("got %#v", err)
			}
			if want := "GET /api/v1/agent/1/run/2/status: 403 Forbidden: " + test.want; err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// The answer of a firewall after a start says nothing about the start, whatever its status is.
func TestAProxysAnswerDecidesNothing(t *testing.T) {
	for status := 300; status < 600; status++ {
		for name, own := range map[string]bool{"own": true, "a proxy's": false} {
			answer := startCall(exchange{status: status, answer: "<html>"})
			if own {
				answer.header = limitHeaders
			}
			if status == http.StatusTooManyRequests {
				continue
			}
			c, _ := newTestClient(t, newScript(t, answer))
			_, err := c.StartRun(t.Context(), 1, StartRequest{})
			refused := own && status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != statusClientClosed
			if err == nil || NotAccepted(err) != refused || OutcomeUnknown(err) == refused {
				t.Errorf("%d, %s: not accepted %v: %v", status, name, NotAccepted(err), err)
			}
			if IsNotFound(err) != (own && status == 404) || IsUnauthorized(err) != (own && status == 401) || IsForbidden(err) != (own && status == 403) {
				t.Errorf("%d, %s: it is believed: %v", status, name, err)
			}
			if IsPermanent(err) != (status < 400 || status == 400 || status == 405 || status == 410 || status == 422) {
				t.Errorf("%d, %s: permanent %v", status, name, IsPermanent(err))
			}
		}
	}
}

func TestLongErrorsAreCut(t *testing.T) {
	long := make([]byte, maxErrorAnswer+10)
	for i := range long {
		long[i] = 'x'
	}
	for answer, want := range map[string]int{
		string(long): maxFirstLine,
		`{"statusCode": 400, "message": "` + string(long[:5000]) + `"}`: maxShown,
	} {
		c, _ := newTestClient(t, newScript(t, statusCall(exchange{status: 400, answer: answer, header: limitHeaders})))
		_, err := c.RunStatus(t.Context(), 1, 2)
		e, ok := errors.AsType[*Error](err)
		if !ok || len([]rune(e.Message)) != want+1 {
			t.Errorf("got %v", err)
		}
	}
}

func TestErrorsAreClassified(t *testing.T) {
	type answers struct{ notFound, accessDenied, conflict, clientError, permanent, notSent, notAccepted bool }
	ask := func(err error) answers {
		return answers{IsNotFound(err), IsAccessDenied(err), IsConflict(err), IsClientError(err), IsPermanent(err), NotSent(err), NotAccepted(err)}
	}
	for _, test := range []struct {
		err  *Error
		want answers
	}{
		{&Error{StatusCode: 400}, answers{clientError: true, permanent: true}},
		{&Error{StatusCode: 400, fromAPI: true}, answers{clientError: true, permanent: true, notAccepted: true}},
		{&Error{StatusCode: 401}, answers{clientError: true}},
		{&Error{StatusCode: 401, fromAPI: true}, answers{accessDenied: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 403, fromAPI: true}, answers{accessDenied: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 404}, answers{clientError: true}},
		{&Error{StatusCode: 404, fromAPI: true}, answers{notFound: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 408, fromAPI: true}, answers{clientError: true}},
		{&Error{StatusCode: 409}, answers{clientError: true}},
		{&Error{StatusCode: 409, fromAPI: true}, answers{conflict: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 410, fromAPI: true}, answers{clientError: true, permanent: true, notAccepted: true}},
		{&Error{StatusCode: 429}, answers{clientError: true}},
		{&Error{StatusCode: 429, fromAPI: true}, answers{clientError: true, notAccepted: true}},
		{&Error{StatusCode: 499, fromAPI: true}, answers{clientError: true}},
		{&Error{StatusCode: 500, fromAPI: true}, answers{}},
		{&Error{StatusCode: 302, fromAPI: true}, answers{permanent: true}},
		{&Error{StatusCode: 200}, answers{}},
		{&Error{}, answers{}},
		{&Error{notSent: true}, answers{notSent: true, notAccepted: true}},
	} {
		wrapped := fmt.Errorf("starting: %w", test.err)
		if got := ask(wrapped); got != test.want || OutcomeUnknown(wrapped) == test.want.notAccepted {
			t.Errorf("%+v: got %+v, outcome unknown: %v", test.err, got, OutcomeUnknown(wrapped))
		}
	}
	if ask(nil) != (answers{}) || OutcomeUnknown(nil) || ask(errors.New("x")) != (answers{}) || !OutcomeUnknown(errors.New("x")) {
		t.Error("wrong about nil or about an error of another package")
	}
}

func TestRetryAfterReachesTheError(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, startCall(exchange{status: 503, header: map[string]string{"Retry-After": "7"}})))
	_, err := c.StartRun(t.Context(), 1, StartRequest{})
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 7*time.Second {
		t.Errorf("got %#v", err)
	}
}

package sequentum

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestErrorTexts(t *testing.T) {
	const prefix = "GET /api/v1/agent/1/run/2/status: "
	tests := []struct {
		name   string
		answer exchange
		want   string
		shaped bool
	}{
		{"RFC 7807", exchange{status: 404, answer: `{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such run", "instance": null}`},
			"404 Not Found: No such run", true},
		{"RFC 7807 without detail or status", exchange{status: 404, answer: `{"type": "about:blank", "title": "No run"}`},
			"404 Not Found: No run", true},
		{"the other shape", exchange{status: 404, answer: `{"statusCode": "404", "statusDescription": "Not Found", "message": "No such run"}`},
			"404 Not Found: No such run", true},
		{"the other shape without message", exchange{status: 404, answer: `{"statusCode": 404, "statusDescription": "Nothing there", "message": null}`},
			"404 Not Found: Nothing there", true},
		{"a code", exchange{status: 403, answer: `{"statusCode": 403, "message": "No access", "errorCode": "insufficient_scope", "severity": 2}`},
			"403 Forbidden: No access (insufficient_scope)", true},
		{"a code in the header", exchange{status: 403, header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope"`}},
			"403 Forbidden: insufficient_scope", false},
		{"HTML", exchange{status: 404, answer: "\n<!DOCTYPE html>\n<html>"}, "404 Not Found: <!DOCTYPE html>", false},
		{"nothing", exchange{status: 404}, "404 Not Found", false},
		{"null", exchange{status: 404, answer: "null"}, "404 Not Found: null", false},
		{"an unknown code", exchange{status: 455}, "455", false},
		{"a proxy's message", exchange{status: 404, answer: `{"message": "no Route matched"}`}, "404 Not Found: no Route matched", false},
		{"a proxy's detail", exchange{status: 404, answer: `{"detail": "Not Found"}`}, "404 Not Found: Not Found", false},
		{"another status in the body", exchange{status: 404, answer: `{"title": "Gone", "detail": "Gone", "status": 410}`}, "404 Not Found: Gone", false},
		{"another statusCode in the body", exchange{status: 404, answer: `{"statusCode": 500, "message": "Gone"}`}, "404 Not Found: Gone", false},
		{"another JSON", exchange{status: 404, answer: `{"error": "x"}`}, `404 Not Found: {"error": "x"}`, false},
		{"control characters", exchange{status: 400, answer: "\x1b[2Jboo\xff"}, "400 Bad Request: [2Jboo\ufffd", false},
		{"a redirect", exchange{status: 302, header: map[string]string{"Location": "https://u:pw@login.example.test/?ticket=1"}},
			"302 Found: redirected to https://login.example.test, an API does not redirect: is api_url right?", false},
		{"a redirect to nowhere", exchange{status: 302}, "302 Found: an API does not redirect: is api_url right?", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newTestClient(t, newScript(t, statusCall(test.answer)))
			_, err := c.RunStatus(t.Context(), 1, 2)
			if err == nil || err.Error() != prefix+test.want {
				t.Errorf("got  %v\nwant %s", err, prefix+test.want)
			}
			if IsNotFound(err) != (test.shaped && test.answer.status == 404) {
				t.Errorf("IsNotFound is %v", IsNotFound(err))
			}
			if e, ok := errors.AsType[*Error](err); !ok || e.Method != http.MethodGet || e.Path != "/api/v1/agent/1/run/2/status" || e.shaped != test.shaped {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestLongErrorsAreCut(t *testing.T) {
	long := make([]byte, maxErrorAnswer+10)
	for i := range long {
		long[i] = 'x'
	}
	for answer, want := range map[string]int{
		string(long): maxFirstLine,
		`{"statusCode": 400, "message": "` + string(long[:5000]) + `"}`: maxMessage,
	} {
		c, _ := newTestClient(t, newScript(t, statusCall(exchange{status: 400, answer: answer})))
		_, err := c.RunStatus(t.Context(), 1, 2)
		e, ok := errors.AsType[*Error](err)
		if !ok || len([]rune(e.Message)) != want+1 {
			t.Errorf("got %v", err)
		}
	}
}

func TestErrorQuestions(t *testing.T) {
	type answers struct{ notFound, refused, clientError, notSent, notAccepted bool }
	ask := func(err error) answers {
		return answers{IsNotFound(err), IsRefused(err), IsClientError(err), NotSent(err), NotAccepted(err)}
	}
	for _, test := range []struct {
		err  *Error
		want answers
	}{
		{&Error{StatusCode: 400}, answers{clientError: true, notAccepted: true}},
		{&Error{StatusCode: 401}, answers{refused: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 403}, answers{refused: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 404}, answers{clientError: true, notAccepted: true}},
		{&Error{StatusCode: 404, shaped: true}, answers{notFound: true, clientError: true, notAccepted: true}},
		{&Error{StatusCode: 408}, answers{clientError: true}},
		{&Error{StatusCode: 409}, answers{clientError: true, notAccepted: true}},
		{&Error{StatusCode: 429}, answers{clientError: true, notAccepted: true}},
		{&Error{StatusCode: 499}, answers{clientError: true}},
		{&Error{StatusCode: 500, shaped: true}, answers{}},
		{&Error{StatusCode: 302}, answers{}},
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
		t.Error("wrong about nil or about an error of somebody else's")
	}
}

func TestRetryAfterReachesTheError(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, startCall(exchange{status: 503, header: map[string]string{"Retry-After": "7"}})))
	_, err := c.StartRun(t.Context(), 1, StartRequest{})
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 7*time.Second {
		t.Errorf("got %#v", err)
	}
}

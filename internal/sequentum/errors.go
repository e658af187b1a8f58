package sequentum

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a request that did not end as asked (API: Errors). None of its texts
// holds the client's key or token.
type Error struct {
	Method string // GET, POST or DELETE
	Path   string // without the query

	StatusCode int           // 0: there was no answer
	Message    string        // the API's own words; of an answer in another shape its first line, cut short
	Code       string        // the API's error code, if it gave one
	RetryAfter time.Duration // how long the API asked to wait; 0: it did not say

	Err error // why there was no answer, or why it could not be read; nil: the answer says it all

	shaped  bool // the answer has one of the API's own error shapes
	notSent bool
}

// Error reads like "GET /api/v1/agent/4711/run/7/status: 404 Not Found: No such run".
func (e *Error) Error() string {
	return e.Method + " " + e.Path + ": " + e.what()
}

// what is the text without the request.
func (e *Error) what() string {
	var parts []string
	if e.StatusCode != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))))
	}
	switch {
	case e.Message != "" && e.Code != "":
		parts = append(parts, fmt.Sprintf("%s (%s)", e.Message, e.Code))
	case e.Message != "" || e.Code != "":
		parts = append(parts, e.Message+e.Code)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives Err, so that errors.Is finds the end of a context.
func (e *Error) Unwrap() error { return e.Err }

// NotSent reports whether the API certainly never saw the request, nor any earlier
// try of it whose outcome is unknown.
func (e *Error) NotSent() bool { return e.notSent }

// statusOf is the status code that an error reports, 0 for none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.StatusCode
	}
	return 0
}

// IsNotFound reports whether the API itself said 404. That of a proxy, which is
// not in one of the API's error shapes, says nothing about a run or an agent.
func IsNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusNotFound && e.shaped
}

// IsUnauthorized reports a 401: the key or token is missing, invalid or has ended.
func IsUnauthorized(err error) bool { return statusOf(err) == http.StatusUnauthorized }

// IsForbidden reports a 403: the key lacks access or a scope.
func IsForbidden(err error) bool { return statusOf(err) == http.StatusForbidden }

// IsRefused reports a 401 or 403: it is access that is lacking.
func IsRefused(err error) bool { return IsUnauthorized(err) || IsForbidden(err) }

// IsClientError reports any 4xx.
func IsClientError(err error) bool {
	status := statusOf(err)
	return status >= 400 && status < 500
}

// NotSent reports whether the API certainly never saw the request.
func NotSent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.NotSent()
}

// statusClientClosed is what some proxies report when they lost their client, or
// believe so, while the request went on to the server.
const statusClientClosed = 499

// NotAccepted reports whether the API certainly did not accept the request: it
// was never sent, or refused with a 4xx. 408 and 499 tell of a connection, not of
// a decision, and do not count.
func NotAccepted(err error) bool {
	status := statusOf(err)
	refused := IsClientError(err) && status != http.StatusRequestTimeout && status != statusClientClosed
	return refused || NotSent(err)
}

// OutcomeUnknown reports whether the request failed and may have had its effect all the same.
func OutcomeUnknown(err error) bool { return err != nil && !NotAccepted(err) }

// IsPermanent reports whether the answer is one that no retry mends: a redirect, or a 400, 405, 410 or 422.
func IsPermanent(err error) bool {
	switch status := statusOf(err); status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	default:
		return status >= 300 && status <= 399
	}
}

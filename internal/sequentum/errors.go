package sequentum

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a request that did not end as asked (API: Errors). None of its texts
// holds a secret of the client's, and each is [Printable].
type Error struct {
	Method string // GET, POST or DELETE
	Path   string // without the query

	StatusCode int           // 0: there was no answer
	Message    string        // the API's own words; of an answer in another shape its first line, cut short
	Code       string        // the API's error code, if it gave one
	Scope      string        // the OAuth scope that the access token lacks, if that is what is wrong
	RetryAfter time.Duration // how long the API asked to wait; 0: it did not say

	// WaitingFor is what the call was waiting for when its context ended, such as "its turn in the request budget: …".
	// Error says it too. Empty: its context had not ended.
	WaitingFor string

	Err error // why there was no answer, or why it could not be read; nil: the answer says it all

	fromAPI bool // the answer is the API's own, not that of a proxy in front of it
	notSent bool
	bug     bool // the client panicked
}

// Error reads like "GET /api/v1/agent/4711/run/7/status: 404 Not Found: No such run".
func (e *Error) Error() string {
	return e.Method + " " + e.Path + ": " + e.reason()
}

// reason is the text without the request.
func (e *Error) reason() string {
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
	if e.Scope != "" {
		parts = append(parts, "the access token lacks the scope "+e.Scope)
	}
	if e.Err != nil {
		parts = append(parts, contextEndText(e.Err))
	}
	text := strings.Join(parts, ": ")
	if e.WaitingFor != "" {
		text += " while waiting for " + e.WaitingFor
	}
	return text
}

// contextEndText is the end of a context in plain words; other errors have their own.
func contextEndText(err error) string {
	switch err { //nolint:errorlint // one with more to say says it
	case context.Canceled:
		return "interrupted"
	case context.DeadlineExceeded:
		return "the time limit passed"
	}
	return err.Error()
}

// Unwrap gives Err, so that errors.Is finds the end of a context.
func (e *Error) Unwrap() error { return e.Err }

// NotSent reports whether the API certainly never saw the request, nor any earlier
// try of it whose outcome is unknown.
func (e *Error) NotSent() bool { return e.notSent }

// statusCodeOf is the status code that an error reports, 0 for none.
func statusCodeOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.StatusCode
	}
	return 0
}

// apiStatusOf is the status code of an answer of the API itself, 0 for that of a proxy. A proxy's answer decides
// nothing: not whether a run or an agent exists, nor whether the key has access, nor whether a start was accepted.
func apiStatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok && e.fromAPI {
		return e.StatusCode
	}
	return 0
}

// IsNotFound reports whether the API itself said 404.
func IsNotFound(err error) bool { return apiStatusOf(err) == http.StatusNotFound }

// IsUnauthorized reports a 401 of the API itself: the key or token is missing, invalid or has ended.
func IsUnauthorized(err error) bool { return apiStatusOf(err) == http.StatusUnauthorized }

// IsForbidden reports a 403 of the API itself: the key lacks access or a scope.
func IsForbidden(err error) bool { return apiStatusOf(err) == http.StatusForbidden }

// IsAccessDenied reports a 401 or 403 of the API itself: it is access that is lacking.
func IsAccessDenied(err error) bool { return IsUnauthorized(err) || IsForbidden(err) }

// IsPermanent reports what no retry mends: an answer, whoever gave it, that is a redirect, a 400, 405, 410 or 422; or a
// bug of the client that panicked. It says
// that to ask again is no use, not what is true of a run: a proxy may have given it, and after a POST the outcome can be unknown
// all the same.
func IsPermanent(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok && e.bug {
		return true
	}
	switch status := statusCodeOf(err); status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	default:
		return status >= 300 && status <= 399
	}
}

// IsClientError reports any 4xx, whoever gave it.
func IsClientError(err error) bool {
	status := statusCodeOf(err)
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
// was never sent, or the API itself refused it with a 4xx. 408 and 499 tell of a connection, not of a decision, and do
// not count. Nor does a proxy's 429: it may have been said of the answer.
func NotAccepted(err error) bool {
	if NotSent(err) {
		return true
	}
	status := apiStatusOf(err)
	return status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != statusClientClosed
}

// OutcomeUnknown reports whether the request failed and may have had its effect all the same.
func OutcomeUnknown(err error) bool { return err != nil && !NotAccepted(err) }

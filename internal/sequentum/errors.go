// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a call that failed (API: Errors). None of its texts holds a secret of the client's, and each is [Printable].
type Error struct {
	Method string // GET, POST or DELETE
	Path   string // without the query

	StatusCode int           // 0: there was no answer
	Message    string        // the API's own words; for an answer in another shape the beginning of its first line
	Code       string        // the API's error code, if it gave one
	Scope      string        // the OAuth scope that the access token lacks; empty: that is not the reason
	RetryAfter time.Duration // how long the API asked us to wait; 0: it did not

	// WaitingFor is what the call was waiting for when its context ended, such as "its turn in the request budget: …".
	// The text of the error has it too. Empty: the context had not ended.
	WaitingFor string

	// CredentialFrom names where the credential comes from that the API refused with a 401; empty: that is not the reason.
	CredentialFrom string

	Err error // why there was no answer, or why it could not be read; nil: the answer itself is the error

	fromAPI bool // the answer is the API's own, not that of a proxy in front of it
	notSent bool
	bug     bool // the client panicked
}

// Error reads like "GET /api/v1/agent/4711/run/7/status: 404 Not Found: No such run".
func (e *Error) Error() string {
	return e.Method + " " + e.Path + ": " + e.reason()
}

// reason is the text of the error without the request.
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
	if e.CredentialFrom != "" {
		text = strings.TrimSuffix(text, ".") + ". Check " + e.CredentialFrom
	}
	return text
}

// contextEndText is the text of an error, in plain words for the end of a context.
func contextEndText(err error) string {
	switch err { //nolint:errorlint // a wrapped one has its own text
	case context.Canceled:
		return "interrupted"
	case context.DeadlineExceeded:
		return "the time limit passed"
	}
	return err.Error()
}

// Unwrap returns Err, so that errors.Is finds the end of a context.
func (e *Error) Unwrap() error { return e.Err }

// NotSent reports whether the API certainly never saw the request. It is false when the outcome of an earlier try is
// unknown.
func (e *Error) NotSent() bool { return e.notSent }

// statusCodeOf is the status code of the answer behind an error; 0: there was no answer.
func statusCodeOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.StatusCode
	}
	return 0
}

// apiStatusOf is the status code of an answer of the API itself; 0: there was no answer, or it was a proxy's. A proxy's
// answer decides nothing: not whether a run or an agent exists, nor whether the key has access, nor whether a start was
// accepted.
func apiStatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok && e.fromAPI {
		return e.StatusCode
	}
	return 0
}

// IsNotFound reports a 404 of the API itself: the object does not exist, or the key cannot see it.
func IsNotFound(err error) bool { return apiStatusOf(err) == http.StatusNotFound }

// IsUnauthorized reports a 401 of the API itself: the key or token is missing, invalid or has ended.
func IsUnauthorized(err error) bool { return apiStatusOf(err) == http.StatusUnauthorized }

// IsForbidden reports a 403 of the API itself: the key lacks access or a scope.
func IsForbidden(err error) bool { return apiStatusOf(err) == http.StatusForbidden }

// IsConflict reports a 409 of the API itself: the state of the agent or run does not allow the call.
func IsConflict(err error) bool { return apiStatusOf(err) == http.StatusConflict }

// IsAccessDenied reports a 401 or 403 of the API itself.
func IsAccessDenied(err error) bool { return IsUnauthorized(err) || IsForbidden(err) }

// IsPermanent reports an error that will not go away when the call is repeated: a redirect, a 400, 405, 410 or 422, or a
// bug of the client. It does not say what is true of a run: the answer may be a proxy's, and after a POST the outcome can
// be unknown nevertheless.
func IsPermanent(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok && e.bug {
		return true
	}
	switch status := statusCodeOf(err); status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	default:
		return status >= http.StatusMultipleChoices && status < http.StatusBadRequest
	}
}

// IsClientError reports any 4xx, of the API or of a proxy.
func IsClientError(err error) bool { return is4xx(statusCodeOf(err)) }

func is4xx(status int) bool {
	return status >= http.StatusBadRequest && status < http.StatusInternalServerError
}

// NotSent reports whether the API certainly never saw the request.
func NotSent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.NotSent()
}

// statusClientClosed is what some proxies answer when they think that their client is gone. The request may have reached
// the server nevertheless.
const statusClientClosed = 499

// NotAccepted reports whether the API certainly did not accept the request: the request was never sent, or the API itself
// refused it with a 4xx. A 408 and a 499 do not count, because they are about a connection, not a decision. A proxy's 429
// does not count either: it may have replaced the API's answer.
func NotAccepted(err error) bool {
	if NotSent(err) {
		return true
	}
	status := apiStatusOf(err)
	return is4xx(status) && status != http.StatusRequestTimeout && status != statusClientClosed
}

// NeverTaken reports whether the API never accepted a request because it was too busy: the request's turn did not come, or
// every try got a 429. A refusal is another case.
func NeverTaken(err error) bool {
	if status := statusCodeOf(err); status != 0 {
		return status == http.StatusTooManyRequests && NotAccepted(err)
	}
	return NotSent(err)
}

// OutcomeUnknown reports a request that failed, but may have had its effect nevertheless.
func OutcomeUnknown(err error) bool { return err != nil && !NotAccepted(err) }

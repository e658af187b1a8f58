// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// call is one call of the API, with all of its tries. The handlers find it in the request's context. It needs no lock,
// because the tries follow one another.
type call struct {
	method   string
	path     string // after /api/v1
	query    url.Values
	body     any      // sent as JSON; nil: none, or {} in a POST
	priority Priority // in the budget
	scope    string   // the scope that an access token needs (API: Conventions, Scopes)
	// detached: a try that was sent does not end with the caller's context.
	detached bool
	// serverHold is how long the server may hold a try back before it answers. A detached try waits at least so long.
	serverHold time.Duration
	// decode reads the body of a good answer; nil: the body does not matter.
	decode func(body io.Reader) error
	// bodyOptional: a good answer can have no body.
	bodyOptional bool
	// openResponse is set where the body of the answer is left unread for the caller. It is given a 200 or a redirect;
	// every other answer is an error.
	openResponse func(*http.Response) error
	// reportWaiting is told what the call waits for; nil: nobody asked for it.
	reportWaiting func(Waiting)

	tries tries
}

// The scopes that an access token needs for a call (API: Conventions, Scopes).
const (
	scopeReadRuns    = "runs:read"
	scopeReadAgents  = "agents:read"
	scopeWriteAgents = "agents:write"
	scopeReadSpaces  = "spaces:read"
	scopeReadBilling = "billing:read"
)

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// send sends a call, and repeats it where that is allowed and can help (API: Conventions, Retries). The error is always an
// *Error, also when some code panics.
func (c *Client) send(ctx context.Context, k *call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(ctx, k, p)
		}
	}()
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok {
		k.priority = p
	}
	k.reportWaiting, _ = ctx.Value(waitingKey{}).(func(Waiting))
	defer k.setWaiting(nil)
	ctx = context.WithValue(ctx, callKey{}, k)
	req, err := c.newRequest(ctx, k)
	if err != nil {
		return &Error{Method: k.method, Path: apiPath + k.path, Err: err, notSent: true}
	}
	req.SetResponseHandler(func(resp *http.Response) error { return c.handleAnswer(k, resp) })
	_, err = c.handlers.Do(req) //nolint:bodyclose // the response handler has read the body, or given it to openResponse
	return k.finalError(req.Request, err)
}

// panicked makes an error of a panic: other calls must not end with this one. Once a try was sent its outcome is unknown.
func (c *Client) panicked(ctx context.Context, k *call, p any) *Error {
	e := &Error{Method: k.method, Path: apiPath + k.path, notSent: k.tries.sent == 0, bug: true}
	what := (&PanicError{Value: p}).Error()
	e.Err = fmt.Errorf("%s. %s, with the log of TF_LOG_PROVIDER=error", what, AskForReport)
	tflog.Error(ctx, "Recovered from a panic", map[string]any{
		"method": e.Method, "path": e.Path, "error": e.Err.Error(), "stack": string(debug.Stack()),
	})
	return e
}

// idempotent reports whether sending the request twice has the same effect as sending it once.
func (k *call) idempotent() bool { return k.method != http.MethodPost }

// newRequest builds the request of all tries. A request that is not idempotent gets a body that cannot be rewound. After
// an error of an HTTP/2 stream net/http would otherwise send the request again by itself, although it may have had its
// effect: it does so when there is no body, and when the body can be read a second time.
func (c *Client) newRequest(ctx context.Context, k *call) (*retryablehttp.Request, error) {
	var body any // must stay an untyped nil when there is no body
	if k.body == nil && !k.idempotent() {
		k.body = struct{}{}
	}
	if k.body != nil {
		data, err := json.Marshal(k.body)
		if err != nil {
			return nil, fmt.Errorf("encoding the request: %w", err)
		}
		body = data
	}
	u := *c.base
	u.Path += k.path
	u.RawQuery = k.query.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, k.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if !k.idempotent() {
		req.GetBody = nil
	}
	if k.openResponse == nil { // the content of a file can have any type
		req.Header.Set("Accept", "application/json")
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.userAgent != "" {
		req.Header.Set("User-Agent", c.userAgent)
	}
	return req, nil
}

// expects reports whether an answer with this status is a good one for the call. No other status below 300 is known from
// the API; a 206 would be half an answer.
func (k *call) expects(status int) bool {
	switch status {
	case http.StatusOK:
		return true
	case http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo:
		return k.openResponse == nil
	case http.StatusNoContent:
		return k.openResponse == nil && (k.decode == nil || k.bodyOptional)
	}
	return k.openResponse != nil && isRedirect(status)
}

// handleAnswer turns the answer of a try into the result of the call, or into an *Error.
func (c *Client) handleAnswer(k *call, resp *http.Response) error {
	switch {
	case !k.expects(resp.StatusCode) && resp.StatusCode < http.StatusMultipleChoices:
		return unreadable(resp, errors.New("an answer with this status is not expected"))
	case !k.expects(resp.StatusCode):
		body, err := io.ReadAll(resp.Body) // the attempt handler has read it into memory
		if err != nil {
			return unreadable(resp, err)
		}
		return c.newAnswerError(k, resp, body)
	case k.openResponse != nil && isProxysPage(resp):
		return unreadable(resp, errors.New("it is a page of a proxy, not of the API: it lacks the X-RateLimit headers"))
	case k.openResponse != nil:
		if err := k.openResponse(resp); err != nil {
			return unreadable(resp, err)
		}
	}
	return nil
}

// isProxysPage reports a 200 that is not the API's own, such as the login page of a proxy (API: Output files).
func isProxysPage(resp *http.Response) bool {
	return resp.StatusCode == http.StatusOK && !hasLimitHeaders(resp.Header) &&
		strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), "text/html")
}

// unreadable is the error of an answer whose status is good, but which is not what the call expects.
func unreadable(resp *http.Response, err error) *Error {
	return &Error{
		Method: resp.Request.Method, Path: resp.Request.URL.Path, StatusCode: resp.StatusCode,
		Err: fmt.Errorf("the answer cannot be used: %w", err),
	}
}

// isRedirect reports a status that comes with a Location.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

package sequentum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// call is one call of the API, with all of its tries. The handlers find it in the
// request's context; the tries come one after the other, so it needs no lock.
type call struct {
	method   string
	path     string // after /api/v1
	query    url.Values
	body     any // sent as JSON; nil: none, or {} with a method that needs one
	priority Priority
	scope    string // that an access token needs (API: Conventions, Scopes)
	// detached: once on its way, a try no longer ends with the caller's context.
	detached bool
	// serverHold is how long the server may keep a try back before it answers: such a detached one is waited for.
	serverHold time.Duration
	// decode reads the body of a good answer; nil: what it says does not matter.
	decode func(body io.Reader) error
	// openResponse, if set, takes a 200 or a redirect as it comes, with the body unread. No other answer is a good one.
	openResponse func(*http.Response) error
	// reportWaiting hears what the call waits for; nil: nobody wants to know.
	reportWaiting func(Waiting)

	tries tries
}

const issuesURL = "https://github.com/sequentum/terraform-provider-sequentum/issues"

// The scopes that an access token needs for a call (API: Conventions, Scopes).
const (
	scopeReadRuns    = "runs:read"
	scopeReadAgents  = "agents:read"
	scopeWriteAgents = "agents:write"
)

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// send sends a call, as often as it takes and is allowed. The error is an *Error, also when some code panics in the middle of it.
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
	_, err = c.handlers.Do(req) //nolint:bodyclose // the response handler has read it, or passed it on
	return k.finalError(req.Request, err)
}

// panicked makes an error of a panic: other calls must not end with this one. Once a try was sent its outcome is unknown.
func (c *Client) panicked(ctx context.Context, k *call, p any) *Error {
	e := &Error{Method: k.method, Path: apiPath + k.path, notSent: k.tries.sent == 0, bug: true}
	what := fmt.Sprintf("a panic with a value of type %T", p) // which can hold an answer, and a secret
	if err, ok := p.(runtime.Error); ok {
		what = err.Error()
	}
	e.Err = fmt.Errorf("a bug in the provider: %s. Please report it at %s, with the log of TF_LOG_PROVIDER=error", what, issuesURL)
	tflog.Error(ctx, "Recovered from a panic", map[string]any{
		"method": e.Method, "path": e.Path, "error": e.Err.Error(), "stack": string(debug.Stack()),
	})
	return e
}

// idempotent reports whether a second request has the effect of one.
func (k *call) idempotent() bool { return k.method != http.MethodPost }

// newRequest builds the request of all tries. What is not idempotent gets a body that cannot be rewound: net/http sends
// a request again by itself after an error of an HTTP/2 stream, although it may have had its effect, when its body can
// be had anew or when it has none.
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
	if k.openResponse == nil { // content is taken in any form
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

// expects reports whether the answer to a call is a good one by its status. Of the others below 300 none is known to be
// an answer of the API: a 206 is half of one.
func (k *call) expects(status int) bool {
	switch status {
	case http.StatusOK:
		return true
	case http.StatusCreated, http.StatusAccepted, http.StatusNonAuthoritativeInfo:
		return k.openResponse == nil
	case http.StatusNoContent:
		return k.openResponse == nil && k.decode == nil
	}
	return k.openResponse != nil && isRedirect(status)
}

// handleAnswer makes of an answer that the attempt has let through what the call asks for, or an *Error.
func (c *Client) handleAnswer(k *call, resp *http.Response) error {
	switch {
	case !k.expects(resp.StatusCode) && resp.StatusCode < 300:
		return unreadable(resp, errors.New("an answer with this status is not expected"))
	case !k.expects(resp.StatusCode):
		body, err := io.ReadAll(resp.Body) // in memory: the attempt has read it
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

// isProxysPage reports a page that says 200 and is not the API's own, such as a proxy's that asks for a login.
func isProxysPage(resp *http.Response) bool {
	return resp.StatusCode == http.StatusOK && !hasLimitHeaders(resp.Header) &&
		strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), "text/html")
}

// unreadable is the error of a good answer that is not what it has to be.
func unreadable(resp *http.Response, err error) *Error {
	return &Error{
		Method: resp.Request.Method, Path: resp.Request.URL.Path, StatusCode: resp.StatusCode,
		Err: fmt.Errorf("the answer cannot be used: %w", err),
	}
}

// isRedirect reports a status that sends on to a Location.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

package sequentum

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is one call of the API, with all of its tries. The handlers find it in the
// request's context; the tries come one after the other, so it needs no lock.
type call struct {
	method   string
	path     string // after /api/v1
	query    url.Values
	body     any // sent as JSON; nil: none, or {} with a method that needs one
	priority Priority
	// detached: once on its way, a try no longer ends with the caller's context.
	detached bool
	// hold is how long the server may keep a try back before it answers: such a detached one is waited for.
	hold time.Duration
	// decode reads the body of a 2xx answer; nil: it does not matter.
	decode func(data []byte) error
	// open, if set, takes a 200 or a redirect as it comes, with the body unread.
	open func(*http.Response) error

	tries tries
}

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// fetch sends a call, and returns what decode made of its answer.
func fetch[T any](ctx context.Context, c *Client, k *call, decode func(data []byte) (T, error)) (T, error) {
	var answer T
	k.decode = func(data []byte) (err error) {
		answer, err = decode(data)
		return err
	}
	if err := c.do(ctx, k); err != nil {
		var none T
		return none, err
	}
	return answer, nil
}

// do sends a call, as often as it takes and is allowed. The error is an *Error.
func (c *Client) do(ctx context.Context, k *call) error {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok {
		k.priority = p
	}
	ctx = context.WithValue(ctx, callKey{}, k)
	req, err := c.newRequest(ctx, k)
	if err != nil {
		return &Error{Method: k.method, Path: apiPath + k.path, Err: err, notSent: true}
	}
	req.SetResponseHandler(func(resp *http.Response) error { return c.read(k, resp) })
	_, err = c.retry.Do(req) //nolint:bodyclose // the response handler has read it, or passed it on
	return k.outcome(req.Request, err)
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
	if k.open == nil { // content is taken in any form
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

// read makes of an answer what the call asks for, or an *Error.
func (c *Client) read(k *call, resp *http.Response) error {
	if k.open != nil && (resp.StatusCode == http.StatusOK || isRedirect(resp)) {
		return unreadable(resp, k.open(resp))
	}
	data, err := io.ReadAll(resp.Body) // in memory: the attempt has read it
	switch {
	case err != nil:
		return unreadable(resp, err)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return c.errorOf(resp, data)
	case k.decode == nil:
		return nil
	default:
		return unreadable(resp, k.decode(data))
	}
}

// unreadable turns what is wrong with a good answer into an *Error.
func unreadable(resp *http.Response, err error) error {
	if err == nil {
		return nil
	}
	return &Error{
		Method: resp.Request.Method, Path: resp.Request.URL.Path, StatusCode: resp.StatusCode,
		Err: fmt.Errorf("the answer cannot be used: %w", err),
	}
}

func isRedirect(resp *http.Response) bool { return resp.StatusCode >= 300 && resp.StatusCode <= 399 }

package sequentum

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

const (
	maxAnswer      = 16 << 20 // a list of 1000 runs is about 1 MiB
	maxErrorAnswer = 1 << 20
)

var errTooLarge = fmt.Errorf("it is larger than %d MiB", maxAnswer>>20)

// attemptTimeout is the end of one try. It is not a context.DeadlineExceeded: that
// is the end of what the caller waits for.
type attemptTimeout time.Duration

func (t attemptTimeout) Error() string { return fmt.Sprintf("no answer within %v", time.Duration(t)) }

// Timeout makes it a net.Error's kind of timeout.
func (t attemptTimeout) Timeout() bool { return true }

// attemptHandler sends one try, bounds its time, reads the answer, and finds out
// what became of a try without an answer.
type attemptHandler struct {
	next    http.RoundTripper
	timeout time.Duration
	redact  redactor
}

func (h attemptHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	k := callOf(req.Context())
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, h.failed(req, context.Cause(ctx), true)
	}
	timeout := h.timeout
	if k.detached {
		ctx = context.WithoutCancel(ctx)
		timeout = max(timeout, k.hold)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { cancel(attemptTimeout(timeout)) })
	defer timer.Stop()

	var conn connection
	resp, err := h.next.RoundTrip(req.WithContext(conn.trace(ctx)))
	if err == nil && k.open != nil && resp.StatusCode == http.StatusOK {
		resp.Body = cancelOnClose{resp.Body, cancel}
		return resp, nil
	}
	defer cancel(nil)
	if err == nil {
		err = h.buffer(resp)
	}
	if err == nil {
		return resp, nil
	}
	neverSent := conn.neverHad(err)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return nil, h.failed(req, err, neverSent)
}

func (h attemptHandler) failed(req *http.Request, err error, notSent bool) *Error {
	return &Error{Method: req.Method, Path: req.URL.Path, Err: h.redact.error(err), notSent: notSent}
}

// buffer reads the answer: one that breaks off is a failed try, like one that never came.
func (h attemptHandler) buffer(resp *http.Response) error {
	isError := resp.StatusCode >= 300
	limit := maxAnswer
	if isError {
		limit = maxErrorAnswer
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	err = errors.Join(err, resp.Body.Close())
	switch {
	case isError:
		// Its status has said what matters.
	case err != nil:
		return fmt.Errorf("the answer broke off: %w", err)
	case len(data) > limit:
		return fmt.Errorf("the answer cannot be used: %w", errTooLarge)
	}
	resp.Body = io.NopCloser(bytes.NewReader(h.redact.bytes(data)))
	return nil
}

// connection follows whether a try ever had a connection to be sent on.
type connection struct {
	state atomic.Int32
}

const (
	connectionUnknown = iota // the transport says nothing about connections
	connectionWanted
	connectionHad
)

// trace returns ctx with hooks for net/http. A try that had a connection may have been sent on it, also when the
// transport wants another one later: HTTP/2 tries again after an error of a stream.
func (c *connection) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.state.CompareAndSwap(connectionUnknown, connectionWanted) },
		GotConn: func(httptrace.GotConnInfo) { c.state.Store(connectionHad) },
	})
}

// neverHad reports whether a try that ended in err certainly never left this machine.
func (c *connection) neverHad(err error) bool {
	switch c.state.Load() {
	case connectionHad:
		return false
	case connectionWanted:
		return true
	}
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// cancelOnClose ends the try when the reader of its answer is done.
type cancelOnClose struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (b cancelOnClose) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

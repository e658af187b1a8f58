// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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
	"strings"
	"sync/atomic"
	"time"
)

// attemptTimeout is the error of a try that took too long. It is not a context.DeadlineExceeded, which means that the
// caller's own time is over.
type attemptTimeout time.Duration

func (t attemptTimeout) Error() string { return fmt.Sprintf("no answer within %v", time.Duration(t)) }

// Timeout reports, as for a net.Error, that this is a timeout.
func (t attemptTimeout) Timeout() bool { return true }

// attemptHandler sends one try, limits its time and reads its answer. For a try without an answer it finds out whether it
// was sent.
type attemptHandler struct {
	next    http.RoundTripper
	timeout time.Duration
	redact  *redactor
}

func (h attemptHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	k := callOf(req.Context())
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, h.newError(req, context.Cause(ctx), true)
	}
	timeout := h.timeout
	if k.detached {
		ctx = context.WithoutCancel(ctx)
		timeout = max(timeout, k.serverHold)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { cancel(attemptTimeout(timeout)) })
	defer timer.Stop()
	opened := false
	defer func() {
		if !opened {
			cancel(nil)
		}
	}()

	var conn connection
	began := time.Now()
	resp, err := h.next.RoundTrip(req.WithContext(conn.trace(ctx)))
	if err == nil && k.openResponse != nil && resp.StatusCode == http.StatusOK {
		opened = true
		resp.Body = cancelOnClose{resp.Body, cancel}
		return resp, nil
	}
	var failed *Error
	if err != nil {
		failed = h.newError(req, err, conn.neverSent(err))
	} else if failed = h.readAnswer(k, resp); failed == nil {
		return resp, nil
	}
	if ctx.Err() != nil && failed.StatusCode == 0 {
		failed.Err = context.Cause(ctx)
	}
	if req.Context().Err() != nil && !k.detached {
		failed.WaitingFor = fmt.Sprintf("the answer, which has not come for %v", time.Since(began).Round(time.Second))
	}
	return nil, failed
}

// withoutRetryAdvice removes what net/http tells programmers about a request that it does not send again. What is left
// says what happened to the stream.
func withoutRetryAdvice(err error) error {
	_, text, found := strings.Cut(err.Error(), "cannot retry err [")
	text, _, ends := strings.Cut(text, "] after Request.Body was written")
	if !found || !ends {
		return err
	}
	return errors.New(text)
}

// newError is the error of a try without an answer that can be used.
func (h attemptHandler) newError(req *http.Request, err error, notSent bool) *Error {
	return &Error{Method: req.Method, Path: req.URL.Path, Err: h.redact.error(withoutRetryAdvice(err)), notSent: notSent}
}

// readAnswer reads the whole answer, so that no later handler has to. An answer that breaks off, or that cannot be used,
// is a failed try, like one that never came. The body of an error is kept as far as it could be read: its status already
// says what matters.
func (h attemptHandler) readAnswer(k *call, resp *http.Response) *Error {
	defer resp.Body.Close()
	if _, err := resp.Location(); err != nil {
		resp.Header.Del("Location") // net/http would make an error of it that lacks the status
	}
	if !k.expects(resp.StatusCode) {
		data, _ := io.ReadAll(newAnswerBody(resp, maxErrorAnswer))
		resp.Body = io.NopCloser(bytes.NewReader(data))
		return nil
	}
	body := newAnswerBody(resp, maxAnswer)
	var err error
	if k.decode != nil {
		err = k.decode(body)
	} else {
		_, err = io.Copy(io.Discard, body) // an answer counts only when it is whole
	}
	switch {
	case body.err != nil && !errors.Is(body.err, errTooLarge):
		return h.newError(resp.Request, fmt.Errorf("the answer was cut off: %w", body.err), false)
	case err != nil:
		return unreadable(resp, h.redact.error(err))
	}
	return nil
}

// connection records whether a try ever got a connection.
type connection struct {
	state atomic.Int32
}

const (
	connectionUnknown = iota // the transport does not report its connections
	connectionWanted
	connectionObtained
)

// trace returns ctx with hooks for net/http. A try that got a connection may have been sent on it, also when the
// transport later wants another one: HTTP/2 tries again after an error of a stream.
func (c *connection) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.state.CompareAndSwap(connectionUnknown, connectionWanted) },
		GotConn: func(httptrace.GotConnInfo) { c.state.Store(connectionObtained) },
	})
}

// neverSent reports whether a try that ended in err certainly did not leave this machine.
func (c *connection) neverSent(err error) bool {
	switch c.state.Load() {
	case connectionObtained:
		return false
	case connectionWanted:
		return true
	}
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}

// cancelOnClose ends a try when the body of its answer is closed.
type cancelOnClose struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (b cancelOnClose) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

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
		failed.WaitingFor = fmt.Sprintf("the answer: none has come for %v", time.Since(began).Round(time.Second))
	}
	return nil, failed
}

// withoutRetryAdvice takes away what net/http says to programmers about a request that it does not send again: a reader of
// the error wants to know what happened to the stream.
func withoutRetryAdvice(err error) error {
	_, text, found := strings.Cut(err.Error(), "cannot retry err [")
	text, _, ends := strings.Cut(text, "] after Request.Body was written")
	if !found || !ends {
		return err
	}
	return errors.New(text)
}

func (h attemptHandler) newError(req *http.Request, err error, notSent bool) *Error {
	return &Error{Method: req.Method, Path: req.URL.Path, Err: h.redact.error(withoutRetryAdvice(err)), notSent: notSent}
}

// readAnswer reads the answer, and leaves of it what is in memory: an answer that breaks off, or that cannot be used, is a
// failed try, like one that never came. Of an answer that is an error the status has said what matters.
func (h attemptHandler) readAnswer(k *call, resp *http.Response) *Error {
	defer resp.Body.Close()
	if _, err := resp.Location(); err != nil {
		resp.Header.Del("Location") // of which net/http would make an error that lacks the status
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
		_, err = io.Copy(io.Discard, body) // only a whole answer tells
	}
	switch {
	case body.err != nil && !errors.Is(body.err, errTooLarge):
		return h.newError(resp.Request, fmt.Errorf("the answer broke off: %w", body.err), false)
	case err != nil:
		return unreadable(resp, h.redact.error(err))
	}
	return nil
}

// connection follows whether a try ever had a connection to be sent on.
type connection struct {
	state atomic.Int32
}

const (
	connectionUnknown = iota // the transport says nothing about connections
	connectionWanted
	connectionObtained
)

// trace returns ctx with hooks for net/http. A try that had a connection may have been sent on it, also when the
// transport wants another one later: HTTP/2 tries again after an error of a stream.
func (c *connection) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.state.CompareAndSwap(connectionUnknown, connectionWanted) },
		GotConn: func(httptrace.GotConnInfo) { c.state.Store(connectionObtained) },
	})
}

// neverSent reports whether a try that ended in err certainly never left this machine.
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

// cancelOnClose ends the try when the reader of its answer is done.
type cancelOnClose struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (b cancelOnClose) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

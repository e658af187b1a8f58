package sequentum

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	minBackoff = 500 * time.Millisecond
	maxBackoff = 30 * time.Second
	// maxRetryPause bounds what one answer in trouble asks for: others look at the same runs, and it may be an odd one.
	maxRetryPause = time.Minute
)

// tries is what a call remembers from one try to the next.
type tries struct {
	sent      int           // tries so far, for the log
	retries   int           // how many of them counted against MaxRetries
	delay     time.Duration // before the next try
	nextAt    time.Time     // when that is over
	lastError *Error
	// inDoubt: a try had an unknown outcome. A later one that was never sent says
	// nothing about it.
	inDoubt bool
}

// retryHandler is the outermost handler. It decides on an answer after the call's response handler has read it, so that
// an answer which cannot be used is a failed try.
type retryHandler struct {
	clock      Clock
	maxRetries int
}

// checkRetry decides whether a try that ended in err is followed by another one, and when.
func (h retryHandler) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	k := callOf(ctx)
	e, ok := errors.AsType[*Error](err)
	k.tries.inDoubt = k.tries.inDoubt || OutcomeUnknown(err)
	if !ok || errors.Is(e, context.Cause(ctx)) { // an interrupt, and the error says so
		return false, nil
	}
	k.tries.lastError = e
	switch {
	case e.StatusCode == http.StatusTooManyRequests && (e.fromAPI || k.idempotent()):
		k.tries.delay = 0 // the budget pauses as long as the answer asks for
		return true, nil
	case k.tries.retries >= h.maxRetries || !k.repeatable(e):
		return false, nil
	}
	k.tries.delay = min(e.RetryAfter, maxRetryPause)
	if k.tries.delay == 0 {
		k.tries.delay = backoff(k.tries.retries)
	}
	k.tries.nextAt = h.clock.Now().Add(k.tries.delay)
	k.tries.retries++
	return true, nil
}

// repeatable reports whether another try can do no harm and may do better.
func (k *call) repeatable(e *Error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](e); ok {
		return false
	}
	if e.notSent {
		return true
	}
	if !k.idempotent() || errors.Is(e, errTooLarge) {
		return false
	}
	return !e.fromAPI || e.StatusCode >= 500 // no answer, an unreadable one, that of a proxy, or a server in trouble
}

// backoff is exponential with full jitter: many clients that failed together must
// not come back together.
func backoff(retries int) time.Duration {
	ceiling := maxBackoff
	if retries < 6 { // 0.5 s doubled six times is above the maximum
		ceiling = min(maxBackoff, minBackoff<<retries)
	}
	return rand.N(ceiling) + 1
}

// sleepBeforeRetry waits until the next try is due.
func (h retryHandler) sleepBeforeRetry(req *http.Request) error {
	k := callOf(req.Context())
	k.setWaiting(k.waitingForRetry())
	return Sleep(req.Context(), h.clock, k.tries.delay)
}

func (k *call) waitingForRetry() Waiting {
	text := "the next try at " + clockTime(k.tries.nextAt, k.tries.nextAt)
	return func() string { return text }
}

// finalError turns what the retries ended with into the call's own error.
func (k *call) finalError(req *http.Request, err error) error {
	if err == nil {
		return nil
	}
	ctx := req.Context()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		// Between two tries. A start or stop is only tried again when it was certainly not accepted.
		e = &Error{
			Method: req.Method, Path: req.URL.Path, Err: cmp.Or(context.Cause(ctx), err), notSent: ctx.Err() != nil,
			WaitingFor: k.waitingForRetry()(),
		}
	}
	e.notSent = e.notSent && !k.tries.inDoubt
	if e.WaitingFor != "" && k.tries.lastError != nil {
		e.WaitingFor += "; the last try ended with " + k.tries.lastError.reason()
	}
	return e
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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
	// maxRetryPause is the longest pause that a Retry-After of an error other than 429 can ask for.
	maxRetryPause = time.Minute
)

// tries is the state of a call between its tries.
type tries struct {
	sent      int           // how many tries there were
	retries   int           // how many of them count for MaxRetries
	delay     time.Duration // before the next try
	nextAt    time.Time     // when the delay is over
	lastError *Error
	// inDoubt: the outcome of a try is unknown. That a later try was never sent does not change this.
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
	if !ok || errors.Is(e, context.Cause(ctx)) { // the error says already that ctx has ended
		return false, nil
	}
	k.tries.lastError = e
	switch {
	case e.StatusCode == http.StatusTooManyRequests && (e.fromAPI || k.idempotent()):
		k.tries.delay = 0 // the budget pauses for as long as the answer asks for
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

// repeatable reports whether another try can help, and cannot do harm (API: Conventions, Retries).
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
	return !e.fromAPI || e.StatusCode >= http.StatusInternalServerError // no answer, an unreadable one, that of a proxy, or a server in trouble
}

// backoff is the delay before the next try when retries were made already. It grows exponentially up to maxBackoff, and
// is random between 0 and that, so that clients that failed together do not all come back together.
func backoff(retries int) time.Duration {
	ceiling := minBackoff
	for range retries {
		ceiling = min(2*ceiling, maxBackoff)
	}
	return rand.N(ceiling) + 1
}

// sleepBeforeRetry waits until the next try is due.
func (h retryHandler) sleepBeforeRetry(req *http.Request) error {
	k := callOf(req.Context())
	k.setWaiting(k.waitingForRetry())
	return Sleep(req.Context(), h.clock, k.tries.delay)
}

// waitingForRetry says when the next try is due.
func (k *call) waitingForRetry() Waiting {
	text := "the next try at " + clockTime(k.tries.nextAt, k.tries.nextAt)
	return func() string { return text }
}

// finalError turns the error of the last try into the error of the call.
func (k *call) finalError(req *http.Request, err error) error {
	if err == nil {
		return nil
	}
	ctx := req.Context()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		// The context ended between two tries. A start or stop is repeated only when it was certainly not accepted.
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

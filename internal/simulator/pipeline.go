// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	limitHeader  = "X-RateLimit-Limit"
	windowHeader = "X-RateLimit-Window-Seconds"
	maxBody      = 1 << 20
)

// guardedEndpoint handles a call of the API: it checks the credential, the rate limit and the scope, and plays faults.
func (c *Cloud) guardedEndpoint(r route) http.Handler {
	return c.loggedHandler(r, func(w http.ResponseWriter, q *call) {
		c.mu.Lock()
		outage, forbidden := c.outage, c.forbidden
		w.Header().Set(limitHeader, strconv.Itoa(c.limiter.limit))
		w.Header().Set(windowHeader, strconv.FormatFloat(c.limiter.window.Seconds(), 'f', -1, 64))
		c.mu.Unlock()
		if outage {
			c.proxyPage(q, http.StatusServiceUnavailable)(w)
			return
		}
		credential := c.authenticate(q)
		if credential == "" {
			c.refuse(q, http.StatusUnauthorized, "The API key is missing or invalid.")(w)
			return
		}
		if wait, ok := c.waitForPermit(q, credential); !ok {
			if wait > 0 {
				w.Header().Set("Retry-After", wholeSeconds(wait))
				c.refuse(q, http.StatusTooManyRequests, "Too many requests.")(w)
			}
			return
		}
		if forbidden || !c.inScope(q) {
			c.refuseScope(q)(w)
			return
		}
		c.answerWithFault(w, q, r.handle)
	})
}

// loggedHandler writes each request and the status of its answer to the log.
func (c *Cloud) loggedHandler(to route, serve func(http.ResponseWriter, *call)) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		q := c.logRequest(to, r)
		w := &statusWriter{ResponseWriter: rw}
		defer func() { c.logStatus(q, w.status) }()
		// Read at the beginning, so that the request takes effect also when the client goes away.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			c.refuse(q, http.StatusBadRequest, "The body of the request cannot be read.")(w)
			return
		}
		q.body = body
		serve(w, q)
	})
}

// authenticate returns the request's credential, or nothing if it is not accepted.
func (c *Cloud) authenticate(q *call) string {
	scheme, credential, _ := strings.Cut(q.Header.Get("Authorization"), " ")
	q.bearer = strings.EqualFold(scheme, "Bearer")
	c.mu.Lock()
	defer c.mu.Unlock()
	expected := ""
	switch {
	case q.bearer:
		expected = c.accessToken
	case strings.EqualFold(scheme, "ApiKey"):
		expected = c.apiKey
	}
	if expected == "" || credential != expected {
		return ""
	}
	q.entry.Authorized = true
	return credential
}

// inScope tells whether the accepted credential may make the call.
func (c *Cloud) inScope(q *call) bool {
	if !q.bearer || q.scope == "" {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.scopes == nil || slices.Contains(c.scopes, q.scope)
}

// waitForPermit waits for the request's permit. Where the queue is full, it returns how long it takes until a permit is
// free. It returns zero and false where the client has gone.
func (c *Cloud) waitForPermit(q *call, credential string) (retryAfter time.Duration, ok bool) {
	c.mu.Lock()
	now := c.options.Clock.Now()
	at, ok := c.limiter.reservePermit(credential, now)
	c.mu.Unlock()
	wait := at.Sub(now)
	if !ok {
		return wait, false
	}
	if wait <= 0 {
		return 0, true
	}
	select {
	case <-c.options.Clock.After(wait):
		return 0, true
	case <-q.Context().Done():
		c.mu.Lock()
		c.limiter.returnPermit(credential, at)
		c.mu.Unlock()
		return 0, false
	}
}

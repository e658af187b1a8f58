// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"maps"
	"net/http"
	"time"
)

// Request is a request that a [Cloud] has received, on either host.
type Request struct {
	// Time is when it arrived, by the cloud's clock.
	Time time.Time
	Kind Kind
	// Method, Path and Query as received. The query of a signed link is left out: it is a secret.
	Method, Path, Query string
	// AgentID and RunID from the path; 0: none.
	AgentID, RunID int64
	// Status of the answer; 0: there is no answer, or not yet.
	Status    int
	Proto     string // "HTTP/1.1" or "HTTP/2.0"
	UserAgent string
	// Authorized: the credential was accepted.
	Authorized       bool
	HasAuthorization bool
	HasCookie        bool
	HasReferer       bool
}

// logRequest counts a request and writes it to the log.
func (c *Cloud) logRequest(to route, r *http.Request) *call {
	q := &call{Request: r, route: to, agentID: pathID(r, "agentId"), runID: pathID(r, "runId")}
	entry := Request{
		Time: c.options.Clock.Now(), Kind: to.kind, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Proto:            r.Proto,
		UserAgent:        r.UserAgent(),
		HasAuthorization: len(r.Header.Values("Authorization")) > 0,
		HasCookie:        len(r.Header.Values("Cookie")) > 0,
		HasReferer:       r.Referer() != "",
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.kind == KindSignedDownload {
		entry.Query = ""
		if run := c.runs[q.runID]; run != nil {
			q.agentID = run.agent.settings.ID
		}
	}
	entry.AgentID, entry.RunID = q.agentID, q.runID
	q.entry = &entry
	if !c.options.NoLog {
		c.log = append(c.log, q.entry)
	}
	c.counts[to.kind]++
	return q
}

// logStatus adds the status of the answer to the request's entry in the log.
func (c *Cloud) logStatus(q *call, status int) {
	c.mu.Lock()
	q.entry.Status = status
	if status == http.StatusTooManyRequests {
		c.tooMany++
	}
	done := *q.entry
	c.mu.Unlock()
	if c.options.OnRequest != nil {
		c.options.OnRequest(done)
	}
}

// Requests returns how many requests of each kind have arrived since the last [Cloud.ResetCounts], refused ones included.
func (c *Cloud) Requests() map[Kind]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// Count returns how many requests of a kind have arrived since the last [Cloud.ResetCounts]; of [AnyKind], on both hosts.
func (c *Cloud) Count(k Kind) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k != AnyKind {
		return c.counts[k]
	}
	total := 0
	for n := range maps.Values(c.counts) {
		total += n
	}
	return total
}

// TooMany returns how many requests have been answered with 429 since the last [Cloud.ResetCounts].
func (c *Cloud) TooMany() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tooMany
}

// ResetCounts sets all counts to zero. The log stays.
func (c *Cloud) ResetCounts() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.counts)
	c.tooMany = 0
}

// Log returns every request so far, in the order of arrival.
func (c *Cloud) Log() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Request, len(c.log))
	for i, entry := range c.log {
		all[i] = *entry
	}
	return all
}

// statusWriter remembers the status that was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

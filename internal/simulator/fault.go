// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"time"
)

// Fault is something that goes wrong with certain requests. A request is hit by the first fault that matches it.
type Fault struct {
	// Kind of the requests; empty: any.
	Kind Kind `json:"kind,omitempty"`
	// AgentID, RunID and ScheduleID of the requests; 0: any.
	AgentID    int64 `json:"agent_id,omitempty"`
	RunID      int64 `json:"run_id,omitempty"`
	ScheduleID int64 `json:"schedule_id,omitempty"`
	// Skip is how many matching requests pass before the first is hit.
	Skip int `json:"skip,omitempty"`
	// Times is how many requests are hit then; 0: one; negative: all.
	Times int `json:"times,omitempty"`

	// After: the request takes effect before the delay, and only its answer is faulty. Otherwise it takes no effect,
	// except that Pass, GoAwayAnswer and a released Hang let it take effect after the delay.
	After bool `json:"after,omitempty"`
	// Delay before the action, by the cloud's clock. It does not end when the client has gone: the request may still
	// take effect.
	Delay  time.Duration `json:"delay,omitempty"`
	Action Action        `json:"action,omitempty"`

	// Code of the answer; 0: 500 for StatusCode, 502 for HTML, 302 for Redirect, 204 for Bare, unchanged for Pass.
	Code int `json:"code,omitempty"`
	// Body of the answer, for StatusCode, HTML, Garbage and Bare; empty: an error in one of the API's shapes, a
	// proxy's page, unreadable text, none.
	Body string `json:"body,omitempty"`
	// Shape of the error of StatusCode; empty: the shape whose turn it is.
	Shape ErrorShape `json:"shape,omitempty"`
	// Bytes after which TruncateBody cuts the connection.
	Bytes int64 `json:"bytes,omitempty"`
	// Location of Redirect.
	Location string `json:"location,omitempty"`
	// StreamError is the code with which an action ends a stream of HTTP/2; empty: PROTOCOL_ERROR for ResetStream,
	// NO_ERROR for those of GOAWAY, INTERNAL_ERROR for TruncateBody.
	StreamError StreamError `json:"stream_error,omitempty"`

	// The fields below change the answer of any action that has an answer.

	// RetryAfter is the answer's Retry-After header; empty: none.
	RetryAfter string `json:"retry_after,omitempty"`
	// NoHeaders: the answer lacks the rate limit's headers.
	NoHeaders bool `json:"no_headers,omitempty"`
	// Header replaces headers of the answer; an empty value removes one.
	Header map[string]string `json:"header,omitempty"`
	// Reason is the reason phrase, with HTTP/1.1 only. In it {url} stands for the URL of the request.
	Reason string `json:"reason,omitempty"`
	// Insert puts elements into an answer that is a list or a page of one, Repeat times (0: once), at the index
	// InsertAt; negative: at the end.
	Insert   []Element `json:"insert,omitempty"`
	InsertAt int       `json:"insert_at,omitempty"`
	Repeat   int       `json:"repeat,omitempty"`
	// Twice makes a list show every active run twice.
	Twice Twice `json:"twice,omitempty"`
	// Prefix stands before the body, such as a byte-order mark. Pad is how many spaces stand between them.
	Prefix string `json:"prefix,omitempty"`
	Pad    int64  `json:"pad,omitempty"`
	// Gzip compresses the body; empty: it is not compressed.
	Gzip Gzip `json:"gzip,omitempty"`
	// Quirk is how the host that signed links point to differs from what HTTP says.
	Quirk Quirk `json:"quirk,omitempty"`
	// Changes replaces the content of the file that is fetched from that host, once the request is answered. The new
	// content has the same length and other validators.
	Changes bool `json:"changes,omitempty"`
}

type pendingFault struct {
	Fault
	seen int
	hits int
}

// Inject adds faults behind the existing ones. It panics if a StreamError is unknown.
func (c *Cloud) Inject(f ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, fault := range f {
		if _, err := fault.StreamError.code(0); err != nil {
			panic("simulator: " + err.Error())
		}
		c.faults = append(c.faults, &pendingFault{Fault: fault})
	}
}

// ClearFaults removes all faults. Requests that already hang continue to hang.
func (c *Cloud) ClearFaults() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// Release ends the hanging of all requests that hang now. Each takes effect, if it has not yet, and is answered.
func (c *Cloud) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.release)
	c.release = make(chan struct{})
}

// matchFault counts the request and returns the fault that hits it, or nil, and the channel that releases it if it hangs.
func (c *Cloud) matchFault(q *call) (*Fault, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		if f.Times >= 0 && f.hits >= max(1, f.Times) || !f.matches(q) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip {
			continue
		}
		f.hits++
		return &f.Fault, c.release
	}
	return nil, nil
}

func (f Fault) matches(q *call) bool {
	return (f.Kind == AnyKind || f.Kind == q.kind) &&
		(f.AgentID == 0 || f.AgentID == q.agentID) &&
		(f.RunID == 0 || f.RunID == q.runID) &&
		(f.ScheduleID == 0 || f.ScheduleID == pathID(q.Request, "scheduleId"))
}

// answerWithFault runs the handler and sends its answer, with the fault that the request hits, if any.
func (c *Cloud) answerWithFault(w http.ResponseWriter, q *call, handle handler) {
	f, release := c.matchFault(q)
	if f == nil {
		c.runHandler(q, handle)(w)
		return
	}
	q.quirk = f.Quirk
	if f.Changes {
		defer c.ChangeFile(pathID(q.Request, "fileId"))
	}
	var a answer
	if f.After {
		a = c.runHandler(q, handle)
	}
	if !c.waitForFault(q, f, release) {
		panic(http.ErrAbortHandler)
	}
	if a == nil && f.needsAnswer(q) {
		a = c.runHandler(q, handle)
	}
	c.sendFaultyAnswer(w, q, f, a)
}

// waitForFault waits for the end of the fault's delay, and of its hanging. It returns false when nobody waits for the
// answer any more.
func (c *Cloud) waitForFault(q *call, f *Fault, release <-chan struct{}) bool {
	closed := serverClosed(q.Context())
	if f.Delay > 0 {
		select {
		case <-c.options.Clock.After(f.Delay):
		case <-closed:
			return false
		}
	}
	if !actionRules[f.Action].hangs {
		return true
	}
	select {
	case <-release:
		return true
	case <-q.Context().Done():
	case <-closed:
	}
	return false
}

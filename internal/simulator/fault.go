package simulator

import (
	"net/http"
	"time"
)

// Fault is something that goes wrong with certain requests. Of several that match, the first takes the request.
type Fault struct {
	// Kind of the requests; empty: any.
	Kind Kind `json:"kind,omitempty"`
	// AgentID and RunID of the requests; 0: any.
	AgentID int64 `json:"agent_id,omitempty"`
	RunID   int64 `json:"run_id,omitempty"`
	// Skip is how many matching requests are let through first.
	Skip int `json:"skip,omitempty"`
	// Times is how many are hit then; 0: one; negative: all.
	Times int `json:"times,omitempty"`

	// After: the request takes effect and only its answer suffers. Otherwise it takes no effect, unless the action
	// lets it through in the end, as Pass and a released Hang do.
	After bool `json:"after,omitempty"`
	// Delay before the action, by the cloud's clock. It goes on when the client has gone: the request may still take
	// effect.
	Delay  time.Duration `json:"delay,omitempty"`
	Action Action        `json:"action,omitempty"`

	// Code of the answer; 0: 500 for StatusCode, 502 for HTML, 302 for Redirect, 204 for Bare, the answer's own for Pass.
	Code int `json:"code,omitempty"`
	// Body of the answer, for StatusCode, HTML, Garbage and Bare; empty: an error in one of the API's shapes, a
	// proxy's page, unreadable text, none.
	Body string `json:"body,omitempty"`
	// Shape of the error of StatusCode; empty: the one whose turn it is.
	Shape ErrorShape `json:"shape,omitempty"`
	// Bytes after which TruncateBody cuts the connection.
	Bytes int64 `json:"bytes,omitempty"`
	// Location of Redirect.
	Location string `json:"location,omitempty"`
	// StreamError is the code with which an action ends a stream of HTTP/2; empty: PROTOCOL_ERROR for ResetStream,
	// NO_ERROR for those of GOAWAY, INTERNAL_ERROR for TruncateBody.
	StreamError StreamError `json:"stream_error,omitempty"`

	// What follows is done to the answer of any action that has one.

	// RetryAfter is the answer's Retry-After header; empty: none.
	RetryAfter string `json:"retry_after,omitempty"`
	// NoHeaders: the answer lacks the rate limit's headers.
	NoHeaders bool `json:"no_headers,omitempty"`
	// Header replaces headers of the answer; an empty value removes one.
	Header map[string]string `json:"header,omitempty"`
	// Reason is the reason phrase, of HTTP/1.1 only; in it {url} stands for the URL of the request.
	Reason string `json:"reason,omitempty"`
	// Insert puts elements into an answer that is a list, Repeat times (0: once), at the index InsertAt; negative: at
	// the end.
	Insert   []Element `json:"insert,omitempty"`
	InsertAt int       `json:"insert_at,omitempty"`
	Repeat   int       `json:"repeat,omitempty"`
	// Twice has a list show every active run twice.
	Twice Twice `json:"twice,omitempty"`
	// Prefix is put in front of the body, such as a byte-order mark, and behind it as many spaces as Pad says.
	Prefix string `json:"prefix,omitempty"`
	Pad    int64  `json:"pad,omitempty"`
	// Gzip compresses the body; empty: it is not compressed.
	Gzip Gzip `json:"gzip,omitempty"`
	// Quirk of the host that signed links point to.
	Quirk Quirk `json:"quirk,omitempty"`
	// Changes has the file that is fetched from that host be another one after this request: as long as before, with
	// other content and other validators.
	Changes bool `json:"changes,omitempty"`
}

type pendingFault struct {
	Fault
	seen int
	hits int
}

// Inject adds faults, after those that are there. It panics if a StreamError is none.
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

// ClearFaults removes all faults. Requests that already hang go on hanging.
func (c *Cloud) ClearFaults() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = nil
}

// Release lets the requests go that hang now; each takes effect, if it has not yet, and is answered.
func (c *Cloud) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.release)
	c.release = make(chan struct{})
}

// matchFault is what goes wrong with a request, or nil, and the channel that lets it go if it hangs.
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
		(f.RunID == 0 || f.RunID == q.runID)
}

// answerWithFault runs the handler and sends its answer, with the fault that the request hits, if any.
func (c *Cloud) answerWithFault(w http.ResponseWriter, q *call, handle handler) {
	f, release := c.matchFault(q)
	if f == nil {
		c.perform(q, handle)(w)
		return
	}
	q.quirk = f.Quirk
	if f.Changes {
		defer c.ChangeFile(pathID(q.Request, "fileId"))
	}
	var a answer
	if f.After {
		a = c.perform(q, handle)
	}
	if !c.waitForFault(q, f, release) {
		panic(http.ErrAbortHandler)
	}
	if a == nil && f.needsAnswer(q) {
		a = c.perform(q, handle)
	}
	c.sendFaulty(w, q, f, a)
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

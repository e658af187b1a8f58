// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// exchange is a request and its answer, whole: it stays in memory.
type exchange struct {
	call     string
	ids      ids
	query    url.Values
	request  any // decoded JSON; nil: no body
	sent     time.Time
	answered time.Time

	err       error // why there is no answer
	status    int   // 0: no answer
	header    http.Header
	mediaType string
	body      bodyKind
	answer    any // decoded JSON, with json.Number
}

// bodyKind is what an answer's body is.
type bodyKind string

const (
	bodyEmpty bodyKind = "empty"
	bodyJSON  bodyKind = "json"
	bodyOther bodyKind = "other" // text, a file, or JSON that cannot be read
)

// maxAnswer is how much of an answer is read for the record, in bytes.
const maxAnswer = 16 << 20

// field is a field of the answer, or of one of its objects by path; nil when there is none.
func field(answer any, path ...string) any {
	for _, name := range path {
		object, _ := answer.(map[string]any)
		answer = object[name]
	}
	return answer
}

// text is a string or number of an answer as a text; empty for all else.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// recorder records all exchanges that pass it. It is safe for concurrent use.
type recorder struct {
	next http.RoundTripper
	// note, if not nil, is called with each exchange before its answer is passed on.
	note func(exchange)

	mu        sync.Mutex
	exchanges []exchange
}

// RoundTrip records the exchange, except those that are no call of the API.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	e := exchange{query: req.URL.Query(), sent: time.Now()}
	if e.call, e.ids = matchCall(req.Method, req.URL.Path); e.call == "" {
		return r.next.RoundTrip(req)
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body)) // without GetBody: no layer below may send it again
		e.request, _ = decode(body)                    // what is no JSON has no shape
	}
	resp, err := r.next.RoundTrip(req)
	if err == nil {
		if err = e.read(resp); err != nil {
			_ = resp.Body.Close() // the answer was cut off
			resp = nil
		}
	}
	e.answered, e.err = time.Now(), err
	r.mu.Lock()
	r.exchanges = append(r.exchanges, e)
	r.mu.Unlock()
	if r.note != nil {
		r.note(e)
	}
	return resp, err
}

// read reads the answer for the record, and leaves it as it was. The content of a file is not read.
func (e *exchange) read(resp *http.Response) error {
	e.header = resp.Header
	e.mediaType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type")) // without one it is empty
	e.body = bodyOther
	if resp.ContentLength > maxAnswer || e.call == callDownload && resp.StatusCode < 300 {
		e.status = resp.StatusCode
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	e.status = resp.StatusCode
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	if len(bytes.TrimSpace(body)) == 0 {
		e.body = bodyEmpty
		return nil
	}
	if answer, err := decode(body); err == nil && strings.HasSuffix(e.mediaType, "json") {
		e.body, e.answer = bodyJSON, answer
	}
	return nil
}

// decode reads one JSON value, with its numbers as they are written.
func decode(text []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// recorded are the exchanges of certain calls so far, in the order of their answers; without calls all.
func (r *recorder) recorded(calls ...string) []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.exchanges), func(e exchange) bool {
		return len(calls) > 0 && !slices.Contains(calls, e.call)
	})
}

// newest is the last of the exchanges; an empty one when there is none.
func newest(list []exchange) exchange {
	if len(list) == 0 {
		return exchange{}
	}
	return list[len(list)-1]
}

// succeeded: the answer is a 2xx.
func (e exchange) succeeded() bool { return e.status >= 200 && e.status < 300 }

// statusClientClosed is what some proxies answer when they think that their client is gone.
const statusClientClosed = 499

// refused: the API itself refused the request, so it had no effect. The 4xx of a proxy proves nothing, because the API may
// have accepted the request before; nor do a 408 and a 499, which are about a connection.
func (e exchange) refused() bool {
	return e.status >= 400 && e.status < 500 && e.status != http.StatusRequestTimeout && e.status != statusClientClosed &&
		e.header.Get("X-RateLimit-Limit") != ""
}

// runID is the id of the run that a start was answered with; empty: none.
func (e exchange) runID() string {
	if id := text(field(e.answer, "id")); id != "" {
		return id
	}
	return text(field(e.answer, "runId"))
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// faultWriter gives an answer the headers of a fault, which replace the answer's own, and its status code.
type faultWriter struct {
	http.ResponseWriter
	header map[string]string
	code   int // 0: the answer's own
	begun  bool
}

func newFaultWriter(rw http.ResponseWriter, f *Fault) *faultWriter {
	w := &faultWriter{ResponseWriter: rw, header: f.Header}
	if f.Action == Pass { // the other actions put Code into their answer
		w.code = f.Code
	}
	if f.NoHeaders {
		removeLimitHeaders(w)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	return w
}

func (w *faultWriter) WriteHeader(code int) {
	w.begun = true
	if w.code == http.StatusNoContent {
		w.Header().Del("Content-Length") // a 204 has no body
	}
	w.replaceHeaders()
	w.ResponseWriter.WriteHeader(cmp.Or(w.code, code))
}

func (w *faultWriter) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find the connection.
func (w *faultWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *faultWriter) replaceHeaders() {
	for name, value := range w.header {
		w.Header().Del(name)
		if value != "" {
			w.Header().Set(name, value)
		}
	}
}

// reasonSetter is a writer that can set a reason phrase.
type reasonSetter interface{ setReason(string) }

// sendWithReason sends an answer of HTTP/1.1 with its own reason phrase. HTTP/2 has none.
func (w *faultWriter) sendWithReason(reason string, a answer) {
	setReason(w, reason)
	whole := bufferAnswer(w, a)
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.WriteHeader(whole.code)
		_, _ = w.Write(whole.body.Bytes()) // the client may have gone
		return
	}
	defer func() { _ = conn.Close() }()
	w.replaceHeaders()
	response := http.Response{
		StatusCode: whole.code, Status: strconv.Itoa(whole.code) + " " + reason, ProtoMajor: 1, ProtoMinor: 1,
		Header: w.Header(), Body: io.NopCloser(&whole.body), ContentLength: int64(whole.body.Len()), Close: true,
	}
	_ = response.Write(conn) // the client may have gone
}

// setReason gives the phrase to the writer that can set it, inside the writers that wrap it.
func setReason(w http.ResponseWriter, reason string) {
	for {
		if setter, ok := w.(reasonSetter); ok {
			setter.setReason(reason)
			return
		}
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = outer.Unwrap()
	}
}

// reasonPhrase is the reason phrase of a fault, in which {url} becomes the URL of the request.
func (c *Cloud) reasonPhrase(q *call, phrase string) string {
	base := "http://" + q.Host
	if q.kind == KindSignedDownload {
		c.mu.Lock()
		base = c.downloadBase
		c.mu.Unlock()
	}
	return strings.ReplaceAll(phrase, "{url}", base+q.URL.RequestURI())
}

// bufferWriter keeps an answer in memory instead of sending it.
type bufferWriter struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (w *bufferWriter) WriteHeader(code int) { w.code = code }

func (w *bufferWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// bufferAnswer is the code and the body of an answer. Its headers are set in w.
func bufferAnswer(w http.ResponseWriter, a answer) *bufferWriter {
	buffer := &bufferWriter{ResponseWriter: w, code: http.StatusOK}
	a(buffer)
	return buffer
}

// cutWriter cuts the connection once the bytes that are left have been written.
type cutWriter struct {
	http.ResponseWriter
	left int64
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if int64(len(p)) <= w.left {
		w.left -= int64(len(p))
		return w.ResponseWriter.Write(p)
	}
	w.ResponseWriter.Write(p[:w.left]) // the connection is lost either way
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"syscall"
)

// Transport returns a transport that answers requests in memory, for tests in a bubble of testing/synctest. A request to
// the host of the signed links goes to [Cloud.Downloads], every other to [Cloud.API]. Like a real transport, it reports
// a connection to an httptrace.ClientTrace, and an answer that ends too early as an error of the connection.
func (c *Cloud) Transport() http.RoundTripper { return memoryTransport{c} }

type memoryTransport struct{ cloud *Cloud }

func (t memoryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := serverRequest(req)
	if err != nil {
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	w := newMemoryWriter()
	left := context.AfterFunc(ctx, func() { w.pipe.CloseWithError(ctx.Err()) })
	go func() {
		defer left()
		w.serveHandler(t.handler(req), in)
	}()
	select {
	case <-w.begun:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if w.broken {
		return nil, &net.OpError{Op: "read", Net: "memory", Err: syscall.ECONNRESET}
	}
	return w.response(req), nil
}

func (t memoryTransport) handler(req *http.Request) http.Handler {
	if req.URL.Host == t.cloud.downloadHost() {
		return t.cloud.downloads
	}
	return t.cloud.api
}

// serverRequest is the client's request as a server sees it.
func serverRequest(req *http.Request) (*http.Request, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	in.Body = http.NoBody
	if req.Body == nil {
		return in, nil
	}
	defer req.Body.Close()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	in.Body = io.NopCloser(bytes.NewReader(body))
	return in, nil
}

// memoryWriter is the http.ResponseWriter of a request in memory.
type memoryWriter struct {
	header http.Header
	reader *io.PipeReader
	pipe   *io.PipeWriter

	begin  sync.Once
	begun  chan struct{} // closed once the fields below are set
	code   int
	reason string // empty: the usual one
	sent   http.Header
	broken bool // the connection ended before the answer began
}

func newMemoryWriter() *memoryWriter {
	w := &memoryWriter{header: make(http.Header), begun: make(chan struct{})}
	w.reader, w.pipe = io.Pipe()
	return w
}

func (w *memoryWriter) Header() http.Header { return w.header }

func (w *memoryWriter) WriteHeader(code int) {
	w.begin.Do(func() {
		w.code, w.sent = code, maps.Clone(w.header)
		close(w.begun)
	})
}

func (w *memoryWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.code == http.StatusNoContent || w.code == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	return w.pipe.Write(p)
}

func (w *memoryWriter) setReason(reason string) { w.reason = reason }

// Flush begins the answer. Nothing else is held back.
func (w *memoryWriter) Flush() { w.WriteHeader(http.StatusOK) }

// serveHandler runs the handler. Where the handler aborts, the client sees a connection that ends.
func (w *memoryWriter) serveHandler(h http.Handler, req *http.Request) {
	defer func() {
		p := recover()
		if p == nil {
			w.WriteHeader(http.StatusOK)
			_ = w.pipe.Close() // never fails
			return
		}
		if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		w.pipe.CloseWithError(io.ErrUnexpectedEOF)
		w.begin.Do(func() {
			w.broken = true
			close(w.begun)
		})
	}()
	h.ServeHTTP(w, req)
}

func (w *memoryWriter) response(req *http.Request) *http.Response {
	length := int64(-1)
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}
	reason := w.reason
	if reason == "" {
		reason = http.StatusText(w.code)
	}
	return &http.Response{
		Status: strconv.Itoa(w.code) + " " + reason, StatusCode: w.code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: w.reader, ContentLength: length, Request: req,
	}
}

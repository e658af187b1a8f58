// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

const letters = "abcdefghijklmnopqrstuvwxyz"

// reply is one answer of a scripted download host.
type reply struct {
	code   int
	header http.Header
	body   io.Reader // nil: no data ever comes
	length int64     // -1: not told
	// chunked: the answer has no length, but its end is marked.
	chunked bool
}

// part is an answer with letters from that byte on. The connection breaks after n bytes.
func part(code int, from, n int, header ...string) reply {
	rest := letters[from:]
	r := reply{code: code, header: http.Header{}, body: strings.NewReader(rest[:min(n, len(rest))]), length: int64(len(rest))}
	if n < len(rest) {
		r.body = io.MultiReader(r.body, broken{})
	}
	if code == http.StatusPartialContent {
		r.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(letters)-1, len(letters)))
	}
	for i := 0; i < len(header); i += 2 {
		r.header.Set(header[i], header[i+1])
	}
	return r
}

// whole is a complete answer with that content.
func whole(content string) reply {
	return reply{code: http.StatusOK, body: strings.NewReader(content), length: int64(len(content))}
}

// unmeasured is an answer that does not tell its length.
func unmeasured(content string, chunked bool) reply {
	return reply{code: http.StatusOK, body: strings.NewReader(content), length: -1, chunked: chunked}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// silent is the body of a host that sends no data until the request is cancelled.
type silent struct{ req *http.Request }

func (s silent) Read([]byte) (int, error) {
	<-s.req.Context().Done()
	return 0, s.req.Context().Err()
}

// script answers with one reply after the other.
func script(t *testing.T, replies ...reply) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		if len(replies) == 0 {
			t.Errorf("the download host was asked once more: %v", req.Header)
			return nil, io.EOF
		}
		r := replies[0]
		replies = replies[1:]
		return r.response(req), nil
	}
}

// always answers every request with the same.
func always(r reply) roundTrip {
	content, err := io.ReadAll(r.body)
	if err != nil {
		panic(err)
	}
	return func(req *http.Request) (*http.Response, error) {
		r.body = strings.NewReader(string(content))
		return r.response(req), nil
	}
}

func (r reply) response(req *http.Request) *http.Response {
	if r.body == nil {
		r.body = silent{req}
	}
	resp := &http.Response{
		// A host can write anything into its reason phrase.
		StatusCode: r.code, Status: fmt.Sprintf("%d you asked for %s", r.code, req.URL), ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, Body: io.NopCloser(r.body), ContentLength: r.length, Request: req,
	}
	if r.chunked {
		resp.TransferEncoding = []string{"chunked"}
	}
	return resp
}

// endless is a body that never ends. It counts the bytes that were read.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

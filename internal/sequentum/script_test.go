// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testURL = "https://api.example.test"
	testKey = "sk-test/key+0123456789"
)

// exchange is one request that a test expects, and its answer.
type exchange struct {
	method string
	path   string // after /api/v1, with the query
	body   string // JSON; empty: none

	status int // 0: 200
	header map[string]string
	answer string
	err    error  // instead of an answer
	before func() // is called when the request comes
}

// script is a transport that answers a list of expected requests, in order. Any other request, and a missing one, fails the
// test.
type script struct {
	t  *testing.T
	mu sync.Mutex

	exchanges []exchange
	played    int
	requests  []*http.Request
}

func newScript(t *testing.T, exchanges ...exchange) *script {
	t.Helper()
	s := &script{t: t, exchanges: exchanges}
	t.Cleanup(func() {
		if s.played < len(s.exchanges) {
			t.Errorf("%d of %d expected requests came", s.played, len(s.exchanges))
		}
	})
	return s
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(req.URL.RequestURI(), apiPath)
	if s.played == len(s.exchanges) {
		s.t.Errorf("an unexpected request: %s %s", req.Method, path)
		return nil, io.ErrUnexpectedEOF
	}
	e := s.exchanges[s.played]
	s.played++
	s.requests = append(s.requests, req)
	if req.Method != e.method || path != e.path {
		s.t.Errorf("request %d is %s %s, expected %s %s", s.played, req.Method, path, e.method, e.path)
	}
	s.checkBody(req, e.body)
	if e.before != nil {
		e.before()
	}
	if e.err != nil {
		return nil, e.err
	}
	return e.response(req), nil
}

func (s *script) checkBody(req *http.Request, want string) {
	var got []byte
	if req.Body != nil {
		var err error
		if got, err = io.ReadAll(req.Body); err != nil {
			s.t.Errorf("reading the request: %v", err)
		}
	}
	if want == "" && len(got) == 0 {
		return
	}
	var gotJSON, wantJSON any
	if json.Unmarshal(got, &gotJSON) != nil || json.Unmarshal([]byte(want), &wantJSON) != nil || !reflect.DeepEqual(gotJSON, wantJSON) {
		s.t.Errorf("the body is %q, expected %q", got, want)
	}
}

func (e exchange) response(req *http.Request) *http.Response {
	resp := &http.Response{
		StatusCode:    max(e.status, 0),
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewBufferString(e.answer)),
		ContentLength: int64(len(e.answer)),
		Request:       req,
	}
	if e.status == 0 {
		resp.StatusCode = http.StatusOK
	}
	for name, value := range e.header {
		resp.Header.Set(name, value)
	}
	return resp
}

// instantClock makes time pass at once whenever a call waits.
type instantClock struct {
	mu     sync.Mutex
	now    time.Time
	slept  []time.Duration
	before func() // is called before time passes
}

func (c *instantClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *instantClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	passed := make(chan time.Time, 1)
	if c.before != nil {
		c.before()
	}
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	passed <- c.now
	return passed
}

func (c *instantClock) total() (sum time.Duration) {
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

func newTestClient(t *testing.T, transport http.RoundTripper, change ...func(*Config)) (*Client, *instantClock) {
	t.Helper()
	clock := &instantClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	config := Config{
		BaseURL: testURL, APIKey: testKey, UserAgent: "test/1", MaxRetries: 3,
		Clock: clock, Transport: transport,
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c, clock
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}

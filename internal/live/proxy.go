// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// proxy stands between the provider and the account. It knows no key: requests bring theirs.
type proxy struct {
	*recorder
	guard  *guard
	url    string
	server *http.Server
}

// startProxy forwards to the account at a base URL, with or without /api/v1.
func startProxy(ctx context.Context, account string, g *guard) (*proxy, error) {
	upstream, err := url.Parse(strings.TrimSuffix(strings.TrimRight(account, "/"), apiPath))
	if err != nil {
		return nil, fmt.Errorf("reading the URL of the account: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on the loopback interface: %w", err)
	}
	p := &proxy{recorder: &recorder{next: sequentum.NewTransport(), note: g.note}, guard: g, url: "http://" + listener.Addr().String()}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstream)
			r.Out.Header.Del("Accept-Encoding") // the transport then decompresses what is recorded
		},
		Transport: p.recorder,
		// Without an answer the client must see a lost one, as it would without the proxy.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	p.server = &http.Server{
		Handler: p.guarded(forward), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = p.server.Serve(listener) }() // ends when the server is closed
	return p, nil
}

// longestStart is how long the account has to answer a request that creates something.
const longestStart = 2 * time.Minute

// maxRequest is the most that the body of a request can have, in bytes.
const maxRequest = 4 << 20

// guarded answers with 403 what the guard refuses, and passes on all else.
func (p *proxy) guarded(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		sent, _ := decode(body) // what is no JSON has no fields
		call, found := matchCall(r.Method, r.URL.Path)
		if refusal := p.guard.admit(call, found, sent); refusal != "" {
			http.Error(w, "make live does not send this: "+refusal, http.StatusForbidden)
			return
		}
		if slices.Contains(creating, call) {
			// Only the answer says what was created: it is read also when the client does not wait for it any more.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longestStart)
			defer cancel()
			r = r.WithContext(ctx)
		}
		forward.ServeHTTP(w, r)
	})
}

// close ends the proxy and all requests under way.
func (p *proxy) close() error {
	if err := p.server.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// pause waits until less than half of the key's budget was used within the last window: others may need the rest.
func (p *proxy) pause(ctx context.Context) error {
	for {
		limit, window := p.limits()
		recent := 0
		for _, e := range p.recorded() {
			if time.Since(e.sent) < window {
				recent++
			}
		}
		if recent < max(1, limit/2) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// limits are those of the newest answer that has them, or the API's own (API: Rate limit).
func (p *proxy) limits() (limit int, window time.Duration) {
	limit, seconds := 100, 60
	for _, e := range p.recorded() {
		if n := number(e.header.Get("X-RateLimit-Limit")); n > 0 {
			limit = n
		}
		if n := number(e.header.Get("X-RateLimit-Window-Seconds")); n > 0 {
			seconds = n
		}
	}
	return limit, time.Duration(seconds) * time.Second
}

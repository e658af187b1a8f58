// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a [Cloud] on two ports of the loopback interface.
type Server struct {
	// URL of the API's host, and of the host that signed links point to; without a trailing slash.
	URL, DownloadURL string

	ca        []byte
	ctx       context.Context // ends when the server closes
	closed    context.CancelFunc
	listeners []net.Listener
	servers   []*http.Server
	done      sync.WaitGroup

	mu      sync.Mutex
	closing bool
}

// Serve listens for the API on an address such as "127.0.0.1:0", and for downloads on another port of the same
// host; with [Options.TLS] by HTTPS, which negotiates HTTP/2 or HTTP/1.1. An address that is not on the loopback
// interface is an error: the simulator's credentials protect nothing.
func Serve(c *Cloud, listen string) (*Server, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: the host must be a loopback address such as 127.0.0.1", listen)
	}
	s := newServer()
	var secure *tls.Config
	if c.options.TLS {
		if s.ca, secure, err = newCertificates(); err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
	}
	var config net.ListenConfig
	api, err := config.Listen(s.ctx, "tcp", listen)
	if err != nil {
		s.closed()
		return nil, fmt.Errorf("listen for the API: %w", err)
	}
	downloads, err := config.Listen(s.ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		s.closed()
		return nil, errors.Join(fmt.Errorf("listen for downloads: %w", err), api.Close())
	}
	s.URL = s.serveListener(serverListener{api, secure}, c.API())
	s.DownloadURL = s.serveListener(serverListener{downloads, secure}, c.Downloads())
	c.mu.Lock()
	c.downloadBase = s.DownloadURL
	c.mu.Unlock()
	return s, nil
}

func newServer() *Server {
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{ctx: context.WithValue(ctx, serverClosedKey{}, ctx.Done()), closed: cancel}
}

// CACertPEM returns the certificate that a client must trust, for SSL_CERT_FILE or a pool of root CAs; nil without TLS.
func (s *Server) CACertPEM() []byte { return s.ca }

// serveListener answers the requests that come to a listener, and returns its URL.
func (s *Server) serveListener(l serverListener, h http.Handler) string {
	// serverConn stands between net/http and TLS, so that net/http sees unencrypted HTTP/2.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Handler:           s.trackRequests(h),
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ConnContext:       withConnection,
		ReadHeaderTimeout: time.Minute,
		Protocols:         &protocols,
		HTTP2:             &http.HTTP2Config{MaxReadFrameSize: maxFrame},
	}
	s.listeners = append(s.listeners, l)
	s.servers = append(s.servers, server)
	s.done.Go(func() { _ = server.Serve(l) }) // ends when the server is closed
	return l.url()
}

// Refuse makes every new connection be refused from now on, as by a host that is down. Open connections stay.
func (s *Server) Refuse() {
	for _, l := range s.listeners {
		_ = l.Close() // it can be closed again
	}
}

// trackRequests lets Close wait for the requests that are being answered, and aborts those that come later.
func (s *Server) trackRequests(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.beginRequest() {
			panic(http.ErrAbortHandler)
		}
		defer s.done.Done()
		h.ServeHTTP(w, r)
	})
}

func (s *Server) beginRequest() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.done.Add(1)
	}
	return !s.closing
}

// Close cuts all connections, also of requests that hang, and returns when the server has ended.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.closed()
	var errs []error
	for _, server := range s.servers {
		if err := server.Close(); !errors.Is(err, net.ErrClosed) { // after Refuse
			errs = append(errs, err)
		}
	}
	s.done.Wait()
	return errors.Join(errs...)
}

type serverClosedKey struct{}

// serverClosed is closed when the [Server] that received the request closes; nil without one.
func serverClosed(ctx context.Context) <-chan struct{} {
	closed, _ := ctx.Value(serverClosedKey{}).(<-chan struct{})
	return closed
}

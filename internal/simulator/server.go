package simulator

import (
	"context"
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

	closed  context.CancelFunc
	servers []*http.Server
	done    sync.WaitGroup

	mu      sync.Mutex
	closing bool
}

// Serve listens for the API on an address such as "127.0.0.1:0", and for downloads on another port of the same
// host. An address that is not on the loopback interface is an error: the simulator's credentials protect nothing.
func Serve(c *Cloud, listen string) (*Server, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: the host must be a loopback address such as 127.0.0.1", listen)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ctx = context.WithValue(ctx, serverClosedKey{}, ctx.Done())
	var config net.ListenConfig
	api, err := config.Listen(ctx, "tcp", listen)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("listen for the API: %w", err)
	}
	downloads, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		cancel()
		return nil, errors.Join(fmt.Errorf("listen for downloads: %w", err), api.Close())
	}
	s := &Server{URL: "http://" + api.Addr().String(), DownloadURL: "http://" + downloads.Addr().String(), closed: cancel}
	c.mu.Lock()
	c.downloadBase = s.DownloadURL
	c.mu.Unlock()
	s.serve(ctx, api, c.API())
	s.serve(ctx, downloads, c.Downloads())
	return s, nil
}

func (s *Server) serve(ctx context.Context, l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler:           s.track(h),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute,
	}
	s.servers = append(s.servers, server)
	s.done.Go(func() { _ = server.Serve(l) }) // ends when the server is closed
}

// track lets Close wait for the requests that are under way, and turns those away that come later.
func (s *Server) track(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.done.Done()
		h.ServeHTTP(w, r)
	})
}

func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.done.Add(1)
	}
	return !s.closing
}

// Close cuts all connections, also of requests that hang, and returns when nothing of the server is left.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.closed()
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	s.done.Wait()
	return errors.Join(errs...)
}

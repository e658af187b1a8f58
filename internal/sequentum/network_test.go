// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// These tests use the transport and the server of net/http: how they report a lost connection decides whether a start may
// be repeated.

// serve runs a server on loopback, and returns a client of it and the number of its requests.
func serve(t *testing.T, handler http.HandlerFunc) (*Client, *atomic.Int32) {
	t.Helper()
	server, requests := newCountingServer(handler)
	server.Start()
	t.Cleanup(server.Close)
	c, _ := newTestClient(t, nil, func(c *Config) { c.BaseURL = server.URL })
	return c, requests
}

// servePipes does the same without a network, so that time passes only in the test's bubble.
func servePipes(t *testing.T, handler http.HandlerFunc) (*Client, *atomic.Int32) {
	t.Helper()
	server, requests := newCountingServer(handler)
	if err := server.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	pipes := newPipeListener()
	server.Listener = pipes
	server.Start()
	transport := &http.Transport{DialContext: pipes.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	c, _ := newTestClient(t, transport, func(c *Config) { c.BaseURL = server.URL })
	return c, requests
}

func newCountingServer(handler http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	var requests atomic.Int32
	return httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	})), &requests
}

// pipeListener connects a client and a server of the same process.
type pipeListener struct {
	conns chan net.Conn
	close func()
}

func newPipeListener() pipeListener {
	conns := make(chan net.Conn)
	return pipeListener{conns, sync.OnceFunc(func() { close(conns) })}
}

func (l pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	l.conns <- server
	return client, nil
}

func (l pipeListener) Accept() (net.Conn, error) {
	conn, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l pipeListener) Close() error {
	l.close()
	return nil
}

func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// neverAnswer keeps a request open until its client is gone.
func neverAnswer(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice
	<-r.Context().Done()
}

func resetConnection(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = conn.(*net.TCPConn).SetLinger(0)
	}
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		panic(err)
	}
}

func cutAnswer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	write(w, `{"id": 2, "status": 9}`)
}

func stopInTheAnswer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_ = http.NewResponseController(w).Flush()
	neverAnswer(w, r)
}

func checkLost(t *testing.T, c *Client, requests *atomic.Int32, want string) {
	t.Helper()
	_, err := c.StartRun(t.Context(), 1, StartRequest{})
	if !OutcomeUnknown(err) || requests.Load() != 1 {
		t.Fatalf("%v: the outcome is not unknown, after %d requests", err, requests.Load())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v passes as the end of what the caller waits for", err)
	}
	mustContain(t, err.Error(), "POST /api/v1/agent/1/start: ", want)
}

func TestOutcomeOfStartLostOnTheWireIsUnknown(t *testing.T) {
	t.Run("connection reset", func(t *testing.T) {
		c, requests := serve(t, resetConnection)
		checkLost(t, c, requests, connectionReset.Error())
	})
	t.Run("answer cut off", func(t *testing.T) {
		c, requests := serve(t, cutAnswer)
		checkLost(t, c, requests, "the answer was cut off: unexpected EOF")
	})
	for name, handler := range map[string]http.HandlerFunc{"hang": neverAnswer, "hang in the answer": stopInTheAnswer} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, requests := servePipes(t, handler)
				began := time.Now()
				checkLost(t, c, requests, "no answer within 30s")
				if took := time.Since(began); took != defaultRequestTimeout {
					t.Errorf("gave up after %v", took)
				}
			})
		})
	}
}

// A server holds the first requests above the limit back, and then answers others with a 429. A client that has spent
// little of the limit cannot have reached it by itself. No answer then means that others use the key, or a fault, and the
// client slows down.
func TestStartWaitsForServerThatHoldsItBack(t *testing.T) {
	for name, test := range map[string]struct {
		spent int
		lost  bool
	}{"with it a tenth of the limit is spent": {9, false}, "less is spent": {8, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := servePipes(t, func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost {
						select {
						case <-time.After(45 * time.Second):
						case <-r.Context().Done():
						}
					}
					write(w, `{"id": 2, "status": 9}`)
				})
				for range test.spent {
					if _, err := c.RunStatus(t.Context(), 1, 2); err != nil {
						t.Fatal(err)
					}
				}
				_, err := c.StartRun(t.Context(), 1, StartRequest{})
				if OutcomeUnknown(err) != test.lost || !test.lost && err != nil {
					t.Errorf("%v", err)
				}
				if throttled := c.Budget().rate.throttled; (throttled != 0) != test.lost {
					t.Errorf("%d requests are left to us", throttled)
				}
			})
		})
	}
}

func TestStatusLostOnTheWireIsRetried(t *testing.T) {
	check := func(t *testing.T, serve func(*testing.T, http.HandlerFunc) (*Client, *atomic.Int32), lose http.HandlerFunc) {
		var lost atomic.Int32
		c, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if lost.Add(1) <= 2 {
				lose(w, r)
				return
			}
			write(w, `{"id": 2, "status": 9}`)
		})
		run, err := c.RunStatus(t.Context(), 1, 2)
		if err != nil || run.Status != StatusCompleted || requests.Load() != 3 {
			t.Errorf("got %v, %v after %d requests", run, err, requests.Load())
		}
	}
	t.Run("connection reset", func(t *testing.T) { check(t, serve, resetConnection) })
	t.Run("answer cut off", func(t *testing.T) { check(t, serve, cutAnswer) })
	t.Run("no answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { check(t, servePipes, neverAnswer) })
	})
}

func TestTimeoutIsANetworkTimeout(t *testing.T) {
	var err error = &Error{Err: attemptTimeout(time.Second)}
	if timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); !ok || !timeout.Timeout() {
		t.Errorf("got %v", err)
	}
}

func TestStartThatNeverLeftIsNotSent(t *testing.T) {
	start := func(t *testing.T, c *Client) error {
		t.Helper()
		_, err := c.StartRun(t.Context(), 1, StartRequest{})
		if !NotSent(err) || !NotAccepted(err) {
			t.Errorf("%v: may have been sent", err)
		}
		return err
	}
	t.Run("refused", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		c, clock := newTestClient(t, nil, func(c *Config) { c.BaseURL = server.URL })
		mustContain(t, start(t, c).Error(), connectionRefused.Error())
		if len(clock.slept) != c.MaxRetries() {
			t.Errorf("slept %v", clock.slept)
		}
	})
	t.Run("unknown host", func(t *testing.T) {
		var dials atomic.Int32
		c, _ := newTestClient(t, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			return nil, &net.DNSError{Err: "no such host", Name: "api.example.test", IsNotFound: true}
		}})
		mustContain(t, start(t, c).Error(), "no such host")
		if int(dials.Load()) != 1+c.MaxRetries() {
			t.Errorf("%d dials", dials.Load())
		}
	})
	t.Run("no connection in time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newTestClient(t, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				time.Sleep(time.Minute) // net/http does not end a dial with its request
				return nil, errors.New("too late")
			}})
			mustContain(t, start(t, c).Error(), "no answer within 30s")
			time.Sleep(time.Minute) // until the last dial has ended
		})
	})
	t.Run("untrusted certificate", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		c, clock := newTestClient(t, nil, func(c *Config) { c.BaseURL = server.URL })
		mustContain(t, start(t, c).Error(), "certificate")
		if len(clock.slept) != 0 {
			t.Errorf("slept %v: it will not be trusted later either", clock.slept)
		}
	})
	t.Run("not TLS", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(server.Close)
		c, _ := newTestClient(t, nil, func(c *Config) { c.BaseURL = strings.Replace(server.URL, "http:", "https:", 1) })
		start(t, c)
	})
}

// An interrupt while the server works on a start does not lose the answer.
func TestStartThatWasSentOutlivesItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, _ := servePipes(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			time.Sleep(20 * time.Second)
			write(w, `{"id": 9, "status": 4}`)
		})
		run, err := c.StartRun(ctx, 1, StartRequest{})
		if err != nil || run.ID != 9 {
			t.Errorf("got %v, %v", run, err)
		}
	})
}

func TestRequestsOtherThanStartsEndWithTheirContext(t *testing.T) {
	interrupt := errors.New("interrupted")
	for path, call := range map[string]func(context.Context, *Client) error{
		"GET /api/v1/agent/1/run/2/status": func(ctx context.Context, c *Client) error { _, err := c.RunStatus(ctx, 1, 2); return err },
		"POST /api/v1/agent/1/run/2/stop":  func(ctx context.Context, c *Client) error { return c.StopRun(ctx, 1, 2) },
	} {
		t.Run(path, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			c, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
				cancel(interrupt)
				neverAnswer(w, r)
			})
			err := call(ctx, c)
			if err == nil || err.Error() != path+": interrupted while waiting for the answer, which has not come for 0s" {
				t.Errorf("got %v", err)
			}
			if !errors.Is(err, interrupt) || !OutcomeUnknown(err) || requests.Load() != 1 {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Content is read for as long as it takes: the request timeout does not apply to it.
func TestContentOutlivesTheRequestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := servePipes(t, func(w http.ResponseWriter, _ *http.Request) {
			write(w, "first,")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Hour)
			write(w, "second")
		})
		link, err := c.FileLink(t.Context(), 1, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(link.Body)
		if err != nil || string(data) != "first,second" || link.Size != -1 {
			t.Errorf("got %q, %v, size %d", data, err, link.Size)
		}
		if err := link.Body.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A redirect is not followed. No other host gets a request, with the key or without it.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, requests := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })
		if _, err := c.StartRun(t.Context(), 1, StartRequest{}); !OutcomeUnknown(err) || requests.Load() != 1 {
			t.Errorf("start: got %v", err)
		}
		if link, err := c.FileLink(t.Context(), 1, 2, 3); err != nil || link.URL != other.URL {
			t.Errorf("link: got %v, %v", link, err)
		}
	}
}

func TestCookiesAreNotKept(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			t.Error("a cookie came back")
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		write(w, `{"id": 2, "status": 9}`)
	})
	for range 2 {
		if _, err := c.RunStatus(t.Context(), 1, 2); err != nil {
			t.Fatal(err)
		}
	}
}

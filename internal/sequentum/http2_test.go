// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/go-cleanhttp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// The real service speaks HTTP/2 over TLS, where net/http sends a request again by itself after an error of its stream.
// These tests count the requests that reach a server which answers with single frames.

// streamFault is what the server does with each request of a connection after its headers.
type streamFault struct {
	// whole: the server has received the whole request, so it may have had its effect.
	whole bool
	// answer writes frames for a stream, and says whether the connection is to be closed.
	answer func(f *http2.Framer, stream uint32) (hangUp bool, err error)
}

func resetStream(code http2.ErrCode) func(*http2.Framer, uint32) (bool, error) {
	return func(f *http2.Framer, stream uint32) (bool, error) { return false, f.WriteRSTStream(stream, code) }
}

func goAway(f *http2.Framer, _ uint32) (bool, error) {
	return true, f.WriteGoAway(0, http2.ErrCodeNo, nil)
}

// halfAnAnswer begins a good answer, and then continues with end.
func halfAnAnswer(end func(*http2.Framer, uint32) (bool, error)) func(*http2.Framer, uint32) (bool, error) {
	return func(f *http2.Framer, stream uint32) (bool, error) {
		if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: headerBlock(":status", "200"), EndHeaders: true}); err != nil {
			return true, err
		}
		if err := f.WriteData(stream, false, []byte(`{"id": 2, "sta`)); err != nil {
			return true, err
		}
		return end(f, stream)
	}
}

func hangUp(*http2.Framer, uint32) (bool, error) { return true, nil }

var streamFaults = map[string]streamFault{
	"PROTOCOL_ERROR after the effect":   {true, resetStream(http2.ErrCodeProtocol)},
	"PROTOCOL_ERROR before the effect":  {false, resetStream(http2.ErrCodeProtocol)},
	"REFUSED_STREAM after the effect":   {true, resetStream(http2.ErrCodeRefusedStream)},
	"REFUSED_STREAM before the effect":  {false, resetStream(http2.ErrCodeRefusedStream)},
	"INTERNAL_ERROR after the effect":   {true, resetStream(http2.ErrCodeInternal)},
	"GOAWAY after the effect":           {true, goAway},
	"GOAWAY before the effect":          {false, goAway},
	"connection closed":                 {true, hangUp},
	"half an answer, PROTOCOL_ERROR":    {true, halfAnAnswer(resetStream(http2.ErrCodeProtocol))},
	"half an answer, REFUSED_STREAM":    {true, halfAnAnswer(resetStream(http2.ErrCodeRefusedStream))},
	"half an answer, GOAWAY":            {true, halfAnAnswer(goAway)},
	"half an answer, connection closed": {true, halfAnAnswer(hangUp)},
}

func TestNoPostIsSentTwiceOverHTTP2(t *testing.T) {
	posts := map[string]func(context.Context, *Client) error{
		"start": func(ctx context.Context, c *Client) error { _, err := c.StartRun(ctx, 1, StartRequest{}); return err },
		"stop":  func(ctx context.Context, c *Client) error { return c.StopRun(ctx, 1, 2) },
		"kill":  func(ctx context.Context, c *Client) error { return c.KillRun(ctx, 1, 2) },
	}
	for fault, f := range streamFaults {
		for down, closes := range map[string]bool{"": false, ", then the server is down": true} {
			for post, send := range posts {
				t.Run(post+", "+fault+down, func(t *testing.T) {
					c, requests := serveStreams(t, f, closes)
					err := send(t.Context(), c)
					if !OutcomeUnknown(err) || NotSent(err) {
						t.Errorf("%v: the outcome is not unknown", err)
					}
					if strings.Contains(err.Error(), "GetBody") {
						t.Errorf("%v: that is net/http's advice to programmers", err)
					}
					if got := requests.Load(); got != 1 {
						t.Errorf("%d requests came", got)
					}
				})
			}
		}
	}
}

// net/http may send a delete again. When the server is down then, the delete was sent nevertheless.
func TestWhatNetHTTPSendsAgainWasSent(t *testing.T) {
	c, requests := serveStreams(t, streamFaults["PROTOCOL_ERROR after the effect"], true)
	err := c.DeleteRun(t.Context(), 1, 2, "")
	if !OutcomeUnknown(err) || NotSent(err) || requests.Load() == 0 {
		t.Errorf("%v: not sent, after %d requests", err, requests.Load())
	}
}

// serveStreams runs an HTTP/2 server that fails every request in the same way, and returns a client of it and the number of its
// requests. down: it accepts no further connection after the first request.
func serveStreams(t *testing.T, fault streamFault, down bool) (*Client, *atomic.Int32) {
	t.Helper()
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	certified.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var requests atomic.Int32
	onRequest := func() {
		requests.Add(1)
		if down {
			_ = listener.Close()
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if err := fault.serve(conn, onRequest); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
					t.Log(err)
				}
			}()
		}
	}()
	transport := cleanhttp.DefaultPooledTransport() // as New makes it
	transport.TLSClientConfig = certified.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	t.Cleanup(transport.CloseIdleConnections)
	c, _ := newTestClient(t, transport, func(c *Config) { c.BaseURL = "https://" + listener.Addr().String() })
	return c, &requests
}

// serve speaks just enough HTTP/2 to receive requests and to fail them.
func (s streamFault) serve(conn net.Conn, onRequest func()) error {
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return err
	}
	f := http2.NewFramer(conn, conn)
	if err := f.WriteSettings(); err != nil {
		return err
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return err
		}
		hung, err := s.receive(f, frame, onRequest)
		if hung || err != nil {
			return err
		}
	}
}

func (s streamFault) receive(f *http2.Framer, frame http2.Frame, onRequest func()) (hungUp bool, err error) {
	var ended bool
	switch frame := frame.(type) {
	case *http2.SettingsFrame:
		if frame.IsAck() {
			return false, nil
		}
		return false, f.WriteSettingsAck()
	case *http2.HeadersFrame:
		onRequest()
		ended = frame.StreamEnded()
		if s.whole && !ended {
			return false, nil
		}
	case *http2.DataFrame:
		if ended = frame.StreamEnded(); !s.whole || !ended {
			return false, nil
		}
	default:
		return false, nil
	}
	return s.answer(f, frame.Header().StreamID)
}

func headerBlock(name, value string) []byte {
	var block writeBuffer
	if err := hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: name, Value: value}); err != nil {
		panic(err)
	}
	return block
}

type writeBuffer []byte

func (b *writeBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"sync"

	"golang.org/x/net/http2"
)

const (
	frameHeader = 9
	maxFrame    = 16 << 10 // every peer accepts frames of this size, and ours sends none that are larger
	// streamHeader tells a handler the stream of its request, which net/http does not tell.
	streamHeader = "simulator-stream"
)

// serverConn is the server's end of a connection. With HTTP/2 it reads and writes only whole frames, so that a fault can
// change a frame or insert one.
//
// net/http sees a connection without TLS: where there is TLS, Conn does it.
type serverConn struct {
	net.Conn
	in      *bufio.Reader
	started bool // the first bytes have been seen
	pending []byte
	newest  uint32 // stream of the client

	mu     sync.Mutex
	frames bool // the client speaks HTTP/2
	out    []byte
	aborts map[uint32]http2.ErrCode
}

func newServerConn(c net.Conn) *serverConn {
	return &serverConn{
		Conn: c, in: bufio.NewReaderSize(c, frameHeader+maxFrame), aborts: make(map[uint32]http2.ErrCode),
	}
}

// Read returns the bytes of HTTP/1.1 as they come, and those of HTTP/2 frame by frame.
func (c *serverConn) Read(p []byte) (int, error) {
	if !c.started {
		isHTTP2, err := c.peekPreface()
		if err != nil {
			return 0, err
		}
		c.started = true
		if isHTTP2 {
			c.mu.Lock()
			c.frames = true
			c.mu.Unlock()
			c.pending = []byte(http2.ClientPreface)
			_, _ = c.in.Discard(len(c.pending)) // it is there
		}
	}
	if !c.frames { // only Read itself sets it
		return c.in.Read(p)
	}
	if len(c.pending) == 0 {
		if err := c.readFrame(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.pending)
	c.pending = c.pending[n:]
	return n, nil
}

func (c *serverConn) peekPreface() (bool, error) {
	for n := 1; n <= len(http2.ClientPreface); n++ {
		begin, err := c.in.Peek(n)
		if err != nil {
			return false, err
		}
		if string(begin) != http2.ClientPreface[:n] {
			return false, nil
		}
	}
	return true, nil
}

// readFrame reads the next frame of the client. Nothing is lost where a deadline interrupts it.
func (c *serverConn) readFrame() error {
	head, err := c.in.Peek(frameHeader)
	if err != nil {
		return err
	}
	h, err := http2.ReadFrameHeader(bytes.NewReader(head))
	if err != nil {
		return err
	}
	frame, err := c.in.Peek(frameHeader + int(h.Length))
	if err != nil {
		return err
	}
	c.pending = bytes.Clone(frame)
	_, _ = c.in.Discard(len(frame)) // it is there
	if h.Type == http2.FrameHeaders && h.StreamID > c.newest {
		c.newest = h.StreamID
		c.pending = addStreamHeader(h, c.pending)
	}
	return nil
}

// addStreamHeader adds the header that names the stream to a frame of headers. It is a literal that is not indexed,
// because that does not change the state of the header compression. A frame without room for it stays unchanged.
func addStreamHeader(h http2.FrameHeader, frame []byte) []byte {
	if !h.Flags.Has(http2.FlagHeadersEndHeaders) || h.Flags.Has(http2.FlagHeadersPadded) {
		return frame
	}
	const literalNeverIndexed = 0x10
	id := strconv.FormatUint(uint64(h.StreamID), 10)
	field := append([]byte{literalNeverIndexed, byte(len(streamHeader))}, streamHeader...)
	field = append(append(field, byte(len(id))), id...)
	length := int(h.Length) + len(field)
	if length > maxFrame {
		return frame
	}
	frame[0], frame[1], frame[2] = byte(length>>16), byte(length>>8), byte(length)
	return append(frame, field...)
}

// Write sends the bytes of HTTP/1.1 as they come, and those of HTTP/2 frame by frame.
func (c *serverConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frames {
		return c.Conn.Write(p)
	}
	c.out = append(c.out, p...)
	whole := c.wholeFrames()
	if whole == 0 {
		return len(p), nil
	}
	_, err := c.Conn.Write(c.out[:whole])
	c.out = append(c.out[:0], c.out[whole:]...)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// wholeFrames is the length of the frames that can be sent. It puts the error codes of faults into them.
func (c *serverConn) wholeFrames() int {
	whole := 0
	for {
		h, err := http2.ReadFrameHeader(bytes.NewReader(c.out[whole:]))
		end := whole + frameHeader + int(h.Length)
		if err != nil || end > len(c.out) {
			return whole
		}
		if code, changed := c.aborts[h.StreamID]; changed && h.Type == http2.FrameRSTStream {
			delete(c.aborts, h.StreamID)
			copy(c.out[whole:end], encodeFrame(func(f *http2.Framer) error { return f.WriteRSTStream(h.StreamID, code) }))
		}
		whole = end
	}
}

// encodeFrame returns the bytes of the frame that write writes, which must be valid.
func encodeFrame(write func(*http2.Framer) error) []byte {
	var b bytes.Buffer
	if err := write(http2.NewFramer(&b, nil)); err != nil {
		panic("simulator: no frame: " + err.Error())
	}
	return b.Bytes()
}

// abortWith sets the code with which a stream ends when its handler aborts, instead of INTERNAL_ERROR.
func (c *serverConn) abortWith(stream uint32, code http2.ErrCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.aborts[stream] = code
}

// sendGoAway tells the client that streams above the last one were not processed, and that it must open no more.
func (c *serverConn) sendGoAway(last uint32, code http2.ErrCode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.Conn.Write(encodeFrame(func(f *http2.Framer) error { return f.WriteGoAway(last, code, nil) })) // the client may have gone
}

// reset ends the connection as a crashed host does.
func (c *serverConn) reset() {
	raw := c.Conn
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn()
	}
	switch raw := raw.(type) {
	case *net.TCPConn:
		_ = raw.SetLinger(0) // a reset instead of an orderly end
	case *memoryConn:
		raw.lost.Store(true)
	}
	_ = raw.Close() // the connection is lost either way
}

type connectionKey struct{}

// withConnection lets a handler find its connection.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// connectionOf is the connection of a request and, with HTTP/2, its stream. It is nil for [Cloud.Transport].
func connectionOf(r *http.Request) (c *serverConn, stream uint32) {
	c, _ = r.Context().Value(connectionKey{}).(*serverConn)
	id, _ := strconv.ParseUint(r.Header.Get(streamHeader), 10, 32)
	if r.ProtoMajor < 2 {
		id = 0
	}
	return c, uint32(id)
}

// serverListener wraps the connections of a listener, with TLS where it is configured.
type serverListener struct {
	net.Listener
	tls *tls.Config
}

func (l serverListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if l.tls != nil {
		c = tls.Server(c, l.tls) // shakes hands at the first read
	}
	return newServerConn(c), nil
}

// url is the URL of the listener.
func (l serverListener) url() string {
	if l.tls != nil {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

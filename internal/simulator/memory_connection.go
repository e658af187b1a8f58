// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"google.golang.org/grpc/test/bufconn"
)

// memoryBuffer is how much a connection in memory holds in each direction.
const memoryBuffer = 64 << 10

// memoryListener accepts connections in memory. A goroutine that waits for a connection, or for data on one, is durably
// blocked in the sense of testing/synctest.
type memoryListener struct {
	conns   chan net.Conn
	closed  chan struct{}
	closing sync.Once
	refused atomic.Bool
}

func newMemoryListener() *memoryListener {
	return &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

func (l *memoryListener) Addr() net.Addr { return &net.UnixAddr{Name: "simulator", Net: "memory"} }

// dial connects, or fails like a dial to a port where nobody listens.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	refusal := &net.OpError{Op: "dial", Net: "memory", Addr: l.Addr(), Err: syscall.ECONNREFUSED}
	if l.refused.Load() {
		return nil, refusal
	}
	client, server := memoryPipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, refusal
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// memoryConn is an end of a connection in memory that can be reset.
type memoryConn struct {
	net.Conn
	lost *atomic.Bool // of both ends
}

// memoryPipe are the two ends of a connection.
func memoryPipe() (client, server net.Conn) {
	l := bufconn.Listen(memoryBuffer)
	accepted := make(chan net.Conn, 1)
	go func() {
		c, _ := l.Accept() // neither this nor the dial fails: nobody closes the listener
		accepted <- c
	}()
	dialed, _ := l.Dial()
	lost := new(atomic.Bool)
	return &memoryConn{dialed, lost}, &memoryConn{<-accepted, lost}
}

func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.lost.Load() {
		err = &net.OpError{Op: "read", Net: "memory", Err: syscall.ECONNRESET}
	}
	return n, err
}

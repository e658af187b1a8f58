// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"

	"golang.org/x/net/http2"
)

// StreamError is an error code of HTTP/2 by its name in RFC 9113, such as "CANCEL".
type StreamError string

// Some of the codes; all 14 can be used.
const (
	NoError       StreamError = "NO_ERROR"
	ProtocolError StreamError = "PROTOCOL_ERROR"
	InternalError StreamError = "INTERNAL_ERROR"
	RefusedStream StreamError = "REFUSED_STREAM"
	StreamCancel  StreamError = "CANCEL"
	EnhanceCalm   StreamError = "ENHANCE_YOUR_CALM"
)

// UnmarshalText reads a code from an agents file.
func (e *StreamError) UnmarshalText(text []byte) error {
	*e = StreamError(text)
	if _, err := e.code(0); err != nil {
		return badValue("%s", err)
	}
	return nil
}

// code is the number of the code. The empty name stands for the default.
func (e StreamError) code(byDefault http2.ErrCode) (http2.ErrCode, error) {
	if e == "" {
		return byDefault, nil
	}
	for code := http2.ErrCodeNo; code <= http2.ErrCodeHTTP11Required; code++ {
		if code.String() == string(e) {
			return code, nil
		}
	}
	return 0, fmt.Errorf("%q: it is an error code of HTTP/2, such as %q", string(e), ProtocolError)
}

// streamError is the fault's error code; Inject has checked it.
func (f *Fault) streamError(byDefault http2.ErrCode) http2.ErrCode {
	code, _ := f.StreamError.code(byDefault)
	return code
}

// resetConnection ends the connection and every request on it, as a crashed host does. It does not return. Where there
// is no connection ([Cloud.Transport]), aborting the handler has the same effect.
func resetConnection(r *http.Request) {
	if conn, _ := connectionOf(r); conn != nil {
		conn.reset()
	}
	panic(http.ErrAbortHandler)
}

// endStream makes an action that ends a stream of HTTP/2 without an answer. Without HTTP/2 it resets the connection.
func endStream(end func(*serverConn, uint32, *Fault)) func(*faultWriter, *call, *Fault, answer) {
	return func(_ *faultWriter, q *call, f *Fault, _ answer) {
		conn, stream := connectionOf(q.Request)
		if stream == 0 {
			resetConnection(q.Request)
		}
		end(conn, stream, f)
		panic(http.ErrAbortHandler)
	}
}

func resetStream(conn *serverConn, stream uint32, f *Fault) {
	conn.abortWith(stream, f.streamError(http2.ErrCodeProtocol))
}

func goAwayUnprocessed(conn *serverConn, stream uint32, f *Fault) {
	conn.sendGoAway(max(stream, 2)-2, f.streamError(http2.ErrCodeNo))
}

func goAwayAndClose(conn *serverConn, stream uint32, f *Fault) {
	conn.sendGoAway(stream, f.streamError(http2.ErrCodeNo))
	_ = conn.Close() // the connection is lost either way
}

// sendAfterGoAway answers as a host that is taken out of service: it accepts no further request.
func sendAfterGoAway(w *faultWriter, q *call, f *Fault, a answer) {
	if conn, stream := connectionOf(q.Request); stream > 0 {
		conn.sendGoAway(stream, f.streamError(http2.ErrCodeNo))
	} else {
		w.Header().Set("Connection", "close")
	}
	a(w)
}

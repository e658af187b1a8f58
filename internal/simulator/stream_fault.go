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
		return badValue("%q: it is an error code of HTTP/2, such as %q", text, ProtocolError)
	}
	return nil
}

// code is the number; that of the empty name is otherwise.
func (e StreamError) code(otherwise http2.ErrCode) (http2.ErrCode, error) {
	if e == "" {
		return otherwise, nil
	}
	for code := http2.ErrCodeNo; code <= http2.ErrCodeHTTP11Required; code++ {
		if code.String() == string(e) {
			return code, nil
		}
	}
	return 0, fmt.Errorf("%q is no error code of HTTP/2, such as %q", string(e), ProtocolError)
}

// resetConnection ends the connection as a crashed host would, with all that is under way on it. In memory without a
// connection the abort says it.
func resetConnection(r *http.Request) {
	if conn, _ := wire(r); conn != nil {
		conn.reset()
	}
	panic(http.ErrAbortHandler)
}

// breakStream does what a fault does to a stream of HTTP/2. Another connection ends as it would in a like case.
func breakStream(w http.ResponseWriter, q *call, f *Fault, a answer) {
	conn, stream := wire(q.Request)
	if stream == 0 {
		if f.Action != GoAwayAnswer {
			resetConnection(q.Request)
		}
		w.Header().Set("Connection", "close")
		a(w)
		return
	}
	switch f.Action {
	case ResetStream:
		conn.abortWith(stream, f.code(http2.ErrCodeProtocol))
	case GoAwayUnprocessed:
		conn.goAway(max(stream, 2)-2, f.code(http2.ErrCodeNo))
	case GoAwayCut:
		conn.goAway(stream, f.code(http2.ErrCodeNo))
		_ = conn.Close() // nobody is left to tell
	case GoAwayAnswer:
		conn.goAway(stream, f.code(http2.ErrCodeNo))
		a(w)
		return
	}
	panic(http.ErrAbortHandler)
}

// code is the fault's error code; Inject has made sure that it is one.
func (f *Fault) code(otherwise http2.ErrCode) http2.ErrCode {
	code, _ := f.StreamError.code(otherwise)
	return code
}

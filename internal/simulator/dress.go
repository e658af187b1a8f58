package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// dressedWriter gives an answer the headers that a fault wants, whatever the answer itself has set, and another code.
type dressedWriter struct {
	http.ResponseWriter
	header map[string]string
	code   int // 0: the answer's own
	begun  bool
}

func (w *dressedWriter) WriteHeader(code int) {
	w.begun = true
	if w.code == http.StatusNoContent {
		w.Header().Del("Content-Length") // of the body that it cannot have
	}
	w.dress()
	w.ResponseWriter.WriteHeader(orDefault(w.code, code))
}

func (w *dressedWriter) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find the connection.
func (w *dressedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *dressedWriter) dress() {
	for name, value := range w.header {
		w.Header().Del(name)
		if value != "" {
			w.Header().Set(name, value)
		}
	}
}

// reasoner is a writer that can be given a reason phrase.
type reasoner interface{ setReason(string) }

// writeWithReason gives an answer of HTTP/1.1 a reason phrase of its own. HTTP/2 has none.
func (w *dressedWriter) writeWithReason(reason string, a answer) {
	for inner := http.ResponseWriter(w); inner != nil; {
		if r, ok := inner.(reasoner); ok {
			r.setReason(reason)
			break
		}
		outer, ok := inner.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		inner = outer.Unwrap()
	}
	held := &heldWriter{ResponseWriter: w}
	a(held)
	code := orDefault(held.code, http.StatusOK)
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.WriteHeader(code)
		_, _ = w.Write(held.body.Bytes()) // the client may have gone
		return
	}
	defer func() { _ = conn.Close() }()
	w.dress()
	answer := http.Response{
		StatusCode: code, Status: strconv.Itoa(code) + " " + reason, ProtoMajor: 1, ProtoMinor: 1,
		Header: w.Header(), Body: io.NopCloser(&held.body), ContentLength: int64(held.body.Len()), Close: true,
	}
	_ = answer.Write(conn) // the client may have gone
}

// reason is the reason phrase of a fault, with the request's URL where it echoes that.
func (c *Cloud) reason(q *call, phrase string) string {
	base := "http://" + q.Host
	if q.kind == KindSignedDownload {
		c.mu.Lock()
		base = c.downloadBase
		c.mu.Unlock()
	}
	return strings.ReplaceAll(phrase, "{url}", base+q.URL.RequestURI())
}

// heldWriter holds an answer back.
type heldWriter struct {
	http.ResponseWriter
	code int
	body bytes.Buffer
}

func (w *heldWriter) WriteHeader(code int) { w.code = code }

func (w *heldWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

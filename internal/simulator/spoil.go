package simulator

import (
	"net/http"

	"golang.org/x/net/http2"
)

// spoil gives the answer that the fault makes of a; a is nil where the request took no effect.
func (c *Cloud) spoil(rw http.ResponseWriter, q *call, f *Fault, a answer) {
	w := &dressedWriter{ResponseWriter: rw, header: f.Header}
	if f.Action == Pass {
		w.code = f.Code
	}
	if f.NoHeaders {
		dropLimitHeaders(w)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	a = f.remade(q, c.spoiled(q, f, a))
	switch f.Action {
	case Reset:
		resetConnection(q.Request)
	case ResetStream, GoAwayUnprocessed, GoAwayCut, GoAwayAnswer:
		breakStream(w, q, f, a)
	case TruncateJSON:
		half := &heldWriter{ResponseWriter: w}
		a(half)
		w.Header().Del("Content-Length")
		w.WriteHeader(orDefault(half.code, http.StatusOK))
		_, _ = w.Write(half.body.Bytes()[:half.body.Len()/2]) // the client may have gone
	case TruncateBody:
		if conn, stream := wire(q.Request); stream > 0 {
			conn.abortWith(stream, f.code(http2.ErrCodeInternal))
		}
		a(&cutWriter{ResponseWriter: w, left: f.Bytes})
	default:
		if f.Reason != "" {
			w.writeWithReason(c.reason(q, f.Reason), a)
			return
		}
		a(w)
	}
}

// spoiled is what the fault says instead of the answer a, or a.
func (c *Cloud) spoiled(q *call, f *Fault, a answer) answer {
	switch f.Action {
	case StatusCode:
		return c.statusAnswer(q, f)
	case HTML:
		return c.htmlAnswer(q, f)
	case Garbage:
		body := f.Body
		if body == "" {
			body = "\x1f\x8b<<< not JSON"
		}
		return textAnswer(orDefault(f.Code, http.StatusOK), "application/json; charset=utf-8", c.echo(q, body))
	case Bare:
		return bareAnswer(orDefault(f.Code, http.StatusNoContent), f.Body)
	case Redirect:
		return redirectAnswer(orDefault(f.Code, http.StatusFound), f.Location)
	}
	if a == nil {
		return textAnswer(http.StatusOK, "application/json; charset=utf-8", `{"id":100001,"configId":4711,"status":4}`)
	}
	return a
}

// statusAnswer is the error of a StatusCode fault, as the host that was asked would give it.
func (c *Cloud) statusAnswer(q *call, f *Fault) answer {
	code := orDefault(f.Code, http.StatusInternalServerError)
	switch {
	case f.Body != "":
		return textAnswer(code, "application/json; charset=utf-8", c.echo(q, f.Body))
	case q.kind == KindSignedDownload:
		return c.storeRefusal(q, code, "SimulatedFault", http.StatusText(code))
	}
	shape := f.Shape
	if shape == "" {
		shape = c.nextShape()
	}
	return c.refuseAs(shape, q, code, "Simulated fault: %s.", http.StatusText(code))
}

// htmlAnswer is the page of an HTML fault.
func (c *Cloud) htmlAnswer(q *call, f *Fault) answer {
	code := orDefault(f.Code, http.StatusBadGateway)
	if f.Body == "" {
		return c.proxyPage(q, code)
	}
	return func(w http.ResponseWriter) {
		dropLimitHeaders(w)
		textAnswer(code, "text/html", c.echo(q, f.Body))(w)
	}
}

func bareAnswer(code int, body string) answer {
	if body != "" {
		return textAnswer(code, "application/octet-stream", body)
	}
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

func orDefault(code, otherwise int) int {
	if code == 0 {
		return otherwise
	}
	return code
}

func dropLimitHeaders(w http.ResponseWriter) {
	w.Header().Del(limitHeader)
	w.Header().Del(windowHeader)
}

package sequentum

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// problem is the body of an error in either of the API's two shapes (API: Errors).
type problem struct {
	// RFC 7807
	Type     text
	Title    text
	Status   number
	Detail   text
	Instance text
	// The other shape.
	StatusCode        number
	StatusDescription text
	Message           text
	ErrorCode         text
	Severity          text
}

const (
	maxMessage   = 2000 // characters of the API's own words
	maxFirstLine = 200  // characters of an answer in no known shape
)

// errorOf makes an error of an answer that is not a 2xx.
func (c *Client) errorOf(resp *http.Response, data []byte) *Error {
	e := &Error{Method: resp.Request.Method, Path: resp.Request.URL.Path, StatusCode: resp.StatusCode}
	e.RetryAfter, _ = retryAfter(resp.Header, c.clock.Now())
	if isRedirect(resp) {
		e.Message = c.redact.Replace(redirectMessage(resp))
		return e
	}
	e.Message, e.Code, e.shaped = decodeProblem(data, resp.StatusCode)
	if e.Code == "" && strings.Contains(resp.Header.Get("WWW-Authenticate"), "insufficient_scope") {
		e.Code = "insufficient_scope"
	}
	return e
}

func redirectMessage(resp *http.Response) string {
	const advice = "an API does not redirect: is api_url right?"
	to, err := resp.Location()
	if err != nil {
		return advice
	}
	return "redirected to " + (&url.URL{Scheme: to.Scheme, Host: to.Host}).String() + ", " + advice
}

// decodeProblem reads the body of an error. shaped is true when it is in one of
// the API's own shapes and agrees with the status code of the answer: two members
// of a shape at least, for a proxy's errors often share one.
func decodeProblem(data []byte, statusCode int) (message, code string, shaped bool) {
	var p problem
	if err := decodeObject(data, &p); err != nil {
		return firstLine(data), "", false
	}
	agrees := func(n number) bool { return n.value == nil || *n.value == int64(statusCode) }
	count := func(given ...bool) (n int) {
		for _, g := range given {
			if g {
				n++
			}
		}
		return n
	}
	rfc7807 := (p.Title != "" || p.Detail != "") && agrees(p.Status) &&
		count(p.Type != "", p.Title != "", p.Status.value != nil, p.Detail != "", p.Instance != "") >= 2
	other := agrees(p.StatusCode) &&
		count(p.StatusCode.value != nil, p.StatusDescription != "", p.Message != "", p.ErrorCode != "", p.Severity != "") >= 2
	for _, t := range []text{p.Detail, p.Message, p.Title, p.StatusDescription} {
		if t != "" {
			return cut(string(t), maxMessage), string(p.ErrorCode), rfc7807 || other
		}
	}
	return firstLine(data), string(p.ErrorCode), rfc7807 || other
}

// firstLine is what can be shown of a body in no known shape, such as a proxy's HTML.
func firstLine(data []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(data), []byte("\n"))
	return cut(strings.TrimSpace(string(line)), maxFirstLine)
}

// cut makes a text of unknown origin fit to be shown: at most limit characters,
// and none that would move a terminal's cursor.
func cut(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}

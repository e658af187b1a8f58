package sequentum

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
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

// maxFirstLine is how many characters are shown of an answer in no known shape.
const maxFirstLine = 200

const insufficientScope = "insufficient_scope"

// newAnswerError makes an error of an answer that is not a good one.
func (c *Client) newAnswerError(k *call, resp *http.Response, body []byte) *Error {
	e := &Error{Method: resp.Request.Method, Path: resp.Request.URL.Path, StatusCode: resp.StatusCode}
	e.RetryAfter, _ = retryAfter(resp.Header, c.clock.Now())
	e.fromAPI = hasLimitHeaders(resp.Header)
	if isRedirect(resp.StatusCode) {
		e.Message = c.redact.printable(redirectMessage(resp))
		return e
	}
	message, code, shaped := decodeProblem(body, resp.StatusCode, c.redact)
	e.Message, e.Code, e.fromAPI = message, code, e.fromAPI || shaped
	if resp.StatusCode == http.StatusForbidden {
		c.setMissingScope(k, resp.Header, e)
	}
	return e
}

// hasLimitHeaders reports what every answer of the API has, and no proxy's (API: Conventions, Rate limit).
func hasLimitHeaders(h http.Header) bool {
	return h.Get("X-RateLimit-Limit") != "" && h.Get("X-RateLimit-Window-Seconds") != ""
}

var challengeScope = regexp.MustCompile(`(?i)[ ,]scope="([^"]*)"`)

// setMissingScope reads which scope a call lacks, from the header or the body (API: Conventions, Scopes). The body does
// not name it: it is that of the call then.
func (c *Client) setMissingScope(k *call, h http.Header, e *Error) {
	challenge := strings.Join(h.Values("WWW-Authenticate"), ", ")
	if strings.Contains(challenge, insufficientScope) {
		e.fromAPI = true
		if e.Code == "" {
			e.Code = insufficientScope
		}
	}
	if e.Code != insufficientScope {
		return
	}
	e.Scope = k.scope
	if named := challengeScope.FindStringSubmatch(challenge); named != nil {
		e.Scope = c.redact.printable(named[1])
	}
}

func redirectMessage(resp *http.Response) string {
	const advice = "the API does not redirect: check api_url"
	to, err := resp.Location()
	if err != nil {
		return advice
	}
	return "redirected to " + (&url.URL{Scheme: to.Scheme, Host: to.Host}).String() + ", " + advice
}

// decodeProblem reads the body of an error. shaped is true when it is in one of
// the API's own shapes and agrees with the status code of the answer: two members
// of a shape at least, for a proxy's errors often share one.
func decodeProblem(body []byte, statusCode int, r *redactor) (message, code string, shaped bool) {
	var p problem
	if err := unmarshalObject(bytes.NewReader(body), r, &p); err != nil {
		return bareMessage(body, r), "", false
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
	code = r.printable(string(p.ErrorCode))
	for _, t := range []text{p.Detail, p.Message, p.Title, p.StatusDescription} {
		if t != "" {
			return r.printable(string(t)), code, rfc7807 || other
		}
	}
	return firstLine(body, r), code, rfc7807 || other
}

// bareMessage is the text of a body that is no object: a JSON string, plain text or a proxy's HTML.
func bareMessage(body []byte, r *redactor) string {
	var s string
	if json.Unmarshal(body, &s) == nil && s != "" {
		return r.printable(s)
	}
	return firstLine(body, r)
}

// firstLine is what can be shown of a body in no known shape, such as a proxy's HTML.
func firstLine(body []byte, r *redactor) string {
	whole := strings.TrimSpace(r.replaceSecrets(decodeText(body), maxKept))
	line, _, _ := strings.Cut(whole, "\n")
	return cut(harmless(strings.TrimSpace(line)), maxFirstLine)
}

// decodeText reads text that is in UTF-16, as a mark at its beginning or every second of its first bytes tells.
func decodeText(body []byte) string {
	var utf16 encoding.Encoding
	switch {
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}) || len(body) > 3 && body[1] == 0 && body[3] == 0:
		utf16 = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}) || len(body) > 3 && body[0] == 0 && body[2] == 0:
		utf16 = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	default:
		return string(body)
	}
	decoded, _ := utf16.NewDecoder().Bytes(body) // what is no text is replaced
	return string(decoded)
}

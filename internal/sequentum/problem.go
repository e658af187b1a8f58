// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// maxFirstLine is how many characters are shown of an answer that has neither of the two shapes.
const maxFirstLine = 200

// minShapeMembers is how many members of one of the two shapes an error of the API has at least. The errors of proxies
// often share one.
const minShapeMembers = 2

const insufficientScope = "insufficient_scope"

// newAnswerError turns an answer that is an error into an *Error.
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
	if resp.StatusCode == http.StatusUnauthorized && e.fromAPI {
		e.CredentialFrom = c.credentialFrom
	}
	if resp.StatusCode == http.StatusForbidden {
		c.setMissingScope(k, resp.Header, e)
	}
	return e
}

// hasLimitHeaders reports the headers that every answer of the API has, and no answer of a proxy (API: Conventions, Rate
// limit).
func hasLimitHeaders(h http.Header) bool {
	return h.Get("X-RateLimit-Limit") != "" && h.Get("X-RateLimit-Window-Seconds") != ""
}

var challengeScope = regexp.MustCompile(`(?i)[ ,]scope="([^"]*)"`)

// setMissingScope sets e.Scope when a scope is missing, from the header or the body (API: Conventions, Scopes). The body
// does not name the scope: then it is the one that the call needs.
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

// decodeProblem reads the body of an error. shaped is true when the body has one of the API's two shapes, with at least
// minShapeMembers members, and does not contradict the status code of the answer.
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
		count(p.Type != "", p.Title != "", p.Status.value != nil, p.Detail != "", p.Instance != "") >= minShapeMembers
	other := agrees(p.StatusCode) &&
		count(p.StatusCode.value != nil, p.StatusDescription != "", p.Message != "", p.ErrorCode != "", p.Severity != "") >= minShapeMembers
	code = r.printable(string(p.ErrorCode))
	for _, t := range []text{p.Detail, p.Message, p.Title, p.StatusDescription} {
		if t != "" {
			return r.printable(string(t)), code, rfc7807 || other
		}
	}
	return firstLine(body, r), code, rfc7807 || other
}

// bareMessage is the text of a body that is not an object: a JSON string, plain text or a proxy's HTML.
func bareMessage(body []byte, r *redactor) string {
	var s string
	if json.Unmarshal(body, &s) == nil && s != "" {
		return r.printable(s)
	}
	return firstLine(body, r)
}

// firstLine is the part of a body in no known shape that can be shown.
func firstLine(body []byte, r *redactor) string {
	whole := strings.TrimSpace(r.replaceSecrets(decodeText(body), maxKept))
	line, _, _ := strings.Cut(whole, "\n")
	return cut(harmless(strings.TrimSpace(line)), maxFirstLine)
}

// decodeText reads text, also in UTF-16, which it recognizes by a byte order mark or by zeros among the first bytes.
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
	decoded, _ := utf16.NewDecoder().Bytes(body) // invalid parts are replaced
	return string(decoded)
}

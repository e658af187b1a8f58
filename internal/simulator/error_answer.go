// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// ErrorShape is the form of an error's body (API: Errors).
type ErrorShape string

// The shapes. In every shape, an error of the API has the headers of the rate limit.
const (
	ShapeProblem ErrorShape = "problem" // RFC 7807
	ShapeStatus  ErrorShape = "status"  // statusCode, statusDescription, message
	ShapeMessage ErrorShape = "message" // an object with nothing but a message
	ShapeString  ErrorShape = "string"  // a JSON string
	ShapeText    ErrorShape = "text"    // plain text
	ShapeEmpty   ErrorShape = "empty"   // no body
)

// AllErrorShapes returns the two that are documented, and the others that occur.
func AllErrorShapes() []ErrorShape {
	return []ErrorShape{ShapeProblem, ShapeStatus, ShapeMessage, ShapeString, ShapeText, ShapeEmpty}
}

// UnmarshalText reads a shape from an agents file.
func (s *ErrorShape) UnmarshalText(text []byte) error {
	return decodeName(s, text, AllErrorShapes())
}

// problem is an error by RFC 7807, the first of the API's two shapes.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
}

// statusError is the second shape of the API's errors.
type statusError struct {
	StatusCode        int    `json:"statusCode"`
	StatusDescription string `json:"statusDescription"`
	Message           string `json:"message"`
	ErrorCode         string `json:"errorCode,omitempty"`
	Severity          string `json:"severity,omitempty"`
}

// refuse answers with an error, in the shape whose turn it is.
func (c *Cloud) refuse(q *call, code int, format string, a ...any) answer {
	return c.refuseInShape(c.nextErrorShape(), q, code, format, a...)
}

func (c *Cloud) nextErrorShape() ErrorShape {
	shapes := c.options.ErrorShapes
	if len(shapes) == 0 {
		shapes = []ErrorShape{ShapeProblem, ShapeStatus}
	}
	return shapes[int(c.refusals.Add(1)-1)%len(shapes)]
}

func (c *Cloud) refuseInShape(shape ErrorShape, q *call, code int, format string, a ...any) answer {
	message := c.withEchoedKey(q, fmt.Sprintf(format, a...))
	switch shape {
	case ShapeStatus:
		return jsonAnswer(code, statusError{
			StatusCode: code, StatusDescription: http.StatusText(code), Message: message, Severity: "Error",
		})
	case ShapeMessage:
		return jsonAnswer(code, map[string]string{"message": message})
	case ShapeString:
		return jsonAnswer(code, message)
	case ShapeText:
		return textAnswer(code, "text/plain; charset=utf-8", message)
	case ShapeEmpty:
		return emptyAnswer(code)
	}
	return problemAnswer(q, code, message)
}

// refuseConflict answers with a 409. It is RFC 7807, unless [Options.ErrorShapes] are set.
func (c *Cloud) refuseConflict(q *call, format string, a ...any) answer {
	if len(c.options.ErrorShapes) == 0 {
		return c.refuseInShape(ShapeProblem, q, http.StatusConflict, format, a...)
	}
	return c.refuse(q, http.StatusConflict, format, a...)
}

func problemAnswer(q *call, code int, message string) answer {
	body := problem{
		Type: "https://httpstatuses.io/" + strconv.Itoa(code), Title: http.StatusText(code),
		Status: code, Detail: message, Instance: q.URL.Path,
	}
	return func(w http.ResponseWriter) { writeJSON(w, "application/problem+json", code, body) }
}

// refuseScope is the 403 of a credential that lacks a scope. A header says so. In the shape that has a field for
// it, the field says so, and for an API key the header is missing.
func (c *Cloud) refuseScope(q *call) answer {
	const code, message = http.StatusForbidden, "The credential lacks a scope that this call needs."
	challenge := `Bearer error="insufficient_scope"`
	if q.scope != "" {
		challenge += fmt.Sprintf(`, scope="%s"`, q.scope)
	}
	shape := c.nextErrorShape()
	body := c.refuseInShape(shape, q, code, message)
	if shape == ShapeStatus {
		body = jsonAnswer(code, statusError{
			StatusCode: code, StatusDescription: http.StatusText(code), Message: c.withEchoedKey(q, message), ErrorCode: "insufficient_scope",
		})
		if !q.bearer {
			return body
		}
	}
	return func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", challenge)
		body(w)
	}
}

// refuseDownload answers with an error of the host that signed links point to.
func (c *Cloud) refuseDownload(q *call, code int, name, message string) answer {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(c.withEchoedKey(q, message))) // a strings.Builder never fails
	body := fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>\n",
		name, &text)
	return textAnswer(code, "application/xml", body)
}

// proxyPage is the HTML of a proxy in front of the API.
func (c *Cloud) proxyPage(q *call, code int) answer {
	title := fmt.Sprintf("%d %s", code, http.StatusText(code))
	body := c.withEchoedKey(q, fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n"+
		"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", title))
	return withoutLimitHeaders(textAnswer(code, "text/html", body))
}

// withEchoedKey appends the request's credential to an error's text, if [Options.EchoKey] is set.
func (c *Cloud) withEchoedKey(q *call, text string) string {
	if authorization := q.Header.Get("Authorization"); c.options.EchoKey && authorization != "" {
		return text + " (Authorization: " + authorization + ")"
	}
	return text
}

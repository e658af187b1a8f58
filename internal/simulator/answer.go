package simulator

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// answer writes what a handler has decided; whatever the request changes has been changed by then.
type answer func(w http.ResponseWriter)

// jsonAnswer is a value in JSON; it must not be changed any more.
func jsonAnswer(code int, value any) answer {
	return func(w http.ResponseWriter) { writeJSON(w, "application/json; charset=utf-8", code, value) }
}

func writeJSON(w http.ResponseWriter, contentType string, code int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("simulator: an answer is no JSON: %v", err)) // answers hold nothing but plain values
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(code)
	w.Write(text) // the client may have gone
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

// refuse is an error in the shape whose turn it is.
func (c *Cloud) refuse(q *call, code int, format string, a ...any) answer {
	message := c.echo(q, fmt.Sprintf(format, a...))
	if c.refusals.Add(1)%2 == 1 {
		return problemAnswer(q, code, message)
	}
	return jsonAnswer(code, statusError{
		StatusCode: code, StatusDescription: http.StatusText(code), Message: message, Severity: "Error",
	})
}

// conflict is a refusal that is always RFC 7807.
func (c *Cloud) conflict(q *call, format string, a ...any) answer {
	return problemAnswer(q, http.StatusConflict, c.echo(q, fmt.Sprintf(format, a...)))
}

func problemAnswer(q *call, code int, message string) answer {
	body := problem{
		Type: "https://httpstatuses.io/" + strconv.Itoa(code), Title: http.StatusText(code),
		Status: code, Detail: message, Instance: q.URL.Path,
	}
	return func(w http.ResponseWriter) { writeJSON(w, "application/problem+json", code, body) }
}

// insufficientScope is the 403 of a key that lacks a scope, which each of the two shapes tells in its own way.
func (c *Cloud) insufficientScope(q *call) answer {
	const code = http.StatusForbidden
	message := c.echo(q, "The key lacks a scope that this call needs.")
	if c.refusals.Add(1)%2 == 1 {
		return func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope"`)
			problemAnswer(q, code, message)(w)
		}
	}
	return jsonAnswer(code, statusError{
		StatusCode: code, StatusDescription: http.StatusText(code), Message: message, ErrorCode: "insufficient_scope",
	})
}

// storeRefusal is an error of the host that signed links point to.
func (c *Cloud) storeRefusal(q *call, code int, name, message string) answer {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(c.echo(q, message))) // a builder takes all it is given
	body := fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>\n",
		name, &text)
	return textAnswer(code, "application/xml", body)
}

// proxyPage is the HTML of a proxy in front of the API.
func (c *Cloud) proxyPage(q *call, code int) answer {
	title := fmt.Sprintf("%d %s", code, http.StatusText(code))
	body := c.echo(q, fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%[1]s</h1></center>\r\n"+
		"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", title))
	return func(w http.ResponseWriter) {
		dropLimitHeaders(w)
		textAnswer(code, "text/html", body)(w)
	}
}

func textAnswer(code int, contentType, body string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(code)
		w.Write([]byte(body)) // the client may have gone
	}
}

func redirectAnswer(code int, location string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Location", location)
		w.WriteHeader(code)
	}
}

// echo appends the request's credential to an error's text, if that is asked for.
func (c *Cloud) echo(q *call, text string) string {
	if authorization := q.Header.Get("Authorization"); c.options.EchoKey && authorization != "" {
		return text + " (Authorization: " + authorization + ")"
	}
	return text
}

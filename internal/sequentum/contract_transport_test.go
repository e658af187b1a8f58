// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// fixedAnswer is a transport that gives this answer to every request. The zero value of a field stands for what is right
// for a run's status.
type fixedAnswer struct {
	status  int
	header  http.Header
	body    string
	noLimit bool // leaves the rate limit's headers out
}

// RoundTrip implements http.RoundTripper.
func (a fixedAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: a.status, Header: http.Header{}, Request: req, ProtoMajor: 1, ProtoMinor: 1}
	if a.status == 0 {
		resp.StatusCode = http.StatusOK
	}
	if !a.noLimit {
		resp.Header.Set("X-RateLimit-Limit", "100")
		resp.Header.Set("X-RateLimit-Window-Seconds", "60")
	}
	resp.Header.Set("Content-Type", "application/json; charset=utf-8")
	maps.Copy(resp.Header, a.header)
	body := a.body
	if body == "" {
		body = `{"id": 7, "configId": 4711, "status": 1}`
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

// deviations sends a request through the contract, and returns what was reported of it and of its answer.
func deviations(t *testing.T, load func() (*contract, error), req *http.Request, a fixedAnswer) []string {
	t.Helper()
	var reported []string
	transport := &contractTransport{
		contract: mustContract(t, load), next: a, report: func(s string) { reported = append(reported, s) },
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return reported
}

// request is a request with credentials for a path under /api/v1.
func request(t testing.TB, method, path, body string) *http.Request {
	t.Helper()
	return requestTo(t, "http://127.0.0.1", method, path, body)
}

const statusPath = "/agent/4711/run/7/status"

func TestContractReportsDeviatingRequests(t *testing.T) {
	start := func(body string) *http.Request { return request(t, http.MethodPost, "/agent/4711/start", body) }
	with := func(name, value string) *http.Request {
		req := request(t, http.MethodGet, statusPath, "")
		req.Header.Set(name, value)
		return req
	}
	for name, tc := range map[string]struct {
		req  *http.Request
		want string
	}{
		"unknown method":     {request(t, http.MethodGet, "/agent/4711/run/7", ""), "method not allowed"},
		"unknown path":       {request(t, http.MethodGet, "/agents/4711", ""), "no matching operation"},
		"agent id":           {request(t, http.MethodGet, "/agent/0/runs", ""), "agentId"},
		"large agent id":     {request(t, http.MethodGet, "/agent/2147483648/runs", ""), "agentId"},
		"unknown query":      {request(t, http.MethodGet, "/agent/4711/runs?max=5", ""), `"max" is not in the contract`},
		"query twice":        {request(t, http.MethodGet, "/agent/4711/runs?maxRecords=5&maxRecords=6", ""), "2 times"},
		"maxRecords":         {request(t, http.MethodGet, "/agent/4711/runs?maxRecords=1001", ""), "maxRecords"},
		"remove method":      {request(t, http.MethodDelete, "/agent/4711/run/7?removeMethod=All", ""), "removeMethod"},
		"body of a stop":     {request(t, http.MethodPost, "/agent/4711/run/7/stop", `{"force": true}`), "maxProperties"},
		"no key":             {with("Authorization", ""), "Authorization"},
		"other scheme":       {with("Authorization", "Basic c2s6"), "Authorization"},
		"no start body":      {start(""), "required"},
		"unknown field":      {start(`{"runMode": 1}`), "runMode"},
		"name in other case": {start(`{"Parallelism": 2}`), "Parallelism"},
		"null":               {start(`{"logLevel": null}`), `"/logLevel"`},
		"parallelism":        {start(`{"parallelism": 51}`), `"/parallelism"`},
		"parallelExport":     {start(`{"parallelExport": "combined"}`), `"/parallelExport"`},
		"log level":          {start(`{"logLevel": "Debug"}`), `"/logLevel"`},
		"log mode":           {start(`{"logMode": "Html"}`), `"/logMode"`},
		"timeout":            {start(`{"timeout": 3601}`), `"/timeout"`},
		"synchronous":        {start(`{"isRunSynchronously": true}`), `"/isRunSynchronously"`},
		"input as object":    {start(`{"inputParameters": {"a": 1}}`), `"/inputParameters"`},
		"input as array":     {start(`{"inputParameters": "[1]"}`), `"/inputParameters"`},
	} {
		t.Run(name, func(t *testing.T) {
			wantDeviation(t, "request "+tc.req.Method, tc.want, deviations(t, openContract, tc.req, fixedAnswer{}))
		})
	}
}

func TestContractReportsDeviatingAnswers(t *testing.T) {
	const problem = `{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such run", "instance": null}`
	html := http.Header{"Content-Type": {"text/html"}}
	link := http.Header{"Location": {"https://files.example/1?signature=a"}}
	for name, tc := range map[string]struct {
		method, path string // a run's status
		answer       fixedAnswer
		want         string // empty: nothing is reported
		wantClosed   string // of the closed contract; empty: as want
	}{
		"a run":               {},
		"status as a name":    {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": "WaitingOnFailure"}`}},
		"unknown code":        {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": 17}`}, wantClosed: `"/status"`},
		"unknown name":        {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": "Odd"}`}, wantClosed: `"/status"`},
		"unknown field":       {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": 1, "new": 1}`}, wantClosed: `"new"`},
		"unknown table":       {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": 1, "tableType": "x"}`}, wantClosed: "/tableType"},
		"nulls":               {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": 1, "tableType": null, "created": null}`}},
		"no status":           {answer: fixedAnswer{body: `{"id": 7, "configId": 4711}`}, want: `"/status"`},
		"null status":         {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": null}`}, want: `"/status"`},
		"runId in a status":   {answer: fixedAnswer{body: `{"runId": 7, "configId": 4711, "status": 1}`}, want: `"/id"`},
		"local time":          {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": 1, "created": "2026-01-02T03:04:05+01:00"}`}, want: `"/created"`},
		"no zone":             {answer: fixedAnswer{body: `{"id": 7, "configId": 4711, "status": 1, "created": "2026-01-02T03:04:05.1234567"}`}},
		"not JSON":            {answer: fixedAnswer{body: `{"id": 7`}, want: "decode"},
		"unlisted success":    {answer: fixedAnswer{status: 202}, want: "status is not supported"},
		"no limit":            {answer: fixedAnswer{noLimit: true}, want: "X-RateLimit-Limit"},
		"a redirect":          {answer: fixedAnswer{status: 307, header: link}, want: "a redirect"},
		"started with runId":  {method: http.MethodPost, path: "/agent/4711/start", answer: fixedAnswer{status: 202, body: `{"runId": 7, "configId": 4711, "status": 4}`}},
		"started without id":  {method: http.MethodPost, path: "/agent/4711/start", answer: fixedAnswer{status: 202, body: `{"configId": 4711, "status": 4}`}, want: "anyOf"},
		"link":                {path: "/agent/4711/run/7/file/1/download", answer: fixedAnswer{status: 307, header: link}},
		"link to nowhere":     {path: "/agent/4711/run/7/file/1/download", answer: fixedAnswer{status: 307}, want: "Location"},
		"link without limit":  {path: "/agent/4711/run/7/file/1/download", answer: fixedAnswer{status: 302, header: link, noLimit: true}, want: "X-RateLimit"},
		"content":             {path: "/agent/4711/run/7/file/1/download", answer: fixedAnswer{header: http.Header{"Content-Type": {"text/csv"}}, body: "a,b"}},
		"RFC 7807":            {answer: fixedAnswer{status: 404, body: problem}},
		"RFC 7807's type":     {answer: fixedAnswer{status: 404, body: problem, header: http.Header{"Content-Type": {"application/problem+json"}}}},
		"the other shape":     {answer: fixedAnswer{status: 404, body: `{"statusCode": 404, "statusDescription": "Not Found", "message": "No such run"}`}},
		"no shape":            {answer: fixedAnswer{status: 404, body: `{"error": "No such run"}`}, want: "anyOf"},
		"two statuses":        {answer: fixedAnswer{status: 403, body: problem}, want: "a 403 says 404"},
		"error without limit": {answer: fixedAnswer{status: 404, body: problem, noLimit: true}, want: "lacks X-RateLimit-Limit"},
		"proxy":               {answer: fixedAnswer{status: 502, body: "<html>", header: html, noLimit: true}},
		"page as a success":   {answer: fixedAnswer{body: "<html>", header: html}, want: "Content-Type"},
		"unlisted error":      {answer: fixedAnswer{status: 418, body: problem}, want: "status is not supported"},
		"429 without a wait":  {answer: fixedAnswer{status: 429, body: `{"statusCode": 429, "message": "Slow down"}`}, want: "Retry-After"},
		"429 with a date": {answer: fixedAnswer{
			status: 429, body: `{"statusCode": 429, "message": "Slow down"}`,
			header: http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:04:05 GMT"}},
		}},
		"file without size": {path: "/agent/4711/run/7/files", answer: fixedAnswer{body: `[{"id": 1}]`}, want: `"/0/fileSize"`},
		"unknown file type": {path: "/agent/4711/run/7/files", answer: fixedAnswer{body: `[{"id": 1, "fileSize": 2, "fileType": "csv"}]`}, wantClosed: `"/0/fileType"`},
		"null list":         {path: "/agent/4711/runs", answer: fixedAnswer{body: `null`}, want: "null"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.method == "" {
				tc.method = http.MethodGet
			}
			if tc.path == "" {
				tc.path = statusPath
			}
			if tc.wantClosed == "" {
				tc.wantClosed = tc.want
			}
			body := ""
			if tc.method == http.MethodPost {
				body = "{}"
			}
			req := func() *http.Request { return request(t, tc.method, tc.path, body) }
			wantDeviation(t, "answer to", tc.want, deviations(t, openContract, req(), tc.answer))
			wantDeviation(t, "answer to", tc.wantClosed, deviations(t, closedContract, req(), tc.answer))
		})
	}
}

// wantDeviation expects one deviation of that side that contains want, or none when want is empty.
func wantDeviation(t *testing.T, side, want string, got []string) {
	t.Helper()
	if want == "" {
		if len(got) > 0 {
			t.Errorf("reported: %s", got)
		}
		return
	}
	for _, deviation := range got {
		what, _, _ := strings.Cut(deviation, "\n")
		if strings.HasPrefix(what, side) && strings.Contains(what, want) {
			return
		}
	}
	t.Errorf("reported %q, want a deviation of the %s that names %q", got, side, want)
}

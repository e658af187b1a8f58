package sequentum

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// logged returns a context whose log, at its lowest level, is in the buffer.
func logged(t *testing.T) (context.Context, *bytes.Buffer) {
	t.Helper()
	for _, name := range []string{"TF_LOG", "TF_LOG_PROVIDER"} {
		t.Setenv(name, "TRACE")
	}
	var buffer bytes.Buffer
	return tflogtest.RootLogger(t.Context(), &buffer), &buffer
}

var secretForms = []string{testKey, url.QueryEscape(testKey), url.PathEscape(testKey), "0123456789"}

func mustHideKey(t *testing.T, where, text string) {
	t.Helper()
	for _, form := range secretForms {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the key: %s", where, text)
		}
	}
}

// Whatever echoes the key, in whatever form, nothing that leaves the client shows it.
func TestKeyIsNeverShown(t *testing.T) {
	for _, form := range secretForms[:3] {
		quoted := fmt.Sprintf("%q", "the key is "+form)
		failures := map[string]exchange{
			"problem":      {status: 400, answer: `{"statusCode": 400, "message": ` + quoted + `, "errorCode": ` + quoted + `}`},
			"HTML":         {status: 400, answer: "<p>" + form},
			"redirect":     {status: 302, header: map[string]string{"Location": "https://login.example.test/" + form + "?key=" + form}},
			"bad redirect": {status: 302, header: map[string]string{"Location": "http://[" + form}},
			"error":        {err: &url.Error{Op: "Get", URL: "https://x/?key=" + form, Err: errRefused}},
			"unreadable":   {answer: form},
			"header":       {status: 403, header: map[string]string{"WWW-Authenticate": form, "X-Echo": form}},
		}
		for name, failure := range failures {
			t.Run(name, func(t *testing.T) {
				ctx, log := logged(t)
				c, _ := newTestClient(t, newScript(t, startCall(failure)), func(c *Config) { c.MaxRetries = 0 })
				_, err := c.StartRun(ctx, 1, StartRequest{})
				if err == nil {
					t.Fatal("no error")
				}
				mustHideKey(t, "the error", fmt.Sprintf("%v %+v %#v", err, err, err))
				mustHideKey(t, "its cause", fmt.Sprint(errors.Unwrap(err)))
				mustHideKey(t, "the log", log.String())
			})
		}
		t.Run("a run's message", func(t *testing.T) {
			ctx, log := logged(t)
			c, _ := newTestClient(t, newScript(t, statusCall(exchange{answer: `{"id": 2, "status": "odd", "message": ` + quoted + `}`})))
			run, err := c.RunStatus(ctx, 1, 2)
			if err != nil || run.Message != "the key is "+redacted {
				t.Errorf("got %v, %v", run, err)
			}
			mustHideKey(t, "the log", log.String())
		})
	}
}

func TestKeyInAHostIsNotShown(t *testing.T) {
	const key = "sk-0123456789"
	c, _ := newTestClient(t, newScript(t, statusCall(exchange{status: 302, header: map[string]string{"Location": "https://" + key + ".test"}})),
		noRetries, func(c *Config) { c.APIKey = key })
	_, err := c.RunStatus(t.Context(), 1, 2)
	if err == nil || !strings.Contains(err.Error(), "redirected to https://(redacted).test") {
		t.Errorf("got %v", err)
	}
}

func TestTokenIsNeverShown(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, statusCall(exchange{status: 401, answer: `{"statusCode": 401, "message": "bad token tok\"en\\"}`})), noRetries,
		func(c *Config) { c.APIKey, c.AccessToken = "", `tok"en\` })
	_, err := c.RunStatus(t.Context(), 1, 2)
	if err == nil || !strings.HasSuffix(err.Error(), "401 Unauthorized: bad token (redacted)") {
		t.Errorf("got %v", err)
	}
}

// A redacted error is still what it was.
func TestRedactedErrorCanBeAsked(t *testing.T) {
	r := newRedactor(testKey)
	cause := fmt.Errorf("%s: %w", testKey, context.Canceled)
	if err := r.error(cause); !errors.Is(err, context.Canceled) || err.Error() != "(redacted): context canceled" {
		t.Errorf("got %v", err)
	}
	if err := r.error(context.Canceled); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if got := newRedactor("run", "").text("a run"); got != "a run" {
		t.Errorf("got %q: no key is as short", got)
	}
}

func TestLog(t *testing.T) {
	ctx, log := logged(t)
	c, _ := newTestClient(t, newScript(t,
		exchange{method: "GET", path: "/agent/1/runs?maxRecords=3", status: 502, answer: "<html>inner"},
		exchange{method: "GET", path: "/agent/1/runs?maxRecords=3", err: errors.New("reset")},
		exchange{method: "GET", path: "/agent/1/runs?maxRecords=3", answer: `[{"id": 2, "status": 99, "message": "inner"}]`},
		exchange{method: "POST", path: "/agent/1/start", body: `{"inputParameters": "{\"inner\": 1}"}`, answer: `{"id": 3, "status": 1}`},
	))
	if _, err := c.ListRuns(ctx, 1, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := c.StartRun(ctx, 1, StartRequest{InputParameters: `{"inner": 1}`}); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"inner", "maxRecords", "test/1", "Authorization"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("the log holds %q:\n%s", word, log)
		}
	}
	lines, err := tflogtest.MultilineJSONDecode(log)
	if err != nil {
		t.Fatal(err)
	}
	const list, start = "/api/v1/agent/1/runs", "/api/v1/agent/1/start"
	wants := []map[string]any{
		{"@level": "debug", "method": "GET", "path": list, "attempt": 1.0, "status": 502.0},
		{"@level": "debug", "method": "GET", "path": list, "attempt": 2.0, "error": "GET " + list + ": reset"},
		{"@level": "debug", "method": "GET", "path": list, "attempt": 3.0, "status": 200.0},
		{"@level": "warn", "agent_id": 1.0, "run_id": 2.0, "status": "Unknown(99)"},
		{"@level": "debug", "method": "POST", "path": start, "attempt": 1.0, "status": 200.0},
	}
	if len(lines) != len(wants) {
		t.Fatalf("%d lines: %v", len(lines), lines)
	}
	for i, want := range wants {
		if _, ok := lines[i]["duration_ms"]; ok != (want["method"] != nil) {
			t.Errorf("line %d: %v", i, lines[i])
		}
		for field, value := range want {
			if lines[i][field] != value {
				t.Errorf("line %d: %s is %v, expected %v", i, field, lines[i][field], value)
			}
		}
	}
}

// The API's answers cannot send the client anywhere; should a request ever be for
// another host, or for the same over plain http, it goes without the key.
func TestKeyGoesToTheAPIOnly(t *testing.T) {
	base, err := parseBaseURL(testURL)
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		testURL + "/x":                   "ApiKey k",
		"http://api.example.test/x":      "",
		"https://files.example.test/x":   "",
		"https://api.example.test:444/x": "",
	} {
		var got string
		next := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			got = r.Header.Get("Authorization")
			return exchange{}.response(r), nil
		})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := authHandler{next: next, base: base, authorization: "ApiKey k"}.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if got != want || req.Header.Get("Authorization") != "" {
			t.Errorf("%s: got %q, and the caller's request was changed: %v", target, got, req.Header)
		}
	}
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

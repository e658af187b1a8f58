// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"golang.org/x/text/encoding/unicode"
)

// contextWithLog returns a context whose log, at its lowest level, is in the buffer.
func contextWithLog(t *testing.T) (context.Context, *bytes.Buffer) {
	t.Helper()
	for _, name := range []string{"TF_LOG", "TF_LOG_PROVIDER"} {
		t.Setenv(name, "TRACE")
	}
	var buffer bytes.Buffer
	return tflogtest.RootLogger(t.Context(), &buffer), &buffer
}

// secretForms are the forms in which a server can send a key back.
func secretForms(secret string) map[string]string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err)
	}
	var dotNet, units, entities, spaced, hidden strings.Builder
	for _, r := range secret {
		if strings.ContainsRune(`+'"&<>`, r) || r > '~' {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&dotNet, `\u%04X`, unit)
			}
		} else {
			dotNet.WriteRune(r)
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&units, `\u%04x`, unit)
		}
		fmt.Fprintf(&entities, "&#%d;", r)
		spaced.WriteString("\x00" + string(r) + "\r\x1b")
		hidden.WriteString(string(r) + "\u200b\u2066")
	}
	utf16le, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(secret)
	if err != nil {
		panic(err)
	}
	return map[string]string{
		"as it is":            secret,
		"query":               url.QueryEscape(secret),
		"query, lower case":   strings.NewReplacer("/", "%2f", "+", "%2b").Replace(secret),
		"path":                url.PathEscape(secret),
		"query, twice":        url.QueryEscape(url.QueryEscape(secret)),
		"JSON":                string(quoted[1 : len(quoted)-1]),
		"JSON of .NET":        dotNet.String(),
		"JSON of PHP":         strings.ReplaceAll(secret, "/", `\/`),
		"JSON, all escaped":   units.String(),
		"JSON in JSON":        strings.ReplaceAll(dotNet.String(), `\`, `\\`),
		"JSON in a query":     url.QueryEscape(dotNet.String()),
		"Go":                  strings.ReplaceAll(secret, "+", `\x2B`),
		"HTML":                html.EscapeString(secret),
		"HTML, named":         strings.NewReplacer("+", "&plus;", "/", "&sol;", "-", "&#x2d;").Replace(secret),
		"HTML, all escaped":   entities.String(),
		"UTF-16":              utf16le,
		"with control":        spaced.String(),
		"with what is unseen": hidden.String(),
	}
}

func mustHideKey(t *testing.T, where, text string) { t.Helper(); mustHide(t, where, text, testKey) }

// mustHide fails the test when text shows a secret in any form, or a part of it.
func mustHide(t *testing.T, where, text, secret string) {
	t.Helper()
	for form, written := range secretForms(secret) {
		if strings.Contains(text, written) {
			t.Errorf("%s shows the secret (%s): %s", where, form, text)
		}
	}
	rest := []rune(secret)
	if tail := string(rest[len(rest)/2:]); strings.Contains(strings.NewReplacer("\x00", "", "\ufffd", "", "\u200b", "").Replace(text), tail) {
		t.Errorf("%s shows half of the secret: %s", where, text)
	}
}

// Wherever an answer has the key, and in whatever form, nothing that the client returns or logs shows it.
func TestKeyIsNeverShown(t *testing.T) {
	for name, form := range secretForms(testKey) {
		encoded, err := json.Marshal("the key is " + form)
		if err != nil {
			t.Fatal(err)
		}
		quoted := string(encoded)
		hidden := strings.ReplaceAll(url.QueryEscape(form), "+", "%20") // where only some characters may stand
		failures := map[string]exchange{
			"problem":      {status: 400, answer: `{"statusCode": 400, "message": ` + quoted + `, "errorCode": ` + quoted + `}`},
			"HTML":         {status: 400, answer: "<p>" + form},
			"redirect":     {status: 302, header: map[string]string{"Location": "https://login.example.test/" + hidden + "?key=" + hidden}},
			"bad redirect": {status: 302, header: map[string]string{"Location": "http://[" + hidden}},
			"error":        {err: &url.Error{Op: "Get", URL: "https://x/?key=" + form, Err: errRefused}},
			"plain":        {status: 422, answer: "the key is " + form},
			"a string":     {status: 422, answer: quoted},
			"a message":    {status: 422, header: limitHeaders, answer: `{"message": ` + quoted + `}`},
			"other JSON":   {status: 422, answer: `{"inputParameters": ` + quoted + `}`},
			"scope":        {status: 403, header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="` + hidden + `"`}},
			"unreadable":   {answer: form},
			"header":       {status: 403, header: map[string]string{"WWW-Authenticate": form, "X-Echo": form}},
		}
		for place, failure := range failures {
			t.Run(name+", "+place, func(t *testing.T) {
				ctx, log := contextWithLog(t)
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
		t.Run(name+", a run's message", func(t *testing.T) {
			ctx, log := contextWithLog(t)
			c, _ := newTestClient(t, newScript(t, statusCall(exchange{answer: `{"id": 2, "status": ` + quoted + `, "configName": ` + quoted + `, "message": ` + quoted + `}`})))
			run, err := c.RunStatus(ctx, 1, 2)
			want := "the key is " + redacted
			if err != nil || strings.NewReplacer("\ufffd", "", "\u200b", "").Replace(run.Message) != want {
				t.Fatalf("got %q, %v", run.Message, err)
			}
			mustHideKey(t, "the status", run.Status.String())
			mustHideKey(t, "the name", run.AgentName)
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

// errors.Is still finds the cause of a redacted error.
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

func TestLogHoldsNoHeaderBodyOrQuery(t *testing.T) {
	ctx, log := contextWithLog(t)
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

// The client sends no request to another host. If it ever did, or used plain http, the request would not have the key.
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

// Secret input of a start is not shown by any later call of the client.
func TestSecretInputIsNeverShown(t *testing.T) {
	const password, nested, short = "hunter/2+ü&<x>", "inner\"secret\\n", "abcde"
	input, err := json.Marshal(map[string]any{
		"password": password, "list": []any{map[string]any{"deep": nested}, 123456789}, "short": short, "json": `{"a": ["string in a string"]}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{password, nested, "string in a string"} {
		for form, written := range secretForms(secret) {
			t.Run(secret+", "+form, func(t *testing.T) {
				encoded, err := json.Marshal(short + " and 123456789 " + written)
				if err != nil {
					t.Fatal(err)
				}
				quoted := string(encoded)
				ctx, log := contextWithLog(t)
				refused := startCall(exchange{status: 422, header: limitHeaders, answer: `{"errors": {"inputParameters": [` + quoted + `]}}`})
				refused.body = `{"inputParameters": ` + string(mustMarshal(t, string(input))) + `}`
				run := `{"id": 2, "status": ` + quoted + `, "message": ` + quoted + `, "configName": ` + quoted + `}`
				c, _ := newTestClient(t, newScript(t, refused, statusCall(exchange{answer: run}),
					exchange{method: "GET", path: "/agent/1/runs?maxRecords=5", answer: "[" + run + "]"},
					exchange{method: "GET", path: "/analytics/agents/1/runs/2/diagnostics", answer: `{"errorMessage": ` + quoted + `, "possibleCauses": [` + quoted + `]}`},
					exchange{method: "GET", path: "/agent/1", answer: `{"id": 1, "name": ` + quoted + `, "description": ` + quoted + `}`},
				))
				_, startErr := c.StartRun(ctx, 1, StartRequest{InputParameters: string(input), InputIsSecret: true})
				status, statusErr := c.RunStatus(ctx, 1, 2)
				list, listErr := c.ListRuns(ctx, 1, 5)
				diagnosis, diagnosisErr := c.RunDiagnostics(ctx, 1, 2)
				agent, agentErr := c.Agent(ctx, 1)
				if err := errors.Join(statusErr, listErr, diagnosisErr, agentErr); err != nil || startErr == nil {
					t.Fatalf("%v, and the start: %v", err, startErr)
				}
				shown := fmt.Sprint(startErr, *status, list.Runs, *diagnosis, *agent, c.redact.text(written))
				mustHide(t, "something", shown, secret)
				mustHide(t, "the log", log.String(), secret)
				mustContain(t, shown, short, "123456789", redacted)
			})
		}
	}
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestInputThatIsNoJSONIsASecret(t *testing.T) {
	c, _ := newTestClient(t, newScript(t))
	c.HideInput("user: hunter22")
	if got := c.redact.text("it says user: hunter22, it does"); got != "it says (redacted), it does" {
		t.Errorf("got %q", got)
	}
}

// The names of files are data: only the key is removed from them.
func TestFileNamesKeepTheInput(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/agent/1/run/2/files", answer: `[{"id": 3, "name": "` + testKey + `-shoes-2026.csv"}]`}))
	c.HideInput(`{"search": "shoes-2026"}`)
	files, err := c.RunFiles(t.Context(), 1, 2)
	if err != nil || *files[0].Name != "(redacted)-shoes-2026.csv" {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestRedactorReplacesEachSecret(t *testing.T) {
	r := newRedactor()
	r.addSecrets(minInput, "abcdefgh", "efghijkl", "abcdefghijklmnop", "tiny", "a+b c/d")
	for text, want := range map[string]string{
		"":                                 "",
		"abc":                              "abc",
		"xabcdefghx":                       "x(redacted)x",
		"abcdefghijkl":                     "(redacted)",
		"abcdefghabcdefgh":                 "(redacted)",
		"abcdefgh abcdefgh":                "(redacted) (redacted)",
		"abcdefghijklmno":                  "(redacted)mno", // the longest secret in it
		"tiny":                             "tiny",
		"a+b+c%2Fd":                        "(redacted)",
		`C:\\abcdefgh\n`:                   `C:\\(redacted)\n`,
		"\\":                               "\\",
		"100% & \\u12 &amp &; %zz \\xzz %": "100% & \\u12 &amp &; %zz \\xzz %",
		`\ud83d\ude00abcdefgh`:             `\ud83d\ude00(redacted)`,
	} {
		if got := r.replaceSecrets(text, len(text)); got != want {
			t.Errorf("%q: got %q, expected %q", text, got, want)
		}
	}
	for _, text := range []string{strings.Repeat("\x1b", maxKept), strings.Repeat("\x1b", maxKept/3-1) + "\x00\x00\x00üü"} {
		if got := r.text(text); len(got) > maxKept || len(got) < maxKept-3 || !utf8.ValidString(got) {
			t.Errorf("%d bytes are kept of %d", len(got), len(text))
		}
	}
	// A text that is cut shows no part of a secret that the cut goes through.
	for limit := range 30 {
		got := r.replaceSecrets("012345678 abcdefghijklmnop 012345678", limit)
		if strings.Contains(got, "a") && !strings.Contains(got, redacted) {
			t.Errorf("cut at %d: %q", limit, got)
		}
	}
}

// Secrets are added while other calls are under way.
func TestRedactorIsSafeForConcurrentUse(t *testing.T) {
	r := newRedactor(testKey)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() { r.addInput(fmt.Sprintf(`["secret number %d"]`, i)) })
		group.Go(func() {
			if got := r.text("the key " + testKey); got != "the key (redacted)" {
				t.Error(got)
			}
		})
	}
	group.Wait()
	for i := range 50 {
		if got := r.text(fmt.Sprintf("secret number %d", i)); !strings.HasPrefix(got, redacted) {
			t.Error(got)
		}
	}
}

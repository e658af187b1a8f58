// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Whatever two answers say of the rate limit: requests can go on, at no more than the user's own limit.
func FuzzRateHeaders(f *testing.F) {
	for _, seed := range [][2]string{
		{"100", "60"}, {"", ""}, {"0", "-1"}, {"1e9", "1e-9"}, {"NaN", "Inf"}, {"1", "86400"}, {" 7.9 ", "0x10"}, {"1e400", "1e400"}, {"1_0", "²"},
	} {
		f.Add(seed[0], seed[1], 0)
		f.Add(seed[0], seed[1], 30)
	}
	f.Fuzz(func(t *testing.T, limit, window string, perMinute int) {
		perMinute = max(0, perMinute)
		r := newRate(perMinute)
		said := http.Header{"X-Ratelimit-Limit": {limit}, "X-Ratelimit-Window-Seconds": {window}}
		for range 2 { // a rate that starves is believed the second time
			r.readHeaders(said)
			if r.limit < 1 || r.limit > maxLimit || r.window < minWindow || r.window > maxWindow || r.server.limit < 1 {
				t.Errorf("%+v", r)
			}
			if own := min(perMinute, maxPerMinute); own > 0 && float64(r.limit)/r.window.Minutes() > float64(own) {
				t.Errorf("%d in %v are more than %d a minute", r.limit, r.window, own)
			}
			if float64(r.limit)/r.window.Seconds() > float64(r.server.limit)/r.server.window.Seconds()*(1+1e-9) {
				t.Errorf("%d in %v are more than the server's %+v", r.limit, r.window, r.server)
			}
		}
		again := r
		if again.readHeaders(said); again != r {
			t.Errorf("the same headers make %+v of %+v", again, r)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range [][2]string{
		{"5", ""}, {"Sun, 01 Mar 2026 10:00:05 GMT", "Sun, 01 Mar 2026 10:00:00 GMT"}, {"-1", ""}, {"1e300", ""}, {"NaN", ""}, {"Sunday, 01-Mar-26 10:00:05 GMT", "x"},
		{"Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0001 00:00:00 GMT"}, {" 0.5 ", ""}, {"Sun Mar  1 10:00:05 2026", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, after, date string) {
		h := http.Header{"Retry-After": {after}, "Date": {date}}
		d, ok := retryAfter(h, time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC))
		if d < 0 || d > maxRetryAfter || !ok && d != 0 {
			t.Errorf("%v, %v", d, ok)
		}
	})
}

// What a refusal says of scopes is safe to show, and no scope is named where none is missing.
func FuzzMissingScope(f *testing.F) {
	for _, seed := range []string{
		`Bearer error="insufficient_scope", scope="read:runs"`, `Bearer scope="a" , error="insufficient_scope"`, `insufficient_scope scope="` + "\x1b[2J" + `"`,
		`Bearer realm="x"`, ``, `Bearer error="insufficient_scope",scope="` + testKey + `"`, `Bearer error="insufficient_scope", scope="`,
	} {
		f.Add(seed)
	}
	c := &Client{redact: newRedactor(testKey)}
	f.Fuzz(func(t *testing.T, challenge string) {
		e := &Error{}
		c.setMissingScope(&call{scope: "run:runs"}, http.Header{"Www-Authenticate": {challenge}}, e)
		if (e.Code == insufficientScope) != strings.Contains(challenge, insufficientScope) || e.Code == "" && e.Scope != "" {
			t.Errorf("%q is %+v", challenge, e)
		}
		if e.Scope != Printable(e.Scope) || strings.Contains(e.Scope, testKey) {
			t.Errorf("the scope is %q", e.Scope)
		}
	})
}

// The place to which an answer redirects can hold a secret: only its scheme and host are shown.
func FuzzRedirectMessage(f *testing.F) {
	for _, seed := range []string{
		"https://other.example.test/path-of-secret?token=secret", "//other.example.test", "/relative", "", "http://user:password@host.example.test/", "javascript:alert(1)", "https://[::1]:80/x", "\x7f",
	} {
		f.Add(seed)
	}
	asked := &http.Request{URL: &url.URL{Scheme: "https", Host: "api.example.test", Path: "/api/v1"}}
	f.Fuzz(func(t *testing.T, location string) {
		message := redirectMessage(&http.Response{Header: http.Header{"Location": {location}}, Request: asked})
		shown, found := strings.CutPrefix(strings.TrimSuffix(message, ", the API does not redirect: check api_url"), "redirected to ")
		if !found {
			return
		}
		if strings.ContainsAny(shown, "?#@\n\x1b") || strings.Count(shown, "/") > 2 {
			t.Errorf("%q is shown as %q", location, message)
		}
	})
}

// A URL that is accepted is one that paths can be appended to, and accepting it again changes nothing. A refusal shows
// neither a path nor a query.
func FuzzBaseURL(f *testing.F) {
	for _, seed := range []string{
		"https://dashboard.sequentum.com", "https://x.example.test/api/v1/", "http://LOCALHOST:8080//", "http://[::1]", "https://u:p@x", "ftp://x", "https://", "https://x?secret", "https://x#", "https://x/%2fapi%2fv1", "https://x/api/v1/api/v1", "http://127.0.0.1.example.test", "://", "https://x/a b/%zz",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := parseBaseURL(raw)
		if err != nil {
			if _, after, found := strings.Cut(raw, "?"); found && len(after) > 20 && strings.Contains(err.Error(), after) {
				t.Errorf("%q is refused with %q", raw, err)
			}
			return
		}
		if u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" || !strings.HasSuffix(u.Path, apiPath) ||
			u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
			t.Errorf("%q is read as %v", raw, u)
		}
		if again, err := parseBaseURL(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("%q is read as %v, and that as %v, %v", raw, u, again, err)
		}
	})
}

// An answer is never longer than its limit, compressed or not. The fault of it is told to every reader that asks again.
func FuzzAnswerBody(f *testing.F) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 5000)) // into memory
	_ = z.Close()
	f.Add(packed.Bytes(), "gzip", uint16(1000))
	f.Add(packed.Bytes(), "GZIP", uint16(5000))
	f.Add(packed.Bytes()[:20], "gzip", uint16(5000))
	f.Add([]byte("plain"), "", uint16(5))
	f.Add([]byte("plain"), "gzip", uint16(5))
	f.Add([]byte{}, "gzip", uint16(0))
	f.Fuzz(func(t *testing.T, sent []byte, encoding string, limit uint16) {
		resp := &http.Response{Header: http.Header{"Content-Encoding": {encoding}}, Body: io.NopCloser(bytes.NewReader(sent))}
		b := newAnswerBody(resp, int64(limit))
		got, err := io.ReadAll(b)
		if len(got) > int(limit) {
			t.Errorf("%d bytes, the limit is %d", len(got), limit)
		}
		if !errors.Is(err, b.err) {
			t.Errorf("it ended with %v, and its fault is %v", err, b.err)
		}
		if n, again := b.Read(make([]byte, 1)); n > 0 || err != nil && !errors.Is(again, err) {
			t.Errorf("after %v it goes on with %d bytes, %v", err, n, again)
		}
		if !strings.EqualFold(encoding, "gzip") && (err == nil) != (len(sent) < int(limit)) {
			t.Errorf("%d of %d bytes: %v", len(sent), limit, err)
		}
	})
}

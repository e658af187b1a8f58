// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBaseURLIsChecked(t *testing.T) {
	for raw, want := range map[string]string{
		"https://dashboard.sequentum.com":          "https://dashboard.sequentum.com/api/v1",
		"https://dashboard.sequentum.com/":         "https://dashboard.sequentum.com/api/v1",
		"https://dashboard.sequentum.com/api/v1":   "https://dashboard.sequentum.com/api/v1",
		"https://dashboard.sequentum.com/api/v1//": "https://dashboard.sequentum.com/api/v1",
		"https://host.test:8443/proxy":             "https://host.test:8443/proxy/api/v1",
		"http://127.0.0.1:8080":                    "http://127.0.0.1:8080/api/v1",
		"http://127.9.9.9":                         "http://127.9.9.9/api/v1",
		"http://[::1]:80":                          "http://[::1]:80/api/v1",
		"http://LOCALHOST:1":                       "http://localhost:1/api/v1",
		"http://LocalHost.":                        "http://localhost./api/v1",
		"https://Dashboard.Sequentum.COM/Proxy":    "https://dashboard.sequentum.com/Proxy/api/v1",
	} {
		u, err := parseBaseURL(raw)
		if err != nil || u.String() != want {
			t.Errorf("%s: got %v, %v, expected %s", raw, u, err, want)
		}
	}
	for raw, want := range map[string]string{
		"":                            "expected one such as",
		"dashboard.sequentum.com":     "is not the URL of a server",
		"ftp://host.test":             "is not the URL of a server",
		"https://":                    "is not the URL of a server",
		"https://:443":                "is not the URL of a server",
		"://":                         "not a URL",
		"https://u:hidden@host.test":  "must not contain a user name or password",
		"https://u:hidden@ho st":      "not a URL",
		"https://host.test/?a=hidden": "the URL of https://host.test must not have a query or fragment",
		"http://host.test/hidden":     "http://host.test would send",
		"sk-hidden":                   "is not the URL of a server",
		"sk-hidden?":                  "is not the URL of a server",
		"x:sk-hidden":                 "is not the URL of a server",
		"https://host.test?":          "must not have a query or fragment",
		"https://host.test/#hidden":   "must not have a query or fragment",
		"http://host.test":            "plain http is allowed only for a loopback host",
		"http://localhost.evil.test":  "plain http is allowed only for a loopback host",
		"http://128.0.0.1":            "plain http is allowed only for a loopback host",
	} {
		_, err := New(Config{BaseURL: raw, APIKey: testKey})
		if err == nil {
			t.Errorf("%q is accepted", raw)
			continue
		}
		mustContain(t, err.Error(), want)
		if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q shows the password", err)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no credentials":      {func(c *Config) { c.APIKey = "" }, "an API key or an access token is needed"},
		"key and token":       {func(c *Config) { c.AccessToken = "token" }, "only one can be used"},
		"key with a line end": {func(c *Config) { c.APIKey = "sk-secret\n" }, "a line break"},
		"token with umlaut":   {func(c *Config) { c.APIKey, c.AccessToken = "", "secrät" }, "another character"},
		"negative timeout":    {func(c *Config) { c.RequestTimeout = -1 }, "must not be negative"},
		"negative retries":    {func(c *Config) { c.MaxRetries = -1 }, "must not be negative"},
		"negative rate":       {func(c *Config) { c.RequestsPerMinute = -1 }, "must not be negative"},
	} {
		config := Config{BaseURL: testURL, APIKey: testKey}
		test.change(&config)
		_, err := New(config)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		mustContain(t, err.Error(), test.want)
		if strings.Contains(err.Error(), "sec") {
			t.Errorf("%q shows the secret", err)
		}
	}
}

func TestConfigHasDefaults(t *testing.T) {
	c, err := New(Config{BaseURL: testURL, APIKey: testKey, MaxRetries: 5})
	if err != nil {
		t.Fatal(err)
	}
	if c.RequestTimeout() != 30*time.Second || c.MaxRetries() != 5 || c.Clock() != SystemClock() || c.Budget() == nil {
		t.Errorf("got %+v", c)
	}
}

func TestLoopbackHostsHaveNoProxy(t *testing.T) {
	proxy := http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example.test:3128"})
	for host, proxied := range map[string]bool{
		"LOCALHOST": false, "localhost": false, "LocalHost.:80": false, "127.0.0.1:1": false, "127.9.9.9": false, "[::1]:8080": false,
		"[::ffff:127.0.0.1]": false, "localhost.example.test": true, "128.0.0.1": true, "api.example.test": true,
	} {
		got, err := exceptLoopback(proxy)(&http.Request{URL: &url.URL{Scheme: "http", Host: host}})
		if err != nil || (got != nil) != proxied {
			t.Errorf("%s: %v, %v", host, got, err)
		}
	}
	// The client's own transport does the same, with the proxy of the environment.
	if got, err := NewTransport().Proxy(&http.Request{URL: &url.URL{Scheme: "http", Host: "LOCALHOST"}}); got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
)

const (
	apiPath               = "/api/v1"
	defaultRequestTimeout = 30 * time.Second
)

// Config says how to reach the API, and as whom.
type Config struct {
	BaseURL string // with or without /api/v1; https, or http on a loopback host

	APIKey      string // one of APIKey and AccessToken is needed
	AccessToken string // OAuth 2

	CredentialFrom string // where the user has set it, for the errors of a 401; empty: not said

	UserAgent string // empty: Go's own

	// RequestTimeout bounds one try of a request, from its sending to the last byte of
	// its answer, in real time whatever the Clock says. 0: 30 s.
	RequestTimeout time.Duration
	// MaxRetries is how often a request is sent again that is idempotent, or that was never sent. After a 429 a request
	// is sent again for as long as the caller waits, and that does not count.
	MaxRetries int
	// RequestsPerMinute lowers the rate that the server's headers allow (100 a minute before the first answer). It never
	// raises it. 0: not lowered.
	RequestsPerMinute int

	Clock     Clock             // for the budget and the pauses between tries; nil: the system's
	Transport http.RoundTripper // nil: NewTransport
}

// Client sends requests to one deployment with one credential. All of them share one budget. It is safe for concurrent
// use.
type Client struct {
	base           *url.URL
	userAgent      string
	credentialFrom string
	clock          Clock
	requestTimeout time.Duration
	maxRetries     int
	budget         *Budget
	redact         *redactor             // knows all secrets: the credential, and write-only input
	keys           *redactor             // knows the credential only
	handlers       *retryablehttp.Client // what a request passes through: see assembleHandlers
	unknown        unknownStatuses
}

// New checks c and returns a client. It sends no request. An error about BaseURL does not name it, so that a caller can
// show it for an attribute of any name.
func New(c Config) (*Client, error) {
	base, err := parseBaseURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	authorization, err := c.authorization()
	if err != nil {
		return nil, err
	}
	if c.RequestTimeout < 0 || c.MaxRetries < 0 || c.RequestsPerMinute < 0 {
		return nil, errors.New("the request timeout, the number of retries and the requests per minute must not be negative")
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = defaultRequestTimeout
	}
	if c.Transport == nil {
		c.Transport = NewTransport()
	}
	client := &Client{
		base:           base,
		userAgent:      c.UserAgent,
		credentialFrom: c.CredentialFrom,
		clock:          orSystemClock(c.Clock),
		requestTimeout: c.RequestTimeout,
		maxRetries:     c.MaxRetries,
		budget:         newBudget(c.Clock, c.RequestsPerMinute),
		redact:         newRedactor(c.APIKey, c.AccessToken),
		keys:           newRedactor(c.APIKey, c.AccessToken),
	}
	client.handlers = client.assembleHandlers(c.Transport, authorization)
	return client, nil
}

// HideInput makes the client redact the strings in a JSON text from now on. StartRun does this for input that is secret;
// HideInput is for the secret input of runs that this client did not start.
func (c *Client) HideInput(input string) { c.redact.addInput(input) }

// Harmless makes a remote text of any length safe to show: without the client's secrets, and without the characters that
// [Printable] replaces.
func (c *Client) Harmless(s string) string { return harmless(c.redact.replaceSecrets(s, len(s))) }

// Clock is the clock of the budget and of the pauses between tries.
func (c *Client) Clock() Clock { return c.clock }

// UserAgent is what the client calls itself; empty: Go's own.
func (c *Client) UserAgent() string { return c.userAgent }

// RequestTimeout is the longest time that one try of a request may take.
func (c *Client) RequestTimeout() time.Duration { return c.requestTimeout }

// MaxRetries is how often a request is sent again: see [Config].
func (c *Client) MaxRetries() int { return c.maxRetries }

// Budget is the request budget that all requests of the client share.
func (c *Client) Budget() *Budget { return c.budget }

// authorization is the value of the header Authorization (API: Conventions, Authentication).
func (c Config) authorization() (string, error) {
	scheme, secret := "ApiKey ", c.APIKey
	switch {
	case c.APIKey != "" && c.AccessToken != "":
		return "", errors.New("an API key and an access token are both given: only one can be used")
	case c.AccessToken != "":
		scheme, secret = "Bearer ", c.AccessToken
	case c.APIKey == "":
		return "", errors.New("an API key or an access token is needed")
	}
	return scheme + secret, CheckCredential(secret)
}

// CheckCredential finds characters that no API key or access token has. Its error does not quote the secret.
func CheckCredential(secret string) error {
	unprintable := func(r rune) bool { return r <= ' ' || r > '~' }
	if strings.ContainsFunc(secret, unprintable) {
		return errors.New("the API key or access token contains a space, a line break or another character that no key has. Was it read from a file together with a line break?")
	}
	return nil
}

// parseBaseURL returns the URL that paths are appended to, with /api/v1 (API: Conventions, Base). Its errors show only the
// scheme and host of a URL that has both: somebody may have put a key in the place of the URL, or in its query.
func parseBaseURL(raw string) (*url.URL, error) {
	const example = `such as "https://dashboard.sequentum.com"`
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("not a URL: expected one %s", example)
	case u.User != nil:
		return nil, errors.New("the URL must not contain a user name or password")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, fmt.Errorf("it is not the URL of a server: expected one %s", example)
	}
	u.Host = strings.ToLower(u.Host)
	server := u.Scheme + "://" + u.Host
	switch {
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the URL of %s must not have a query or fragment (it is not shown here, because it may contain a secret): expected a URL %s", server, example)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s would send the key unencrypted: plain http is allowed only for a loopback host. Use https", server)
	}
	path := strings.TrimRight(u.Path, "/")
	u.Path, u.RawPath = strings.TrimSuffix(path, apiPath)+apiPath, ""
	return u, nil
}

// NewTransport returns a transport with a pool of connections. It uses the proxy that the environment names, but never
// for a loopback host.
func NewTransport() *http.Transport {
	transport := cleanhttp.DefaultPooledTransport()
	transport.Proxy = exceptLoopback(transport.Proxy)
	return transport
}

// exceptLoopback uses a proxy for all hosts but loopback hosts. net/http would recognize only a lower-case "localhost".
func exceptLoopback(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(req *http.Request) (*url.URL, error) {
		if isLoopback(req.URL.Hostname()) {
			return nil, nil
		}
		return proxy(req)
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// downloadHost sends the requests for signed links, and nothing else does. It has no key and no cookies. It follows redirects
// itself, because net/http would send the signed link as the referrer (API: Output files).
type downloadHost struct {
	transport http.RoundTripper
	plainHTTP bool
	userAgent string // empty: Go's own
}

// maxRedirects is how many redirects in a row are followed. An object store redirects to the right region.
const maxRedirects = 4

func newDownloadHost(transport http.RoundTripper, plainHTTP bool, userAgent string) downloadHost {
	if transport == nil {
		own := sequentum.NewTransport()
		own.MaxIdleConnsPerHost = maxTransfers
		transport = own
	}
	return downloadHost{transport: transport, plainHTTP: plainHTTP, userAgent: userAgent}
}

// refusedError is the error of an answer that is not the content of a file.
type refusedError struct {
	host string
	resp *http.Response // closed; for its status and headers
}

// Error never shows the reason phrase: a host may quote the signed link in it.
func (e *refusedError) Error() string {
	return fmt.Sprintf("the download host %s answered %s, which is not the content of a file", e.host, statusText(e.resp.StatusCode))
}

func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// refusesLink reports whether a new link can help: object stores answer an expired link with different statuses.
func (e *refusedError) refusesLink() bool {
	switch e.resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// isRetryable reports whether the same request can succeed later.
func (e *refusedError) isRetryable() bool {
	return e.resp.StatusCode >= 500 || e.resp.StatusCode == http.StatusTooManyRequests || e.resp.StatusCode == http.StatusRequestTimeout
}

// insecureError is the error of a link with plain http: anybody on the network could read the file.
type insecureError struct{ host string }

func (e *insecureError) Error() string {
	return fmt.Sprintf("the link to the file leads to %s over plain http, where others could read the file: the link was not used", e.host)
}

// checkLink parses a link. It refuses one that must not be followed or given to the user.
func (h downloadHost) checkLink(link string) (*url.URL, error) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return nil, errors.New("the link to the file is not a URL") // the error of url.Parse would show the link, which is a secret
	}
	if u.Scheme != "https" && !h.plainHTTP {
		return nil, &insecureError{u.Host}
	}
	return u, nil
}

// wanted is the part of a file to request; the zero value: the whole file.
type wanted struct {
	from      int64  // the first byte; 0: the beginning
	validator string // with from: the rest is wanted only if the file still has this validator
	last      int64  // the number of its last bytes; 0: all from from on
}

func (w wanted) isPart() bool { return w.from > 0 || w.last > 0 }

func (w wanted) addTo(h http.Header) {
	switch {
	case w.last > 0:
		h.Set("Range", "bytes=-"+strconv.FormatInt(w.last, 10))
	case w.from > 0:
		h.Set("Range", "bytes="+strconv.FormatInt(w.from, 10)+"-")
		h.Set("If-Range", w.validator)
	}
}

// getContent requests a file, or a part of it. The answer is a 200 with the whole file, or, if a part is wanted, a 206 with
// some part. Every other status is an error. The errors never show the link.
func (h downloadHost) getContent(ctx context.Context, link string, want wanted) (*http.Response, error) {
	u, err := h.checkLink(link)
	for range maxRedirects + 1 {
		if err != nil {
			return nil, err
		}
		var resp *http.Response
		if resp, err = h.roundTrip(ctx, u, want); err != nil {
			return nil, fmt.Errorf("asking the download host %s: %w", u.Host, err)
		}
		switch {
		case resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusPartialContent && want.isPart():
			resp.Body = linkHidingBody{resp.Body, u}
			return resp, nil
		case resp.StatusCode == http.StatusPartialContent:
			resp.Body.Close()
			return nil, errUnaskedPart
		}
		resp.Body.Close()
		location := resp.Header.Get("Location")
		if resp.StatusCode/100 != 3 || location == "" {
			return nil, &refusedError{host: u.Host, resp: resp}
		}
		next, parseErr := u.Parse(location)
		if parseErr != nil {
			return nil, fmt.Errorf("the download host %s redirects to something that is not a URL", u.Host)
		}
		u, err = h.checkLink(next.String())
	}
	return nil, fmt.Errorf("the download host redirects more than %d times", maxRedirects)
}

// errUnaskedPart is the error of a 206 to a request for the whole file: nothing proves which part it is.
var errUnaskedPart = errors.New("the download host sent a part of the file, but the whole file was requested")

func (h downloadHost) roundTrip(ctx context.Context, u *url.URL, want wanted) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "", http.NoBody)
	if err != nil {
		return nil, err
	}
	req.URL, req.Host = u, u.Host
	if h.userAgent != "" {
		req.Header.Set("User-Agent", h.userAgent)
	}
	req.Header.Set("Accept-Encoding", "identity") // a compressed answer would have another length and other parts
	want.addTo(req.Header)
	resp, err := h.transport.RoundTrip(req)
	return resp, hideLink(err, u)
}

// linkHidingBody hides the link in the errors of a body, such as one that quotes a trailer.
type linkHidingBody struct {
	io.ReadCloser
	link *url.URL
}

func (b linkHidingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, hideLink(err, b.link)
}

// hideLink returns an error whose text does not show the link. net/http quotes what it cannot parse, and a host can put the
// link there.
func hideLink(err error, link *url.URL) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	secrets := []string{link.String(), link.RawQuery}
	for _, values := range link.Query() {
		for _, value := range values {
			secrets = append(secrets, value, url.QueryEscape(value))
		}
	}
	for _, secret := range secrets {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, "(signed link)")
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}

// shortestSecret is the length of the shortest value that is hidden: short values of a query are ordinary words.
const shortestSecret = 6

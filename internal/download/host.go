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

// downloadHost requests signed links. Nothing else does. It knows neither key nor cookies. Redirects are
// followed by hand, so that no referrer goes with them (API: Output files).
type downloadHost struct {
	transport http.RoundTripper
	plainHTTP bool
}

// maxHops is how often the download host may redirect a request, as an object store does to the right region.
const maxHops = 5

func newDownloadHost(transport http.RoundTripper, plainHTTP bool) downloadHost {
	if transport == nil {
		own := sequentum.NewTransport()
		own.MaxIdleConnsPerHost = downloadsAtOnce
		transport = own
	}
	return downloadHost{transport: transport, plainHTTP: plainHTTP}
}

// refusedError is an answer that is not the content.
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

// unusableLink reports whether the answer is what an expired or withdrawn link gets: object stores differ in how they say so.
func (e *refusedError) unusableLink() bool {
	switch e.resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// temporary reports whether the same request may succeed later.
func (e *refusedError) temporary() bool {
	return e.resp.StatusCode >= 500 || e.resp.StatusCode == http.StatusTooManyRequests || e.resp.StatusCode == http.StatusRequestTimeout
}

// insecureError is the error of a link that anybody on its way could read and use.
type insecureError struct{ host string }

func (e *insecureError) Error() string {
	return fmt.Sprintf("the link to the file leads to %s over plain http, where others could read the file: the link was not used", e.host)
}

// check refuses a link that must not be followed or handed on.
func (h downloadHost) check(link string) (*url.URL, error) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return nil, errors.New("the link to the file is not a URL") // the parser would quote it, and it is a secret
	}
	if u.Scheme != "https" && !h.plainHTTP {
		return nil, &insecureError{u.Host}
	}
	return u, nil
}

// get asks for a file from a byte on, if it is still the version that the validator names. The answer is a 200, or a 206
// when a part was asked for: every other status is an error, whatever its body. Its errors never show the link.
func (h downloadHost) get(ctx context.Context, link string, from int64, validator string) (*http.Response, error) {
	u, err := h.check(link)
	for range maxHops {
		if err != nil {
			return nil, err
		}
		var resp *http.Response
		if resp, err = h.roundTrip(ctx, u, from, validator); err != nil {
			return nil, fmt.Errorf("asking the download host %s: %w", u.Host, err)
		}
		switch {
		case resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusPartialContent && from > 0:
			resp.Body = discreetBody{resp.Body, u}
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
		u, err = h.check(next.String())
	}
	return nil, fmt.Errorf("the download host redirects more than %d times", maxHops-1)
}

// errUnaskedPart is a 206 to a request for the whole file: it may be any part, whatever its headers say.
var errUnaskedPart = errors.New("the download host sent a part of the file, but the whole file was requested")

func (h downloadHost) roundTrip(ctx context.Context, u *url.URL, from int64, validator string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "", http.NoBody)
	if err != nil {
		return nil, err
	}
	req.URL, req.Host = u, u.Host
	req.Header.Set("User-Agent", "terraform-provider-sequentum")
	req.Header.Set("Accept-Encoding", "identity") // the length and the parts of a file are those of what is stored
	if from > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
		req.Header.Set("If-Range", validator)
	}
	resp, err := h.transport.RoundTrip(req)
	return resp, discreet(err, u)
}

// discreetBody keeps the link out of the errors of a body, such as one about a trailer that quotes it.
type discreetBody struct {
	io.ReadCloser
	link *url.URL
}

func (b discreetBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, discreet(err, b.link)
}

// discreet returns an error whose text does not show the link. net/http quotes what it cannot parse, and a host may have
// put the link there.
func discreet(err error, link *url.URL) error {
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

// shortestSecret is the length from which a value of a query counts as a signature. Shorter ones are ordinary words.
const shortestSecret = 6

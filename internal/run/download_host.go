package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hashicorp/go-cleanhttp"
)

// downloadHost asks for signed links. It is the one place that does, and knows neither key nor cookies; redirects are
// followed by hand, so that no referrer goes with them (API: Output files).
type downloadHost struct {
	transport http.RoundTripper
	plainHTTP bool
}

// maxHops is how often the download host may send a request on, as an object store does to the right region.
const maxHops = 5

func newDownloadHost(transport http.RoundTripper, plainHTTP bool) downloadHost {
	if transport == nil {
		own := cleanhttp.DefaultPooledTransport()
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

func (e *refusedError) Error() string {
	return fmt.Sprintf("the download host %s answered %s", e.host, strings.TrimSpace(e.resp.Status))
}

// unusableLink reports whether the answer is what an expired or withdrawn link gets: object stores differ in how they say so.
func (e *refusedError) unusableLink() bool {
	switch e.resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// temporary reports whether the same request may do better later.
func (e *refusedError) temporary() bool {
	return e.resp.StatusCode >= 500 || e.resp.StatusCode == http.StatusTooManyRequests || e.resp.StatusCode == http.StatusRequestTimeout
}

// insecureError is the error of a link that anybody on its way could read and use.
type insecureError struct{ host string }

func (e *insecureError) Error() string {
	return fmt.Sprintf("the link to the file leads to %s by plain http, where anybody on the way could read it: it was not used", e.host)
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

// get asks for a file from a byte on, if it is still the one that validator names; "" does not ask that. The answer is
// a 200 or a 206. Its errors never show the link.
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
		if resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusPartialContent {
			return resp, nil
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
		if validator != "" {
			req.Header.Set("If-Range", validator)
		}
	}
	return h.transport.RoundTrip(req)
}

// part is what an answer of the download host holds: bytes from on, of total in all (-1: not told).
type part struct {
	from, total int64
	validator   string // for If-Range; "": none that tells for certain
}

// partOf reads the headers of a 200 or 206. A 206 that does not say which part it is counts as starting nowhere: -1.
func partOf(resp *http.Response) part {
	p := part{total: resp.ContentLength}
	if etag := resp.Header.Get("ETag"); !strings.HasPrefix(etag, "W/") {
		p.validator = etag
	}
	if resp.StatusCode == http.StatusPartialContent {
		p.from, p.total = -1, -1
		var last int64
		var total string
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%s", &p.from, &last, &total); err != nil {
			p.from = -1
		} else if n, err := strconv.ParseInt(total, 10, 64); err == nil {
			p.total = n
		}
	}
	return p
}

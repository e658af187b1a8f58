// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"net/http"
	"net/url"
)

// authHandler adds the credential, but only to requests for the API's own host (API: Conventions, Authentication).
type authHandler struct {
	next          http.RoundTripper
	base          *url.URL
	authorization string
}

func (h authHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme == h.base.Scheme && req.URL.Host == h.base.Host {
		req = req.Clone(req.Context())
		req.Header.Set("Authorization", h.authorization)
	}
	return h.next.RoundTrip(req)
}

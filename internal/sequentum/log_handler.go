// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logHandler writes one line to the debug log for each try. It never logs a header, a body or a query.
type logHandler struct {
	next http.RoundTripper
}

func (h logHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	resp, err := h.next.RoundTrip(req)
	fields := map[string]any{
		"method":      req.Method,
		"path":        req.URL.Path,
		"duration_ms": time.Since(began).Milliseconds(),
		"attempt":     callOf(req.Context()).tries.sent,
	}
	if err != nil {
		fields["error"] = err.Error()
	} else {
		fields["status"] = resp.StatusCode
	}
	tflog.Debug(req.Context(), "Sequentum API request", fields)
	return resp, err
}

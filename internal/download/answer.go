// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// answer is what the headers of an answer say about its content.
type answer struct {
	partial bool   // a 206
	from    int64  // the first byte of a part; -1: not told
	end     int64  // the byte after the last one of a part
	total   int64  // bytes of the whole file; -1: not told
	version string // the strong validator of the file; "": none, so that a part of another version looks the same
	// framed: the connection shows whether the answer ended too early.
	framed bool
}

// answerOf reads the headers of a 200 or 206.
func answerOf(resp *http.Response) answer {
	a := answer{total: resp.ContentLength, version: strongValidator(resp.Header), framed: sequentum.Framed(resp)}
	if resp.StatusCode != http.StatusPartialContent {
		return a
	}
	a.partial, a.from, a.total = true, -1, -1
	var first, last int64
	var total string
	if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%s", &first, &last, &total); err != nil || first < 0 || last < first || last == math.MaxInt64 {
		return a
	}
	a.from, a.end = first, last+1
	if n, err := strconv.ParseInt(total, 10, 64); err == nil && n > last {
		a.total = n
	}
	return a
}

// inlineAnswer describes the content that the API itself sends.
func inlineAnswer(link *sequentum.Link) answer {
	return answer{total: link.Size, framed: link.Framed}
}

// strongValidator returns the ETag if it is a strong one, which changes with every byte. "": there is none.
func strongValidator(h http.Header) string {
	if etag := h.Get("ETag"); strings.HasPrefix(etag, `"`) {
		return etag
	}
	return ""
}

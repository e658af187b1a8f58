// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Quirk is how the host that signed links point to differs from what HTTP says.
type Quirk string

// The quirks.
const (
	UnaskedRange   Quirk = "unasked_range"    // 206 with the first half although no range was asked for
	UnknownSize    Quirk = "unknown_size"     // a range of * bytes
	Chunked        Quirk = "chunked"          // no Content-Length
	IgnoresIfRange Quirk = "ignores_if_range" // the range, although the file has changed
	IgnoresRange   Quirk = "ignores_range"    // the whole file
	ShiftedRange   Quirk = "shifted_range"    // a range that begins one byte after the one that was asked for
)

// quirkRule is how a quirk is played: as an ordinary answer to another request, or with other headers.
type quirkRule struct {
	request func(header http.Header, size int64)
	answer  func(header http.Header)
}

// quirkRules has every quirk.
var quirkRules = map[Quirk]quirkRule{
	UnaskedRange:   {request: askForFirstHalf},
	UnknownSize:    {answer: hideSizeOfRange},
	Chunked:        {answer: func(h http.Header) { h.Del("Content-Length") }},
	IgnoresIfRange: {request: func(h http.Header, _ int64) { h.Del("If-Range") }},
	IgnoresRange:   {request: func(h http.Header, _ int64) { h.Del("Range") }},
	ShiftedRange:   {request: shiftRange},
}

// UnmarshalText reads a quirk from an agents file.
func (k *Quirk) UnmarshalText(text []byte) error {
	return decodeName(k, text, slices.Sorted(maps.Keys(quirkRules)))
}

func askForFirstHalf(h http.Header, size int64) {
	if h.Get("Range") == "" {
		h.Set("Range", fmt.Sprintf("bytes=0-%d", max(0, size/2-1)))
	}
}

func shiftRange(h http.Header, _ int64) {
	var first int64
	if n, _ := fmt.Sscanf(h.Get("Range"), "bytes=%d-", &first); n == 1 {
		h.Set("Range", fmt.Sprintf("bytes=%d-", first+1))
	}
}

func hideSizeOfRange(h http.Header) {
	if part, _, ok := strings.Cut(h.Get("Content-Range"), "/"); ok {
		h.Set("Content-Range", part+"/*")
	}
}

// changeRequest is the request that a host with the quirk answers, for a file of that size.
func (k Quirk) changeRequest(r *http.Request, size int64) *http.Request {
	r = r.Clone(r.Context())
	if change := quirkRules[k].request; change != nil {
		change(r.Header, size)
	}
	return r
}

// quirkWriter changes the headers of an answer.
type quirkWriter struct {
	http.ResponseWriter
	quirk Quirk
}

func (w quirkWriter) WriteHeader(code int) {
	change := quirkRules[w.quirk].answer
	if change != nil {
		change(w.Header())
	}
	w.ResponseWriter.WriteHeader(code)
	if change != nil {
		_ = http.NewResponseController(w.ResponseWriter).Flush() // else net/http counts a short body and adds its length
	}
}

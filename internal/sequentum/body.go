// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// Limits in bytes (API: Conventions, Size of answers). Answers are read as streams, so that none takes much memory,
// however large it is and however well it was compressed.
const (
	maxAnswer      = 64 * mib // of an answer after decompression
	maxErrorAnswer = 1 * mib  // of an answer that is an error
	maxValue       = 4 * mib  // of one JSON value, such as a run or a file
	// maxString is how much of one JSON string is read. It is enough for maxKept bytes that are all written as escape
	// sequences.
	maxString = maxEscapeGrowth * maxKept
	// maxEscapeGrowth is more than an escape sequence such as \u002B can be longer than what it stands for.
	maxEscapeGrowth = 8
)

var errTooLarge = fmt.Errorf("it is larger than %d MiB", maxAnswer/mib)

// answerBody reads the body of an answer, decompressed, up to a limit. err is what went wrong below it: the connection,
// the compression or the limit.
type answerBody struct {
	resp   *http.Response
	reader io.Reader // nil until the first read
	left   int64     // bytes that may still be read
	err    error     // never io.EOF
}

func newAnswerBody(resp *http.Response, limit int64) *answerBody {
	return &answerBody{resp: resp, left: limit}
}

func (b *answerBody) Read(p []byte) (int, error) {
	if b.reader == nil && b.err == nil {
		b.err = b.decompress()
	}
	if b.err != nil {
		return 0, b.err
	}
	if b.left == 0 {
		b.err = errTooLarge
		return 0, b.err
	}
	n, err := b.reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// decompress undoes gzip where the transport did not: it undoes only what it asked for itself.
func (b *answerBody) decompress() (err error) {
	b.reader = b.resp.Body
	if strings.EqualFold(b.resp.Header.Get("Content-Encoding"), "gzip") {
		packed := b.reader
		if b.reader, err = gzip.NewReader(packed); errors.Is(err, io.EOF) { // nothing was compressed: the body is empty
			b.reader, err = packed, nil
		}
	}
	return err
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"bytes"
	"io"
)

// contentWriter receives the content of one file: a temporary file on disk, or memory.
type contentWriter interface {
	io.Writer
	// reset discards what was written: the content comes again from its first byte.
	reset() error
	// expectSize is called with the size of the whole content in bytes, as soon as it is known. An error ends the transfer.
	expectSize(total int64) error
}

// limitedBuffer is a contentWriter in memory. More than limit bytes are a [TooLargeError].
type limitedBuffer struct {
	bytes.Buffer
	limit int64
}

func (m *limitedBuffer) Write(p []byte) (int, error) {
	if err := m.expectSize(int64(m.Len() + len(p))); err != nil {
		return 0, err
	}
	return m.Buffer.Write(p)
}

func (m *limitedBuffer) reset() error {
	m.Reset()
	return nil
}

func (m *limitedBuffer) expectSize(total int64) error {
	if total > m.limit {
		return &TooLargeError{m.limit}
	}
	return nil
}

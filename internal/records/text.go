// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// peekSize is how much of the text can be looked at before it is read: more than any ordinary header.
const peekSize = 64 << 10

// textReader gives the text of a file as UTF-8, and counts its lines.
type textReader struct {
	chars  *charReader
	peeked *bufio.Reader
	breaks int // line breaks that were read
}

func newTextReader(file io.Reader, limit int64) *textReader {
	chars := newCharReader(file, limit)
	return &textReader{chars: chars, peeked: bufio.NewReaderSize(chars, peekSize)}
}

func (t *textReader) Read(p []byte) (int, error) {
	n, err := t.peeked.Read(p)
	t.breaks += bytes.Count(p[:n], []byte{'\n'})
	return n, err
}

// peek returns the beginning of the text before anything is read.
func (t *textReader) peek() []byte {
	start, _ := t.peeked.Peek(peekSize)
	return start
}

// lineBefore returns the line in which rest begins, where rest is the end of what was read.
func (t *textReader) lineBefore(rest []byte) int {
	return 1 + t.breaks - bytes.Count(rest, []byte{'\n'})
}

// err is why the text could not be read to its end; nil: nothing has failed.
func (t *textReader) err() error { return t.chars.err }

// refuseWebPage refuses the page that a proxy or a login sends instead of a file. As CSV it would be a table of one column.
func refuseWebPage(text *textReader) error {
	start := strings.ToLower(string(bytes.TrimSpace(text.peek())))
	if strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") {
		return brokenError(1, "it is a web page (HTML) and has no records")
	}
	return nil
}

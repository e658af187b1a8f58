// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// charReader decodes the bytes of a file: gzip, then UTF-8 or UTF-16. It gives whole characters as UTF-8, without the byte
// order mark. One that is not valid is an error with its line.
type charReader struct {
	file  io.Reader
	limit int64
	bytes *bufio.Reader // decompressed; nil until the first read
	next  func() (rune, error)
	char  [utf8.UTFMax]byte
	rest  []byte // what of char did not fit yet
	line  int
	err   error // never io.EOF
}

func newCharReader(file io.Reader, limit int64) *charReader {
	return &charReader{file: file, limit: limit, line: 1}
}

func (c *charReader) Read(p []byte) (n int, err error) {
	if c.bytes == nil {
		c.err = c.open()
	}
	for c.err == nil && n < len(p) {
		if len(c.rest) == 0 {
			char, err := c.next()
			if errors.Is(err, io.EOF) {
				return n, io.EOF
			}
			if c.err = err; err != nil {
				break
			}
			if char == '\n' {
				c.line++
			}
			c.rest = utf8.AppendRune(c.char[:0], char)
		}
		fits := copy(p[n:], c.rest)
		n, c.rest = n+fits, c.rest[fits:]
	}
	return n, c.err
}

// open finds out how the file is written.
func (c *charReader) open() error {
	stored := bufio.NewReader(c.file)
	c.bytes = bufio.NewReader(&limitedReader{r: stored, limit: c.limit, left: c.limit})
	if start, _ := stored.Peek(2); bytes.Equal(start, []byte{0x1f, 0x8b}) {
		plain, err := gzip.NewReader(stored)
		if err != nil {
			return damaged(err)
		}
		c.bytes.Reset(&limitedReader{r: gzipReader{plain}, limit: c.limit, left: c.limit})
	}
	start, _ := c.bytes.Peek(4)
	mark := 0
	c.next = c.nextUTF8
	switch {
	case bytes.Equal(start, []byte{0xff, 0xfe, 0, 0}), bytes.Equal(start, []byte{0, 0, 0xfe, 0xff}):
		return brokenError(1, "the text is UTF-32. Only UTF-8 and UTF-16 can be read")
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}):
		mark, c.next = 2, func() (rune, error) { return c.nextUTF16(binary.LittleEndian) }
	case bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		mark, c.next = 2, func() (rune, error) { return c.nextUTF16(binary.BigEndian) }
	case bytes.HasPrefix(start, []byte("\ufeff")):
		mark = 3
	}
	_, err := c.bytes.Discard(mark)
	return err
}

func (c *charReader) nextUTF8() (rune, error) {
	char, size, err := c.bytes.ReadRune()
	switch {
	case err != nil:
		return 0, err
	case char == utf8.RuneError && size == 1:
		return 0, brokenError(c.line, "the text is not valid UTF-8. UTF-16 can be read if it begins with a byte order mark")
	case char == 0: // text has none, but UTF-16 has one beside each ASCII character
		return 0, brokenError(c.line, "the text has a NUL character. UTF-16 can be read only if it begins with a byte order mark")
	}
	return char, nil
}

func (c *charReader) nextUTF16(order binary.ByteOrder) (rune, error) {
	unit, err := c.nextUnit(order)
	if err != nil || !utf16.IsSurrogate(unit) {
		return unit, err
	}
	low, err := c.nextUnit(order)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	char := utf16.DecodeRune(unit, low)
	if char == utf8.RuneError {
		return 0, c.invalidUTF16()
	}
	return char, nil
}

func (c *charReader) nextUnit(order binary.ByteOrder) (rune, error) {
	var pair [2]byte
	if _, err := io.ReadFull(c.bytes, pair[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = c.invalidUTF16()
		}
		return 0, err
	}
	return rune(order.Uint16(pair[:])), nil
}

func (c *charReader) invalidUTF16() error {
	return brokenError(c.line, "the text is not valid UTF-16")
}

// limitedReader gives at most limit bytes. More are a [TooLargeError].
type limitedReader struct {
	r           io.Reader
	limit, left int64
	exceeded    bool // bufio forgets the error that a Peek met
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	if !l.exceeded {
		n, err := l.r.Read(p)
		if l.exceeded = int64(n) > l.left; !l.exceeded {
			l.left -= int64(n)
			return n, err
		}
	}
	return 0, &TooLargeError{l.limit}
}

// gzipReader says that the gzip is at fault, and not the records in it.
type gzipReader struct{ *gzip.Reader }

func (g gzipReader) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = damaged(err)
	}
	return n, err
}

func damaged(err error) error {
	return &FormatError{Broken: true, Problem: "the file is compressed with gzip, and cannot be decompressed: " + err.Error()}
}

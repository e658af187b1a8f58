// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonReader reads JSON values one after the other, so that an answer is never in memory as a whole. It only finds where
// a value begins and ends; encoding/json decodes it.
type jsonReader struct {
	r   *bufio.Reader
	buf []byte // the value that is being read
}

// byteOrderMark stands at the beginning of some servers' answers.
const byteOrderMark = "\ufeff"

func newJSONReader(r io.Reader) *jsonReader {
	j := &jsonReader{r: bufio.NewReaderSize(r, 32*kib)}
	if start, _ := j.r.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		_, _ = j.r.Discard(len(byteOrderMark))
	}
	return j
}

var (
	errValueTooLarge = fmt.Errorf("it is larger than %d MiB", maxValue/mib)
	errEmpty         = errors.New("it is empty")
	errCutOff        = errors.New("unexpected end of JSON")
	errNoJSON        = errors.New("it is not JSON")
)

// readObject reads the whole answer, which has to be one object.
func (j *jsonReader) readObject(r *redactor) ([]byte, error) {
	if first, err := j.peekByte(); err != nil || first != '{' {
		return nil, j.wrongKind("object", r, err)
	}
	data, err := j.readValue()
	if err != nil {
		return nil, err
	}
	return data, j.readEnd()
}

// readArray reads the whole answer, which has to be one array, and calls each for every element: see readElements. null is
// an empty array.
func (j *jsonReader) readArray(r *redactor, each func(element []byte, err error) (more bool)) error {
	first, err := j.peekByte()
	if start, _ := j.r.Peek(len("null")); string(start) == "null" {
		_, _ = j.r.Discard(len("null"))
		return j.readEnd()
	}
	if err != nil || first != '[' {
		return j.wrongKind("array", r, err)
	}
	more, err := j.readElements(each)
	if err != nil || !more {
		return err
	}
	return j.readEnd()
}

// readElements reads the array that comes next. The bytes of an element are valid until each returns. err is
// errValueTooLarge for an element that is too large. more is false when each returned false, which stops the reading.
func (j *jsonReader) readElements(each func(element []byte, err error) (more bool)) (more bool, err error) {
	_, _ = j.r.ReadByte()
	if next, err := j.peekByte(); err == nil && next == ']' {
		_, _ = j.r.ReadByte()
		return true, nil
	}
	for separator := byte(','); separator == ','; {
		element, err := j.readValue()
		if err != nil && !errors.Is(err, errValueTooLarge) {
			return false, err
		}
		if !each(element, err) {
			return false, nil
		}
		if separator, err = j.peekByte(); err != nil {
			return false, unexpected(err)
		}
		if _, _ = j.r.ReadByte(); separator != ',' && separator != ']' {
			return false, errNoJSON
		}
	}
	return true, nil
}

// wrongKind is the error of an answer that is not an object or an array. It shows the beginning of the answer.
func (j *jsonReader) wrongKind(kind string, r *redactor, err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	start, _ := j.r.Peek(j.r.Size())
	if len(start) == 0 {
		return errEmpty
	}
	return fmt.Errorf("it is not a JSON %s: %q", kind, firstLine(start, r))
}

// readValue reads the next value. Long strings in it are cut. The bytes are valid until the next call. A value that is too
// large is read to its end too, so that the next one can be read.
func (j *jsonReader) readValue() ([]byte, error) {
	first, err := j.peekByte()
	if err != nil {
		return nil, unexpected(err)
	}
	if strings.IndexByte(",:]}", first) >= 0 {
		return nil, errNoJSON
	}
	j.buf = j.buf[:0]
	tooLarge := false
	for depth := 0; ; {
		c, err := j.r.ReadByte()
		switch {
		case err != nil && depth == 0 && first != '"' && errors.Is(err, io.EOF): // a number that ends with the answer
			return j.buf, nil
		case err != nil:
			return nil, unexpected(err)
		case depth == 0 && len(j.buf) > 0 && (isSpace(c) || strings.IndexByte(",:]}", c) >= 0):
			_ = j.r.UnreadByte()
			return j.finishValue(tooLarge)
		}
		j.buf = append(j.buf, c)
		switch c {
		case '"':
			if err := j.readString(); err != nil {
				return nil, err
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if len(j.buf) > maxValue {
			tooLarge, j.buf = true, j.buf[:1]
		}
		if depth == 0 && strings.IndexByte(`"{[`, first) >= 0 {
			return j.finishValue(tooLarge)
		}
	}
}

// finishValue returns the value that was read.
func (j *jsonReader) finishValue(tooLarge bool) ([]byte, error) {
	if tooLarge {
		return nil, errValueTooLarge
	}
	return j.buf, nil
}

// readString reads the rest of a string whose first quote was read. After maxString bytes the string is cut.
func (j *jsonReader) readString() error {
	for began := len(j.buf); ; {
		c, err := j.r.ReadByte()
		switch {
		case err != nil:
			return unexpected(err)
		case c == '"':
			j.buf = append(j.buf, c)
			return nil
		case len(j.buf)-began >= maxString:
			if c == '\\' {
				_, err = j.r.ReadByte()
			}
		case c == '\\':
			err = j.readEscape()
		default:
			j.buf = append(j.buf, c)
		}
		if err != nil {
			return unexpected(err)
		}
	}
}

// readEscape reads a whole escape sequence whose backslash was read. Half of one would not be JSON.
func (j *jsonReader) readEscape() error {
	j.buf = append(j.buf, '\\')
	c, err := j.r.ReadByte()
	j.buf = append(j.buf, c)
	for range len("002B") {
		if c != 'u' || err != nil {
			break
		}
		var digit byte
		digit, err = j.r.ReadByte()
		j.buf = append(j.buf, digit)
	}
	return err
}

// peekByte skips white space and returns the next byte, which stays unread.
func (j *jsonReader) peekByte() (byte, error) {
	for {
		next, err := j.r.Peek(1)
		if err != nil {
			return 0, err
		}
		if !isSpace(next[0]) {
			return next[0], nil
		}
		_, _ = j.r.Discard(1)
	}
}

// readEnd reads to the end of the answer. Only there it is known that the answer is whole.
func (j *jsonReader) readEnd() error {
	switch _, err := j.peekByte(); {
	case err == nil:
		return fmt.Errorf("%w: more text follows its end", errNoJSON)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// unexpected is the error of an answer that ends in the middle of a value.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return errCutOff
	}
	return err
}

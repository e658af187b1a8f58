package sequentum

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonReader reads JSON values one after the other. It knows where each begins and ends, and nothing else of JSON.
type jsonReader struct {
	r   *bufio.Reader
	buf []byte // the value that is being read
}

func newJSONReader(r io.Reader) *jsonReader {
	j := &jsonReader{r: bufio.NewReaderSize(r, 32<<10)}
	if mark, _ := j.r.Peek(3); string(mark) == "\ufeff" { // that some servers begin with
		_, _ = j.r.Discard(3)
	}
	return j
}

var (
	errValueTooLarge = fmt.Errorf("it is larger than %d MiB", maxValue>>20)
	errEmpty         = errors.New("it is empty")
	errCutOff        = errors.New("unexpected end of JSON")
	errNoJSON        = errors.New("it is not JSON")
)

// object reads the only value of the answer, which has to be an object.
func (j *jsonReader) object(r *redactor) ([]byte, error) {
	if first, err := j.peek(); err != nil || first != '{' {
		return nil, j.isNo("object", r, err)
	}
	data, err := j.value()
	if err != nil {
		return nil, err
	}
	return data, j.end()
}

// array hands on the elements of the array that is the only value of the answer; null is an empty one. An element is
// valid until the next; err is errValueTooLarge for one that cannot be had. It stops when each says so.
func (j *jsonReader) array(r *redactor, each func(element []byte, err error) (more bool)) error {
	first, err := j.peek()
	if start, _ := j.r.Peek(len("null")); string(start) == "null" {
		_, _ = j.r.Discard(len("null"))
		return j.end()
	}
	if err != nil || first != '[' {
		return j.isNo("array", r, err)
	}
	_, _ = j.r.ReadByte()
	for separator := first; separator != ']'; {
		next, err := j.peek()
		if err == nil && next == ']' && separator == first {
			_, _ = j.r.ReadByte()
			break
		}
		element, err := j.value()
		if err != nil && !errors.Is(err, errValueTooLarge) {
			return err
		}
		if !each(element, err) {
			return nil
		}
		if separator, err = j.peek(); err != nil {
			return unexpected(err)
		}
		if _, _ = j.r.ReadByte(); separator != ',' && separator != ']' {
			return errNoJSON
		}
	}
	return j.end()
}

// isNo says what the answer is instead of an object or an array.
func (j *jsonReader) isNo(kind string, r *redactor, err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	start, _ := j.r.Peek(j.r.Size())
	if len(start) == 0 {
		return errEmpty
	}
	return fmt.Errorf("it is not a JSON %s: %q", kind, firstLine(start, r))
}

// value reads the next value, with long strings cut. It is valid until the next. One that is too large is read to its
// end all the same.
func (j *jsonReader) value() ([]byte, error) {
	first, err := j.peek()
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
		case err != nil && depth == 0 && first != '"' && errors.Is(err, io.EOF): // a number at the end of the answer
			return j.buf, nil
		case err != nil:
			return nil, unexpected(err)
		case depth == 0 && len(j.buf) > 0 && (isSpace(c) || strings.IndexByte(",:]}", c) >= 0):
			_ = j.r.UnreadByte()
			return j.whole(tooLarge)
		}
		j.buf = append(j.buf, c)
		switch c {
		case '"':
			if err := j.string(); err != nil {
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
			return j.whole(tooLarge)
		}
	}
}

func (j *jsonReader) whole(tooLarge bool) ([]byte, error) {
	if tooLarge {
		return nil, errValueTooLarge
	}
	return j.buf, nil
}

// string reads a string whose quote has been read, up to its end. Of a long one the rest is left out.
func (j *jsonReader) string() error {
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
			err = j.escape()
		default:
			j.buf = append(j.buf, c)
		}
		if err != nil {
			return unexpected(err)
		}
	}
}

// escape reads all of an escape sequence whose backslash has been read: half of one would not be JSON.
func (j *jsonReader) escape() error {
	j.buf = append(j.buf, '\\')
	c, err := j.r.ReadByte()
	j.buf = append(j.buf, c)
	for range 4 {
		if c != 'u' || err != nil {
			break
		}
		var digit byte
		digit, err = j.r.ReadByte()
		j.buf = append(j.buf, digit)
	}
	return err
}

// peek skips white space, and returns the next byte without reading it.
func (j *jsonReader) peek() (byte, error) {
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

// end reads on to the end of the answer, after which alone it is known to be whole.
func (j *jsonReader) end() error {
	switch _, err := j.peek(); {
	case err == nil:
		return fmt.Errorf("%w: something follows its end", errNoJSON)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return errCutOff
	}
	return err
}

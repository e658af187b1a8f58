package sequentum

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Answers are read as they come, so that none takes much memory, whatever its size and however well it was compressed.
const (
	maxAnswer      = 64 << 20 // bytes of an answer without its compression
	maxErrorAnswer = 1 << 20
	maxValue       = 4 << 20 // bytes of one JSON value: a run, a file
	// maxString is how many bytes of one JSON string are read. Those of maxKept are in them, also when all are escaped.
	maxString = 8 * maxKept
)

var errTooLarge = fmt.Errorf("it is larger than %d MiB", maxAnswer>>20)

// answerBody is the body of an answer, without its compression, up to a limit. It remembers what went wrong on the wire.
type answerBody struct {
	resp *http.Response
	from io.Reader
	left int64
	err  error // other than the body's end
}

func newAnswerBody(resp *http.Response, limit int64) *answerBody {
	return &answerBody{resp: resp, left: limit}
}

func (b *answerBody) Read(p []byte) (int, error) {
	if b.from == nil && b.err == nil {
		b.err = b.decompress()
	}
	if b.err != nil {
		return 0, b.err
	}
	if b.left == 0 {
		b.err = errTooLarge
		return 0, b.err
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// decompress undoes a compression that the transport has left as it is: it undoes only one that it asked for itself.
func (b *answerBody) decompress() (err error) {
	b.from = b.resp.Body
	if strings.EqualFold(b.resp.Header.Get("Content-Encoding"), "gzip") {
		b.from, err = gzip.NewReader(b.resp.Body)
	}
	return err
}

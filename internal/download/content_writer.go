package download

import (
	"bytes"
	"io"
)

// contentWriter takes a content, from its beginning again after each restart.
type contentWriter interface {
	io.Writer
	reset() error
	// expectSize is told the length of the whole content, as soon as that is known.
	expectSize(total int64) error
}

// limitedBuffer is a sink that takes at most limit bytes.
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

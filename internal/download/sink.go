package download

import (
	"bytes"
	"io"
)

// sink takes a content, from its beginning again after each restart.
type sink interface {
	io.Writer
	restart() error
	// expect is told the length of the whole content, as soon as that is known.
	expect(total int64) error
}

// limitedMemory is a sink that takes at most limit bytes.
type limitedMemory struct {
	bytes.Buffer
	limit int64
}

func (m *limitedMemory) Write(p []byte) (int, error) {
	if err := m.expect(int64(m.Len() + len(p))); err != nil {
		return 0, err
	}
	return m.Buffer.Write(p)
}

func (m *limitedMemory) restart() error {
	m.Reset()
	return nil
}

func (m *limitedMemory) expect(total int64) error {
	if total > m.limit {
		return &TooLargeError{m.limit}
	}
	return nil
}

package download

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// flushEvery is how many bytes are written before they are sent to the disk.
const flushEvery = 32 << 20

// fileSink is a sink on disk. It flushes a large file while it is being written, so that the last sync has little left
// to do, and memory does not fill with what the disk has yet to take.
type fileSink struct {
	unsaved
	dirty int // bytes since the last flush began

	flushing sync.WaitGroup
	mu       sync.Mutex // held by a flush
	err      error      // of the flushes; the system reports each only once
}

func (f *fileSink) Write(p []byte) (int, error) {
	n, err := f.unsaved.Write(p)
	if f.dirty += n; f.dirty >= flushEvery && f.mu.TryLock() {
		f.dirty = 0
		f.flushing.Go(func() {
			defer f.mu.Unlock()
			defer sequentum.Recover(func(p *sequentum.PanicError) { f.err = errors.Join(f.err, p) })
			f.err = errors.Join(f.err, f.Sync())
		})
	}
	return n, err
}

func (f *fileSink) restart() error {
	_, err := f.Seek(0, io.SeekStart)
	return errors.Join(err, f.Truncate(0))
}

// discard closes a file that is not to be kept.
func (f *fileSink) discard() error {
	f.flushing.Wait()
	return f.Close()
}

// expect asks the disk for room.
func (f *fileSink) expect(total int64) error {
	if err := f.reserve(total); err != nil {
		return &DiskError{err}
	}
	return nil
}

// close syncs and closes the file, and returns what it was in the end.
func (f *fileSink) close() (fs.FileInfo, error) {
	f.flushing.Wait()
	err := errors.Join(f.err, f.Sync())
	info, statErr := f.Stat()
	return info, errors.Join(err, statErr, f.Close())
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

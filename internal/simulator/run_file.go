// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// runFile is a file of a run at one moment.
type runFile struct {
	File
	id      int64
	version int    // how often it has been changed
	length  int64  // so far
	listed  *int64 // the size that the list of files shows; nil: null
	changed time.Time
}

// fileAt is the run's file number i in state s; false if it is not there.
func (r *run) fileAt(i int64, s state, now time.Time) (runFile, bool) {
	if i < 0 || i >= int64(len(r.files)) {
		return runFile{}, false
	}
	grows := r.files[i].GrowsPerSecond > 0 && !s.started.IsZero()
	if whole := i < int64(float64(len(r.files))*s.files); !whole && !grows {
		return runFile{}, false
	}
	f := runFile{File: r.files[i], id: r.firstFile + i}
	f.version = r.versions[f.id]
	f.length = f.lengthAt(s, now)
	f.listed = f.listedSize(s, now)
	// HTTP has times in seconds, so that two changes are a second apart at least.
	f.changed = r.created.Add(time.Duration(f.version) * time.Second)
	return f, true
}

func (r *run) fileWithID(id int64, s state, now time.Time) (runFile, bool) {
	return r.fileAt(id-r.firstFile, s, now)
}

// lengthAt is how much of the file there is.
func (f File) lengthAt(s state, now time.Time) int64 {
	if f.GrowsPerSecond <= 0 || s.status.Finished() {
		return f.Length()
	}
	return min(f.Length(), max(0, int64(now.Sub(s.started).Seconds()*float64(f.GrowsPerSecond))))
}

// listedSize is the size that the list of files shows. For a file that grows it is a moment old.
func (f File) listedSize(s state, now time.Time) *int64 {
	const behind = 2 * time.Second
	switch {
	case f.ListedSize == nil:
		return new(f.lengthAt(s, now.Add(-behind)))
	case *f.ListedSize < 0:
		return nil
	}
	return f.ListedSize
}

// etag is different for every content.
func (f runFile) etag() string {
	return strconv.Quote(fmt.Sprintf("%s-%d-%d", strconv.FormatInt(f.id, 36), f.version, f.length))
}

// content is what this version holds.
func (f runFile) content() *io.SectionReader {
	content := f.Open().(io.ReaderAt) // as every reader of Open is
	if f.version > 0 {
		content = shiftedBytes{content, byte(f.version)}
	}
	return io.NewSectionReader(content, 0, f.length)
}

// shiftedBytes adds a number to every byte of a content.
type shiftedBytes struct {
	io.ReaderAt
	by byte
}

func (b shiftedBytes) ReadAt(p []byte, at int64) (int, error) {
	n, err := b.ReaderAt.ReadAt(p, at)
	for i := range p[:n] {
		p[i] += b.by
	}
	return n, err
}

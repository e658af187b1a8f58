package download

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Same reports whether both are one directory, under whatever paths they were opened.
func (d *Directory) Same(other *Directory) bool {
	here, err := d.root.Stat(".")
	if err != nil {
		return false
	}
	there, err := other.root.Stat(".")
	return err == nil && os.SameFile(here, there)
}

// Move brings a file that was downloaded before from another directory, or from another name in this one, to the
// target's name. It is renamed; across file systems it is copied, synced and verified before the old one goes. The
// caller has checked that the file holds what was written. The time is that of its last write, as [Content] has it.
//
// left is true when the file is in its new place and could not be removed from the old one.
func (d *Directory) Move(ctx context.Context, from *Directory, name string, written Content, target Target) (modified time.Time, left bool, err error) {
	if err := d.Blocked(target.Name, target.Replace); err != nil {
		return time.Time{}, false, &blockedError{err}
	}
	info, err := from.root.Lstat(name)
	switch {
	case err != nil:
		return time.Time{}, false, &DiskError{err}
	case !info.Mode().IsRegular():
		return time.Time{}, false, &blockedError{ErrNotRegular}
	}
	left, err = d.rename(from, name, target)
	switch {
	case err == nil:
		return info.ModTime(), left, nil
	case errors.Is(err, errTaken):
		return time.Time{}, false, &blockedError{err}
	}
	copied, err := d.copy(ctx, from, name, written, target)
	if err != nil {
		return time.Time{}, false, err
	}
	return copied.Modified, from.root.Remove(name) != nil, nil
}

// rename is [Directory.name] between directories. Neither name is followed when it is a link.
func (d *Directory) rename(from *Directory, name string, target Target) (left bool, err error) {
	oldPath, newPath := filepath.Join(from.path, name), filepath.Join(d.path, target.Name)
	if target.Replace == ReplaceNothing {
		switch err := os.Link(oldPath, newPath); {
		case err == nil:
			return from.root.Remove(name) != nil, nil
		case errors.Is(err, fs.ErrExist):
			return false, errTaken
		}
	}
	return false, os.Rename(oldPath, newPath)
}

// copy brings what a rename could not: the file is in another file system, or may not be renamed.
func (d *Directory) copy(ctx context.Context, from *Directory, name string, written Content, target Target) (Content, error) {
	source, err := from.root.Open(name)
	if err != nil {
		return Content{}, &DiskError{err}
	}
	defer source.Close() //nolint:errcheck // it was only read
	target.SHA256 = written.SHA256
	return d.writeTarget(target, func(to sink) (Content, error) { return copyContent(ctx, to, source, written.Size) })
}

// copyContent copies so many bytes, and returns what it has copied.
func copyContent(ctx context.Context, to sink, source io.Reader, size int64) (Content, error) {
	if err := to.expect(size); err != nil {
		return Content{}, err
	}
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(to, h), untilEnd{ctx, io.LimitReader(source, size)}, make([]byte, bufferSize))
	switch {
	case ctx.Err() != nil:
		return Content{}, &EndedError{Waiting: fmt.Sprintf("for a copy of %d bytes", size), cause: context.Cause(ctx)}
	case err != nil:
		return Content{}, &DiskError{err}
	}
	return Content{SHA256: hexSum(h), Size: n}, nil
}

// Sync makes the names of the directory's files last through a crash of the machine, as far as the system can.
func (d *Directory) Sync() { _ = d.sync() }

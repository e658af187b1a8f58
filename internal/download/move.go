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
// left is true if the file is in its new place, but could not be removed from the old one.
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
	if modified, err = d.copy(ctx, from, name, written, target); err != nil {
		return time.Time{}, false, err
	}
	return modified, from.root.Remove(name) != nil, nil
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

// copy moves a file that could not be renamed: it is in another file system, or may not be renamed.
func (d *Directory) copy(ctx context.Context, from *Directory, name string, written Content, target Target) (modified time.Time, err error) {
	source, err := from.root.Open(name)
	if err != nil {
		return time.Time{}, &DiskError{err}
	}
	defer source.Close() //nolint:errcheck // it was only read
	f, err := d.createTemporary()
	if err != nil {
		return time.Time{}, &DiskError{err}
	}
	defer func() { err = errors.Join(err, f.remove()) }()
	sink := &fileSink{unsaved: f.unsaved}
	sum, err := copyContent(ctx, sink, source, written.Size)
	if err == nil && sum != written.SHA256 {
		err = &MismatchError{What: "SHA-256", Got: sum, Want: written.SHA256}
	}
	if err != nil {
		return time.Time{}, errors.Join(err, sink.discard())
	}
	info, err := sink.close()
	if err != nil {
		return time.Time{}, &DiskError{err}
	}
	return info.ModTime(), d.put(f, info, written.Size, target)
}

// copyContent copies so many bytes, and returns their SHA-256 in hex.
func copyContent(ctx context.Context, to sink, source io.Reader, size int64) (sum string, err error) {
	if err := to.expect(size); err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.CopyBuffer(io.MultiWriter(to, h), untilEnd{ctx, io.LimitReader(source, size)}, make([]byte, bufferSize))
	switch {
	case ctx.Err() != nil:
		return "", &EndedError{Waiting: fmt.Sprintf("for a copy of %d bytes", size), cause: context.Cause(ctx)}
	case err != nil:
		return "", &DiskError{err}
	}
	return hexSum(h), nil
}

// Sync writes the names of the directory's files to the disk, so that they survive a crash of the machine if the system
// can do that.
func (d *Directory) Sync() { _ = d.sync() }

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
// caller has checked that the file holds what was written. The time is that of its last write, as [Fingerprint] has it.
//
// left is true when the file is in its new place and could not be removed from the old one.
func (d *Directory) Move(ctx context.Context, from *Directory, name string, written Fingerprint, target Target) (modified time.Time, left bool, err error) {
	if err := d.Obstacle(target.Name, target.Replace); err != nil {
		return time.Time{}, false, &obstacleError{err}
	}
	info, err := from.root.Lstat(name)
	switch {
	case err != nil:
		return time.Time{}, false, &DiskError{err}
	case !info.Mode().IsRegular():
		return time.Time{}, false, &obstacleError{ErrNotRegular}
	}
	left, err = d.renameFrom(from, name, target)
	switch {
	case err == nil:
		return info.ModTime(), left, nil
	case errors.Is(err, errNameTaken):
		return time.Time{}, false, &obstacleError{err}
	}
	copied, err := d.copyFrom(ctx, from, name, written, target)
	if err != nil {
		return time.Time{}, false, err
	}
	return copied.Modified, from.root.Remove(name) != nil, nil
}

// renameFrom is [Directory.renameTemporary] between directories. Neither name is followed when it is a link.
func (d *Directory) renameFrom(from *Directory, name string, target Target) (left bool, err error) {
	oldPath, newPath := filepath.Join(from.path, name), filepath.Join(d.path, target.Name)
	if target.Replace == ReplaceNothing {
		switch err := os.Link(oldPath, newPath); {
		case err == nil:
			return from.root.Remove(name) != nil, nil
		case errors.Is(err, fs.ErrExist):
			return false, errNameTaken
		}
	}
	return false, os.Rename(oldPath, newPath)
}

// copyFrom brings what a rename could not: the file is in another file system, or may not be renamed.
func (d *Directory) copyFrom(ctx context.Context, from *Directory, name string, written Fingerprint, target Target) (Fingerprint, error) {
	source, err := from.root.Open(name)
	if err != nil {
		return Fingerprint{}, &DiskError{err}
	}
	defer source.Close() //nolint:errcheck // it was only read
	target.SHA256 = written.SHA256
	return d.writeTarget(target, func(to contentWriter) (Fingerprint, error) { return copyContent(ctx, to, source, written.Size) })
}

// copyContent copies so many bytes, and returns what it has copied.
func copyContent(ctx context.Context, to contentWriter, source io.Reader, size int64) (Fingerprint, error) {
	if err := to.expectSize(size); err != nil {
		return Fingerprint{}, err
	}
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(to, h), contextReader{ctx, io.LimitReader(source, size)}, make([]byte, bufferSize))
	switch {
	case ctx.Err() != nil:
		return Fingerprint{}, &EndedError{Waiting: fmt.Sprintf("for a copy of %d bytes", size), cause: context.Cause(ctx)}
	case err != nil:
		return Fingerprint{}, &DiskError{err}
	}
	return Fingerprint{SHA256: hexSum(h), Size: n}, nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// Same reports whether both are the same directory, also if they were opened by different paths.
func (d *Directory) Same(other *Directory) bool {
	here, err := d.root.Stat(".")
	if err != nil {
		return false
	}
	there, err := other.root.Stat(".")
	return err == nil && os.SameFile(here, there)
}

// Move moves a downloaded file from another directory, or from another name in this one, to the target's name. The file is
// renamed. If that is not possible, as between file systems, it is copied, synced and compared with written before the old
// file is removed. The caller must have checked that the file is unchanged.
//
// modified is the file's time after the move, for its [Fingerprint]. oldStays is true if the file is in its new place, but could
// not be removed from the old one. After an error the file is where it was: the error is a [DiskError], a [MismatchError], an
// [EndedError], or says what has the target's name.
func (d *Directory) Move(ctx context.Context, from *Directory, name string, written Fingerprint, target Target) (modified time.Time, oldStays bool, err error) {
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
	oldStays, err = d.renameFrom(from, name, target)
	switch {
	case err == nil:
		return info.ModTime(), oldStays, nil
	case errors.Is(err, errNameTaken):
		return time.Time{}, false, &obstacleError{err}
	}
	copied, err := d.copyFrom(ctx, from, name, written, target)
	if err != nil {
		return time.Time{}, false, err
	}
	return copied.Modified, from.root.Remove(name) != nil, nil
}

// renameFrom is [Directory.renameTemporary] between directories. No link is followed.
func (d *Directory) renameFrom(from *Directory, name string, target Target) (oldStays bool, err error) {
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

// copyFrom copies a file that could not be renamed, because it is in another file system or the rename is not permitted.
func (d *Directory) copyFrom(ctx context.Context, from *Directory, name string, written Fingerprint, target Target) (Fingerprint, error) {
	source, err := from.open(name)
	if err != nil {
		return Fingerprint{}, &DiskError{err}
	}
	defer source.Close() //nolint:errcheck // the file was only read
	target.SHA256 = written.SHA256
	return d.writeTarget(target, func(to contentWriter) (Fingerprint, error) { return copyContent(ctx, to, source, written.Size) })
}

// copyContent copies size bytes, and returns the fingerprint of what it has copied.
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

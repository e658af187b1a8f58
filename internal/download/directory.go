// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// Directory is an open directory in which files are saved. No name leads out of it, and no symbolic link in it is followed.
// [Directory.Close] closes it.
type Directory struct {
	path   string
	root   *os.Root
	create func(name string) (diskFile, error) // a test has a faulty disk here
	open   func(name string) (*os.File, error) // to read; a test has another program here that is faster
}

// OpenDirectory opens a directory. The error is fs.ErrNotExist if it does not exist, also if something that is no directory has
// its name or the name of a parent.
func OpenDirectory(path string) (*Directory, error) {
	info, err := os.Stat(path)
	if errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	d := &Directory{path: path, root: root, open: root.Open}
	d.create = d.createFile
	return d, nil
}

// CreateDirectory opens a directory to save files in. It creates the directory and its parents if they do not exist, and removes
// temporary files that a killed download has left there. A directory that cannot be written to is an error.
func CreateDirectory(path string) (*Directory, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	d, err := OpenDirectory(path)
	if err != nil {
		return nil, err
	}
	d.removeLeftovers(time.Now())
	probe := temporaryName()
	f, err := d.create(probe)
	if err == nil {
		err = errors.Join(f.Close(), d.root.Remove(probe))
	}
	if err != nil {
		return nil, errors.Join(unwritableError(path, err), d.Close())
	}
	return d, nil
}

// unwritableError names the directory in place of the temporary file, which the user does not know.
func unwritableError(directory string, err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		err = of.Err
	}
	return fmt.Errorf("%s cannot be written to: %w", directory, err)
}

// Close closes the directory. The files stay.
func (d *Directory) Close() error { return d.root.Close() }

// Fingerprint tells a file that was changed from one that was not.
type Fingerprint struct {
	Size     int64     // bytes
	SHA256   string    // of the content, in hex; "": not known
	Modified time.Time // when the file was last written; zero: not known
}

// ErrNotRegular is the error of a name that a directory, a symbolic link or another special file has.
var ErrNotRegular = errors.New("not a regular file")

// Fingerprint returns the size, the SHA-256 and the time of a file. A file with none of the wanted sizes in bytes is not read:
// its SHA256 is "". The error is fs.ErrNotExist if there is no such file, [ErrNotRegular], the system's, or the cause of ctx's
// end.
func (d *Directory) Fingerprint(ctx context.Context, name string, wanted ...int64) (Fingerprint, error) {
	before, err := d.root.Lstat(name)
	if err != nil {
		return Fingerprint{}, err
	}
	if !before.Mode().IsRegular() {
		return Fingerprint{}, ErrNotRegular
	}
	found := Fingerprint{Size: before.Size(), Modified: before.ModTime()}
	if !slices.Contains(wanted, found.Size) {
		return found, nil
	}
	f, err := d.open(name)
	if err != nil {
		return Fingerprint{}, err
	}
	defer f.Close() //nolint:errcheck // the file was only read
	if opened, err := f.Stat(); err != nil || !os.SameFile(before, opened) {
		return Fingerprint{}, ErrNotRegular // replaced since the check, perhaps by a link
	}
	h := sha256.New()
	if found.Size, err = io.CopyBuffer(h, contextReader{ctx, f}, make([]byte, bufferSize)); err != nil {
		return Fingerprint{}, err
	}
	found.SHA256 = hexSum(h)
	return found, nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

var errNameTaken = errors.New("a file has this name")

// Obstacle returns nil if a file of that name can be saved, or else an error that says what has the name. A name that leads out
// of the directory is an error too.
func (d *Directory) Obstacle(name string, replace Replace) error {
	info, err := d.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("a directory has this name")
	case !info.Mode().IsRegular() && replace != ReplaceAny:
		return errors.New("a symbolic link or another special file has this name")
	case replace == ReplaceNothing:
		return errNameTaken
	}
	return nil
}

// SameFile reports whether both names lead to one file. On some file systems names that differ only in case do.
func (d *Directory) SameFile(a, b string) bool {
	first, err := d.root.Lstat(a)
	if err != nil {
		return false
	}
	second, err := d.root.Lstat(b)
	return err == nil && os.SameFile(first, second)
}

// RemoveUnchanged removes the file of that name if it is unchanged: it has the size and SHA-256 of written, and its time too
// unless that is zero. A changed file can be somebody's work: it stays, and removed is false. If the file does not exist,
// removed is true. The error is the system's or the cause of ctx's end.
func (d *Directory) RemoveUnchanged(ctx context.Context, name string, written Fingerprint) (removed bool, err error) {
	now, err := d.Fingerprint(ctx, name, written.Size)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case errors.Is(err, ErrNotRegular):
		return false, nil
	case err != nil:
		return false, err
	case now.SHA256 != written.SHA256:
		return false, nil
	case !written.Modified.IsZero() && !sameMoment(now.Modified, written.Modified):
		return false, nil
	}
	return true, d.root.Remove(name)
}

// sameMoment compares two times. If one of them has only whole seconds, as after an archive, it compares the seconds.
func sameMoment(a, b time.Time) bool {
	whole := func(t time.Time) bool { return t.Nanosecond() == 0 }
	return a.Equal(b) || (whole(a) || whole(b)) && a.Unix() == b.Unix()
}

// Sync makes sure that the names of saved files survive a crash of the machine. An error is the system's: the files are
// complete nevertheless.
func (d *Directory) Sync() error {
	if runtime.GOOS == "windows" {
		return nil // Windows cannot sync a directory, and journals names by itself
	}
	f, err := d.open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

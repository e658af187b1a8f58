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

// Directory is where files are saved. No name leads out of it, and no symbolic link in it is followed.
type Directory struct {
	path   string
	root   *os.Root
	create func(name string) (diskFile, error) // a test puts a faulty disk here
}

// OpenDirectory opens a directory that exists. Its error is fs.ErrNotExist when there is none, also because something
// else has its name or a parent's.
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
	d := &Directory{path: path, root: root}
	d.create = d.createFile
	return d, nil
}

// CreateDirectory opens a directory to save files in, and makes it and its parents where they are missing. What a
// killed process has left half-written there is removed. A directory that cannot be written to is an error.
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

// unwritableError says of a directory what was said of a file in it that nobody knows.
func unwritableError(directory string, err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		err = of.Err
	}
	return fmt.Errorf("%s cannot be written to: %w", directory, err)
}

// Close gives the directory back; the files stay.
func (d *Directory) Close() error { return d.root.Close() }

// Fingerprint is what a file holds, and when it was last written.
type Fingerprint struct {
	Size     int64     // bytes
	SHA256   string    // hex
	Modified time.Time // zero: not known
}

// ErrNotRegular is the error of a name that belongs to a directory, a symbolic link or another thing without content.
var ErrNotRegular = errors.New("not a regular file")

// Fingerprint reads the file of that name whole, unless its size is not one of those wanted: then SHA256 is empty. An
// error is fs.ErrNotExist when there is no file, [ErrNotRegular], or the cause of ctx's end.
func (d *Directory) Fingerprint(ctx context.Context, name string, wanted ...int64) (Fingerprint, error) {
	before, err := d.root.Lstat(name)
	if err != nil {
		return Fingerprint{}, err
	}
	if !before.Mode().IsRegular() {
		return Fingerprint{}, ErrNotRegular
	}
	content := Fingerprint{Size: before.Size(), Modified: before.ModTime()}
	if !slices.Contains(wanted, content.Size) {
		return content, nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return Fingerprint{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if opened, err := f.Stat(); err != nil || !os.SameFile(before, opened) {
		return Fingerprint{}, ErrNotRegular // put in its place a moment ago, and perhaps a link
	}
	h := sha256.New()
	if content.Size, err = io.CopyBuffer(h, contextReader{ctx, f}, make([]byte, bufferSize)); err != nil {
		return Fingerprint{}, err
	}
	content.SHA256 = hexSum(h)
	return content, nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (u contextReader) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.r.Read(p)
}

var errNameTaken = errors.New("there is a file of this name")

// Obstacle is nil when a file of that name can be saved, and else says what is in its way.
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

// SameFile reports whether both names lead to one file, as those do on some file systems that differ in their case.
func (d *Directory) SameFile(a, b string) bool {
	first, err := d.root.Lstat(a)
	if err != nil {
		return false
	}
	second, err := d.root.Lstat(b)
	return err == nil && os.SameFile(first, second)
}

// RemoveUnchanged removes the file of that name if it is still the one that was written: the same content, and, where
// written says when that was, not written since. Else it may be another's by now; it is left, and removed is false. It is
// true when there is no such file.
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

// sameMoment compares times of which one may have been through an archive that keeps whole seconds.
func sameMoment(a, b time.Time) bool {
	whole := func(t time.Time) bool { return t.Nanosecond() == 0 }
	return a.Equal(b) || (whole(a) || whole(b)) && a.Unix() == b.Unix()
}

// Sync makes sure that the names of saved files survive a crash of the machine. An error is the system's: the files are whole
// all the same.
func (d *Directory) Sync() error {
	if runtime.GOOS == "windows" {
		return nil // it cannot sync a directory, and journals names by itself
	}
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

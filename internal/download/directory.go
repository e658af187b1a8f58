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

// Directory is where files are saved. No file is written outside of it, and no symbolic link in it is followed.
type Directory struct {
	path   string
	root   *os.Root
	create func(name string) (unsaved, error) // a test puts a faulty disk here
}

// unsaved is a file that does not have its final name yet.
type unsaved interface {
	io.WriteSeeker
	io.Closer
	Truncate(size int64) error
	Sync() error
	Stat() (fs.FileInfo, error)
	// reserve asks the disk for room for so many bytes.
	reserve(size int64) error
}

// diskFile is a file of the system.
type diskFile struct{ *os.File }

func (f diskFile) reserve(size int64) error { return reserve(f.File, size) }

// OpenDirectory opens an existing directory. Its error is fs.ErrNotExist if there is no such directory, also if
// something else has its name or the name of a parent.
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

// createFile makes a file. An existing file, or a link in its place, is an error.
func (d *Directory) createFile(name string) (unsaved, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	_ = lock(f) // where there are no locks, what a killed download leaves behind may stay
	return diskFile{f}, nil
}

// CreateDirectory opens a directory to save files in. It makes the directory and its parents if they are missing. What
// a killed process left half-written is removed. A directory that cannot be written to is an error.
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
		return nil, errors.Join(unwritable(path, err), d.Close())
	}
	return d, nil
}

// unwritable turns an error about a temporary file, whose name means nothing to the user, into one about its directory.
func unwritable(directory string, err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		err = of.Err
	}
	return fmt.Errorf("%s cannot be written to: %w", directory, err)
}

// Close gives the directory back; the files stay.
func (d *Directory) Close() error { return d.root.Close() }

// Content is what a file holds, and when it was last written.
type Content struct {
	Size     int64     // bytes
	SHA256   string    // hex
	Modified time.Time // zero: not known
}

// ErrNotRegular is the error of a name that belongs to a directory, a symbolic link or another thing without content.
var ErrNotRegular = errors.New("not a regular file")

// Content reads the whole file of that name if its size is one of the wanted sizes. Otherwise SHA256 is empty. An
// error is fs.ErrNotExist when there is no file, [ErrNotRegular], or the cause of ctx's end.
func (d *Directory) Content(ctx context.Context, name string, wanted ...int64) (Content, error) {
	before, err := d.root.Lstat(name)
	if err != nil {
		return Content{}, err
	}
	if !before.Mode().IsRegular() {
		return Content{}, ErrNotRegular
	}
	content := Content{Size: before.Size(), Modified: before.ModTime()}
	if !slices.Contains(wanted, content.Size) {
		return content, nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return Content{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if opened, err := f.Stat(); err != nil || !os.SameFile(before, opened) {
		return Content{}, ErrNotRegular // put in its place a moment ago, and perhaps a link
	}
	h := sha256.New()
	if content.Size, err = io.CopyBuffer(h, untilEnd{ctx, f}, make([]byte, bufferSize)); err != nil {
		return Content{}, err
	}
	content.SHA256 = hexSum(h)
	return content, nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// untilEnd reads until its context ends.
type untilEnd struct {
	ctx context.Context
	r   io.Reader
}

func (u untilEnd) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.r.Read(p)
}

// Replace says what a saved file may take the place of. A directory is never replaced.
type Replace int

// What a saved file may replace.
const (
	ReplaceNothing Replace = iota
	ReplaceFile            // a regular file
	ReplaceAny             // also a symbolic link, which is itself replaced and not what it points to
)

var errTaken = errors.New("a file has this name")

// Blocked returns nil if a file of that name can be saved. Otherwise its error says what is in the way.
func (d *Directory) Blocked(name string, replace Replace) error {
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
		return errTaken
	}
	return nil
}

// SameFile reports whether both names lead to one file. On some file systems, names that differ only in case do.
func (d *Directory) SameFile(a, b string) bool {
	first, err := d.root.Lstat(a)
	if err != nil {
		return false
	}
	second, err := d.root.Lstat(b)
	return err == nil && os.SameFile(first, second)
}

// RemoveUnchanged removes the file of that name if it is still the one that was written: the same content, and, where
// written says when that was, not written since. Otherwise it may be somebody else's file: it stays, and removed is
// false. removed is true if there is no such file.
func (d *Directory) RemoveUnchanged(ctx context.Context, name string, written Content) (removed bool, err error) {
	now, err := d.Content(ctx, name, written.Size)
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

// sameMoment compares two times. One of them may have lost its fraction of a second in an archive.
func sameMoment(a, b time.Time) bool {
	whole := func(t time.Time) bool { return t.Nanosecond() == 0 }
	return a.Equal(b) || (whole(a) || whole(b)) && a.Unix() == b.Unix()
}

// blockedError is a name that was taken while its file was being fetched.
type blockedError struct{ err error }

func (e *blockedError) Error() string { return "it could not get its final name: " + e.err.Error() }
func (e *blockedError) Unwrap() error { return e.err }

// put gives a temporary file its name. written is what was written: if something else has taken the file's place
// since then, such as a link, it gets no name.
func (d *Directory) put(f *temporary, written fs.FileInfo, size int64, target Target) error {
	if err := d.Blocked(target.Name, target.Replace); err != nil {
		return &blockedError{err}
	}
	if !d.holds(f.name, written, size) {
		return &blockedError{errSwapped}
	}
	err := d.name(f.name, target)
	switch {
	case errors.Is(err, errTaken):
		return &blockedError{err}
	case err != nil:
		return &DiskError{err}
	}
	f.name = ""
	if !d.holds(target.Name, written, size) { // it was swapped in the moment between
		return errors.Join(&blockedError{errSwapped}, d.removeLink(target.Name))
	}
	return nil
}

var errSwapped = errors.New("another program has removed, replaced or changed the temporary file")

// removeLink removes a symbolic link, which has no content. It leaves anything else of that name: it may be somebody's.
func (d *Directory) removeLink(name string) error {
	if info, err := d.root.Lstat(name); err == nil && info.Mode().Type() == fs.ModeSymlink {
		return d.root.Remove(name)
	}
	return nil
}

// holds reports whether the name is that of the very file that was written.
func (d *Directory) holds(name string, written fs.FileInfo, size int64) bool {
	info, err := d.root.Lstat(name)
	return err == nil && info.Mode().IsRegular() && os.SameFile(info, written) && info.Size() == size
}

// name renames a temporary file. A file that may not replace anything is linked first. A link fails where a rename
// would replace a file that has just appeared. On a file system without links, only the check before protects that
// file.
func (d *Directory) name(temporary string, target Target) error {
	if target.Replace == ReplaceNothing {
		switch err := d.root.Link(temporary, target.Name); {
		case err == nil:
			return d.root.Remove(temporary)
		case errors.Is(err, fs.ErrExist):
			return errTaken
		}
	}
	return d.root.Rename(temporary, target.Name)
}

// sync writes the names of saved files to the disk, so that they survive a crash of the machine.
func (d *Directory) sync() error {
	if runtime.GOOS == "windows" {
		return nil // it cannot sync a directory, and journals names by itself
	}
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

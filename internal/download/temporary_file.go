package download

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// diskFile is what a temporary file needs of an open file of the system. An [os.File] is one; a test has faulty ones.
type diskFile interface {
	io.WriteSeeker
	io.Closer
	Name() string
	Truncate(size int64) error
	Sync() error
	Stat() (fs.FileInfo, error)
	SyscallConn() (syscall.RawConn, error)
}

// createFile makes a file. One that is there already, or a link in its place, is an error.
func (d *Directory) createFile(name string) (diskFile, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	_ = lockFile(f) // where there are no locks, what a killed download leaves behind may stay
	return f, nil
}

// writeTarget saves one target: fill writes its content to a temporary file and returns what it has written. The content is
// checked and synced, and then the file gets its name. After an error nothing of it is left.
func (d *Directory) writeTarget(target Target, fill func(contentWriter) (Fingerprint, error)) (content Fingerprint, err error) {
	name := temporaryName()
	opened, err := d.create(name)
	if err != nil {
		return Fingerprint{}, &DiskError{err}
	}
	f := &temporaryFile{diskFile: opened, directory: d, name: name}
	defer func() { err = errors.Join(err, f.remove()) }()
	content, err = fill(f)
	if err == nil && target.SHA256 != "" && content.SHA256 != target.SHA256 {
		err = &MismatchError{What: "SHA-256", Got: content.SHA256, Want: target.SHA256}
	}
	if err != nil {
		return Fingerprint{}, errors.Join(err, f.discard())
	}
	written, err := f.syncAndClose()
	if err != nil {
		return Fingerprint{}, &DiskError{err}
	}
	if err := d.giveName(f, written, content.Size, target); err != nil {
		return Fingerprint{}, err
	}
	content.Modified = written.ModTime()
	return content, nil
}

// flushEvery is after how many bytes a flush begins.
const flushEvery = 32 << 20

// temporaryFile is a sink on disk: a file under a temporary name, until giveName gives it its own. It flushes a large file
// while it is being written, so that the last sync has little left to do, and memory does not fill with what the disk has
// yet to take.
type temporaryFile struct {
	diskFile
	directory *Directory
	name      string // the temporary name; "": the file has got its own
	unflushed int    // bytes since the last flush began

	flushing sync.WaitGroup
	mu       sync.Mutex // held by a flush
	flushErr error      // of the flushes; the system reports each only once
}

func (f *temporaryFile) Write(p []byte) (int, error) {
	n, err := f.diskFile.Write(p)
	if f.unflushed += n; f.unflushed >= flushEvery && f.mu.TryLock() {
		f.unflushed = 0
		f.flushing.Go(func() {
			defer f.mu.Unlock()
			defer sequentum.Recover(func(p *sequentum.PanicError) { f.flushErr = errors.Join(f.flushErr, p) })
			f.flushErr = errors.Join(f.flushErr, f.Sync())
		})
	}
	return n, err
}

func (f *temporaryFile) reset() error {
	_, err := f.Seek(0, io.SeekStart)
	return errors.Join(err, f.Truncate(0))
}

// discard closes a file that is not to be kept.
func (f *temporaryFile) discard() error {
	f.flushing.Wait()
	return f.Close()
}

// expectSize asks the disk for room.
func (f *temporaryFile) expectSize(total int64) error {
	if err := reserveSpace(f.diskFile, total); err != nil {
		return &DiskError{err}
	}
	return nil
}

// syncAndClose syncs and closes the file, and returns what it was in the end.
func (f *temporaryFile) syncAndClose() (fs.FileInfo, error) {
	f.flushing.Wait()
	err := errors.Join(f.flushErr, f.Sync())
	info, statErr := f.Stat()
	return info, errors.Join(err, statErr, f.Close())
}

// remove removes the file, unless it got its name.
func (f *temporaryFile) remove() error {
	if f.name == "" {
		return nil
	}
	err := f.directory.root.Remove(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody else has removed it, and that is why it failed
	}
	return err
}

// obstacleError is a name that was taken while its file was being fetched.
type obstacleError struct{ err error }

func (e *obstacleError) Error() string { return "it was not put in place: " + e.err.Error() }
func (e *obstacleError) Unwrap() error { return e.err }

// giveName gives a temporary file its name. written is what was written: should something else have taken the file's place
// meanwhile, such as a link, it gets no name.
func (d *Directory) giveName(f *temporaryFile, written fs.FileInfo, size int64, target Target) error {
	if err := d.Obstacle(target.Name, target.Replace); err != nil {
		return &obstacleError{err}
	}
	if !d.isWrittenFile(f.name, written, size) {
		return &obstacleError{errSwapped}
	}
	err := d.renameTemporary(f.name, target)
	switch {
	case errors.Is(err, errNameTaken):
		return &obstacleError{err}
	case err != nil:
		return &DiskError{err}
	}
	f.name = ""
	if !d.isWrittenFile(target.Name, written, size) { // it was swapped in the moment between
		return errors.Join(&obstacleError{errSwapped}, d.removeLink(target.Name))
	}
	return nil
}

var errSwapped = errors.New("another program has removed, replaced or changed the temporary file")

// removeLink removes a symbolic link, which holds nothing. Anything else of that name may be somebody's.
func (d *Directory) removeLink(name string) error {
	if info, err := d.root.Lstat(name); err == nil && info.Mode().Type() == fs.ModeSymlink {
		return d.root.Remove(name)
	}
	return nil
}

// isWrittenFile reports whether the name is that of the very file that was written.
func (d *Directory) isWrittenFile(name string, written fs.FileInfo, size int64) bool {
	info, err := d.root.Lstat(name)
	return err == nil && info.Mode().IsRegular() && os.SameFile(info, written) && info.Size() == size
}

// renameTemporary renames a temporary file. What may not replace anything is linked first, which fails where a rename would
// replace a file that has just appeared; a file system without links has only the look before.
func (d *Directory) renameTemporary(temporary string, target Target) error {
	if target.Replace == ReplaceNothing {
		switch err := d.root.Link(temporary, target.Name); {
		case err == nil:
			return d.root.Remove(temporary)
		case errors.Is(err, fs.ErrExist):
			return errNameTaken
		}
	}
	return d.root.Rename(temporary, target.Name)
}

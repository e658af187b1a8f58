// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// diskFile is the part of [os.File] that a temporary file uses. Tests have faulty ones.
type diskFile interface {
	io.WriteSeeker
	io.Closer
	Name() string
	Truncate(size int64) error
	Sync() error
	StartWriteBack() error
	Stat() (fs.FileInfo, error)
	SyscallConn() (syscall.RawConn, error)
}

// systemFile is the diskFile of the operating system.
type systemFile struct{ *os.File }

// createFile creates a file and locks it. An existing file or link of that name is an error.
func (d *Directory) createFile(name string) (diskFile, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	_ = lockFile(f) // without locks, a file that a killed download leaves behind may stay
	return systemFile{f}, nil
}

// writeTarget saves one target. fill writes the content to a temporary file and returns the fingerprint of what it has
// written. The content is checked and synced, and then the file gets its name. After an error the temporary file is removed.
func (d *Directory) writeTarget(target Target, fill func(contentWriter) (Fingerprint, error)) (saved Fingerprint, err error) {
	name := temporaryName()
	opened, err := d.create(name)
	if err != nil {
		return Fingerprint{}, &DiskError{err}
	}
	f := &temporaryFile{diskFile: opened, directory: d, name: name}
	defer func() { err = errors.Join(err, f.remove()) }()
	saved, err = fill(f)
	if err == nil && target.SHA256 != "" && saved.SHA256 != target.SHA256 {
		err = &MismatchError{What: "SHA-256", Got: saved.SHA256, Want: target.SHA256}
	}
	if err != nil {
		return Fingerprint{}, errors.Join(err, f.discard())
	}
	written, err := f.syncAndClose()
	if err != nil {
		return Fingerprint{}, &DiskError{err}
	}
	if err := d.giveName(f, written, saved.Size, target); err != nil {
		return Fingerprint{}, err
	}
	saved.Modified = written.ModTime()
	return saved, nil
}

// writeBackEvery is the number of bytes after which the system is told to write them to the disk.
const writeBackEvery = 32 << 20

// temporaryFile is a contentWriter on disk: a file with a temporary name, until giveName gives it the target's. A large file goes
// to the disk while it is being written. So the last sync is short, and memory does not fill with bytes that wait for the disk.
type temporaryFile struct {
	diskFile
	directory *Directory
	name      string // the temporary name; "": the file has the target's name
	unwritten int    // bytes since the last write-back began

	writingBack  sync.WaitGroup
	mu           sync.Mutex // held by a write-back
	writeBackErr error      // of all write-backs: the system can report an error only once
}

func (f *temporaryFile) Write(p []byte) (int, error) {
	n, err := f.diskFile.Write(p)
	if f.unwritten += n; f.unwritten >= writeBackEvery && f.mu.TryLock() {
		f.unwritten = 0
		f.writingBack.Go(func() {
			defer f.mu.Unlock()
			defer sequentum.Recover(func(p *sequentum.PanicError) { f.writeBackErr = errors.Join(f.writeBackErr, p) })
			f.writeBackErr = errors.Join(f.writeBackErr, f.StartWriteBack())
		})
	}
	return n, err
}

func (f *temporaryFile) reset() error {
	_, err := f.Seek(0, io.SeekStart)
	return errors.Join(err, f.Truncate(0))
}

// discard closes the file without a sync, because it will be removed.
func (f *temporaryFile) discard() error {
	f.writingBack.Wait()
	return f.Close()
}

// expectSize reserves the space on disk.
func (f *temporaryFile) expectSize(total int64) error {
	if err := reserveSpace(f.diskFile, total); err != nil {
		return &DiskError{err}
	}
	return nil
}

// syncAndClose syncs and closes the file, and returns the file's information from just before the close.
func (f *temporaryFile) syncAndClose() (fs.FileInfo, error) {
	f.writingBack.Wait()
	err := errors.Join(f.writeBackErr, f.Sync())
	info, statErr := f.Stat()
	return info, errors.Join(err, statErr, f.Close())
}

// remove removes the file, unless it has the target's name.
func (f *temporaryFile) remove() error {
	if f.name == "" {
		return nil
	}
	err := f.directory.root.Remove(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another program has removed it, and an earlier error says so
	}
	return err
}

// obstacleError is the error of a file that could not get its name, because something else has the name or the temporary file.
type obstacleError struct{ err error }

func (e *obstacleError) Error() string { return "it could not get its final name: " + e.err.Error() }
func (e *obstacleError) Unwrap() error { return e.err }

// giveName gives a temporary file the target's name. written is the file that was written, and size its bytes. If the temporary
// name now leads to something else, such as a link, nothing gets the name.
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
	if !d.isWrittenFile(target.Name, written, size) { // it was swapped between the check and the rename
		return errors.Join(&obstacleError{errSwapped}, d.removeLink(target.Name))
	}
	return nil
}

var errSwapped = errors.New("another program has removed, replaced or changed the temporary file")

// removeLink removes a symbolic link, which has no content. Anything else with that name can be somebody's work and stays.
func (d *Directory) removeLink(name string) error {
	if info, err := d.root.Lstat(name); err == nil && info.Mode().Type() == fs.ModeSymlink {
		return d.root.Remove(name)
	}
	return nil
}

// isWrittenFile reports whether the name leads to the very file that was written, with that many bytes.
func (d *Directory) isWrittenFile(name string, written fs.FileInfo, size int64) bool {
	info, err := d.root.Lstat(name)
	return err == nil && info.Mode().IsRegular() && os.SameFile(info, written) && info.Size() == size
}

// renameTemporary renames a temporary file. A file that may replace nothing is linked to its new name instead: a link fails if
// another file has just got that name, and a rename would replace it. On a file system without links only the check before
// protects that file.
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

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"errors"
	"hash"
	"os"
)

// IsReserved reports whether a CLI or a later download would treat a file of that name as its own.
var IsReserved = isReserved

// FillAfter makes the disk of d full after n more bytes of each file. The next write fails with err.
func (d *Directory) FillAfter(n int, err error) {
	create := d.create
	d.create = func(name string) (diskFile, error) {
		f, createErr := create(name)
		return &fullDisk{diskFile: f, left: n, err: err}, createErr
	}
}

// FailFirstSync makes the first sync of each file fail with err, and no other: a system reports a fault of its disk once.
func (d *Directory) FailFirstSync(err error) {
	create := d.create
	d.create = func(name string) (diskFile, error) {
		f, createErr := create(name)
		return &faultyDisk{diskFile: f, err: err}, createErr
	}
}

// CountWrites returns a counter of the writes to the files of d.
func (d *Directory) CountWrites() *int {
	var writes int
	create := d.create
	d.create = func(name string) (diskFile, error) {
		f, err := create(name)
		return &countingDisk{diskFile: f, writes: &writes}, err
	}
	return &writes
}

type countingDisk struct {
	diskFile
	writes *int
}

func (f *countingDisk) Write(p []byte) (int, error) {
	*f.writes++
	return f.diskFile.Write(p)
}

// PanicAtFirstSync makes the first sync of each file panic.
func (d *Directory) PanicAtFirstSync() {
	create := d.create
	d.create = func(name string) (diskFile, error) {
		f, createErr := create(name)
		return &buggyDisk{diskFile: f}, createErr
	}
}

type buggyDisk struct {
	diskFile
	synced bool
}

func (f *buggyDisk) Sync() error {
	if !f.synced {
		f.synced = true
		panic("a bug")
	}
	return f.diskFile.Sync()
}

// BeforeOpening calls fn before each file, or the directory itself, is opened to be read. An error of fn is the error of the opening.
func (d *Directory) BeforeOpening(fn func(name string) error) {
	open := d.open
	d.open = func(name string) (*os.File, error) {
		if err := fn(name); err != nil {
			return nil, err
		}
		return open(name)
	}
}

type faultyDisk struct {
	diskFile
	err error
}

func (f *faultyDisk) Sync() error {
	err := f.err
	f.err = nil
	return errors.Join(err, f.diskFile.Sync())
}

type fullDisk struct {
	diskFile
	left int
	err  error
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, f.err
	}
	f.left -= len(p)
	return f.diskFile.Write(p)
}

// FailFirstWriteBack is FailFirstSync for the first write-back before the sync: the sync itself succeeds.
func (d *Directory) FailFirstWriteBack(err error) {
	d.atWriteBack(func() error {
		failed := err
		err = nil
		return failed
	})
}

// PanicAtWriteBack makes each write-back before the sync panic.
func (d *Directory) PanicAtWriteBack() { d.atWriteBack(func() error { panic("a bug") }) }

func (d *Directory) atWriteBack(fn func() error) {
	create := d.create
	d.create = func(name string) (diskFile, error) {
		f, err := create(name)
		return &spoiledWriteBack{diskFile: f, fn: fn}, err
	}
}

type spoiledWriteBack struct {
	diskFile
	fn func() error
}

func (f *spoiledWriteBack) StartWriteBack() error {
	return errors.Join(f.fn(), f.diskFile.StartWriteBack())
}

// HashWith hashes more buffers than may wait at a time, with h.
func HashWith(h hash.Hash) error {
	t := transfer{d: &Downloader{}, hash: h}
	hashing := t.startHashing()
	for range 3 * buffersAhead {
		hashing.addBuffer(&[]byte{1}, 1)
	}
	return hashing.finish()
}

// StartWriteBack starts the write-back of a file.
func StartWriteBack(f *os.File) error { return systemFile{f}.StartWriteBack() }

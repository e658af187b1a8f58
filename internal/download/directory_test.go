// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
)

func TestCreateDirectoryFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	impossible := []string{file, filepath.Join(file, "below")}
	if runtime.GOOS != "windows" { // there it is a folder like any other
		impossible = append(impossible, "/proc/none")
		if _, err := download.CreateDirectory("/proc/self"); err == nil {
			t.Error("a directory that takes no file could be used")
		}
	}
	for _, path := range impossible {
		if d, err := download.CreateDirectory(path); err == nil {
			d.Close()
			t.Errorf("%s could be made", path)
		}
		if _, err := download.OpenDirectory(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening %s: %v", path, err)
		}
	}
}

func TestRemoveUnchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	directory, err := download.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	at := time.Date(2026, 5, 1, 12, 0, 0, 123456700, time.UTC) // Windows keeps 100 ns
	const hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	written := download.Fingerprint{Size: 5, SHA256: hello, Modified: at}
	for _, c := range []struct {
		name    string
		content string
		at      time.Time
		written download.Fingerprint
		removed bool
	}{
		{"the file is unchanged", "hello", at, written, true},
		{"the content was edited", "hallo", at, written, false},
		{"the file has become longer", "hello!", at, written, false},
		{"the same content was written again later", "hello", at.Add(time.Millisecond), written, false},
		{"an archive has cut the time to whole seconds", "hello", at.Truncate(time.Second), written, true},
		{"the time of the download is not known", "hello", at, download.Fingerprint{Size: 5, SHA256: hello}, true},
	} {
		path := filepath.Join(dir, c.name)
		err := os.WriteFile(path, []byte(c.content), 0o600)
		if err == nil {
			err = os.Chtimes(path, c.at, c.at)
		}
		if err != nil {
			t.Fatal(err)
		}
		removed, err := directory.RemoveUnchanged(t.Context(), c.name, c.written)
		if _, gone := os.Stat(path); removed != c.removed || err != nil || os.IsNotExist(gone) != c.removed {
			t.Errorf("%s: removed is %v, %v, want %v", c.name, removed, err, c.removed)
		}
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"none": true, "link": false} {
		if removed, err := directory.RemoveUnchanged(t.Context(), name, written); removed != want || err != nil {
			t.Errorf("%s: removed is %v, %v", name, removed, err)
		}
	}
	if _, err := directory.RemoveUnchanged(t.Context(), "../outside", written); err == nil {
		t.Error("a name led out of the directory")
	}
}

func TestDirectoryFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	directory, err := download.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "file"), []byte("hello"), 0o600),
		os.Symlink("file", filepath.Join(dir, "link")),
		os.Mkdir(filepath.Join(dir, "directory"), 0o700))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"none": fs.ErrNotExist, "link": download.ErrNotRegular, "directory": download.ErrNotRegular} {
		if _, err := directory.Fingerprint(t.Context(), name, 5, 4096); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	if _, err := directory.Fingerprint(t.Context(), "../x", 5); err == nil {
		t.Error("a name led out of the directory")
	}
	if c, err := directory.Fingerprint(t.Context(), "file", 4); err != nil || c.Size != 5 || c.SHA256 != "" {
		t.Errorf("of another size: %v, %v", c, err)
	}
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := directory.Fingerprint(interrupted, "file", 5); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// Another program replaces the file after the check and before the opening. What it has put there is not read.
func TestDirectoryFingerprintOfAFileThatIsReplaced(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		replace func(path string) error
		want    error
	}{
		"the file is removed":          {os.Remove, fs.ErrNotExist},
		"the file becomes a link":      {func(path string) error { return errors.Join(os.Remove(path), os.Symlink("same", path)) }, download.ErrNotRegular},
		"the file becomes another one": {func(path string) error { return os.Rename(filepath.Join(filepath.Dir(path), "same"), path) }, download.ErrNotRegular},
	} {
		dir := t.TempDir()
		directory, err := download.OpenDirectory(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer directory.Close()
		path := filepath.Join(dir, "file")
		if err := errors.Join(os.WriteFile(path, []byte("hello"), 0o600), os.WriteFile(filepath.Join(dir, "same"), []byte("hello"), 0o600)); err != nil {
			t.Fatal(err)
		}
		directory.BeforeOpening(func(string) error { return c.replace(path) })
		if found, err := directory.Fingerprint(t.Context(), "file", 5); !errors.Is(err, c.want) || found.SHA256 != "" {
			t.Errorf("%s: %+v, %v, want %v", name, found, err, c.want)
		}
	}
}

func TestObstacle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	directory, err := download.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "file"), nil, 0o600),
		os.Symlink("/nowhere", filepath.Join(dir, "link")),
		os.Mkdir(filepath.Join(dir, "directory"), 0o700))
	if err != nil {
		t.Fatal(err)
	}
	for name, free := range map[string][3]bool{ // by what may be replaced: nothing, a file, anything
		"none": {true, true, true}, "file": {false, true, true}, "link": {false, false, true}, "directory": {}, "../x": {},
	} {
		for i, replace := range []download.Replace{download.ReplaceNothing, download.ReplaceFile, download.ReplaceAny} {
			if err := directory.Obstacle(name, replace); (err == nil) != free[i] {
				t.Errorf("%s, %d: %v", name, replace, err)
			}
		}
	}
}

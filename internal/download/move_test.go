// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// moving is a file in one directory that will be moved to another.
type moving struct {
	t          *testing.T
	from, to   *download.Directory
	fromPath   string
	toPath     string
	content    string
	written    download.Fingerprint
	targetName string
}

func newMoving(t *testing.T, to string) *moving {
	t.Helper()
	m := &moving{t: t, fromPath: t.TempDir(), toPath: to, content: strings.Repeat("content\n", 1000), targetName: "new.csv"}
	var err error
	if m.from, err = download.CreateDirectory(m.fromPath); err != nil {
		t.Fatal(err)
	}
	if m.to, err = download.CreateDirectory(m.toPath); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(m.from.Close(), m.to.Close()) })
	m.put(m.fromPath, "old.csv", m.content)
	m.written = download.Fingerprint{Size: int64(len(m.content)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(m.content)))}
	return m
}

func (m *moving) put(directory, name, content string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *moving) move(ctx context.Context, replace download.Replace) error {
	m.t.Helper()
	modified, oldStays, err := m.to.Move(ctx, m.from, "old.csv", m.written, download.Target{File: sequentum.File{ID: 1}, Name: m.targetName, Replace: replace})
	if err == nil && (oldStays || modified.IsZero()) {
		m.t.Errorf("the old file stays: %v; the file was written at %v", oldStays, modified)
	}
	return err
}

// wantMoved fails the test unless the file is in its new place, and nothing else is in either.
func (m *moving) wantMoved(moved bool) {
	m.t.Helper()
	var there []string
	for _, directory := range []string{m.fromPath, m.toPath} {
		entries, err := os.ReadDir(directory)
		if err != nil {
			m.t.Fatal(err)
		}
		for _, e := range entries {
			there = append(there, filepath.Join(directory, e.Name()))
		}
	}
	want := filepath.Join(m.fromPath, "old.csv")
	if moved {
		want = filepath.Join(m.toPath, m.targetName)
	}
	if len(there) != 1 || there[0] != want {
		m.t.Fatalf("there are %q, want %q", there, want)
	}
	if got, err := os.ReadFile(want); err != nil || string(got) != m.content {
		m.t.Errorf("%d bytes, %v", len(got), err)
	}
}

// otherFileSystem returns a directory in another file system than the temporary one. "": this machine has none.
func otherFileSystem(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return ""
	}
	other, err := os.MkdirTemp("/dev/shm", "sequentum-test-") //nolint:usetesting // it is to be in another file system
	if err != nil {
		return ""
	}
	t.Cleanup(func() { _ = os.RemoveAll(other) })
	here := filepath.Join(t.TempDir(), "probe")
	if os.WriteFile(here, nil, 0o600) != nil || !errors.Is(os.Rename(here, filepath.Join(other, "probe")), syscall.EXDEV) {
		return ""
	}
	return other
}

// places runs the story with a directory in the same file system and, if the machine has one, in another.
func places(t *testing.T, story func(t *testing.T, m *moving)) {
	t.Helper()
	t.Run("move in the same file system", func(t *testing.T) { story(t, newMoving(t, t.TempDir())) })
	t.Run("move to another file system", func(t *testing.T) {
		if other := otherFileSystem(t); other != "" {
			story(t, newMoving(t, other))
		}
	})
}

func TestMove(t *testing.T) {
	t.Parallel()
	for _, replace := range []download.Replace{download.ReplaceNothing, download.ReplaceFile, download.ReplaceAny} {
		places(t, func(t *testing.T, m *moving) {
			if err := m.move(t.Context(), replace); err != nil {
				t.Fatal(err)
			}
			m.wantMoved(true)
		})
	}
	// A file that may be replaced is replaced.
	places(t, func(t *testing.T, m *moving) {
		m.put(m.toPath, "new.csv", "before")
		if err := m.move(t.Context(), download.ReplaceFile); err != nil {
			t.Fatal(err)
		}
		m.wantMoved(true)
	})
	// A move to another name in the same directory.
	m := newMoving(t, t.TempDir())
	if _, _, err := m.from.Move(t.Context(), m.from, "old.csv", m.written, download.Target{Name: "new.csv"}); err != nil {
		t.Fatal(err)
	}
	m.toPath, m.fromPath = m.fromPath, m.toPath
	m.wantMoved(true)
}

func TestMoveIsRefused(t *testing.T) {
	t.Parallel()
	places(t, func(t *testing.T, m *moving) {
		m.put(m.toPath, "new.csv", "mine")
		if err := m.move(t.Context(), download.ReplaceNothing); err == nil || !strings.Contains(err.Error(), "a file has this name") {
			t.Errorf("over somebody's file: %v", err)
		}
		if got, err := os.ReadFile(filepath.Join(m.toPath, "new.csv")); err != nil || string(got) != "mine" {
			t.Errorf("%q, %v", got, err)
		}
		if err := os.Remove(filepath.Join(m.toPath, "new.csv")); err != nil {
			t.Fatal(err)
		}
		m.wantMoved(false)
	})
	// A link in the place of the old file is not followed.
	places(t, func(t *testing.T, m *moving) {
		path := filepath.Join(m.fromPath, "old.csv")
		if err := errors.Join(os.Remove(path), os.Symlink("/etc/hostname", path)); err != nil {
			t.Fatal(err)
		}
		if err := m.move(t.Context(), download.ReplaceAny); !errors.Is(err, download.ErrNotRegular) {
			t.Errorf("a link: %v", err)
		}
	})
}

// If the copy fails, the file stays where it was.
func TestMoveWhoseCopyFails(t *testing.T) {
	t.Parallel()
	other := otherFileSystem(t)
	if other == "" {
		return
	}
	for name, spoil := range map[string]func(m *moving) context.Context{
		"the disk of the new directory is full": func(m *moving) context.Context {
			m.to.FillAfter(100, syscall.ENOSPC)
			return m.t.Context()
		},
		"the disk of the new directory is faulty": func(m *moving) context.Context {
			m.to.FailFirstSync(syscall.EIO)
			return m.t.Context()
		},
		"the file cannot be read": func(m *moving) context.Context {
			m.from.BeforeOpening(func(string) error { return syscall.EACCES })
			return m.t.Context()
		},
		"the file has changed since the download": func(m *moving) context.Context {
			m.written.SHA256 = strings.Repeat("0", 64)
			return m.t.Context()
		},
		"the copy is interrupted": func(m *moving) context.Context {
			ctx, cancel := context.WithCancel(m.t.Context())
			cancel()
			return ctx
		},
	} {
		m := newMoving(t, other)
		ctx := spoil(m)
		err := m.move(ctx, download.ReplaceNothing)
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		if ctx.Err() != nil {
			as[*download.EndedError](t, err)
		}
		m.wantMoved(false)
	}
}

func TestSameDirectory(t *testing.T) {
	t.Parallel()
	m := newMoving(t, t.TempDir())
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(m.fromPath, link); err != nil {
		t.Fatal(err)
	}
	linked, err := download.OpenDirectory(link)
	if err != nil {
		t.Fatal(err)
	}
	defer linked.Close()
	if !linked.Same(m.from) || linked.Same(m.to) {
		t.Error("directories are told apart by their paths")
	}
	if err := os.Link(filepath.Join(m.fromPath, "old.csv"), filepath.Join(m.fromPath, "OLD.csv")); err != nil {
		t.Fatal(err)
	}
	m.put(m.fromPath, "other", "")
	if !linked.SameFile("old.csv", "OLD.csv") || linked.SameFile("old.csv", "other") || linked.SameFile("old.csv", "none") || linked.SameFile("none", "old.csv") {
		t.Error("files are told apart by their names")
	}
}

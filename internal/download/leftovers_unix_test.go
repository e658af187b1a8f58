// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package download_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A killed process leaves its temporary files, each with the space for its whole content. The next download removes them, but
// not the files that another process is writing.
func TestLeftoversOfAKilledDownload(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	file := func(name string, age time.Duration) string {
		t.Helper()
		full := filepath.Join(path, name)
		if err := os.WriteFile(full, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		written := time.Now().Add(-age)
		if err := os.Chtimes(full, written, written); err != nil {
			t.Fatal(err)
		}
		return full
	}
	left := file(".sequentum-"+strings.Repeat("A7", 13)+".part", time.Hour)
	held, err := os.Open(file(".sequentum-"+strings.Repeat("HELD", 6)+"HE.part", time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := unix.Flock(int(held.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	kept := []string{held.Name(), file(".sequentum-"+strings.Repeat("N", 26)+".part", time.Second)}
	for _, name := range []string{ // files of somebody else
		".sequentum-notes.txt", ".sequentum-notes.part", ".sequentum-.part", "mine.part", ".sequentum-" + strings.Repeat("A", 25) + ".part",
		".sequentum-" + strings.Repeat("A", 27) + ".part", ".sequentum-" + strings.Repeat("a", 26) + ".part", ".sequentum-" + strings.Repeat("A", 25) + "1.part",
	} {
		kept = append(kept, file(name, time.Hour))
	}
	folder := filepath.Join(path, ".sequentum-"+strings.Repeat("F", 26)+".part")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}

	directory, err := download.CreateDirectory(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := directory.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(left); !os.IsNotExist(err) {
		t.Errorf("the leftover: %v", err)
	}
	for _, name := range append(kept, folder) {
		if _, err := os.Lstat(name); err != nil {
			t.Error(err)
		}
	}
}

// A file that is being written is locked, so that another process does not remove it as a leftover.
func TestTemporaryFilesAreLocked(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		asked := false
		s.host.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			asked = true
			names, err := filepath.Glob(filepath.Join(s.dir, ".sequentum-*.part"))
			if err != nil || len(names) != 1 {
				t.Fatalf("%q, %v", names, err)
			}
			f, err := os.Open(names[0])
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err == nil {
				t.Error("the file is not locked")
			}
			return s.cloud.Transport().RoundTrip(req)
		})
		if o := s.save(t.Context()); len(o.Saved) != 1 || !asked {
			t.Errorf("%+v", o)
		}
	})
}

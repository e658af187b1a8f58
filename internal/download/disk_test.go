// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestSaveOnAFullDisk(t *testing.T) {
	t.Parallel()
	var files []simulator.File
	for i := range 9 {
		files = append(files, sized(fmt.Sprintf("%d.bin", i), 1000))
	}
	files[0].Size = 100_000
	inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
		s.directory.FillAfter(50_000, syscall.ENOSPC)
		o := s.save(t.Context())
		if len(o.Failed) != 1 || !errors.Is(o.Failed[0].Err, syscall.ENOSPC) || len(o.Saved) != 8 {
			t.Fatalf("%d saved, failed: %v, %d not tried", len(o.Saved), o.Failed, len(o.NotTried))
		}
		as[*download.DiskError](t, o.Failed[0].Err)
		if got := s.onDisk(); len(got) != len(o.Saved) {
			t.Errorf("on disk are %q", got)
		}
	})
}

// A file that is too large for the disk does not keep the other files from being fetched, and reserves no space.
func TestSaveOfFilesLargerThanTheDisk(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return
	}
	files := []simulator.File{sized("absurd.bin", 1<<60), sized("b.bin", 1000), sized("large.bin", 1<<50), sized("d.bin", 1000), sized("e.bin", 1000)}
	inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
		o := s.save(t.Context())
		if len(o.Saved) != 3 || len(o.Failed) != 2 || !strings.Contains(o.Failed[0].Err.Error(), "reserve room for") {
			t.Fatalf("%+v", o)
		}
		as[*download.DiskError](t, o.Failed[0].Err)
	})
	// The size in the list alone is no reason to refuse a file.
	inDownload(t, simulator.Options{}, files[1:2], nil, func(t *testing.T, s *saver) {
		s.files[0].SizeBytes = new(int64(1 << 60))
		if o := s.save(t.Context()); len(o.Saved) != 1 || o.Saved[0].Fingerprint.Size != 1000 {
			t.Errorf("%+v", o)
		}
	})
}

func TestSaveOnAFaultyDisk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size  int64
		spoil func(*download.Directory, error)
	}{
		"a small file":                      {1000, (*download.Directory).FailFirstSync},
		"a large file, at the end":          {100 << 20, (*download.Directory).FailFirstSync},
		"a large file, during a write-back": {100 << 20, (*download.Directory).FailFirstWriteBack},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, fault := range []error{syscall.EIO, syscall.ENOSPC} {
				inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", c.size)}, nil, func(t *testing.T, s *saver) {
					c.spoil(s.directory, fault)
					if err := as[*download.DiskError](t, s.wantNothingSaved(fault.Error())); !errors.Is(err, fault) {
						t.Errorf("%v is not %v", err, fault)
					}
				})
			}
		})
	}
}

// The files are complete although the directory cannot be synced.
func TestSaveInADirectoryThatCannotBeSynced(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" { // it syncs no directory
		return
	}
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		s.directory.BeforeOpening(func(string) error { return syscall.EACCES })
		if err := s.directory.Sync(); !errors.Is(err, syscall.EACCES) {
			t.Errorf("the sync: %v", err)
		}
		if o := s.save(t.Context()); len(o.Saved) != 1 || len(s.onDisk()) != 1 {
			t.Errorf("%+v, and on disk are %q", o, s.onDisk())
		}
	})
}

func TestSaveInADirectoryThatIsRemoved(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000), sized("b.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		if err := os.Remove(s.dir); runtime.GOOS == "windows" {
			if err == nil {
				t.Error("Windows removes a directory that is in use")
			}
			return
		} else if err != nil {
			t.Fatal(err)
		}
		o := s.save(t.Context())
		if len(o.Saved) > 0 || len(o.Failed) == 0 {
			t.Fatalf("%v", o)
		}
		as[*download.DiskError](t, o.Failed[0].Err)
		s.wantCount(simulator.KindDownload, 0)
	})
	// The same if the temporary file is removed during the transfer.
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		s.host.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			for _, name := range s.onDisk() {
				if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
					t.Error(err)
				}
			}
			return s.cloud.Transport().RoundTrip(req)
		})
		s.wantNothingSaved("another program has removed, replaced or changed the temporary file")
	})
}

// Another program replaces the temporary file during the transfer.
func TestSaveWhenTheTemporaryFileIsSwapped(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, swap := range map[string]func(temporary string) error{
		"the temporary file becomes a link to another file": func(temporary string) error { return os.Symlink(outside, temporary) },
		"the temporary file becomes another file":           func(temporary string) error { return os.WriteFile(temporary, []byte("theirs"), 0o600) },
		"the temporary file becomes a directory":            func(temporary string) error { return os.Mkdir(temporary, 0o700) },
		"the temporary file becomes a link to nothing":      func(temporary string) error { return os.Symlink("nowhere", temporary) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
				s.host.next = roundTrip(func(req *http.Request) (*http.Response, error) {
					for _, temporary := range s.onDisk() {
						path := filepath.Join(s.dir, temporary)
						if err := errors.Join(os.Remove(path), swap(path)); err != nil {
							t.Error(err)
						}
					}
					return s.cloud.Transport().RoundTrip(req)
				})
				s.wantNothingSaved("another program has removed, replaced or changed the temporary file")
			})
			if got, err := os.ReadFile(outside); err != nil || string(got) != "mine" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestSaveOfAnotherContent(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		targets := download.Targets(s.files)
		targets[0].SHA256 = strings.Repeat("0", 64)
		o := s.downloads.Save(t.Context(), s.ref, s.directory, targets)
		if len(o.Failed) != 1 || len(s.onDisk()) > 0 {
			t.Fatalf("%v, and on disk are %q", o, s.onDisk())
		}
		if mismatch := as[*download.MismatchError](t, o.Failed[0].Err); mismatch.Want != targets[0].SHA256 {
			t.Errorf("%v", mismatch)
		}
	})
}

func TestSaveWhenAFileOfTheSameNameAppears(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		mine := filepath.Join(s.dir, "a.bin")
		s.host.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
				t.Error(err)
			}
			return s.cloud.Transport().RoundTrip(req)
		})
		o := s.save(t.Context())
		if len(o.Failed) != 1 || !strings.Contains(o.Failed[0].Err.Error(), "a file has this name") {
			t.Fatalf("%v", o)
		}
		if got, err := os.ReadFile(mine); err != nil || string(got) != "mine" || len(s.onDisk()) != 1 {
			t.Errorf("%q %v, and on disk are %q", got, err, s.onDisk())
		}
	})
}

package run_test

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

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
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
		if len(o.Failed) != 1 || !errors.Is(o.Failed[0].Err, syscall.ENOSPC) || len(o.Saved)+len(o.NotTried) != 8 {
			t.Fatalf("%d saved, failed: %v, %d not tried", len(o.Saved), o.Failed, len(o.NotTried))
		}
		as[*run.DiskError](t, o.Failed[0].Err)
		if got := s.onDisk(); len(got) != len(o.Saved) {
			t.Errorf("on disk are %q", got)
		}
	})
}

// TestSaveOfMoreThanTheDiskHolds needs no request to fail, where the disk can say how much room it has.
func TestSaveOfMoreThanTheDiskHolds(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return
	}
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1<<60)}, nil, func(t *testing.T, s *saver) {
		as[*run.DiskError](t, s.wantNothingSaved("reserve room for"))
		s.wantCount(simulator.KindDownload, 0)
	})
}

func TestSaveOnAFaultyDisk(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int64{"small": 1000, "flushed on the way": 100 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", size)}, nil, func(t *testing.T, s *saver) {
				s.directory.FailFirstSync(syscall.EIO)
				as[*run.DiskError](t, s.wantNothingSaved(syscall.EIO.Error()))
			})
		})
	}
}

func TestSaveInADirectoryThatGoes(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000), sized("b.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		if err := os.Remove(s.dir); err != nil {
			t.Fatal(err)
		}
		o := s.save(t.Context())
		if len(o.Saved) > 0 || len(o.Failed) == 0 {
			t.Fatalf("%v", o)
		}
		as[*run.DiskError](t, o.Failed[0].Err)
		s.wantCount(simulator.KindDownload, 0)
	})
	// Or once the content is on its way.
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		s.host.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			for _, name := range s.onDisk() {
				if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
					t.Error(err)
				}
			}
			return s.cloud.Transport().RoundTrip(req)
		})
		as[*run.DiskError](t, s.wantNothingSaved("writing it failed"))
	})
}

func TestSaveOfAnotherContent(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		targets := run.Targets(s.files)
		targets[0].SHA256 = strings.Repeat("0", 64)
		o := s.downloads.Save(t.Context(), s.ref, s.directory, targets)
		if len(o.Failed) != 1 || len(s.onDisk()) > 0 {
			t.Fatalf("%v, and on disk are %q", o, s.onDisk())
		}
		if mismatch := as[*run.MismatchError](t, o.Failed[0].Err); mismatch.Want != targets[0].SHA256 {
			t.Errorf("%v", mismatch)
		}
	})
}

func TestSaveBesideAFileThatAppears(t *testing.T) {
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
		if len(o.Failed) != 1 || !strings.Contains(o.Failed[0].Err.Error(), "there is a file of this name") {
			t.Fatalf("%v", o)
		}
		if got, err := os.ReadFile(mine); err != nil || string(got) != "mine" || len(s.onDisk()) != 1 {
			t.Errorf("%q %v, and on disk are %q", got, err, s.onDisk())
		}
	})
}

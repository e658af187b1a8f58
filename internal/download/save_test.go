// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestSave(t *testing.T) {
	t.Parallel()
	var files []simulator.File
	for i := range 20 {
		files = append(files, sized(fmt.Sprintf("%02d.bin", i), int64(i*i*i*100)))
	}
	inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
		s.wantSaved(files)
		s.wantCount(simulator.KindDownload, len(files))
		s.wantCount(simulator.KindSignedDownload, len(files))
		for _, req := range s.host.requests {
			if got := req.Header.Get("User-Agent"); got != userAgent {
				t.Errorf("the download host was told the user agent %q", got)
			}
			for header := range req.Header {
				if !slices.Contains([]string{"User-Agent", "Accept-Encoding"}, header) {
					t.Errorf("the download host was sent %s", header)
				}
			}
		}
	})
}

func TestSaveInline(t *testing.T) {
	t.Parallel()
	files := []simulator.File{sized("a.bin", 100_000), sized("b.bin", 0)}
	inDownload(t, simulator.Options{InlineDownloads: true}, files, nil, func(_ *testing.T, s *saver) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindDownload, Times: 2, Action: simulator.TruncateBody, Bytes: 40_000})
		s.wantSaved(files)
		s.wantCount(simulator.KindSignedDownload, 0)
	})
}

func TestSaveThroughFaults(t *testing.T) {
	t.Parallel()
	const size = 100_000
	on := func(f simulator.Fault) simulator.Fault {
		f.Kind = simulator.KindSignedDownload
		return f
	}
	cut := on(simulator.Fault{Action: simulator.TruncateBody, Bytes: 30_000})
	often := on(simulator.Fault{Action: simulator.TruncateBody, Bytes: 9_000, Times: 11})
	forbidden := on(simulator.Fault{Action: simulator.StatusCode, Code: http.StatusForbidden})
	for _, c := range []struct {
		name            string
		faults          []simulator.Fault
		links, requests int
		ranges          []string
		takes           time.Duration // at least
	}{
		{"the host has no fault", nil, 1, 1, []string{""}, 0},
		{"the connection breaks once", []simulator.Fault{cut}, 1, 2, []string{"", "bytes=30000-"}, 500 * time.Millisecond},
		{"the connection breaks more often than max_retries", []simulator.Fault{often}, 1, 12, nil, 5 * time.Second},
		{"the connection is reset three times", []simulator.Fault{on(simulator.Fault{Action: simulator.Reset, Times: 3})}, 1, 4, nil, 3 * time.Second},
		{"the host answers 500 once", []simulator.Fault{on(simulator.Fault{Action: simulator.StatusCode, Code: 500})}, 1, 2, nil, 0},
		{"the host answers 503 with Retry-After", []simulator.Fault{on(simulator.Fault{Action: simulator.StatusCode, Code: 503, RetryAfter: "7"})}, 1, 2, nil, 7 * time.Second},
		{"the host sends no data until the link has expired", []simulator.Fault{on(simulator.Fault{Action: simulator.Hang})}, 2, 3, nil, time.Minute},
		{"a page comes once instead of the content", []simulator.Fault{on(simulator.Fault{Action: simulator.Garbage})}, 2, 2, []string{"", ""}, 0},
		{"the host refuses the link once", []simulator.Fault{forbidden}, 2, 2, []string{"", ""}, 0},
		{"the connection breaks and then the host refuses the link", []simulator.Fault{cut, forbidden}, 2, 3, []string{"", "bytes=30000-", "bytes=30000-"}, 0},
		{"the API answers once with an HTML page", []simulator.Fault{{Kind: simulator.KindDownload, Action: simulator.HTML}}, 2, 1, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := []simulator.File{sized("a.bin", size)}
			inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
				s.cloud.Inject(c.faults...)
				begin := time.Now()
				s.wantSaved(files)
				s.wantCount(simulator.KindDownload, c.links)
				s.wantCount(simulator.KindSignedDownload, c.requests)
				if took := time.Since(begin); took < c.takes {
					t.Errorf("took %v, want at least %v", took, c.takes)
				}
				for i, want := range c.ranges {
					if got := s.host.requests[i].Header.Get("Range"); got != want {
						t.Errorf("request %d asked for %q, want %q", i, got, want)
					}
				}
			})
		})
	}
}

func TestSaveAfterTheLinkExpired(t *testing.T) {
	t.Parallel()
	files := []simulator.File{sized("a.bin", 100_000)}
	inDownload(t, simulator.Options{LinkLife: 20 * time.Second}, files, nil, func(_ *testing.T, s *saver) {
		s.cloud.Inject(
			simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.TruncateBody, Bytes: 30_000},
			simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.Hang}) // for longer than the link lives
		s.wantSaved(files)
		s.wantCount(simulator.KindDownload, 2)
		s.wantCount(simulator.KindSignedDownload, 4)
	})
}

func TestSaveGivesUp(t *testing.T) {
	t.Parallel()
	on := func(f simulator.Fault) simulator.Fault {
		f.Kind, f.Times = simulator.KindSignedDownload, -1
		return f
	}
	for _, c := range []struct {
		name            string
		fault           simulator.Fault
		says            string
		links, requests int
	}{
		{"every connection breaks before the first byte", on(simulator.Fault{Action: simulator.TruncateBody, Bytes: 0}), "unexpected EOF", 1, 6},
		{"every connection is reset", on(simulator.Fault{Action: simulator.Reset}), "asking the download host downloads.simulator.invalid: read memory: connection reset", 1, 6},
		{"the host never sends data", on(simulator.Fault{Action: simulator.Hang}), "no data for 1m0s", 1, 6},
		{"the host always answers 503", on(simulator.Fault{Action: simulator.StatusCode, Code: 503}), "answered 503", 1, 6},
		{"the host refuses every link", on(simulator.Fault{Action: simulator.StatusCode, Code: 403}), "answered 403", 2, 2},
		{"the host answers 405", on(simulator.Fault{Action: simulator.StatusCode, Code: 405}), "answered 405", 1, 1},
		{"the host answers 204 without content", on(simulator.Fault{Action: simulator.StatusCode, Code: 204}), "answered 204 No Content", 1, 1},
		{"the API does not find the file", simulator.Fault{Kind: simulator.KindDownload, Times: -1, Action: simulator.StatusCode, Code: 404}, "404 Not Found", 1, 0},
		{"the API refuses access to the file", simulator.Fault{Kind: simulator.KindDownload, Times: -1, Action: simulator.StatusCode, Code: 403}, "403 Forbidden", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 100_000)}, nil, func(_ *testing.T, s *saver) {
				s.cloud.Inject(c.fault)
				s.wantNothingSaved(c.says)
				s.wantCount(simulator.KindDownload, c.links)
				s.wantCount(simulator.KindSignedDownload, c.requests)
			})
		})
	}
}

func TestSaveContinuesAfterTheFaultOfOneFile(t *testing.T) {
	t.Parallel()
	var files []simulator.File
	for i := range 9 {
		files = append(files, sized(fmt.Sprintf("%d.bin", i), 1000))
	}
	for name, c := range map[string]struct {
		fault   simulator.Fault
		forAll  bool
		saved   int
		mayFail int // at most: three in a row, and the transfers that run at that moment
	}{
		"the API does not find one file":     {simulator.Fault{Kind: simulator.KindDownload, Action: simulator.StatusCode, Code: 404}, false, 8, 1},
		"the host answers 405 for one file":  {simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.StatusCode, Code: 405}, false, 8, 1},
		"the API refuses access to one file": {simulator.Fault{Kind: simulator.KindDownload, Action: simulator.StatusCode, Code: 403}, false, 8, 1},
		"the host answers 204 for one file":  {simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.StatusCode, Code: 204}, false, 8, 1},
		"the API refuses all files":          {simulator.Fault{Kind: simulator.KindDownload, Action: simulator.StatusCode, Code: 401, Times: -1}, true, 0, 6},
		"the host resets all connections":    {simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.Reset, Times: -1}, true, 0, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
				s.cloud.Inject(c.fault)
				o := s.save(t.Context())
				failed, notTried := len(o.Failed), len(o.NotTried)
				if len(o.Saved) != c.saved || failed < 1 || failed > c.mayFail || c.saved+failed+notTried != len(files) || c.forAll != (notTried > 0) {
					t.Errorf("%d saved, %d failed, %d not tried", len(o.Saved), failed, notTried)
				}
				if got := s.onDisk(); len(got) != c.saved {
					t.Errorf("on disk are %q", got)
				}
			})
		})
	}
}

// A panic becomes the error of the file that caused it. The process continues, and the other files are saved.
func TestSaveThroughAPanic(t *testing.T) {
	t.Parallel()
	files := []simulator.File{sized("a.bin", 1000), sized("b.bin", 1000), sized("c.bin", 1000)}
	inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
		var requests atomic.Int32
		s.host.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			if requests.Add(1) == 2 {
				panic("a bug")
			}
			return s.cloud.Transport().RoundTrip(req)
		})
		o := s.save(t.Context())
		if len(o.Saved) != 2 || len(o.Failed) != 1 || len(s.onDisk()) != 2 {
			t.Fatalf("%+v, and on disk are %q", o, s.onDisk())
		}
		as[*sequentum.PanicError](t, o.Failed[0].Err)
	})
}

// The same for a panic in the goroutine that hashes, in the last sync, and in the goroutine that starts the write-back of a
// large file.
func TestSaveThroughAPanicInAnotherGoroutine(t *testing.T) {
	t.Parallel()
	as[*sequentum.PanicError](t, download.HashWith(buggyHash{}))
	if err := download.HashWith(sha256.New()); err != nil {
		t.Error(err)
	}
	for size, spoil := range map[int64]func(*download.Directory){
		1000:      (*download.Directory).PanicAtFirstSync,
		100 << 20: (*download.Directory).PanicAtWriteBack,
	} {
		inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", size)}, nil, func(t *testing.T, s *saver) {
			spoil(s.directory)
			as[*sequentum.PanicError](t, s.wantNothingSaved("a bug in the provider"))
		})
	}
}

type buggyHash struct{ hash.Hash }

func (buggyHash) Write([]byte) (int, error) { panic("a bug") }

func TestSaveInterrupted(t *testing.T) {
	t.Parallel()
	var files []simulator.File
	for i := range 9 {
		files = append(files, sized(fmt.Sprintf("%d.bin", i), 1000))
	}
	inDownload(t, simulator.Options{}, files, nil, func(t *testing.T, s *saver) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindSignedDownload, Skip: 2, Times: -1, Action: simulator.Hang})
		o := s.save(s.cancelAfter(5 * time.Second))
		if len(o.Saved) != 2 || len(o.Failed) != 0 || len(o.CutShort) != 4 || len(o.NotTried) != 3 {
			t.Fatalf("%d saved, failed: %v, cut short: %v, %d not tried", len(o.Saved), o.Failed, o.CutShort, len(o.NotTried))
		}
		ended := as[*download.EndedError](t, o.CutShort[0].Err)
		if !errors.Is(ended, context.Canceled) || ended.Error() != "the provider was still waiting for the rest of the content: 0 bytes had arrived" {
			t.Errorf("%v", ended)
		}
		if got := s.onDisk(); len(got) != 2 {
			t.Errorf("on disk are %q", got)
		}
	})
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestReadContent(t *testing.T) {
	t.Parallel()
	files := []simulator.File{sized("a.bin", 50_000)}
	for _, inline := range []bool{false, true} {
		inDownload(t, simulator.Options{InlineDownloads: inline}, files, nil, func(t *testing.T, s *saver) {
			kind := simulator.KindSignedDownload
			if inline {
				kind = simulator.KindDownload
			}
			s.cloud.Inject(simulator.Fault{Kind: kind, Action: simulator.TruncateBody, Bytes: 30_000})
			want, err := io.ReadAll(files[0].Open())
			if err != nil {
				t.Fatal(err)
			}
			got, sum, err := s.downloads.Read(t.Context(), s.ref, s.files[0], 50_000)
			if err != nil || !bytes.Equal(got, want) || sum != fmt.Sprintf("%x", sha256.Sum256(want)) {
				t.Errorf("%d bytes, %s, %v", len(got), sum, err)
			}
			_, _, err = s.downloads.Read(t.Context(), s.ref, s.files[0], 49_999)
			as[*download.TooLargeError](t, err)
			// The limit also applies if the list has no size, or a wrong one.
			for _, size := range []*int64{nil, new(int64(0)), new(int64(1 << 60))} {
				listed := s.files[0]
				listed.SizeBytes = size
				_, _, err = s.downloads.Read(t.Context(), s.ref, listed, 49_999)
				as[*download.TooLargeError](t, err)
				if got, _, err := s.downloads.Read(t.Context(), s.ref, listed, 50_000); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			}
		})
	}
}

// The limit also applies to a content whose length neither the list nor the host says.
func TestReadContentOfUnknownLength(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 10)}, always(unmeasured("0123456789", true)), func(t *testing.T, s *saver) {
		s.files[0].SizeBytes = nil
		_, _, err := s.downloads.Read(t.Context(), s.ref, s.files[0], 9)
		if tooLarge := as[*download.TooLargeError](t, err); tooLarge.Limit != 9 || tooLarge.Error() != "it is larger than 9 bytes" {
			t.Errorf("%v", err)
		}
		if got, _, err := s.downloads.Read(t.Context(), s.ref, s.files[0], 10); err != nil || len(got) != 10 {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestReadContentInterrupted(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindSignedDownload, Times: -1, Action: simulator.Hang})
		var readers sync.WaitGroup
		for range 6 { // more than there are slots
			readers.Go(func() {
				if _, _, err := s.downloads.Read(s.cancelAfter(time.Second), s.ref, s.files[0], 1000); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		readers.Wait()
	})
}

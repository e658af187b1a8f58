// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const (
	kib      = 1 << 10
	maxTail  = 64 * kib
	asksTail = "bytes=-65536"
)

// ending is a 206 with content, of which the headers say so.
func ending(contentRange, content string) reply {
	return reply{
		code: http.StatusPartialContent, header: http.Header{"Content-Range": {contentRange}},
		body: strings.NewReader(content), length: int64(len(content)),
	}
}

func emptyRange(contentRange string) reply {
	r := ending(contentRange, "")
	r.code = http.StatusRequestedRangeNotSatisfiable
	return r
}

// tail asks for the end of the only file.
func (s *saver) tail(ctx context.Context) (download.Tail, error) {
	return s.downloads.Tail(ctx, s.ref, s.files[0])
}

func TestTail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789abcde\n", 5000) // 80,000 bytes
	end := long[len(long)-maxTail:]
	large := reply{code: http.StatusOK, body: strings.NewReader(strings.Repeat("x", 3<<20) + long), length: -1, chunked: true}
	multipart := ending("", letters)
	multipart.header = http.Header{"Content-Type": {"multipart/byteranges; boundary=x"}}
	short := ending("bytes 0-25/26", letters[:20])
	for _, c := range []struct {
		name    string
		replies []reply
		want    string
		cut     bool
	}{
		{"the end of a long file", []reply{ending(fmt.Sprintf("bytes %d-79999/80000", 80000-maxTail), end)}, end, true},
		{"a file that is shorter than the part", []reply{ending("bytes 0-25/26", letters)}, letters, false},
		{"an end that is shorter than the part", []reply{ending("bytes 79974-79999/80000", letters)}, letters, true},
		{"the host ignores ranges", []reply{whole(long)}, end, true},
		{"the host ignores ranges, and the file is short", []reply{whole(letters)}, letters, false},
		{"the host ignores ranges, and gives no length", []reply{large}, end, true},
		{"the beginning comes", []reply{ending("bytes 0-65535/80000", long[:maxTail]), whole(long)}, end, true},
		{"a part from the middle comes", []reply{ending("bytes 100-125/80000", letters), whole(long)}, end, true},
		{"more comes than was requested", []reply{ending("bytes 0-79999/80000", long), whole(long)}, end, true},
		{"nobody knows the end", []reply{ending("bytes 14464-79999/*", end), whole(long)}, end, true},
		{"an unreadable range", []reply{ending("?", end), whole(long)}, end, true},
		{"several parts at once", []reply{multipart, whole(letters)}, letters, false},
		{"the file is empty", []reply{emptyRange("bytes */0")}, "", false},
		{"the host refuses the range of a file with content", []reply{emptyRange("bytes */26"), whole(letters)}, letters, false},
		{"the host refuses the range, and says nothing", []reply{emptyRange(""), whole(letters)}, letters, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, script(t, c.replies...), func(t *testing.T, s *saver) {
				got, err := s.tail(t.Context())
				if err != nil || string(got.Content) != c.want || got.Cut != c.cut {
					t.Errorf("%d bytes (cut: %t), %v; want %d bytes (cut: %t)", len(got.Content), got.Cut, err, len(c.want), c.cut)
				}
				s.wantCount(simulator.KindDownload, 1)
				for i, req := range s.host.requests {
					if want := []string{asksTail, ""}[i]; req.Header.Get("Range") != want || req.Header.Get("If-Range") != "" {
						t.Errorf("request %d asked for %v", i, req.Header)
					}
				}
				if len(s.host.requests) != len(c.replies) {
					t.Errorf("%d requests, want %d", len(s.host.requests), len(c.replies))
				}
			})
		})
	}
	t.Run("the connection breaks", func(t *testing.T) { t.Parallel(); wantNoTail(t, "unexpected EOF", whole(long), 1000) })
	t.Run("a part is shorter than its headers say", func(t *testing.T) {
		t.Parallel()
		wantNoTail(t, "announced 26 bytes, but sent another number", short, -1)
	})
	t.Run("a part is longer than its headers say", func(t *testing.T) {
		t.Parallel()
		wantNoTail(t, "announced 26 bytes, but sent another number", ending("bytes 0-25/26", letters+letters), -1)
	})
	t.Run("a refusal", func(t *testing.T) { t.Parallel(); wantNoTail(t, "answered 403 Forbidden", part(403, 0, 0), -1) })
	t.Run("only the whole file, and its length says too much", func(t *testing.T) {
		t.Parallel()
		wantNoTail(t, "larger than 16 MiB", reply{code: 200, body: broken{}, length: 17 << 20}, -1)
	})
}

// wantNoTail checks the error about an answer. breaks: the connection breaks after so many bytes; -1: it does not.
func wantNoTail(t *testing.T, want string, r reply, breaks int64) {
	t.Helper()
	if breaks >= 0 {
		r.body = io.MultiReader(io.LimitReader(r.body, breaks), broken{})
	}
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, script(t, r), func(t *testing.T, s *saver) {
		if got, err := s.tail(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d bytes, %v; want an error with %q", len(got.Content), err, want)
		}
	})
}

// What never ends is read up to a limit.
func TestTailOfAnEndlessFile(t *testing.T) {
	t.Parallel()
	body := &endless{}
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, script(t, reply{code: 200, body: body, length: -1}), func(t *testing.T, s *saver) {
		if _, err := s.tail(t.Context()); err == nil || !strings.Contains(err.Error(), "larger than 16 MiB") {
			t.Error(err)
		}
		if body.read > 17<<20 {
			t.Errorf("%d bytes were read", body.read)
		}
	})
}

func TestTailOfAHangingHost(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{"the whole file": {code: 200, length: 26}, "a part": {code: 206, header: http.Header{"Content-Range": {"bytes 0-25/26"}}, length: 26}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, script(t, r), func(t *testing.T, s *saver) {
				began := time.Now()
				_, err := s.tail(s.cancelAfter(10 * time.Second))
				if as[*download.EndedError](t, err); !errors.Is(err, context.Canceled) || time.Since(began) != 10*time.Second {
					t.Errorf("%v after %v", err, time.Since(began))
				}
			})
		})
	}
}

// The simulated hosts: one that knows parts, one that does not, and an API that sends the content itself.
func TestTailFromTheSimulator(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]simulator.Options{
		"a link": {}, "the content itself": {InlineDownloads: true},
		"a host without parts":    {Faults: []simulator.Fault{{Kind: simulator.KindSignedDownload, Times: -1, Quirk: simulator.IgnoresRange}}},
		"a host that hides sizes": {Faults: []simulator.Fault{{Kind: simulator.KindSignedDownload, Times: -1, Quirk: simulator.UnknownSize}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, o, []simulator.File{{Size: 300 * kib}}, nil, func(t *testing.T, s *saver) {
				all, _, err := s.downloads.Read(t.Context(), s.ref, s.files[0], 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.tail(t.Context())
				if err != nil || !got.Cut || string(got.Content) != string(all[len(all)-maxTail:]) {
					t.Errorf("%d bytes (cut: %t), %v", len(got.Content), got.Cut, err)
				}
			})
		})
	}
}

// Four transfers, which is all that run at a time, do not hold a log back.
func TestTailNeedsNoPlace(t *testing.T) {
	t.Parallel()
	hangs := roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Range") != "" {
			return ending("bytes 0-25/26", letters).response(req), nil
		}
		return reply{code: 200, length: 26}.response(req), nil
	})
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}, {Content: letters}, {Content: letters}, {Content: letters}}, hangs, func(t *testing.T, s *saver) {
		saved := make(chan bool)
		go func() { s.save(s.cancelAfter(30 * time.Second)); close(saved) }()
		time.Sleep(time.Second)
		if got, err := s.tail(t.Context()); err != nil || string(got.Content) != letters {
			t.Errorf("%q, %v", got.Content, err)
		}
		<-saved
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// saver saves the files of a finished run.
type saver struct {
	t         *testing.T
	cloud     *simulator.Cloud
	api       *apiTransport
	client    *sequentum.Client
	downloads *download.Downloader
	ref       sequentum.RunRef
	files     []sequentum.File
	host      *hostLog
	dir       string
	directory *download.Directory
}

// hostLog records the requests to the download host.
type hostLog struct {
	next http.RoundTripper

	mu       sync.Mutex
	requests []*http.Request
}

func (h *hostLog) RoundTrip(req *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.requests = append(h.requests, req)
	h.mu.Unlock()
	return h.next.RoundTrip(req)
}

// inDownload runs the story in a synctest bubble, with a finished run that has these files. A host of nil is the download host of
// the simulated cloud.
func inDownload(t *testing.T, o simulator.Options, files []simulator.File, host http.RoundTripper, story func(t *testing.T, s *saver)) {
	t.Helper()
	o.Agents = []simulator.Agent{{ID: agentID, Files: files}}
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(o)
		s := &saver{t: t, cloud: cloud, api: &apiTransport{next: cloud.Transport()}, ref: finishedRun(cloud), dir: t.TempDir()}
		if host == nil {
			host = cloud.Transport()
		}
		s.host = &hostLog{next: host}
		s.client = newClient(t, "https://cloud.example.test", s.api)
		s.downloads = download.New(s.client, nil, s.host, true)
		var err error
		if s.files, err = s.downloads.Files(t.Context(), s.ref); err != nil {
			t.Fatal(err)
		}
		if s.directory, err = download.CreateDirectory(s.dir); err != nil {
			t.Fatal(err)
		}
		defer s.directory.Close()
		story(t, s)
	})
}

// wantCount checks how many requests of a kind the cloud has received.
func (s *saver) wantCount(kind simulator.Kind, want int) {
	s.t.Helper()
	if got := s.cloud.Count(kind); got != want {
		s.t.Errorf("%d requests of kind %q, expected %d", got, kind, want)
	}
}

// cancelAfter returns a context that is interrupted when d has passed.
func (s *saver) cancelAfter(d time.Duration) context.Context {
	ctx, cancel := context.WithCancel(s.t.Context())
	time.AfterFunc(d, cancel)
	return ctx
}

func (s *saver) save(ctx context.Context) download.Outcome {
	return s.downloads.Save(ctx, s.ref, s.directory, download.Targets(s.files))
}

// onDisk are the names in the directory.
func (s *saver) onDisk() []string {
	s.t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// wantSaved saves everything, and fails the test unless all files are whole and nothing else is there.
func (s *saver) wantSaved(files []simulator.File) {
	s.t.Helper()
	outcome := s.save(s.t.Context())
	if len(outcome.Failed) > 0 || len(outcome.NotTried) > 0 || len(outcome.Saved) != len(files) {
		s.t.Fatalf("%d saved, failed: %v, not tried: %v", len(outcome.Saved), outcome.Failed, outcome.NotTried)
	}
	for _, saved := range outcome.Saved {
		i := slices.IndexFunc(s.files, func(f sequentum.File) bool { return f.ID == saved.File.ID })
		want, err := io.ReadAll(files[i].Open())
		if err != nil {
			s.t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(s.dir, saved.Name))
		if err != nil || !bytes.Equal(got, want) {
			s.t.Errorf("%s: %d bytes that differ from the %d wanted (%v)", saved.Name, len(got), len(want), err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(want)); saved.Fingerprint.SHA256 != sum || saved.Fingerprint.Size != int64(len(want)) {
			s.t.Errorf("%s: the result says %d bytes, %s; want %d, %s", saved.Name, saved.Fingerprint.Size, saved.Fingerprint.SHA256, len(want), sum)
		}
	}
	if got := s.onDisk(); len(got) != len(files) {
		s.t.Errorf("on disk are %q", got)
	}
}

// wantNothingSaved saves everything, and fails the test unless that fails with an error that says so, shows no link, and
// leaves nothing.
func (s *saver) wantNothingSaved(text string) error {
	s.t.Helper()
	outcome := s.save(s.t.Context())
	if len(outcome.Saved) > 0 || len(outcome.Failed) == 0 {
		s.t.Fatalf("saved: %v, failed: %v", outcome.Saved, outcome.Failed)
	}
	err := outcome.Failed[0].Err
	if !strings.Contains(err.Error(), text) {
		s.t.Errorf("the error is %q, want %q in it", err, text)
	}
	if strings.Contains(err.Error(), "signature") {
		s.t.Errorf("the error shows the link: %v", err)
	}
	if got := s.onDisk(); len(got) > 0 {
		s.t.Errorf("on disk are %q", got)
	}
	return err
}

func sized(name string, size int64) simulator.File { return simulator.File{Name: &name, Size: size} }

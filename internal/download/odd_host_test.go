// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A host can do anything with parts, and the file can change during the transfer. The file as it is now is saved, or nothing.
func TestSaveFromAnOddHost(t *testing.T) {
	t.Parallel()
	quirks := []simulator.Quirk{
		"", simulator.UnaskedRange, simulator.UnknownSize, simulator.Chunked, simulator.IgnoresIfRange, simulator.IgnoresRange, simulator.ShiftedRange,
	}
	validators := []simulator.Validator{simulator.StrongETag, simulator.WeakETag, simulator.LastModified, simulator.NoValidator}
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2"} {
		for _, quirk := range quirks {
			for _, validator := range validators {
				for _, changes := range []bool{false, true} {
					for _, times := range []int{2, -1} {
						t.Run(oddHostName(protocol, quirk, validator, changes, times), func(t *testing.T) {
							t.Parallel()
							saveFromAnOddHost(t, protocol, simulator.File{Name: new("a.bin"), Size: 100_000, Validator: validator},
								simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.TruncateBody, Bytes: 40_000, Changes: changes},
								simulator.Fault{Kind: simulator.KindSignedDownload, Quirk: quirk, Times: times})
						})
					}
				}
			}
		}
	}
}

func oddHostName(protocol string, quirk simulator.Quirk, validator simulator.Validator, changes bool, times int) string {
	quirkName, file, duration := "no quirk", "the file stays the same", "the quirk ends"
	if quirk != "" {
		quirkName = string(quirk)
	}
	if changes {
		file = "the file changes"
	}
	if times < 0 {
		duration = "the quirk stays"
	}
	return fmt.Sprintf("%s, %s, validator %s, %s, %s", protocol, quirkName, validator, file, duration)
}

func saveFromAnOddHost(t *testing.T, protocol string, file simulator.File, faults ...simulator.Fault) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{{ID: agentID, Files: []simulator.File{file}}}})
		transport := cloud.HTTP1Transport
		if protocol == "HTTP/2" {
			transport = cloud.HTTP2Transport
		}
		pipes := transport()
		t.Cleanup(func() { _ = pipes.Close() })
		downloads := download.New(newClient(t, "http://127.0.0.1", pipes), nil, pipes, true)
		id := finishedRun(cloud)
		files, err := downloads.Files(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		directory, err := download.CreateDirectory(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer directory.Close()
		cloud.Inject(faults...)
		o := downloads.Save(t.Context(), id, directory, download.Targets(files))
		got, err := os.ReadFile(filepath.Join(dir, "a.bin"))
		if len(o.Failed) > 0 {
			if !os.IsNotExist(err) {
				t.Errorf("it failed (%v), and left %d bytes (%v)", o.Failed[0].Err, len(got), err)
			}
			if faults[1].Times > 0 {
				t.Errorf("it failed, although the host behaved in the end: %v", o.Failed[0].Err)
			}
			return
		}
		want, readErr := io.ReadAll(cloud.FileContent(files[0].ID))
		if err != nil || readErr != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes that are not the file's %d (%v, %v)", len(got), len(want), err, readErr)
		}
	})
}

// A reason phrase, half an answer and a status without content.
func TestSaveFromAHostWithUnusualStatuses(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{
		{Action: simulator.StatusCode, Code: http.StatusMethodNotAllowed, Reason: "No {url}"},
		{Action: simulator.Bare, Code: http.StatusNoContent},
		{Action: simulator.Bare, Code: http.StatusResetContent},
		{Action: simulator.Bare, Code: http.StatusAccepted, Body: "later"},
		{Action: simulator.Bare, Code: http.StatusPartialContent, Body: "half"},
		{Action: simulator.Bare, Code: http.StatusNonAuthoritativeInfo, Body: "a proxy's"},
		{Action: simulator.Bare, Code: http.StatusIMUsed, Body: "a difference"},
	} {
		for _, kind := range []simulator.Kind{simulator.KindSignedDownload, simulator.KindDownload} {
			if fault.Reason != "" && kind == simulator.KindDownload {
				continue // that one is not the download host's
			}
			fault.Kind, fault.Times = kind, -1
			inDownload(t, simulator.Options{}, []simulator.File{sized("a.bin", 1000)}, nil, func(t *testing.T, s *saver) {
				pipes := s.cloud.HTTP1Transport()
				defer pipes.Close()
				s.host.next = pipes
				s.cloud.Inject(fault)
				s.wantNothingSaved("")
			})
		}
	}
}

// A host sends little at a time, as over TLS. It is written in large pieces, and only the silence between two bytes ends a try.
func TestSaveFromAHostThatSendsLittleAtATime(t *testing.T) {
	t.Parallel()
	content := strings.Repeat(letters, 600<<10/len(letters))
	for name, c := range map[string]struct {
		content string
		atATime int
		pause   time.Duration
		writes  int
	}{
		"a little more than two buffers":            {content, 1000, 0, 3},
		"one byte each time, almost a minute apart": {letters, 1, 59 * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := roundTrip(func(req *http.Request) (*http.Response, error) {
				answer := whole(c.content)
				answer.body = trickle{req.Context(), answer.body, c.atATime, c.pause}
				return answer.response(req), nil
			})
			files := []simulator.File{{Content: c.content}}
			inDownload(t, simulator.Options{}, files, host, func(t *testing.T, s *saver) {
				writes := s.directory.CountWrites()
				s.wantSaved(files)
				if *writes != c.writes {
					t.Errorf("%d writes, expected %d", *writes, c.writes)
				}
			})
		})
	}
}

// trickle is a body that gives a few bytes at a time, with a pause before them.
type trickle struct {
	ctx context.Context // of the request
	io.Reader
	atATime int
	pause   time.Duration
}

func (r trickle) Read(p []byte) (int, error) {
	if err := sequentum.Sleep(r.ctx, nil, r.pause); err != nil {
		return 0, err
	}
	return r.Reader.Read(p[:min(len(p), r.atATime)])
}

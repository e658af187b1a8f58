// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// servedDownloads are downloads from a cloud on loopback whose agent has left these files. All links lead to store,
// unless that is empty.
func servedDownloads(b *testing.B, o simulator.Options, clock sequentum.Clock, store string, files ...simulator.File) (*download.Downloader, sequentum.RunRef, []sequentum.File) {
	b.Helper()
	o.Agents, o.Clock = []simulator.Agent{{ID: agentID, Files: files}}, clock
	cloud := simulator.New(o)
	server, err := simulator.Serve(cloud, "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.Close() })
	client, err := sequentum.New(sequentum.Config{BaseURL: server.URL, APIKey: "sk-simulator", Clock: clock, Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err == nil && store != "" && resp.Header.Get("Location") != "" {
			resp.Header.Set("Location", store)
		}
		return resp, err
	})})
	if err != nil {
		b.Fatal(err)
	}
	id := finishedRun(cloud)
	downloads := download.New(client, nil, nil, true)
	listed, err := downloads.Files(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	return downloads, id, listed
}

func syncFile(b *testing.B, name string) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDownloadLargeFile saves 1 GiB from loopback, and has curl do the same with the same link in turn. The best of
// five each counts: whatever else the machine does only ever makes them slower. The content comes from a plain file server,
// for the simulator makes it up as it is read, and is then what is measured.
//
// Ours is on disk when it is done, and curl's is not: where the disk is slower than the network, the fair comparison is
// with curl and a sync after it.
func BenchmarkDownloadLargeFile(b *testing.B) {
	const size = 1 << 30
	curl, err := exec.LookPath("curl")
	if err != nil {
		b.Fatal("the benchmark compares with curl, which is not on PATH: install it (Debian: apt-get install curl)")
	}
	large := sized("large.bin", size)
	downloads, ref, files := servedDownloads(b, simulator.Options{}, nil, storedAt(b, large), large)
	link, err := downloads.Link(b.Context(), ref, files[0].ID)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	directory, err := download.CreateDirectory(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer directory.Close()

	const rounds = 5
	ours, curls, synced := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	var memory int64
	for range rounds * b.N {
		begin := time.Now()
		if out, err := exec.Command(curl, "--silent", "--fail", "--output", filepath.Join(dir, "curl.bin"), link).CombinedOutput(); err != nil {
			b.Fatalf("curl: %v\n%s", err, out)
		}
		curls = min(curls, time.Since(begin))
		syncFile(b, filepath.Join(dir, "curl.bin"))
		synced = min(synced, time.Since(begin))
		os.Remove(filepath.Join(dir, "curl.bin"))

		runtime.GC()
		before := resident(b, "VmRSS")
		resetPeak(b)
		begin = time.Now()
		outcome := downloads.Save(b.Context(), ref, directory, download.Targets(files))
		ours = min(ours, time.Since(begin))
		memory = max(memory, resident(b, "VmHWM")-before)
		if len(outcome.Saved) != 1 {
			b.Fatalf("not saved: %v", outcome.Failed)
		}
		os.Remove(filepath.Join(dir, "large.bin"))
	}
	speed := func(d time.Duration) float64 { return size / (1 << 20) / d.Seconds() }
	b.ReportMetric(speed(ours), "MiB/s")
	b.ReportMetric(speed(curls), "curl-MiB/s")
	b.ReportMetric(speed(ours)/speed(curls), "of-curl")
	b.ReportMetric(speed(ours)/speed(synced), "of-curl-and-sync")
	b.ReportMetric(float64(memory)/(1<<20), "extra-MiB")
	if memory >= 64<<20 {
		b.Errorf("%d bytes of extra memory, expected less than 64 MiB", memory)
	}
}

// storedAt puts the file's content on a file server and returns its address.
func storedAt(b *testing.B, file simulator.File) string {
	b.Helper()
	dir := b.TempDir()
	stored, err := os.Create(filepath.Join(dir, *file.Name))
	if err == nil {
		_, err = io.Copy(stored, file.Open())
		err = errors.Join(err, stored.Sync(), stored.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	b.Cleanup(server.Close)
	return server.URL + "/" + *file.Name + "?signature=1"
}

// BenchmarkDownloadSmallFiles saves 1,000 small files within the API's real limit, in time that passes thirty times as
// fast, and compares with what the limit itself demands: 100 requests a minute, one for each file and one for the list.
func BenchmarkDownloadSmallFiles(b *testing.B) {
	const count = 1000
	var files []simulator.File
	for i := range count {
		name := fmt.Sprintf("file %d.txt", i)
		files = append(files, simulator.File{Name: &name, Content: strings.Repeat(name, 100)})
	}
	for b.Loop() {
		clock := simulator.Accelerated(30)
		begin := clock.Now()
		downloads, ref, listed := servedDownloads(b, simulator.Options{}, clock, "", files...)
		directory, err := download.CreateDirectory(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		outcome := downloads.Save(b.Context(), ref, directory, download.Targets(listed))
		if len(outcome.Saved) != count {
			b.Fatalf("%d saved, failed: %v", len(outcome.Saved), outcome.Failed)
		}
		took := clock.Now().Sub(begin)
		bound := time.Duration((count+1-1)/100) * time.Minute
		b.ReportMetric(took.Seconds(), "s-simulated")
		b.ReportMetric(took.Seconds()/bound.Seconds(), "of-bound")
		if took > 2*bound {
			b.Errorf("%v, expected at most twice the budget's own bound of %v", took, bound)
		}
		directory.Close()
	}
}

// resident is a line of the process's status, in bytes.
func resident(b *testing.B, line string) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatalf("no %s: %v", line, err)
	}
	return kib << 10
}

// resetPeak begins the count of the most resident memory anew.
func resetPeak(b *testing.B) {
	b.Helper()
	f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := io.WriteString(f, "5"); err != nil {
		b.Fatal(err)
	}
}

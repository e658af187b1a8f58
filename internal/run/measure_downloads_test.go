// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package run_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// downloading is one way to download the files of runs.
type downloading struct {
	way
	fetch func(ref sequentum.RunRef) // all files of one run
}

// TestMeasureDownloads downloads 200 runs of 10 files each. Every 83 seconds, a run of another agent is started.
func TestMeasureDownloads(t *testing.T) {
	const runs, files, downloaded, started = 200, 10, 1, 2
	agent := simulator.Agent{ID: downloaded}
	for i := range files {
		name := fmt.Sprintf("file %d.csv", i)
		agent.Files = append(agent.Files, simulator.File{Name: &name, Content: name})
	}
	agents := []simulator.Agent{agent, long(started)}
	var b strings.Builder
	b.WriteString("| case | requests | naive | 429s | naive | time | naive | first file after | naive | longest wait of a start | naive |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, of := range []struct {
		name    string
		atATime int
	}{{"10 downloads at a time", 10}, {"`-parallelism=200`", runs}} {
		var first, longest [2]time.Duration
		play := func(d downloading, c *simulator.Cloud, which int) time.Duration {
			ids := c.AddFinishedRuns(downloaded, runs, simulator.Completed)
			began, over := time.Now(), make(chan struct{})
			var starts sync.WaitGroup
			starts.Go(func() {
				for {
					select {
					case <-over:
						return
					case <-time.After(83 * time.Second):
						began := time.Now()
						d.start(started)
						longest[which] = max(longest[which], time.Since(began))
					}
				}
			})
			inParallel(runs, of.atATime, func(i int) { d.fetch(sequentum.RunRef{AgentID: downloaded, RunID: ids[i]}) })
			close(over)
			starts.Wait()
			for _, r := range c.Log() {
				if r.Kind == simulator.KindSignedDownload {
					first[which] = r.Time.Sub(began)
					break
				}
			}
			return 0
		}
		ours := measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return play(ourDownloads(t, transport, files), c, 0)
		})
		other := measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return play(naiveDownloads(t, transport), c, 1)
		})
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s | %s | %s | %s | %s | %s |\n", of.name, ours.requests, other.requests, ours.tooMany, other.tooMany,
			readable(ours.took), readable(other.took), readable(first[0]), readable(first[1]), readable(longest[0]), readable(longest[1]))
	}
	fmt.Println(b.String())
	writeMeasured(t, "downloads.md", b.String())
}

// ourDownloads are those of one process of the provider.
func ourDownloads(t *testing.T, transport http.RoundTripper, files int) downloading {
	client, err := sequentum.New(sequentum.Config{BaseURL: "https://cloud.example.test", APIKey: "sk-simulator", Transport: transport, MaxRetries: 5})
	if err != nil {
		t.Fatal(err)
	}
	downloads, dir := download.New(client, nil, transport, true), t.TempDir()
	return downloading{way: ourWay(t, run.New(client)), fetch: func(ref sequentum.RunRef) {
		listed, err := downloads.Files(t.Context(), ref)
		if err != nil {
			t.Error(err)
			return
		}
		directory, err := download.CreateDirectory(filepath.Join(dir, fmt.Sprint(ref.RunID)))
		if err != nil {
			t.Error(err)
			return
		}
		defer directory.Close()
		if outcome := downloads.Save(t.Context(), ref, directory, download.Targets(listed)); len(outcome.Saved) != files {
			t.Errorf("%d files are saved, failed: %v", len(outcome.Saved), outcome.Failed)
		}
	}}
}

// naiveDownloads list the files of a run, and then follow the link to each of them.
func naiveDownloads(t *testing.T, transport http.RoundTripper) downloading {
	return downloading{way: naiveWay(t, transport), fetch: func(ref sequentum.RunRef) {
		path := fmt.Sprintf("/agent/%d/run/%d/file", ref.AgentID, ref.RunID)
		var files []struct{ ID int64 }
		if err := json.Unmarshal([]byte(naive(t, transport, http.MethodGet, path+"s")), &files); err != nil {
			t.Error(err)
		}
		for _, file := range files {
			link := naiveAnswer(t, transport, http.MethodGet, fmt.Sprintf("%s/%d/download", path, file.ID)).Header.Get("Location")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := transport.RoundTrip(req)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %v", link, err)
				continue
			}
			resp.Body.Close()
		}
	}}
}

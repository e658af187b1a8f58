// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package run_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The measurements of the guide on the request budget: ours beside the naive way, against the simulator with the real
// limit of 100 requests in 60 s and 50 ms on the wire, in time that is simulated and costs nothing. `make bench` runs
// them; with MEASURED set to a folder the table and its plot are written there.

const wireLatency = 50 * time.Millisecond

// figure is what one way of doing one case took.
type figure struct {
	requests int
	tooMany  int
	took     time.Duration
	late     time.Duration // from the end of a run to its being seen, at worst
}

// measured is one row of the table.
type measured struct {
	name        string
	waits       bool
	ours, naive figure
}

// measure plays one case on its own cloud, so that the two ways cannot disturb each other.
func measure(t *testing.T, agents []simulator.Agent, play func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration) figure {
	t.Helper()
	var f figure
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Agents: agents})
		began := time.Now()
		f.late = play(t, cloud, &tappedTransport{next: cloud.Transport(), Latency: wireLatency})
		f.took = time.Since(began)
		for _, n := range cloud.Requests() {
			f.requests += n
		}
		f.tooMany = cloud.TooMany()
	})
	return f
}

func process(t *testing.T, transport http.RoundTripper, perMinute int) *run.Manager {
	t.Helper()
	client, err := sequentum.New(sequentum.Config{
		BaseURL: "https://cloud.example.test", APIKey: "sk-simulator", Transport: transport,
		MaxRetries: 5, RequestsPerMinute: perMinute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return run.New(client)
}

// side runs n pieces of work, so many at a time.
func side(n, atATime int, work func(i int)) {
	var all sync.WaitGroup
	places := make(chan struct{}, atATime)
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			work(i)
		})
	}
	all.Wait()
}

// naive sends one request, and sends it again after every 429 as Retry-After says.
func naive(t *testing.T, transport http.RoundTripper, method, path string) string {
	t.Helper()
	for {
		req, err := http.NewRequestWithContext(t.Context(), method, "https://cloud.example.test/api/v1"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPost {
			req.Body = io.NopCloser(strings.NewReader("{}"))
		}
		req.Header.Set("Authorization", "ApiKey sk-simulator")
		req.Header.Set("Content-Type", "application/json")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusTooManyRequests {
			return string(body)
		}
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		time.Sleep(time.Duration(max(1, seconds)) * time.Second)
	}
}

// long is an agent whose runs outlast every refresh.
func long(id int64) simulator.Agent {
	day := simulator.Duration(24 * time.Hour)
	return simulator.Agent{ID: id, Phases: []simulator.Phase{{Status: simulator.Running, Duration: day}}}
}

// refresh reads runs of so many agents, ten at a time as the CLI does.
func refresh(t *testing.T, name string, runs, agents int) measured {
	var described []simulator.Agent
	for i := range agents {
		described = append(described, long(int64(1+i)))
	}
	begin := func(c *simulator.Cloud) []sequentum.RunRef {
		refs := make([]sequentum.RunRef, runs)
		for i := range refs {
			r := c.StartRun(int64(1 + i%agents))
			refs[i] = sequentum.RunRef{AgentID: r.AgentID, RunID: r.ID}
		}
		return refs
	}
	return measured{
		name: name,
		ours: measure(t, described, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			refs, m := begin(c), process(t, transport, 0)
			side(runs, 10, func(i int) {
				if r, err := m.Read(t.Context(), refs[i]); err != nil || r.ID != refs[i].RunID {
					t.Errorf("read %v: %v", refs[i], err)
				}
			})
			return 0
		}),
		naive: measure(t, described, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			refs := begin(c)
			side(runs, 10, func(i int) {
				naive(t, transport, http.MethodGet, fmt.Sprintf("/agent/%d/run/%d/status", refs[i].AgentID, refs[i].RunID))
			})
			return 0
		}),
	}
}

// way starts a run, and waits for one, in one of several processes.
type way struct {
	start func(process int) (runID int64)
	await func(process int, runID int64)
}

// play starts n runs of one agent and waits for them, all at once. The nth lasts as long as duration says. It returns
// by how much the end of a run was seen late, at worst.
func (w way) play(c *simulator.Cloud, n, processes int, duration func(i int) time.Duration) (worst time.Duration) {
	var mu sync.Mutex
	side(n, n, func(i int) {
		id := w.start(i % processes)
		time.AfterFunc(duration(i), func() { c.Finish(id, simulator.Completed) })
		w.await(i%processes, id)
		r, _ := c.Run(id)
		mu.Lock()
		defer mu.Unlock()
		worst = max(worst, time.Since(r.Ended))
	})
	return worst
}

// waits starts and waits for runs of one agent, all at once, from so many processes.
func waits(t *testing.T, name string, runs, processes, perMinute int, duration func(i int) time.Duration) measured {
	agents := []simulator.Agent{long(4711)}
	return measured{
		name: name, waits: true,
		ours: measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			managers := make([]*run.Manager, processes)
			for i := range managers {
				managers[i] = process(t, transport, perMinute)
			}
			ours := way{
				start: func(p int) int64 {
					started, err := managers[p].Start(t.Context(), run.StartRequest{AgentID: 4711, IfActive: run.ActiveStart})
					if err != nil {
						t.Errorf("start: %v", err)
						return 0
					}
					return started.Run.ID
				},
				await: func(p int, id int64) {
					if _, err := managers[p].Wait(t.Context(), run.WaitRequest{Ref: sequentum.RunRef{AgentID: 4711, RunID: id}, Known: &sequentum.Run{}}); err != nil {
						t.Errorf("wait: %v", err)
					}
				},
			}
			return ours.play(c, runs, processes, duration)
		}),
		naive: measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			one := way{
				start: func(int) int64 {
					id, err := strconv.ParseInt(between(naive(t, transport, http.MethodPost, "/agent/4711/start"), `"id":`, ","), 10, 64)
					if err != nil {
						t.Error(err)
					}
					return id
				},
				await: func(_ int, id int64) {
					path := fmt.Sprintf("/agent/4711/run/%d/status", id)
					for code := ""; code != strconv.Itoa(int(simulator.Completed)); {
						time.Sleep(5 * time.Second)
						code = between(naive(t, transport, http.MethodGet, path), `"status":`, ",")
					}
				},
			}
			return one.play(c, runs, processes, duration)
		}),
	}
}

// between cuts a value out of an answer, as little as the naive way needs of it.
func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	value, _, _ := strings.Cut(rest, after)
	return strings.Trim(strings.TrimSpace(value), `"}]`)
}

func constant(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

func TestMeasureRequestBudget(t *testing.T) {
	rows := []measured{
		refresh(t, "refresh, 1 active run", 1, 1),
		refresh(t, "refresh, 10 active runs of one agent", 10, 1),
		refresh(t, "refresh, 100 active runs of one agent", 100, 1),
		refresh(t, "refresh, 1,000 active runs of one agent", 1000, 1),
		refresh(t, "refresh, 5,000 active runs of one agent", 5000, 1),
		refresh(t, "refresh, 1,000 active runs over 20 agents", 1000, 20),
		waits(t, "1 wait of 20 s", 1, 1, 0, constant(20*time.Second)),
		waits(t, "10 waits of 30 s, one agent", 10, 1, 0, constant(30*time.Second)),
		waits(t, "50 waits of 30 s, one agent", 50, 1, 0, constant(30*time.Second)),
		waits(t, "200 waits of 1 to 5 minutes, one agent", 200, 1, 0, func(i int) time.Duration {
			return time.Minute + time.Duration(i)*240*time.Second/199
		}),
		waits(t, "2 applies at once, 20 waits of 60 s each, `requests_per_minute = 45`", 40, 2, 45, constant(time.Minute)),
		waits(t, "2 applies at once, 20 waits of 60 s each, without it", 40, 2, 0, constant(time.Minute)),
		waits(t, "2 applies at once, 60 waits of 60 s each, `requests_per_minute = 45`", 120, 2, 45, constant(time.Minute)),
		waits(t, "2 applies at once, 60 waits of 60 s each, without it", 120, 2, 0, constant(time.Minute)),
	}
	table := budgetTable(rows)
	fmt.Println(table)
	writeMeasured(t, "budget.md", table)
	writeMeasured(t, "plot.md", budgetPlot(rows))
}

func budgetTable(rows []measured) string {
	var b strings.Builder
	b.WriteString("| case | requests | naive | fewer | 429s | naive | time | naive | seen late by at most | naive |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range rows {
		late, naiveLate := "", ""
		if r.waits {
			late, naiveLate = seconds(r.ours.late), seconds(r.naive.late)
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f× | %d | %d | %s | %s | %s | %s |\n", r.name, r.ours.requests, r.naive.requests,
			float64(r.naive.requests)/float64(max(1, r.ours.requests)), r.ours.tooMany, r.naive.tooMany, seconds(r.ours.took), seconds(r.naive.took), late, naiveLate)
	}
	return b.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

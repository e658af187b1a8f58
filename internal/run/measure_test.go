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
		for kind, n := range cloud.Requests() {
			if kind != simulator.KindSignedDownload { // which is not the API's
				f.requests += n
			}
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

// inParallel runs n pieces of work, so many at a time.
func inParallel(n, atATime int, work func(i int)) {
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

// naive sends one request, and sends it again after every 429 as Retry-After says. It returns the body of the answer.
func naive(t *testing.T, transport http.RoundTripper, method, path string) string {
	t.Helper()
	body, err := io.ReadAll(naiveAnswer(t, transport, method, path).Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// naiveAnswer is naive for more of the answer than its body.
func naiveAnswer(t *testing.T, transport http.RoundTripper, method, path string) *http.Response {
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
		if resp.StatusCode != http.StatusTooManyRequests {
			return resp
		}
		resp.Body.Close()
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
			inParallel(runs, 10, func(i int) {
				if r, err := m.Read(t.Context(), refs[i]); err != nil || r.ID != refs[i].RunID {
					t.Errorf("read %v: %v", refs[i], err)
				}
			})
			return 0
		}),
		naive: measure(t, described, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			refs := begin(c)
			inParallel(runs, 10, func(i int) {
				naive(t, transport, http.MethodGet, fmt.Sprintf("/agent/%d/run/%d/status", refs[i].AgentID, refs[i].RunID))
			})
			return 0
		}),
	}
}

// way starts a run of an agent, and waits for one. fresh: the run has just been started.
type way struct {
	start func(agentID int64) sequentum.RunRef
	await func(ref sequentum.RunRef, fresh bool)
}

// ourWay is that of one process of the provider.
func ourWay(t *testing.T, m *run.Manager) way {
	return way{
		start: func(agentID int64) sequentum.RunRef {
			started, err := m.Start(t.Context(), run.StartRequest{AgentID: agentID, IfActive: run.ActiveStart})
			if err != nil {
				t.Errorf("start: %v", err)
				return sequentum.RunRef{}
			}
			return started.Run.Ref()
		},
		await: func(ref sequentum.RunRef, fresh bool) {
			r := run.WaitRequest{Ref: ref}
			if fresh {
				r.Known = &sequentum.Run{}
			}
			if _, err := m.Wait(t.Context(), r); err != nil {
				t.Errorf("wait: %v", err)
			}
		},
	}
}

// naiveWay sends one start, and one status request for each run every 5 seconds.
func naiveWay(t *testing.T, transport http.RoundTripper) way {
	return way{
		start: func(agentID int64) sequentum.RunRef {
			answer := naive(t, transport, http.MethodPost, fmt.Sprintf("/agent/%d/start", agentID))
			id, err := strconv.ParseInt(between(answer, `"id":`, ","), 10, 64)
			if err != nil {
				t.Error(err)
			}
			return sequentum.RunRef{AgentID: agentID, RunID: id}
		},
		await: func(ref sequentum.RunRef, fresh bool) {
			path := fmt.Sprintf("/agent/%d/run/%d/status", ref.AgentID, ref.RunID)
			for code := ""; code != strconv.Itoa(int(simulator.Completed)); {
				if fresh || code != "" {
					time.Sleep(5 * time.Second)
				}
				code = between(naive(t, transport, http.MethodGet, path), `"status":`, ",")
			}
		},
	}
}

// lateness is by how much the ends of runs were seen late, at worst.
type lateness struct {
	cloud *simulator.Cloud
	mu    sync.Mutex
	worst time.Duration
}

// await waits for a run, and notes how late its end was seen. If the run has ended before the wait begins, the time counts from
// the start of the wait.
func (l *lateness) await(w way, ref sequentum.RunRef, fresh bool) {
	began := time.Now()
	w.await(ref, fresh)
	r, _ := l.cloud.Run(ref.RunID)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worst = max(l.worst, min(time.Since(r.Ended), time.Since(began)))
}

// playWaits starts n runs of one agent and waits for them, all at once, each in one of the ways. The nth lasts as long as
// duration says. It returns by how much the end of a run was seen late, at worst.
func playWaits(c *simulator.Cloud, n int, ways []way, duration func(i int) time.Duration) time.Duration {
	late := &lateness{cloud: c}
	inParallel(n, n, func(i int) {
		w := ways[i%len(ways)]
		ref := w.start(4711)
		time.AfterFunc(duration(i), func() { c.Finish(ref.RunID, simulator.Completed) })
		late.await(w, ref, true)
	})
	return late.worst
}

// waits starts and waits for runs of one agent, all at once, from so many processes.
func waits(t *testing.T, name string, runs, processes, perMinute int, duration func(i int) time.Duration) measured {
	agents := []simulator.Agent{long(4711)}
	return measured{
		name: name, waits: true,
		ours: measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			var ways []way
			for range processes {
				ways = append(ways, ourWay(t, process(t, transport, perMinute)))
			}
			return playWaits(c, runs, ways, duration)
		}),
		naive: measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return playWaits(c, runs, []way{naiveWay(t, transport)}, duration)
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

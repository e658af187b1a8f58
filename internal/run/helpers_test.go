// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const agentID = 4711

// workbench is a simulated cloud and one process that looks after its runs. It lives in a bubble of testing/synctest,
// so that time costs nothing.
type workbench struct {
	t         *testing.T
	cloud     *simulator.Cloud
	transport *tappedTransport
	client    *sequentum.Client
	runs      *run.Manager
	log       *journal
}

// inBubble tells a story in a bubble. It also proves that nothing is left running: a bubble ends only with its last
// goroutine.
func inBubble(t *testing.T, o simulator.Options, story func(t *testing.T, w *workbench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		story(t, newWorkbench(t, simulator.New(o), sequentum.Config{MaxRetries: 5}))
	})
}

// inBubbleOverHTTP2 is inBubble with net/http's own HTTP/2 at both ends of the wire.
func inBubbleOverHTTP2(t *testing.T, o simulator.Options, story func(t *testing.T, w *workbench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(o)
		pipes := cloud.HTTP2Transport()
		t.Cleanup(func() { _ = pipes.Close() })
		w := newWorkbenchOver(t, cloud, pipes, sequentum.Config{BaseURL: "http://127.0.0.1", MaxRetries: 5})
		story(t, w)
		for _, r := range cloud.Log() {
			if r.Proto != "HTTP/2.0" {
				t.Fatalf("a request came over %s", r.Proto)
			}
		}
	})
}

// newWorkbench is one more process on a cloud.
func newWorkbench(t *testing.T, cloud *simulator.Cloud, c sequentum.Config) *workbench {
	t.Helper()
	c.BaseURL = "https://cloud.example.test"
	return newWorkbenchOver(t, cloud, cloud.Transport(), c)
}

// newWorkbenchOver is newWorkbench with another way to the cloud.
func newWorkbenchOver(t *testing.T, cloud *simulator.Cloud, next http.RoundTripper, c sequentum.Config) *workbench {
	t.Helper()
	w := &workbench{t: t, cloud: cloud, transport: &tappedTransport{next: next}, log: &journal{}}
	c.APIKey, c.Transport = "sk-simulator", w.transport
	client, err := sequentum.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.client, w.runs = client, run.New(client)
	return w
}

// tappedTransport is the way to the cloud. Set its exported fields before the first request.
type tappedTransport struct {
	next    http.RoundTripper
	Latency time.Duration // of every request
	// Before and After, if set, are called with every request on its way, and when it was answered.
	Before, After func(*http.Request)

	refuse atomic.Pointer[string]
}

// refusing has the connection refused for requests whose path ends so.
func (t *tappedTransport) refusing(end string) { t.refuse.Store(&end) }

func (t *tappedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if end := t.refuse.Load(); end != nil && strings.HasSuffix(req.URL.Path, *end) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if t.Before != nil {
		t.Before(req)
	}
	if err := sequentum.Sleep(req.Context(), nil, t.Latency); err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if t.After != nil {
		t.After(req)
	}
	return resp, err
}

// journal keeps the lines about the lives of runs.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) write(_ context.Context, message string, _ map[string]any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, message)
}

func (j *journal) count(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, line := range j.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// lasting is an agent whose runs take d and then end as the statuses say, in turn; none: Completed.
func lasting(d time.Duration, ends ...simulator.Status) simulator.Agent {
	a := simulator.Agent{ID: agentID, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(d)}}}
	for _, s := range ends {
		a.Outcomes = append(a.Outcomes, simulator.Outcome{Status: s})
	}
	return a
}

// with is a cloud with one agent.
func with(a simulator.Agent) simulator.Options {
	return simulator.Options{Agents: []simulator.Agent{a}}
}

// startRequest is a start of the agent with no settings, which writes to the journal.
func (w *workbench) startRequest() run.StartRequest {
	return run.StartRequest{AgentID: agentID, Log: w.log.write}
}

func ref(runID int64) sequentum.RunRef { return sequentum.RunRef{AgentID: agentID, RunID: runID} }

// start starts a run, and fails the test if that fails.
func (w *workbench) start() *sequentum.Run {
	w.t.Helper()
	started := w.begin()
	if started == nil {
		w.t.FailNow()
	}
	return started.Run
}

// begin is start for another goroutine: it reports an error without ending the test, and returns nil.
func (w *workbench) begin() *run.Started {
	started, err := w.runs.Start(w.t.Context(), w.startRequest())
	if err != nil {
		w.t.Error(err)
	}
	return started
}

// cancelAfter returns a context that is interrupted when d has passed.
func (w *workbench) cancelAfter(d time.Duration) context.Context {
	ctx, cancel := context.WithCancel(w.t.Context())
	time.AfterFunc(d, cancel)
	return ctx
}

// wantCount checks how many requests of a kind the cloud has received.
func (w *workbench) wantCount(kind simulator.Kind, want int) {
	w.t.Helper()
	if got := w.cloud.Count(kind); got != want {
		w.t.Errorf("%d requests of kind %q, expected %d", got, kind, want)
	}
}

// wantAtMost checks a limit of the number of requests of a kind.
func (w *workbench) wantAtMost(kind simulator.Kind, limit int) {
	w.t.Helper()
	if got := w.cloud.Count(kind); got > limit {
		w.t.Errorf("%d requests of kind %q, expected at most %d", got, kind, limit)
	}
}

// wantRuns checks the ids of the agent's runs, oldest first.
func (w *workbench) wantRuns(want ...int64) {
	w.t.Helper()
	var got []int64
	for _, r := range slices.Backward(w.cloud.Runs(agentID)) {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("the agent's runs are %v, expected %v", got, want)
	}
}

// wantStatus checks the status that the API gave a run.
func wantStatus(t *testing.T, r *sequentum.Run, want sequentum.Status) {
	t.Helper()
	if r == nil || r.Status != want {
		t.Errorf("the run is %+v, expected it as %s", r, want)
	}
}

// wantWithin checks how much time has passed since begin.
func wantWithin(t *testing.T, begin time.Time, low, high time.Duration) {
	t.Helper()
	if took := time.Since(begin); took < low || took > high {
		t.Errorf("it took %v, expected %v to %v", took, low, high)
	}
}

// as is the error of type E that err is or wraps; the test ends when it is none.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	found, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("the error is %T (%v), expected a %T", err, err, found)
	}
	return found
}

func ids(runs []sequentum.Run) []int64 {
	var ids []int64
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}

func wantIDs(t *testing.T, runs []sequentum.Run, want ...int64) {
	t.Helper()
	if got := ids(runs); !slices.Equal(got, want) {
		t.Errorf("the runs are %v, expected %v", got, want)
	}
}

// stopRequest asks for the end of a run that was active when it was last seen. It writes to the journal.
func (w *workbench) stopRequest(ref sequentum.RunRef, grace time.Duration) run.StopRequest {
	return run.StopRequest{Ref: ref, Grace: grace, Active: true, Log: w.log.write}
}

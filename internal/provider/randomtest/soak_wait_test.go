// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The process that waits for weeks. Terraform applies at most ten resources at a time.
const (
	waitAgents = 2
	waitRuns   = 6
	// looksADay is how many looks at the runs of an agent a day has at most: one for each interval of twelve seconds, which is
	// the longest less its jitter, and half as many for those that have no answer and are repeated. looksARetry are more, for
	// each run that is retried: a young run is looked at more often.
	looksADay, looksARetry = 24 * 60 * 60 / 12 * 3 / 2, 60
	// heapGrowth is how much a process may grow, in bytes, between the first round and the last: what the garbage collector
	// and the records of the simulator's own runs make of noise.
	heapGrowth = mebibyte
)

// waitWorld is one process of the provider that waits for runs for weeks, through outages, throttling and retries.
type waitWorld struct {
	waitLength
	t           *testing.T
	figures     *soakFigures
	rng         *rand.Rand
	story       []string
	problems    sync.Map
	limits      limits
	begun       time.Time
	cloud       *simulator.Cloud
	core        *core.Core
	connections atomic.Int64
	looks       atomic.Int64
}

// waitLength is how long the process waits: so many rounds of that length.
type waitLength struct {
	rounds int
	round  time.Duration
}

func (l waitLength) all() time.Duration { return time.Duration(l.rounds) * l.round }

// playLongWait plays one such process, and judges it.
func playLongWait(t *testing.T, seed uint64, length waitLength, figures *soakFigures) {
	w := &waitWorld{t: t, waitLength: length, figures: figures, rng: rand.New(rand.NewPCG(seed, 10)), begun: time.Now()}
	options := simulator.Options{NoLog: true, OnRequest: func(r simulator.Request) {
		if r.Kind == simulator.KindStatus || r.Kind == simulator.KindRuns {
			w.looks.Add(1)
		}
	}}
	each := length.all() / 10 // so that the retries of a run are more than enough
	for n := range int64(waitAgents) {
		running := simulator.Phase{Status: simulator.Running, Duration: simulator.Duration(each + upTo(w.rng, each))}
		options.Agents = append(options.Agents, simulator.Agent{
			ID: quickAgent + n, Phases: []simulator.Phase{running}, Outcomes: []simulator.Outcome{{Status: simulator.Failure, Message: "the site is blocked"}},
			HistoryAfter: simulator.Duration(time.Hour), Retention: simulator.Duration(2 * day),
		})
	}
	w.cloud = simulator.New(options)
	w.limits.set(defaultLimit)
	pipes := w.cloud.HTTP1Transport()
	defer pipes.Close()
	dial := pipes.DialContext
	pipes.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		w.connections.Add(1)
		return &countedConn{Conn: conn, open: &w.connections}, nil
	}
	w.core = core.New(t.Context(), w, func() http.RoundTripper {
		return &budgetWire{next: pipes, limits: &w.limits, wrong: w.Wrong, begun: time.Now()}
	})
	for n := range int64(waitRuns) {
		w.core.Config = append(w.core.Config, waitingRun(n))
	}
	defer w.printStory()
	figures.waits = append(figures.waits, w.play())
}

// waitingRun is a run that is retried until the command ends.
func waitingRun(n int64) *core.ResourceConfig {
	return &core.ResourceConfig{
		Address: fmt.Sprintf("%s.w%d", runType, n), Type: runType,
		Values: func(func(address, attribute string) tftypes.Value) map[string]tftypes.Value {
			return map[string]tftypes.Value{
				"agent_id": core.Number(quickAgent + n%waitAgents), "retries": core.Number(10), "if_active": core.Text("start"),
				"input_parameters_wo": core.Text(fmt.Sprintf(`{"token":"hunter2-%d"}`, n)), "input_parameters_wo_version": core.Number(1),
				"timeouts": core.Timeouts(runType, map[string]string{"create": "8000h"}),
			}
		},
	}
}

// play lets the process wait, and stops all its runs at the end.
func (w *waitWorld) play() longWait {
	l := longWait{}
	c := w.core.Begin()
	defer c.End()
	done := make(chan bool)
	go func() { done <- c.Apply(core.PlanMode{}) }()
	for n := 0; n < w.rounds && (n < 2 || !w.figures.over.Load()); n++ {
		w.playRound()
		l.agentDays += waitAgents * w.round.Hours() / day.Hours()
		now := w.measure()
		if n == 0 {
			l.first = now
		}
		l.last = now
	}
	l.looks = float64(w.looks.Load()) / l.agentDays
	c.Interrupt()
	<-done
	l.retries = w.judge(l)
	destroy := w.core.Begin()
	defer destroy.End()
	if !destroy.Apply(core.PlanMode{Destroy: true}) {
		w.Wrong("the destroy failed")
	}
	w.checkNothingRuns()
	return l
}

// playRound is a round with an outage, a lower limit for a while, and lost answers. At its end all is well again.
func (w *waitWorld) playRound() {
	time.Sleep(upTo(w.rng, w.round/5))
	w.say("an outage begins")
	w.cloud.Outage(true)
	time.Sleep(upTo(w.rng, w.round/12))
	w.cloud.Outage(false)
	w.say("the outage is over, and the limit is %d", lowLimit)
	w.setLimit(lowLimit)
	time.Sleep(upTo(w.rng, w.round/8))
	w.setLimit(defaultLimit)
	w.say("the limit is %d, and answers are lost", defaultLimit)
	for range 20 {
		w.cloud.ClearFaults()
		w.cloud.Inject(lostAnswer(w.rng, pick(w.rng, simulator.KindStatus, simulator.KindRuns)))
		time.Sleep(upTo(w.rng, w.round/100))
	}
	w.cloud.ClearFaults()
	start := lostAnswer(w.rng, simulator.KindStart)
	start.Times = 1 // after two lost answers in a row, the provider rightly gives up
	w.cloud.Inject(start)
	w.say("all is well, but for the answer to a start: %s", describeFault(start))
	time.Sleep(w.round - time.Since(w.begun)%w.round)
}

// lowLimit is less than the process asks for when the limit is the usual one.
const lowLimit = 8

func (w *waitWorld) setLimit(limit int) {
	w.limits.set(limit)
	w.cloud.SetRateLimit(limit, time.Minute)
}

func (w *waitWorld) measure() memory {
	return memory{heap: heapInUse(), goroutines: goroutines.InBubble(), connections: w.connections.Load()}
}

// judge holds the process to its promises, and returns how many runs were retried.
func (w *waitWorld) judge(l longWait) (retries int) {
	held := map[int64]bool{}
	saved := w.core.Saved()
	for _, o := range saved.Current {
		for _, id := range attemptsOf(o.Value) {
			held[id] = true
		}
	}
	if len(saved.Current) != waitRuns {
		w.Wrong("%d runs are in state, and the apply asked for %d", len(saved.Current), waitRuns)
	}
	for n := range int64(waitAgents) {
		for _, r := range w.cloud.Runs(quickAgent + n) {
			if !held[r.ID] {
				w.Wrong("run %d of agent %d was started, and is not in state", r.ID, r.AgentID)
			}
		}
	}
	retries = len(held) - waitRuns
	if most := looksADay + float64(looksARetry*len(held))/l.agentDays; l.looks > most {
		w.Wrong("%.0f looks at runs for each day and agent, more than %.0f: waiting must cost by the agent, not by the run", l.looks, most)
	}
	if l.grown() > heapGrowth {
		w.Wrong("the heap has grown from %s after the first round to %s after the last", inMiB(l.first.heap), inMiB(l.last.heap))
	}
	if l.last.goroutines > l.first.goroutines+2 || l.last.connections > l.first.connections+1 {
		w.Wrong("after the first round there were %d goroutines and %d connections, after the last there are %d and %d",
			l.first.goroutines, l.first.connections, l.last.goroutines, l.last.connections)
	}
	return retries
}

func (w *waitWorld) checkNothingRuns() {
	for n := range int64(waitAgents) {
		if runs := w.cloud.Runs(quickAgent + n); slices.ContainsFunc(runs, isActive) {
			w.Wrong("a run of agent %d is active after the destroy", quickAgent+n)
		}
	}
}

// countedConn counts itself as long as it is open.
type countedConn struct {
	net.Conn
	open   *atomic.Int64
	closed atomic.Bool
}

func (c *countedConn) Close() error {
	if !c.closed.Swap(true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

// Wrong takes what must never happen, and takes it once.
func (w *waitWorld) Wrong(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	if _, known := w.problems.LoadOrStore(problem, true); !known {
		w.t.Errorf("the process that waits, day %d: %s", 1+int(time.Since(w.begun)/day), problem)
	}
}

// say adds to the story of the wait.
func (w *waitWorld) say(format string, args ...any) {
	w.story = append(w.story, fmt.Sprintf("after %v: %s", time.Since(w.begun).Round(time.Second), fmt.Sprintf(format, args...)))
}

func (w *waitWorld) printStory() {
	if w.t.Failed() {
		w.t.Logf("the process that waits:\n%s", strings.Join(w.story[max(0, len(w.story)-keptHistory):], "\n"))
	}
}

// Checked: the configuration is accepted.
func (w *waitWorld) Checked(address string, a core.Answer) {
	if a.Failed() {
		w.Wrong("%s: the configuration is refused: %s", address, core.Errors(a.Diagnostics))
	}
}

// Refreshed, Planned, Imported and DependentCreated have nothing to judge here.
func (w *waitWorld) Refreshed(string, *core.Object, *core.Object, core.Answer) {}

func (w *waitWorld) Planned(string, *core.Object, tftypes.Value, *core.Change, core.Answer) {}

func (w *waitWorld) Imported(string, core.Answer) {}

func (w *waitWorld) DependentCreated(string, int64) {}

// Applying: no run is lost, nor given up before the command is interrupted.
func (w *waitWorld) Applying(address string, c *core.Change, _ tftypes.Value) func(*core.Object, core.Answer) {
	return func(after *core.Object, a core.Answer) {
		if c.Action == core.ActionCreate && (after == nil || a.Failed() || !strings.Contains(core.Warnings(a.Diagnostics), waitInterrupted)) {
			w.Wrong("%s: the wait ended: %s", address, core.Errors(a.Diagnostics)+core.Warnings(a.Diagnostics))
		}
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// losses are the ways in which the answer to a start is lost.
var losses = map[string]simulator.Fault{
	"connection reset":               {Action: simulator.Reset},
	"no answer":                      {Action: simulator.Hang},
	"proxy's page":                   {Action: simulator.HTML},
	"status 500":                     {Action: simulator.StatusCode, Code: 500},
	"unreadable answer":              {Action: simulator.Garbage},
	"truncated answer":               {Action: simulator.TruncateJSON},
	"answer without an id":           {Action: simulator.Garbage, Body: `{"status": 4}`},
	"redirect":                       {Action: simulator.Redirect, Location: "https://login.example.test/"},
	"status 408":                     {Action: simulator.StatusCode, Code: 408},
	"proxy's 429":                    {Action: simulator.HTML, Code: 429},
	"answer with an unknown id only": {Action: simulator.Garbage, Body: `{"id": 424242}`},
}

// streamLosses are the ways that HTTP/2 adds. Before the effect, net/http may repeat none of them by itself.
var streamLosses = map[string]simulator.Fault{
	"stream reset":           {Action: simulator.ResetStream, StreamError: simulator.ProtocolError},
	"stream refused":         {Action: simulator.ResetStream, StreamError: simulator.RefusedStream},
	"stream cancelled":       {Action: simulator.ResetStream, StreamError: simulator.StreamCancel},
	"goaway":                 {Action: simulator.GoAwayUnprocessed},
	"goaway and cut":         {Action: simulator.GoAwayCut},
	"half an answer":         {Action: simulator.TruncateBody, Bytes: 20},
	"half an answer refused": {Action: simulator.TruncateBody, Bytes: 20, StreamError: simulator.RefusedStream},
}

// effect says in the name of a test whether what was lost had its effect.
func effect(after bool) string {
	if after {
		return "lost after its effect"
	}
	return "lost before its effect"
}

func lose(f simulator.Fault, after bool) simulator.Fault {
	f.Kind, f.After = simulator.KindStart, after
	return f
}

// eachLoss tells a story once for each way in which an answer is lost, each before and after the start's effect, with a
// list that is up to date or lags, and over HTTP/1 and HTTP/2.
func eachLoss(t *testing.T, agent simulator.Agent, story func(t *testing.T, w *workbench, loss simulator.Fault)) {
	eachLossOf(t, losses, inBubble, agent, story)
	t.Run("over HTTP/2", func(t *testing.T) {
		eachLossOf(t, losses, inBubbleOverHTTP2, agent, story)
		eachLossOf(t, streamLosses, inBubbleOverHTTP2, agent, story)
	})
}

type bubble func(t *testing.T, o simulator.Options, story func(t *testing.T, w *workbench))

func eachLossOf(t *testing.T, losses map[string]simulator.Fault, in bubble, agent simulator.Agent, story func(t *testing.T, w *workbench, loss simulator.Fault)) {
	for name, fault := range losses {
		for _, after := range []bool{false, true} {
			for _, lag := range []time.Duration{0, 13 * time.Second} {
				t.Run(fmt.Sprintf("%s/%s/the list lags by %v", name, effect(after), lag), func(t *testing.T) {
					o := with(agent)
					o.ListLag = lag
					in(t, o, func(t *testing.T, w *workbench) { story(t, w, lose(fault, after)) })
				})
			}
		}
	}
}

func TestLostAnswer(t *testing.T) {
	eachLoss(t, lasting(time.Hour), func(t *testing.T, w *workbench, loss simulator.Fault) {
		w.cloud.StartRun(agentID) // active all the time, and in the list by now
		time.Sleep(time.Minute)
		w.cloud.Inject(loss)
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil {
			t.Fatal(err)
		}
		w.wantRuns(100001, 100002)
		if started.Run.ID != 100002 {
			t.Errorf("the run is %d", started.Run.ID)
		}
		if loss.After {
			w.wantCount(simulator.KindStart, 1)
			if started.Lost == nil || started.Again != nil {
				t.Errorf("found by looking, and it says %+v", started)
			}
			return
		}
		w.wantCount(simulator.KindStart, 2)
		if started.Lost != nil || started.Again == nil {
			t.Errorf("started again, and it says %+v", started)
		}
	})
}

// Starts of one agent side by side never claim the same run.
func TestLostAnswersSideBySide(t *testing.T) {
	eachLoss(t, lasting(time.Hour), func(t *testing.T, w *workbench, loss simulator.Fault) {
		loss.Skip, loss.Times = 1, 2
		w.cloud.Inject(loss)
		type result struct {
			*run.Started
			error
		}
		results := make(chan result)
		for range 6 {
			go func() {
				started, err := w.runs.Start(t.Context(), w.startRequest())
				results <- result{started, err}
			}()
		}
		claimed := map[int64]bool{}
		for range 6 {
			r := <-results
			if r.error != nil {
				// Two starts in a row were lost, and no run showed.
				if lost := as[*run.LostStartError](t, r.error); loss.After || len(lost.Candidates) != 0 {
					t.Errorf("%v, candidates %v", r.error, ids(lost.Candidates))
				}
				continue
			}
			if claimed[r.Run.ID] {
				t.Errorf("run %d was claimed twice", r.Run.ID)
			}
			claimed[r.Run.ID] = true
		}
		if got := len(w.cloud.Runs(agentID)); got != len(claimed) {
			t.Errorf("%d runs, and %d of them were claimed", got, len(claimed))
		}
	})
}

// With a stranger's run at the same moment there is a doubt: the error names both, and nothing is started.
func TestLostAnswerBesideStranger(t *testing.T) {
	for _, lag := range []time.Duration{0, 13 * time.Second} {
		// The list before the start is answered after 2 s, and the start has its effect after 4 s.
		for _, stranger := range []time.Duration{2500 * time.Millisecond, 4 * time.Second, 5500 * time.Millisecond} {
			t.Run(fmt.Sprintf("%v/the list lags by %v", stranger, lag), func(t *testing.T) {
				o := with(lasting(time.Hour))
				o.ListLag = lag
				inBubble(t, o, func(t *testing.T, w *workbench) {
					w.transport.Latency = 2 * time.Second
					w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Action: simulator.HTML})
					time.AfterFunc(stranger, func() { w.cloud.StartRun(agentID) })
					_, err := w.runs.Start(t.Context(), w.startRequest())
					wantIDs(t, as[*run.LostStartError](t, err).Candidates, 100002, 100001)
					w.wantCount(simulator.KindStart, 1)
					w.wantRuns(100001, 100002)
				})
			})
		}
	}
}

// Ours shows at the very last look, and a stranger's a moment later.
func TestLostAnswerBesideStrangerAtLastLook(t *testing.T) {
	o := with(lasting(time.Hour))
	o.ListLag = 29500 * time.Millisecond
	inBubble(t, o, func(t *testing.T, w *workbench) {
		w.cloud.Inject(lose(losses["connection reset"], true))
		time.AfterFunc(time.Second, func() { w.cloud.StartRun(agentID) })
		_, err := w.runs.Start(t.Context(), w.startRequest())
		wantIDs(t, as[*run.LostStartError](t, err).Candidates, 100002, 100001)
	})
}

// What a run reports of itself can tell that it is not ours.
func TestLostAnswerAndSettings(t *testing.T) {
	combined := sequentum.StartRequest{Parallelism: new(int64(4)), ParallelExport: "Combined"}
	for name, test := range map[string]struct {
		sent  sequentum.StartRequest
		shows string // a run in the list
		doubt string
	}{
		"the run reports what was sent":                                {combined, `"parallelism": 4, "parallelExport": "combined"`, ""},
		"the run reports another parallelism":                          {combined, `"parallelism": 2`, "parallelism 2, but 4 was sent"},
		"the run reports another parallel export":                      {combined, `"parallelism": 4, "parallelExport": "Separated"`, "parallel export Separated, but Combined was sent"},
		"the run reports nothing":                                      {combined, `"parallelism": null`, ""},
		"nothing was sent":                                             {sequentum.StartRequest{}, `"parallelism": 4, "parallelExport": "Separated"`, ""},
		"the run reports more than the parallelism of 1 that was sent": {sequentum.StartRequest{Parallelism: new(int64(1))}, `"parallelism": 4`, "parallelism 4, but 1 was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(
					simulator.Fault{Kind: simulator.KindStart, Action: simulator.Reset},
					simulator.Fault{Kind: simulator.KindRuns, Skip: 1, Times: -1, Action: simulator.Garbage, Body: `[{"id": 7, "status": 1, ` + test.shows + `}]`},
					known(7),
				)
				started, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, Settings: test.sent})
				if test.doubt == "" {
					if err != nil || started.Run.ID != 7 || started.Lost == nil {
						t.Errorf("%+v, %v", started, err)
					}
					return
				}
				lost := as[*run.LostStartError](t, err)
				wantIDs(t, lost.Candidates, 7)
				if !strings.Contains(lost.Doubt, test.doubt) {
					t.Errorf("the doubt is %q", lost.Doubt)
				}
				w.wantCount(simulator.KindStart, 1)
			})
		})
	}
}

// The runs of one parallel set count as one start.
func TestLostAnswerOfParallelStart(t *testing.T) {
	agent := lasting(time.Hour)
	agent.ParallelSet = true
	parallel := run.StartRequest{AgentID: agentID}
	parallel.Settings.Parallelism = new(int64(3))
	t.Run("the runs of one set are found", func(t *testing.T) {
		inBubble(t, with(agent), func(t *testing.T, w *workbench) {
			w.cloud.Inject(lose(losses["connection reset"], true))
			started, err := w.runs.Start(t.Context(), parallel)
			if err != nil || started.Run.ID != 100001 || started.Lost == nil {
				t.Fatalf("%+v, %v", started, err)
			}
			w.wantCount(simulator.KindStart, 1)
			// The others of the set are known as ours.
			w.cloud.Inject(lose(losses["connection reset"], true))
			if started, err = w.runs.Start(t.Context(), parallel); err != nil || started.Run.ID != 100004 {
				t.Errorf("%+v, %v", started, err)
			}
		})
	})
	t.Run("the runs of one set and a stranger's run are not told apart", func(t *testing.T) {
		inBubble(t, with(agent), func(t *testing.T, w *workbench) {
			w.cloud.Inject(lose(losses["no answer"], true))
			time.AfterFunc(time.Second, func() { w.cloud.StartRun(agentID) })
			_, err := w.runs.Start(t.Context(), parallel)
			wantIDs(t, as[*run.LostStartError](t, err).Candidates, 100004, 100003, 100002, 100001)
		})
	})
	for name, set := range map[string]string{
		"no set":                     `"parallelism": 3`,
		"set 0":                      `"parallelism": 3, "parallelSet": 0`,
		"a set of no parallel start": `"parallelism": 1, "parallelSet": 9`,
		"an unsaid parallelism":      `"parallelSet": 9`,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				w.cloud.Inject(
					lose(losses["connection reset"], false),
					simulator.Fault{Kind: simulator.KindRuns, Skip: 1, Times: -1, Action: simulator.Garbage, Body: `[{"id": 7, "status": 1, ` + set + `}, {"id": 8, "status": 1, ` + set + `}]`},
				)
				_, err := w.runs.Start(t.Context(), w.startRequest())
				wantIDs(t, as[*run.LostStartError](t, err).Candidates, 7, 8)
			})
		})
	}
}

// An interrupt does not end the look, and forbids a second start.
func TestLostAnswerInterrupted(t *testing.T) {
	eachLoss(t, lasting(time.Hour), func(t *testing.T, w *workbench, loss simulator.Fault) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Delay: time.Second}, loss)
		wait := 1500 * time.Millisecond
		if loss.Action == simulator.Hang {
			wait += w.client.RequestTimeout()
		}
		started, err := w.runs.Start(w.cancelAfter(wait), w.startRequest())
		w.wantCount(simulator.KindStart, 1)
		if loss.After {
			if err != nil || started.Run.ID != 100001 || started.Lost == nil {
				t.Errorf("%+v, %v", started, err)
			}
			return
		}
		if lost := as[*run.LostStartError](t, err); len(lost.Candidates) != 0 || !errors.Is(lost.Err, context.Canceled) {
			t.Errorf("%v, candidates %v, %v", err, ids(lost.Candidates), lost.Err)
		}
		if w.log.count("once more") > 0 {
			t.Errorf("the log promises a second start: %q", w.log.lines)
		}
		w.wantRuns()
	})
}

// The search for a lost answer reaches back to the newest known run, however many runs have begun since.
func TestLostAnswerAmongMany(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(lose(losses["no answer"], true))
		time.AfterFunc(time.Second, func() {
			for range 150 {
				w.cloud.StartRun(agentID)
			}
		})
		_, err := w.runs.Start(t.Context(), w.startRequest())
		if lost := as[*run.LostStartError](t, err); len(lost.Candidates) != 151 {
			t.Errorf("%d candidates", len(lost.Candidates))
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// told is a line of a wait's log, and when it came.
type told struct {
	at      time.Time
	message string
}

// follow waits for a run that was just started, until ctx ends, and returns the lines about it.
func (w *workbench) follow(ctx context.Context, r *sequentum.Run) (lines []told) {
	_, _ = w.runs.Wait(ctx, run.WaitRequest{Ref: r.Ref(), Known: r, Log: func(_ context.Context, message string, _ map[string]any) {
		lines = append(lines, told{time.Now(), message})
	}})
	return lines
}

// wantLine checks that a line has all these parts.
func wantLine(t *testing.T, line told, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(line.message, part) {
			t.Errorf("the line %q lacks %q", line.message, part)
		}
	}
}

func countLines(lines []told, part string) int {
	n := 0
	for _, l := range lines {
		if strings.Contains(l.message, part) {
			n++
		}
	}
	return n
}

// A wait without news says once a minute how its run goes, and asks for nothing more than before.
func TestWaitSaysEachMinute(t *testing.T) {
	inBubble(t, with(lasting(5*time.Minute+30*time.Second)), func(t *testing.T, w *workbench) {
		began := time.Now()
		lines := w.follow(t.Context(), w.start())
		if len(lines) != 6 {
			t.Fatalf("%d lines: %v", len(lines), lines)
		}
		for i, l := range lines[:5] {
			wantLine(t, l, "Run 4711/100001 is still Running, "+(time.Duration(i+1)*time.Minute).String()+" after it started: ", " records, ", " pages, ", " errors.")
			if want := began.Add(time.Duration(i+1) * time.Minute); !l.at.Equal(want) {
				t.Errorf("line %d came at %v, expected %v", i, l.at, want)
			}
		}
		wantLine(t, lines[5], "Run 4711/100001 finished as Completed after 5m30s: ")
		if polls := w.polls(); polls > 46 {
			t.Errorf("%d polls", polls)
		}
	})
}

// Each wait has minutes of its own, also when it joins others.
func TestEachWaitHasItsOwnMinute(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		ctx := w.cancelAfter(4*time.Minute + 59*time.Second + 500*time.Millisecond)
		var all sync.WaitGroup
		for _, delay := range []time.Duration{0, 700 * time.Millisecond, 20 * time.Second, 55 * time.Second} {
			all.Go(func() {
				time.Sleep(delay)
				started, began := w.start(), time.Now()
				lines := w.follow(ctx, started)
				if len(lines) != 4 {
					t.Errorf("%d lines: %q", len(lines), messages(lines))
				}
				for i, l := range lines {
					if late := l.at.Sub(began.Add(time.Duration(i+1) * time.Minute)); late < 0 || late > 4*time.Second {
						t.Errorf("line %d of the wait that joined after %v came %v late", i, delay, late)
					}
				}
			})
		}
		all.Wait()
	})
}

// A change of status is said at once, and the next minute begins with it.
func TestChangeBeginsAMinute(t *testing.T) {
	agent := simulator.Agent{ID: agentID, NullFields: true, Phases: []simulator.Phase{
		{Status: simulator.Queuing, Duration: simulator.Duration(90 * time.Second)}, {Status: simulator.Running, Duration: simulator.Duration(30 * time.Second)},
	}}
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		lines := w.follow(t.Context(), w.start())
		want := []string{"Run 4711/100001 is still Queuing.", "Run 4711/100001 is now Running.", "Run 4711/100001 finished as Completed."} // the API gives no number
		if got := messages(lines); !slices.Equal(got, want) {
			t.Errorf("%q, expected %q", got, want)
		}
	})
}

func messages(lines []told) []string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.message
	}
	return texts
}

// In an outage each wait says that it has begun, one line each minute, and that it is over.
func TestOutageInTheLog(t *testing.T) {
	for how, waits := range map[string]int{"one wait": 1, "many waits": 40} {
		t.Run(how, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				var all sync.WaitGroup
				ctx := w.cancelAfter(20*time.Minute + 30*time.Second)
				time.AfterFunc(5*time.Minute, func() { w.cloud.Outage(true) })
				time.AfterFunc(15*time.Minute, func() { w.cloud.Outage(false) })
				for range waits {
					started := w.start()
					all.Go(func() {
						lines := w.follow(ctx, started)
						if len(lines) > 23 {
							t.Errorf("%d lines", len(lines))
						}
						begun, silent, over := countLines(lines, ": a status request failed: GET"), countLines(lines, ": no status for"), countLines(lines, "Status requests succeed again after")
						if begun != 1 || silent < 8 || silent > 11 || over != 1 {
							t.Errorf("of the outage's begin tell %d lines, of its course %d, of its end %d: %q", begun, silent, over, messages(lines))
						}
						i := slices.IndexFunc(lines, func(l told) bool { return strings.Contains(l.message, ": no status for") })
						wantLine(t, lines[i], ", since ", "Its last known status is Running: ", "The last status request failed: GET ", "The wait continues.")
						wantLine(t, lines[len(lines)-1], "is still Running")
					})
				}
				all.Wait()
			})
		})
	}
}

// An API that fails at every other look writes two or three lines a minute, not two at each look.
func TestFlappingInTheLog(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		for i := range 100 {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Skip: i, Action: simulator.StatusCode, Code: 400})
		}
		lines := w.follow(w.cancelAfter(20*time.Minute), w.start())
		if len(lines) < 20 || len(lines) > 50 {
			t.Errorf("%d lines in 20 minutes: %q", len(lines), messages(lines))
		}
	})
}

// While a request hangs or waits for the API's pause, the log goes on, and says what the provider is waiting for.
func TestHangingLookInTheLog(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		want  string
	}{
		"each status is a 429":  {simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"}, "The provider is waiting for "},
		"no status is answered": {simulator.Fault{Times: -1, Action: simulator.Hang}, "The provider is waiting for "},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				started := w.start()
				w.cloud.Inject(test.fault)
				lines := w.follow(w.cancelAfter(10*time.Minute+time.Second), started)
				if n := countLines(lines, "Run 4711/100001: no status for"); n < 8 || n > 10 {
					t.Errorf("%d lines: %q", n, messages(lines))
				}
				if countLines(lines, test.want) == 0 {
					t.Errorf("no line says what the provider is waiting for: %q", messages(lines))
				}
			})
		})
	}
}

// Many waits write one line for each run and minute, and share their requests as before.
func TestProgressOfManyWaits(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		var all sync.WaitGroup
		for range 300 {
			w.cloud.StartRun(agentID)
		}
		ctx := w.cancelAfter(3*time.Minute + 30*time.Second)
		for id := range int64(300) {
			all.Go(func() {
				lines := w.follow(ctx, &sequentum.Run{ID: 100001 + id, AgentID: agentID, Status: sequentum.StatusRunning})
				if len(lines) != 3 || countLines(lines, "is still Running, ") != 3 {
					t.Errorf("%d lines: %q", len(lines), messages(lines))
				}
			})
		}
		all.Wait()
		if polls := w.polls(); polls > 60 {
			t.Errorf("%d polls", polls)
		}
	})
}

// A search for the run of a lost start that an outage makes long says so once a minute, and names the run when it has
// appeared.
func TestSearchInTheLog(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Action: simulator.Reset})
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Skip: 1, Times: 120, Action: simulator.StatusCode, Code: 502})
		var lines []told
		started, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, Log: func(_ context.Context, message string, _ map[string]any) {
			lines = append(lines, told{time.Now(), message})
		}})
		if err != nil || started.Lost == nil || len(lines) < 4 {
			t.Fatalf("%+v, %v, %q", started, err, messages(lines))
		}
		wantLine(t, lines[0], "Agent 4711: the answer to a start was lost: ", " The run may exist. ")
		for i, l := range lines[1 : len(lines)-1] {
			wantLine(t, l, "Agent 4711: the provider has been looking for the run of a lost start for ", "The search continues.")
			if gap := l.at.Sub(lines[i].at); gap < time.Minute {
				t.Errorf("a line came %v after the one before", gap)
			}
		}
		if countLines(lines, "The last request for the list of runs failed: GET /api/v1/agent/4711/runs: 502") == 0 {
			t.Errorf("no line says why: %q", messages(lines))
		}
		wantLine(t, lines[len(lines)-1], "Run 4711/100001 ", " has appeared. ")
	})
}

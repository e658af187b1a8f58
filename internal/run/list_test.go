// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// twice are the two orders in which a list can show a run twice.
func twice(x, y string) map[string][]string {
	return map[string][]string{"this way": {x, y}, "the other way": {y, x}}
}

// A run that the list shows as stopped and as active is active for whoever asks before a start.
func TestStartBesideARunThatIsListedTwice(t *testing.T) {
	for name, entries := range twice(`{"id": 7, "status": 8, "endTime": "2026-01-01T00:00:00Z"}`, `{"id": 7, "status": 1}`) {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(listed(entries...))
				_, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, IfActive: run.ActiveFail})
				wantIDs(t, as[*run.ActiveError](t, err).Runs, 7)
			})
		})
	}
}

// Of two entries that agree, the one with the time of the end is taken, and nobody is asked for by itself.
func TestReadOfARunThatIsListedTwice(t *testing.T) {
	for name, entries := range twice(`{"id": 100001, "status": 10}`, `{"id": 100001, "status": 10, "endTime": "2026-01-01T00:00:00Z"}`) {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.StartRun(agentID)
				w.cloud.Inject(listed(entries...))
				r, err := w.runs.Read(t.Context(), ref(100001))
				if err != nil || r.FinishedAt.IsZero() {
					t.Errorf("%+v, %v", r, err)
				}
				wantStatus(t, r, sequentum.StatusSuccess)
				w.wantCount(simulator.KindStatus, 0)
			})
		})
	}
	for name, entries := range twice(`{"id": 100001, "status": 8, "endTime": "2026-01-01T00:00:00Z"}`, `{"id": 100001, "status": 7}`) {
		t.Run("the two entries differ, "+name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.StartRun(agentID)
				w.cloud.Inject(listed(entries...))
				r, err := w.runs.Read(t.Context(), ref(100001))
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, r, sequentum.StatusRunning)
			})
		})
	}
}

// Where the long list before a start cannot be read, a short one is asked for.
func TestStartWithoutALongList(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: 6, Action: simulator.Garbage}) // with all its retries
		w.start()
		w.wantCount(simulator.KindRuns, 7)
		w.wantCount(simulator.KindStart, 1)
	})
}

// A read of a list that fails says nothing of the run's own status only in some ways: an outage, or a refusal, is the
// read's own end.
func TestReadWithoutAList(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		found bool
	}{
		"the list cannot be read":       {simulator.Fault{Action: simulator.Garbage}, true},
		"the list is a 410":             {simulator.Fault{Action: simulator.StatusCode, Code: 410}, true},
		"the list is a 404":             {simulator.Fault{Action: simulator.StatusCode, Code: 404}, true},
		"the list is a 401":             {simulator.Fault{Action: simulator.StatusCode, Code: 401}, false},
		"the connection is reset":       {simulator.Fault{Action: simulator.Reset}, false},
		"the list is a page of a proxy": {simulator.Fault{Action: simulator.HTML}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.StartRun(agentID)
				test.fault.Kind = simulator.KindRuns
				w.cloud.Inject(forever(test.fault))
				r, err := w.runs.Read(t.Context(), ref(100001))
				if (err == nil) != test.found {
					t.Errorf("%+v, %v", r, err)
				}
				own := 0
				if test.found {
					own = 1
				}
				w.wantCount(simulator.KindStatus, own)
			})
		})
	}
}

// A list whose request began before that of a later one, and that comes after it, does not replace it.
func TestReadAfterAnOvertakenList(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.StartRun(agentID)
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, After: true, Delay: 3 * time.Second})
		go func() { _, _ = w.runs.Read(t.Context(), ref(100001)) }()
		time.Sleep(time.Second)
		w.cloud.Finish(100001, simulator.Failure)
		w.start() // asks for a separate list, which is there at once
		time.Sleep(2500 * time.Millisecond)
		r, err := w.runs.Read(t.Context(), ref(100001))
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusFailure)
		w.wantCount(simulator.KindRuns, 2)
	})
}

// listOf has the lists of two waits show the entries, from d on.
func (w *workbench) listOf(d time.Duration, times int, entries ...string) {
	f := listed(entries...)
	f.Times = times
	time.AfterFunc(d, func() { w.cloud.Inject(f) })
}

// What a list says of a run that somebody may have restarted, or does not say when it ended, is asked for by itself.
func TestWaitsAndHalfAnAnswer(t *testing.T) {
	for name, entry := range map[string]string{
		"the list shows a failure": fmt.Sprintf(`{"id": 100001, "status": %d, "endTime": "2026-01-01T00:00:00Z"}`, simulator.Failure),
		"an end without a time":    `{"id": 100001, "status": 10}`,
		"stopped without a time":   `{"id": 100001, "status": 8}`,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(5*time.Minute)), func(t *testing.T, w *workbench) {
				w.listOf(time.Minute, 3, entry, `{"id": 100002, "status": 1}`)
				runs, errs := w.waitAll(2)
				for i, r := range runs {
					if errs[i] != nil {
						t.Fatal(errs[i])
					}
					wantStatus(t, r, sequentum.StatusCompleted)
				}
			})
		})
	}
}

// Where lists fail, one of the runs is asked for by itself, the others only when it has an answer, and none when the
// key is refused.
func TestWaitsWithoutAList(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		each  int // status requests for each list that failed
	}{
		"the list alone fails":           {simulator.Fault{Kind: simulator.KindRuns, Code: 410}, 4},
		"access is refused":              {simulator.Fault{Kind: simulator.KindRuns, Code: 401}, 0},
		"the list and every status fail": {simulator.Fault{Code: 410}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(10*time.Minute)), func(t *testing.T, w *workbench) {
				test.fault.Action = simulator.StatusCode
				time.AfterFunc(2*time.Minute, func() {
					w.cloud.ResetCounts()
					w.cloud.Inject(forever(test.fault))
				})
				time.AfterFunc(2*time.Minute+25*time.Second, func() {
					w.cloud.ClearFaults()
					lists, statuses := w.cloud.Count(simulator.KindRuns), w.cloud.Count(simulator.KindStatus)
					if lists == 0 || statuses != lists*test.each {
						t.Errorf("%d statuses beside %d lists, expected %d for each", statuses, lists, test.each)
					}
				})
				_, errs := w.waitAll(4)
				for _, err := range errs {
					if err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// A failed look that was followed by a good one is no longer what a wait ends with, and does not count any more.
func TestFailedLooksBeforeAGoodOne(t *testing.T) {
	inBubble(t, with(lasting(10*time.Minute)), func(t *testing.T, w *workbench) {
		refused := simulator.Fault{Kind: simulator.KindStatus, Times: 2, Action: simulator.StatusCode, Code: 403}
		pass := simulator.Fault{Kind: simulator.KindStatus}
		time.AfterFunc(3*time.Minute, func() { w.cloud.Inject(refused, pass, refused, pass, refused, pass) })
		_, err := w.wait(w.cancelAfter(8*time.Minute), w.start())
		if ended := as[*run.WaitError](t, err); !errors.Is(err, context.Canceled) || ended.LastFailure != nil || ended.Run == nil {
			t.Errorf("%v; the last failure is %v", err, ended.LastFailure)
		}
	})
}

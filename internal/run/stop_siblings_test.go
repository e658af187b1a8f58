// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A parallel start may show as one run or as several that share a set, of which one is followed: whichever it is,
// nothing of it may go on after a stop.
func TestStopOfAParallelStart(t *testing.T) {
	three := int64(3)
	agent := lasting(time.Hour)
	agent.ParallelSet = true
	for name, test := range map[string]struct {
		before  func(w *workbench)
		failed  string // in the error; "": there is none
		stopped []int64
	}{
		"all runs of the start are active": {stopped: []int64{100001, 100002, 100003}},
		"one of the others has finished":   {before: func(w *workbench) { w.cloud.Finish(100002, simulator.Completed) }, stopped: []int64{100001, 100003}},
		"one of the others is not found": {before: func(w *workbench) {
			w.cloud.Inject(simulator.Fault{RunID: 100002, Times: -1, Action: simulator.StatusCode, Code: 404})
		}, stopped: []int64{100001, 100003}},
		"one of the others cannot be ended": {before: func(w *workbench) {
			w.cloud.Inject(simulator.Fault{RunID: 100003, Times: -1, Action: simulator.StatusCode, Code: 403})
		}, failed: "run 100003 of the same parallel start: stop", stopped: []int64{100002}},
		"the list cannot be read": {before: func(w *workbench) {
			// The first list lacks the run, whose status then takes longer than a list lives.
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage, Body: "[]"})
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Delay: 6 * time.Second, Action: simulator.Pass})
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.StatusCode, Code: 403})
		}, failed: "looking for the other runs of the same parallel start"},
		"the run itself has finished": {before: func(w *workbench) { w.cloud.Finish(100001, simulator.Completed) }, stopped: []int64{100002, 100003}},
		"the list is not found": {before: func(w *workbench) {
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage, Body: "[]"})
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Delay: 6 * time.Second, Action: simulator.Pass})
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.StatusCode, Code: 404})
		}, failed: "looking for the other runs of the same parallel start"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				if _, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, Settings: sequentum.StartRequest{Parallelism: &three}}); err != nil {
					t.Fatal(err)
				}
				stranger := w.cloud.StartRun(agentID)
				time.Sleep(time.Minute)
				if test.before != nil {
					test.before(w)
				}
				ending, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100001), grace))
				if test.failed == "" && err != nil || test.failed != "" && (err == nil || !strings.Contains(err.Error(), test.failed)) {
					t.Errorf("error %v, expected %q", err, test.failed)
				}
				if run.IsGone(err) {
					t.Errorf("the run counts as gone: %v", err)
				}
				siblings := slices.DeleteFunc(slices.Clone(test.stopped), func(id int64) bool { return id == 100001 })
				if err == nil && len(ending.Siblings) != len(siblings) {
					t.Errorf("siblings %+v", ending.Siblings)
				}
				stopped := map[int64]bool{}
				for _, id := range test.stopped {
					stopped[id] = true
				}
				for _, id := range []int64{100001, 100002, 100003, stranger.ID} {
					r, _ := w.cloud.Run(id)
					if (r.Status == simulator.Stopped) != stopped[id] {
						t.Errorf("run %d is %s after %d stops", id, r.Status, r.Stops)
					}
				}
			})
		})
	}
}

// A bug that shows at one of the others ends the stop with an error. It does not end the process.
func TestPanicInTheStopOfASibling(t *testing.T) {
	agent := lasting(time.Hour)
	agent.ParallelSet = true
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		if _, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, Settings: sequentum.StartRequest{Parallelism: new(int64(3))}}); err != nil {
			t.Fatal(err)
		}
		request := w.stopRequest(ref(100001), grace)
		request.Log = func(_ context.Context, message string, _ map[string]any) {
			if strings.Contains(message, "100002") {
				panic("a bug")
			}
		}
		_, err := w.runs.Stop(t.Context(), request)
		as[*sequentum.PanicError](t, err)
		for id, want := range map[int64]simulator.Status{100001: simulator.Running, 100002: simulator.Running, 100003: simulator.Stopped} {
			if r, _ := w.cloud.Run(id); r.Status != want {
				t.Errorf("run %d is %s, expected %s", id, r.Status, want)
			}
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// list asks for at least n runs, and checks how many come.
func (w *workbench) list(n, want int, complete bool) []sequentum.Run {
	w.t.Helper()
	newest, err := w.runs.ListNewest(w.t.Context(), agentID, n)
	if err != nil || len(newest.Runs) != want || newest.Full == complete {
		w.t.Fatalf("%d runs, %+v, %v; want %d", n, newest, err, want)
	}
	return newest.Runs
}

func TestListNewest(t *testing.T) {
	for _, test := range []struct {
		runs, asked, want int
		complete          bool
	}{{0, 1, 0, true}, {30, 50, 30, true}, {150, 50, 100, false}, {150, 101, 150, true}, {1100, 1000, 1000, false}} {
		t.Run(fmt.Sprintf("%d of %d", test.asked, test.runs), func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				refs := w.strangers(agentID, test.runs)
				for range 30 { // one after the other, all within the life of a list
					for i, r := range w.list(test.asked, test.want, test.complete) {
						if r.Ref() != refs[len(refs)-1-i] {
							t.Fatalf("%v is at %d", r.Ref(), i)
						}
					}
				}
				w.wantAtMost(simulator.AnyKind, 1)
				// A read uses the same list, and so does a shorter one.
				if test.runs > 0 {
					w.refresh(refs[len(refs)-1:], sequentum.StatusRunning)
				}
				w.list(1, test.want, test.complete)
				w.wantAtMost(simulator.AnyKind, 1)
			})
		})
	}
}

// A short list does not serve a look-up that needs a longer one.
func TestListNewestGrows(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.strangers(agentID, 150)
		w.list(100, 100, false)
		w.list(101, 150, true)
		w.list(100, 150, true)
		w.wantAtMost(simulator.KindRuns, 2)
	})
}

// What this process changes shows at once, and so does an end that it saw.
func TestListNewestAfterAChange(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		w.list(50, 0, true)
		r := w.start()
		if runs := w.list(50, 1, true); runs[0].Status.Finished() {
			t.Errorf("%+v", runs)
		}
		time.Sleep(58 * time.Second) // the list that shows it active still serves when the wait ends
		w.list(50, 1, true)
		ended, err := w.wait(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, &w.list(50, 1, true)[0], ended.Status)
	})
}

// While a run is archived, a list can show it twice, with two statuses. Its own status is asked for. If that cannot be
// read, the list is all that is known.
func TestListNewestThatShowsARunTwice(t *testing.T) {
	for name, c := range map[string]struct {
		own  simulator.Fault
		want sequentum.Status
	}{
		"its own status":       {simulator.Fault{}, sequentum.StatusSuccess},
		"its own status fails": {simulator.Fault{Kind: simulator.KindStatus, Times: -1, Action: simulator.StatusCode, Code: 404}, sequentum.StatusRunning},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				id := w.cloud.AddFinishedRuns(agentID, 1, simulator.Success)[0]
				again := simulator.Element(fmt.Sprintf(`{"id": %d, "configId": %d, "status": 1}`, id, agentID))
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Insert: []simulator.Element{again}})
				if c.own.Kind != "" {
					w.cloud.Inject(c.own)
				}
				wantStatus(t, &w.list(50, 1, true)[0], c.want)
			})
		})
	}
}

func TestListNewestOfAnAgentThatIsNotFound(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *workbench) {
		if _, err := w.runs.ListNewest(t.Context(), agentID, 50); !sequentum.IsNotFound(err) {
			t.Errorf("%v", err)
		}
	})
}

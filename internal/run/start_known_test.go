// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// listed is a list of runs in the order given, with the times at which they began.
func listed(runs ...string) simulator.Fault {
	return simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage, Body: "[" + strings.Join(runs, ",") + "]"}
}

func entry(id int64, created string) string {
	return fmt.Sprintf(`{"id": %d, "configId": %d, "status": 1, "created": %q}`, id, agentID, created)
}

// known has the API know a run by its own status that only the lists of a test show.
func known(id int64) simulator.Fault {
	return simulator.Fault{Kind: simulator.KindStatus, RunID: id, Times: -1, Action: simulator.Garbage, Body: entry(id, noon)}
}

func forever(f simulator.Fault) simulator.Fault {
	f.Times = -1
	return f
}

const (
	noon   = "2026-01-01T12:00:00Z"
	oneSec = "2026-01-01T12:00:01Z"
)

// Servers can hand out ids in blocks: the run of a lost start is found although its id is below an older one's, whether
// the list is ordered by time or by id.
func TestLostAnswerWithIdsThatDoNotRise(t *testing.T) {
	old, ours := entry(5000, noon), entry(4001, oneSec)
	for name, after := range map[string][]string{
		"the newest stands first": {ours, old}, "the highest id stands first": {old, ours},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(listed(old), lose(losses["connection reset"], false), forever(listed(after...)), known(4001))
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if err != nil || started.Run.ID != 4001 || started.Lost == nil {
					t.Fatalf("%+v, %v", started, err)
				}
				w.wantCount(simulator.KindStart, 1)
			})
		})
	}
}

// A run that had begun before the start is not ours, however the list is ordered: neither one that stands below the
// newest known run, nor one with a higher id.
func TestLostAnswerAndOlderRuns(t *testing.T) {
	for name, test := range map[string]struct{ before, after []string }{
		"the older run is beyond the first list": {[]string{entry(5000, noon)}, []string{entry(5000, noon), entry(9000, "2025-01-01T00:00:00Z")}},
		"no run has a time":                      {[]string{entry(5000, "")}, []string{entry(5000, ""), entry(9000, "")}},
		"the second list has another order":      {[]string{entry(1, noon), entry(2, noon)}, []string{entry(2, noon), entry(1, noon)}},
		"the older run stands between two that were known": {
			[]string{entry(5000, "2026-01-01T12:00:02Z"), entry(4000, noon)},
			[]string{entry(5000, "2026-01-01T12:00:02Z"), entry(4000, noon), entry(4500, oneSec)},
		},
		"the older run has a time and the newest known one has none": {[]string{entry(5000, "")}, []string{entry(5000, ""), entry(9000, noon)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(listed(test.before...), lose(losses["connection reset"], false), forever(listed(test.after...)))
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if err != nil || started.Again == nil || started.Lost != nil {
					t.Fatalf("%+v, %v", started, err)
				}
				w.wantCount(simulator.KindStart, 2)
			})
		})
	}
}

// The new run need not be among the newest hundred where ids do not rise: the last look before a second start is a long
// one.
func TestLostAnswerFarDownTheList(t *testing.T) {
	var before []string
	for id := range int64(100) {
		before = append(before, entry(9000-id, noon))
	}
	long := make([]map[string]any, 0, 101)
	for id := range int64(100) {
		long = append(long, map[string]any{"id": 9000 - id, "configId": agentID, "status": 1, "created": noon})
	}
	long = append(long, map[string]any{"id": 12, "configId": agentID, "status": 1, "created": oneSec})
	body, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		short := listed(before...)
		w.cloud.Inject(short, short, lose(losses["connection reset"], false), known(12))
		w.cloud.Inject(forever(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Garbage, Body: string(body)}))
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil || started.Run.ID != 12 || started.Lost == nil {
			t.Fatalf("%+v, %v", started, err)
		}
		w.wantCount(simulator.KindStart, 1)
	})
}

// A start that is answered with a run that had begun before has started nothing: the run is not adopted.
func TestStartAnsweredWithAKnownRun(t *testing.T) {
	for name, own := range map[string]bool{"a stranger's": false, "this process's own": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				if own {
					w.start()
				} else {
					w.cloud.StartRun(agentID)
				}
				time.Sleep(time.Minute)
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Action: simulator.Garbage, Body: `{"id": 100001, "status": 1}`})
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if known := as[*run.KnownRunError](t, err); known.Run.ID != 100001 || started != nil {
					t.Errorf("%+v, %v", started, err)
				}
				w.wantRuns(100001)
			})
		})
	}
}

// A run that only a list knows is not ours: the list is odd, and the API does not know the run.
func TestLostAnswerAndARunThatOnlyAListKnows(t *testing.T) {
	for name, effect := range map[string]bool{"the start had its effect": true, "it had none": false} {
		t.Run(name, func(t *testing.T) {
			o := with(lasting(time.Hour))
			o.ListLag = 10 * time.Second
			inBubble(t, o, func(t *testing.T, w *workbench) {
				ghost := listed(entry(999999, noon))
				ghost.Skip, ghost.Times = 1, 2
				w.cloud.Inject(lose(losses["connection reset"], effect), ghost)
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if err != nil || started.Run.ID != 100001 || (started.Lost != nil) != effect {
					t.Fatalf("%+v, %v", started, err)
				}
				w.wantRuns(100001)
			})
		})
	}
}

// Such a run keeps no second start from being sent, however often the list shows it.
func TestLostAnswerAndARunThatTheListGoesOnShowing(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		ghost := forever(listed(entry(999999, noon)))
		ghost.Skip = 1
		w.cloud.Inject(lose(losses["connection reset"], false), ghost)
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil || started.Run.ID != 100001 || started.Again == nil {
			t.Fatalf("%+v, %v", started, err)
		}
		w.wantRuns(100001)
	})
}

// The list that was on its way when a start was sent may show its run: that does not make the run an older one.
func TestStartBesideAListOnItsWay(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(
			// A refresh asks before the start, and is answered after it.
			simulator.Fault{Kind: simulator.KindRuns, Delay: 3 * time.Second},
			simulator.Fault{Kind: simulator.KindStart, After: true, Delay: 10 * time.Second, Action: simulator.Reset},
		)
		time.Sleep(8 * time.Second) // what the first start has told is still fresh
		go func() { _, _ = w.runs.Read(t.Context(), ref(7)) }()
		time.Sleep(time.Second)
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil || started.Run.ID != 100002 || started.Lost == nil {
			t.Fatalf("%+v, %v", started, err)
		}
		w.wantCount(simulator.KindStart, 2)
	})
}

// The others of a parallel start are this process's own, whatever parallelism they report of themselves.
func TestSiblingsThatReportNothing(t *testing.T) {
	for name, parallelism := range map[string]string{"nothing": "null", "one": "1"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				sibling := func(id int64) string {
					return fmt.Sprintf(`{"id": %d, "status": 1, "parallelSet": 9, "parallelism": %s}`, id, parallelism)
				}
				for range 3 {
					w.cloud.StartRun(agentID)
				}
				w.cloud.Inject(
					listed(), simulator.Fault{Kind: simulator.KindStart, Action: simulator.Garbage, Body: sibling(100002)},
					forever(listed(sibling(100003), sibling(100002), sibling(100001))),
				)
				parallel := w.startRequest()
				parallel.Settings.Parallelism = new(int64(3))
				if _, err := w.runs.Start(t.Context(), parallel); err != nil {
					t.Fatal(err)
				}
				// What they are tells a later start that they are no strangers, and a stop that they must end too.
				if _, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, IfActive: run.ActiveFail}); err != nil {
					t.Error(err)
				}
				ending, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100002), grace))
				if err != nil || len(ending.Siblings) != 2 {
					t.Errorf("%+v, %v", ending, err)
				}
				for _, id := range []int64{100001, 100002, 100003} {
					if r, _ := w.cloud.Run(id); r.Status != simulator.Stopped {
						t.Errorf("run %d is left %s", id, r.Status)
					}
				}
			})
		})
	}
}

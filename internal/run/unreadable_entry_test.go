// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// An entry of the list that cannot be read may be the run of a start whose answer was lost, unless it stood there
// before the start. As long as nothing else shows, the start is not sent again.
func TestLostAnswerAndAnEntryThatCannotBeRead(t *testing.T) {
	const unreadable = `{"id": "what?"}`
	old, ours := entry(5000, noon), entry(5001, oneSec)
	for name, test := range map[string]struct {
		before, after []string
		later         []string // what the list shows after twenty seconds; nil: the same
		starts        int
		found         bool
		candidates    []int64
	}{
		"the entry is new":                          {before: []string{old}, after: []string{unreadable, old}, starts: 1},
		"the entry is new and becomes our run":      {before: []string{old}, after: []string{unreadable, old}, later: []string{ours, old}, starts: 1, found: true},
		"the entry is new and disappears":           {before: []string{old}, after: []string{unreadable, old}, later: []string{old}, starts: 2},
		"the entry stood there before the start":    {before: []string{unreadable, old}, after: []string{unreadable, old}, starts: 2},
		"a second entry stands beside an older one": {before: []string{unreadable, old}, after: []string{unreadable, unreadable, old}, starts: 1},
		"our run shows beside the entry":            {before: []string{old}, after: []string{unreadable, ours, old}, starts: 1, candidates: []int64{5001}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(listed(test.before...), lose(losses["connection reset"], false), known(5001))
				after := listed(test.after...)
				after.Times = -1
				if test.later != nil {
					after.Times = 10
				}
				w.cloud.Inject(after, forever(listed(test.later...)))
				ctx, cancel := sequentum.WithTimeout(t.Context(), w.client.Clock(), 10*time.Minute)
				defer cancel()
				started, err := w.runs.Start(ctx, w.startRequest())
				w.wantCount(simulator.KindStart, test.starts)
				switch {
				case test.found:
					if err != nil || started.Run.ID != 5001 || started.Lost == nil {
						t.Errorf("%+v, %v", started, err)
					}
				case test.starts == 2:
					if err != nil || started.Again == nil {
						t.Errorf("%+v, %v", started, err)
					}
				default:
					lost := as[*run.LostStartError](t, err)
					wantIDs(t, lost.Candidates, test.candidates...)
					if lost.Doubt == "" {
						t.Errorf("there is no doubt: %v", lost.Err)
					}
				}
			})
		})
	}
}

// Between refusals, a look whose list has an entry that cannot be read is no refusal: the count starts again.
func TestRefusalsAroundAnEntryThatCannotBeRead(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		old := entry(5000, noon)
		refused := simulator.Fault{Kind: simulator.KindRuns, Times: 10, Action: simulator.StatusCode, Code: 403}
		w.cloud.Inject(listed(old), lose(losses["connection reset"], false), refused, listed(`{}`, old), refused, known(5001))
		w.cloud.Inject(forever(listed(entry(5001, oneSec), old)))
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil || started.Run.ID != 5001 || started.Lost == nil {
			t.Errorf("%+v, %v", started, err)
		}
	})
}

// A list with an entry that cannot be read is as full as if it could be: what it lacks is looked for further back.
func TestReadBehindAnEntryThatCannotBeRead(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.transport.Latency = time.Second // all reads have begun when the first list is there
		refs := w.strangers(agentID, 150)
		entries := []string{`{}`}
		for _, r := range refs[51:] {
			entries = append(entries, entry(r.RunID, noon))
		}
		w.cloud.Inject(listed(entries...))
		w.refresh(refs, sequentum.StatusRunning)
		w.wantCount(simulator.KindRuns, 2)
		w.wantCount(simulator.KindStatus, 0)
	})
}

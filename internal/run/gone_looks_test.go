// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// fullList is as long as a list can be, and reaches back to none of the runs of a test.
func fullList() []string {
	full := make([]string, 1000)
	for i := range full {
		full[i] = entry(int64(200000-i), noon)
	}
	return full
}

// The lists that were read before count as looks, but only those that would have shown the run.
func TestConfirmGoneAndEarlierLists(t *testing.T) {
	full := fullList()
	stranger := func(w *workbench) { w.cloud.StartRun(agentID) }
	for name, test := range map[string]struct {
		begin   func(w *workbench) // before the earlier lists
		earlier simulator.Fault
		between func(w *workbench) // after them
		latest  simulator.Fault
		gone    bool // without a further look
	}{
		"the earlier lists lacked the run":                       {begin: stranger, earlier: listed(), latest: listed(), gone: true},
		"the earlier lists held the run":                         {begin: stranger, latest: listed()},
		"the earlier lists did not reach back to the run":        {begin: stranger, earlier: listed(full...), latest: listed(full...)},
		"an earlier list had an entry that could not be read":    {begin: stranger, earlier: listed(entry(7, noon), `{}`), latest: listed(entry(7, noon), `{}`)},
		"the earlier lists are from before the start of the run": {between: func(w *workbench) { w.start() }, latest: listed()},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				if test.begin != nil {
					test.begin(w)
				}
				for range 3 {
					if test.earlier.Kind != "" {
						w.cloud.Inject(test.earlier)
					}
					if _, err := w.runs.ReadListed(t.Context(), ref(100001)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(6 * time.Second)
				}
				if test.between != nil {
					test.between(w)
				}
				w.cloud.Inject(test.latest, simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404})
				begin := time.Now()
				r, err := w.readConfirmed(t.Context(), 100001)
				if test.gone {
					if !run.IsGone(err) {
						t.Errorf("%+v, %v", r, err)
					}
					wantWithin(t, begin, 0, 0)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, r, sequentum.StatusRunning)
			})
		})
	}
}

// Without a list, three answers of the run's own status are what it takes, and eleven seconds: no fewer when they come
// slowly, no more when they come at once.
func TestConfirmGoneWithoutLists(t *testing.T) {
	noList := forever(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.StatusCode, Code: 410})
	notFound := simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404}
	slow := notFound
	slow.Delay = 10 * time.Second
	t.Run("two slow answers of the status do not suffice", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.cloud.StartRun(agentID)
			w.cloud.Inject(noList, notFound, slow)
			r, err := w.readConfirmed(t.Context(), 100001)
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, sequentum.StatusRunning)
		})
	})
	for name, lists := range map[string]simulator.Fault{
		"three answers suffice without a list":                           noList,
		"three answers suffice with lists that do not reach the run":     forever(listed(fullList()...)),
		"three answers suffice with lists that have an unreadable entry": forever(listed(entry(7, noon), `{}`)),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.StartRun(agentID)
				w.cloud.Inject(lists, forever(notFound))
				begin := time.Now()
				if _, err := w.readConfirmed(w.cancelAfter(time.Minute), 100001); !run.IsGone(err) {
					t.Error(err)
				}
				wantWithin(t, begin, 11*time.Second, 11*time.Second)
				w.wantCount(simulator.KindStatus, 3)
			})
		})
	}
}

// A run that the list shows in two ways is asked for by itself before it counts as found.
func TestConfirmGoneOfARunThatIsListedTwice(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.StartRun(agentID)
		w.cloud.Inject(
			listed(), simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404},
			forever(listed(`{"id": 100001, "status": 7}`, `{"id": 100001, "status": 8}`)),
		)
		r, err := w.readConfirmed(t.Context(), 100001)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusRunning)
		w.wantCount(simulator.KindStatus, 2)
	})
}

// Thirty seconds of refusals are three answers at least, and three suffice.
func TestWaitAndSlowRefusals(t *testing.T) {
	refused := simulator.Fault{Kind: simulator.KindStatus, Delay: 20 * time.Second, Action: simulator.StatusCode, Code: 403}
	for name, test := range map[string]struct {
		times, looks int
	}{"two": {2, 0}, "all": {-1, 3}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(10*time.Minute)), func(t *testing.T, w *workbench) {
				time.AfterFunc(3*time.Minute, func() {
					w.cloud.ResetCounts()
					refused.Times = test.times
					w.cloud.Inject(refused)
				})
				_, errs := w.waitAll(1)
				if test.looks == 0 {
					if errs[0] != nil {
						t.Error(errs[0])
					}
					return
				}
				if !sequentum.IsForbidden(errs[0]) {
					t.Error(errs[0])
				}
				w.wantCount(simulator.KindStatus, test.looks)
			})
		})
	}
}

// One answer that is no refusal makes all of them take two minutes.
func TestWaitRefusedAfterAnotherAnswer(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		odd := simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 410}
		refused := forever(simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 403})
		w.cloud.Inject(odd, refused)
		begin := time.Now()
		if _, errs := w.waitAll(1); !sequentum.IsForbidden(errs[0]) {
			t.Error(errs[0])
		}
		wantWithin(t, begin, 2*time.Minute, 3*time.Minute)
	})
}

// ReadConfirmed confirms refusals and nothing else, and says what the API said when its time has passed.
func TestReadConfirmed(t *testing.T) {
	for name, test := range map[string]struct {
		code     int
		limit    time.Duration
		low, top time.Duration
	}{
		"access is refused for 30 s":                 {403, time.Hour, 30 * time.Second, 40 * time.Second},
		"an interrupt comes while access is refused": {403, 7 * time.Second, 7 * time.Second, 7 * time.Second},
		"another error is returned at once":          {422, time.Hour, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.StartRun(agentID)
				w.cloud.Inject(forever(simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: test.code}))
				begin := time.Now()
				_, err := w.runs.ReadConfirmed(w.cancelAfter(test.limit), ref(100001))
				if err == nil || !strings.Contains(err.Error(), fmt.Sprint(test.code)) {
					t.Error(err)
				}
				wantWithin(t, begin, test.low, test.top)
			})
		})
	}
}

// The end of a confirmation that was interrupted says what it was about.
func TestConfirmGoneInterruptedSaysWhat(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		_, err := w.readConfirmed(ctx, 100001)
		if err == nil || run.IsGone(err) || !strings.Contains(err.Error(), "another answer that confirms this one: ") {
			t.Error(err)
		}
	})
}

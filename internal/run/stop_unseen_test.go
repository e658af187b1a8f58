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

// That a run is not found is believed only when three looks and the stop agree.
func TestStopOfRunThatIsNotFoundForAMoment(t *testing.T) {
	hide := func(times int) []simulator.Fault {
		return []simulator.Fault{
			{Kind: simulator.KindRuns, Times: times, Action: simulator.Garbage, Body: "[]"},
			{Kind: simulator.KindStatus, Times: times, Action: simulator.StatusCode, Code: 404},
		}
	}
	for name, test := range map[string]struct {
		faults []simulator.Fault
		found  bool
	}{
		"the first look does not find the run":    {hide(1), true},
		"the run shows after the stop":            {[]simulator.Fault{forever(listed()), {Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404}}, true},
		"no look finds the run and the stop does": {hide(-1), false}, // the stop is sent, and its effect cannot be seen
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.start()
				time.Sleep(time.Minute)
				w.cloud.Inject(test.faults...)
				r, err := w.stop()
				if test.found {
					if err != nil {
						t.Fatal(err)
					}
					wantStatus(t, r, sequentum.StatusStopped)
				} else if as[*run.StopError](t, err); run.IsGone(err) {
					t.Errorf("a run that could be stopped counts as gone: %v", err)
				}
				if r, _ := w.cloud.Run(100001); r.Status != simulator.Stopped {
					t.Errorf("the run is left %s", r.Status)
				}
			})
		})
	}
}

// Nothing is confirmed, and no stop sent, for a run that had finished when it was last seen.
func TestStopOfFinishedRunThatIsGone(t *testing.T) {
	inBubble(t, with(lasting(time.Minute, simulator.Failure)), func(t *testing.T, w *workbench) {
		w.start()
		time.Sleep(2 * time.Minute)
		w.cloud.Expire(100001)
		begin := time.Now()
		_, err := w.runs.Stop(t.Context(), run.StopRequest{Ref: ref(100001), Grace: grace})
		if !run.IsGone(err) {
			t.Error(err)
		}
		wantWithin(t, begin, 0, 0)
		w.wantCount(simulator.KindStop, 0)
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestFinalStatus(t *testing.T) {
	for status, want := range map[sequentum.Status]bool{
		sequentum.StatusRunning:       false,
		sequentum.StatusStopping:      false,
		sequentum.StatusFailure:       false, // can be restarted
		sequentum.StatusFailedToStart: false,
		sequentum.StatusFailed:        true,
		sequentum.StatusStopped:       true,
		sequentum.StatusCompleted:     true,
		sequentum.StatusSuccess:       true,
		sequentum.StatusSkipped:       true,
		{}:                            false,
	} {
		if got := run.FinalStatus(status); got != want {
			t.Errorf("FinalStatus(%s) is %t", status, got)
		}
	}
}

func TestDiagnosis(t *testing.T) {
	agent := lasting(0)
	agent.Outcomes = []simulator.Outcome{{Status: simulator.Failure, PossibleCauses: []string{"the site changed"}}, {}}
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		failed, well := w.start(), w.start()
		if d := w.runs.Diagnosis(t.Context(), ref(failed.ID), w.log.write); d == nil || len(d.PossibleCauses) != 1 {
			t.Errorf("the diagnosis of a failure is %+v", d)
		}
		if d := w.runs.Diagnosis(t.Context(), ref(well.ID), w.log.write); d != nil {
			t.Errorf("the diagnosis of a run that ended well is %+v", d)
		}
		w.cloud.Forbid(true)
		if d := w.runs.Diagnosis(t.Context(), ref(failed.ID), w.log.write); d != nil {
			t.Errorf("a diagnosis without access: %+v", d)
		}
		if w.log.count("no diagnosis") != 2 {
			t.Errorf("the log does not say that there was no diagnosis: %q", w.log.lines)
		}
	})
}

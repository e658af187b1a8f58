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

// What was read before a removal counts no more after it.
func TestReadAfterRemove(t *testing.T) {
	inBubble(t, with(lasting(time.Minute, simulator.Failure)), func(t *testing.T, w *workbench) {
		w.start()
		time.Sleep(2 * time.Minute)
		if _, err := w.runs.Read(t.Context(), ref(100001)); err != nil {
			t.Fatal(err)
		}
		if err := w.runs.Remove(t.Context(), run.RemoveRequest{Ref: ref(100001), Log: w.log.write}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.runs.Read(t.Context(), ref(100001)); !sequentum.IsNotFound(err) {
			t.Errorf("the run is still found: %v", err)
		}
		if w.log.count("Run 4711/100001 has ended as Failure. The provider sends the removal.") != 1 {
			t.Error("the log does not show the removal")
		}
	})
}

// An active run is left alone: nothing is sent.
func TestRemoveOfActiveRun(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		err := w.runs.Remove(t.Context(), run.RemoveRequest{Ref: ref(100001)})
		if active := as[*run.StillActiveError](t, err); active.Run.ID != 100001 {
			t.Errorf("it is about run %d", active.Run.ID)
		}
		if n := w.cloud.Count(simulator.KindDeleteRun); n > 0 {
			t.Errorf("%d removals were sent", n)
		}
	})
}

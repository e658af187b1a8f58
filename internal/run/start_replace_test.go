// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// An apply replaces 20 runs of one agent side by side: each is stopped, then another one is started. A list that shows the end of
// one of them stops the list of a start, and makes what it shows outdated at the same time. The start then lists again.
func TestReplacementsSideBySide(t *testing.T) {
	for seed := range 16 {
		synctest.Test(t, func(t *testing.T) {
			cloud := simulator.New(with(lasting(time.Hour)))
			var old []sequentum.RunRef
			for range 20 {
				old = append(old, sequentum.RunRef{AgentID: agentID, RunID: cloud.StartRun(agentID).ID})
			}
			w := newWorkbench(t, cloud, sequentum.Config{MaxRetries: 5})
			w.transport.Latency = time.Duration(500+250*seed) * time.Millisecond
			var all sync.WaitGroup
			for i, ref := range old {
				all.Go(func() {
					time.Sleep(time.Duration(i) * time.Duration(1500+137*seed) * time.Millisecond)
					if _, err := w.runs.Stop(t.Context(), run.StopRequest{Ref: ref, Grace: 2 * time.Minute, Active: true}); err != nil {
						t.Error(err)
					}
					if _, err := w.runs.Start(t.Context(), run.StartRequest{AgentID: agentID, IfActive: run.ActiveStart}); err != nil {
						t.Errorf("with a latency of %v: %v", w.transport.Latency, err)
					}
				})
			}
			all.Wait()
			w.wantCount(simulator.KindStart, 20)
		})
	}
}

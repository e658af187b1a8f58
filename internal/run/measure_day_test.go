// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package run_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// TestMeasureDay follows the heap and the goroutines of 50 waits over a simulated day: both should stay as
// they are, but for the simulator's log, which keeps some 200 bytes of every request.
func TestMeasureDay(t *testing.T) {
	fmt.Printf("\n| 50 waits, after | goroutines | heap in use | requests in the simulator's log |\n| --- | ---: | ---: | ---: |\n")
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{long(4711)}})
		m := process(t, cloud.Transport(), 0)
		ctx, cancel := context.WithCancel(t.Context())
		for range 50 {
			started, err := m.Start(ctx, run.StartRequest{AgentID: 4711, IfActive: run.ActiveStart})
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				if _, err := m.Wait(ctx, run.WaitRequest{Ref: started.Run.Ref(), Known: &sequentum.Run{}}); err == nil {
					t.Error("the run has ended")
				}
			}()
		}
		began := time.Now()
		for _, hours := range []int{1, 6, 12, 18, 23} {
			time.Sleep(time.Until(began.Add(time.Duration(hours) * time.Hour)))
			synctest.Wait()
			runtime.GC()
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			fmt.Printf("| %d h | %d | %.1f MiB | %d |\n", hours, goroutines.InBubble(), float64(memory.HeapAlloc)/(1<<20), len(cloud.Log()))
		}
		cancel()
		synctest.Wait()
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package run_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// TestMeasureStarts applies 500 runs of 20 agents, from the first start to the end that is seen last.
func TestMeasureStarts(t *testing.T) {
	const runs, agents = 500, 20
	var described []simulator.Agent
	for i := range agents {
		described = append(described, simulator.Agent{
			ID: int64(1 + i), Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(2 * time.Minute)}},
		})
	}
	var b strings.Builder
	b.WriteString("| case | requests | naive | 429s | naive | last start after | naive | time | naive | seen late by at most | naive |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, of := range []struct {
		name     string
		atATime  int
		separate bool // all starts come first, and then the waits
	}{
		{"each run waits, 10 at a time", 10, false},
		{"each run waits, `-parallelism=500`", runs, false},
		{"`wait_for_completion = false` and completions, 10 at a time", 10, true},
		{"the same, `-parallelism=500`", runs, true},
	} {
		var lastStart [2]time.Duration
		play := func(w way, c *simulator.Cloud, last *time.Duration) time.Duration {
			late := &lateness{cloud: c}
			began := time.Now()
			var mu sync.Mutex
			refs := make([]sequentum.RunRef, runs)
			inParallel(runs, of.atATime, func(i int) {
				refs[i] = w.start(int64(1 + i%agents))
				mu.Lock()
				*last = time.Since(began)
				mu.Unlock()
				if !of.separate {
					late.await(w, refs[i], true)
				}
			})
			if of.separate {
				inParallel(runs, of.atATime, func(i int) { late.await(w, refs[i], false) })
			}
			return late.worst
		}
		ours := measure(t, described, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return play(ourWay(t, process(t, transport, 0)), c, &lastStart[0])
		})
		other := measure(t, described, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return play(naiveWay(t, transport), c, &lastStart[1])
		})
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s | %s | %s | %s | %s | %s |\n", of.name, ours.requests, other.requests, ours.tooMany, other.tooMany,
			readable(lastStart[0]), readable(lastStart[1]), readable(ours.took), readable(other.took), readable(ours.late), readable(other.late))
	}
	fmt.Println(b.String())
	writeMeasured(t, "starts.md", b.String())
}

// readable is a time in the unit in which people say it.
func readable(d time.Duration) string {
	if d < 2*time.Minute {
		return seconds(d)
	}
	return fmt.Sprintf("%.1f min", d.Minutes())
}

// TestMeasureOlderWaits waits for 5,000 active runs of one agent, as after an interrupt. A list reaches the newest 1,000.
// Their ends are spread evenly from 10 to 70 minutes, in a mixed order.
func TestMeasureOlderWaits(t *testing.T) {
	const runs, listed = 5000, 1000
	var b strings.Builder
	b.WriteString("| case | requests | naive | 429s | naive | time | naive | newest 1,000 seen late by at most | naive | older 4,000 | naive |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, of := range []struct {
		name    string
		atATime int
	}{{"10 waits at a time", 10}, {"`-parallelism=5000`", runs}} {
		var older [2]time.Duration
		play := func(w way, c *simulator.Cloud, worstOlder *time.Duration) time.Duration {
			refs := make([]sequentum.RunRef, runs)
			const mixing = 7919 // a prime number, so that each place is taken once
			for i := range refs {
				id := c.StartRun(4711).ID
				refs[i] = sequentum.RunRef{AgentID: 4711, RunID: id}
				time.AfterFunc(10*time.Minute+time.Duration(i*mixing%runs)*time.Hour/runs, func() { c.Finish(id, simulator.Completed) })
			}
			newest, oldest := &lateness{cloud: c}, &lateness{cloud: c}
			inParallel(runs, of.atATime, func(i int) {
				late := oldest
				if i >= runs-listed {
					late = newest
				}
				late.await(w, refs[i], false)
			})
			*worstOlder = oldest.worst
			return newest.worst
		}
		agents := []simulator.Agent{long(4711)}
		ours := measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return play(ourWay(t, process(t, transport, 0)), c, &older[0])
		})
		other := measure(t, agents, func(t *testing.T, c *simulator.Cloud, transport http.RoundTripper) time.Duration {
			return play(naiveWay(t, transport), c, &older[1])
		})
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s | %s | %s | %s | %s | %s |\n", of.name, ours.requests, other.requests, ours.tooMany, other.tooMany,
			readable(ours.took), readable(other.took), readable(ours.late), readable(other.late), readable(older[0]), readable(older[1]))
	}
	fmt.Println(b.String())
	writeMeasured(t, "older.md", b.String())
}

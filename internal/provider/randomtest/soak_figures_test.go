// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// soakFigures are what a soak has played, and what it has measured.
type soakFigures struct {
	days, applies, plans, reads, failed, halted, resumed, lost, files, processes atomic.Int64
	byApply, bySchedule, byPeople, purged, requests, tooMany                     atomic.Int64

	over atomic.Bool // the time of the soak is over, by the clock on the wall

	// Of the goroutine that plays the worlds.
	worlds []uint64 // the heap in use after each world, in bytes
	waits  []longWait
}

// longWait is what was measured of one process that waits for weeks.
type longWait struct {
	agentDays   float64
	retries     int
	first, last memory  // after its first and its last round
	looks       float64 // for each day and agent
}

func (l longWait) grown() int64 { return int64(l.last.heap) - int64(l.first.heap) }

// memory is what the test process holds.
type memory struct {
	heap        uint64 // bytes in use, after a garbage collection
	goroutines  int
	connections int64
}

func heapInUse() uint64 {
	for range 3 { // finalizers and pools need more than one
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (f *soakFigures) note(r simulator.Request) {
	f.requests.Add(1)
	if r.Status == http.StatusTooManyRequests {
		f.tooMany.Add(1)
	}
}

const mebibyte = 1 << 20

// String is the table of the figures, in Markdown.
func (f *soakFigures) String() string {
	var b strings.Builder
	b.WriteString("| figure | value |\n| --- | ---: |\n")
	row := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, fmt.Sprintf(format, values...))
	}
	row("simulated days, and worlds that begin anew after at most 30 of them", "%d, %d", f.days.Load(), len(f.worlds))
	row("applies and destroys", "%d", f.applies.Load())
	row("plans and refreshes by hand", "%d", f.plans.Load())
	row("provider processes", "%d", f.processes.Load())
	row("runs started by applies", "%d", f.byApply.Load())
	row("runs started by the platform's schedules", "%d", f.bySchedule.Load())
	row("runs started by people", "%d", f.byPeople.Load())
	row("runs removed by retention", "%d", f.purged.Load())
	row("applies that failed: failed runs, outages, lost access", "%d", f.failed.Load())
	row("commands interrupted or killed", "%d", f.halted.Load())
	row("interrupted waits resumed on the same run", "%d", f.resumed.Load())
	row("starts whose answer was lost", "%d", f.lost.Load())
	row("data sources read, files compared with the platform's", "%d, %d", f.reads.Load(), f.files.Load())
	row("requests", "%d", f.requests.Load())
	row("requests for each simulated day and agent", "%.0f", float64(f.requests.Load())/float64(max(1, f.days.Load())*soakAgentCount))
	row("requests answered with 429", "%d", f.tooMany.Load())
	if n := len(f.worlds); n > 0 {
		row("heap in use after the first world, and after the last", "%s, %s", inMiB(f.worlds[0]), inMiB(f.worlds[n-1]))
	}
	f.addWaits(row)
	return b.String()
}

// addWaits adds what was measured of the processes that wait for weeks. Of their memory it shows the worst one.
func (f *soakFigures) addWaits(row func(name, format string, values ...any)) {
	if len(f.waits) == 0 {
		return
	}
	worst, retries, looks, days := f.waits[0], 0, 0.0, 0.0
	for _, one := range f.waits {
		if one.grown() > worst.grown() {
			worst = one
		}
		retries, looks, days = retries+one.retries, max(looks, one.looks), days+one.agentDays/waitAgents
	}
	row(fmt.Sprintf("processes that waited for %d runs of %d agents without a pause, days in all", waitRuns, waitAgents), "%d, %.1f", len(f.waits), days)
	row("runs that they retried", "%d", retries)
	row("looks at runs for each day and agent, at most", "%.0f", looks)
	row("heap in use after the first day, and after the last (the process that grew most)", "%s, %s", inMiB(worst.first.heap), inMiB(worst.last.heap))
	row("its goroutines and open connections after the first day, and after the last", "%d and %d, %d and %d",
		worst.first.goroutines, worst.first.connections, worst.last.goroutines, worst.last.connections)
}

func inMiB(bytes uint64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/mebibyte) }

// soakAgentCount is how many agents a world has.
const soakAgentCount = 4

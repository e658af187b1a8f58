// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// guard decides what is sent to the account. It is safe for concurrent use.
type guard struct {
	agentID string
	// created is called with what was created; it must not call the guard.
	created func(what string)

	mu sync.Mutex
	// runsLeft and schedulesLeft are how many more can be created.
	runsLeft, schedulesLeft int
	// starting is how many starts were sent and have no answer yet.
	starting        int
	runs, schedules map[string]bool // created here; false: deleted again
	sets            map[string]bool // the parallelSet of those runs
	strangers       map[string]bool // runs that were seen and not created here
	refused         []string        // what was not sent
}

func newGuard(agentID int64) *guard {
	return &guard{
		created: func(string) {}, agentID: strconv.FormatInt(agentID, 10), runs: map[string]bool{}, schedules: map[string]bool{},
		sets: map[string]bool{}, strangers: map[string]bool{},
	}
}

// allow sets how many runs and schedules can be created from now on.
func (g *guard) allow(runs, schedules int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runsLeft, g.schedulesLeft = runs, schedules
}

// admit returns why a request is not sent; empty: it is.
func (g *guard) admit(call string, found ids, body any) (refusal string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer func() {
		if refusal != "" {
			g.refused = append(g.refused, refusal)
		}
	}()
	switch {
	case slices.Contains(reading, call):
		return ""
	case call == "" || found["agentId"] != g.agentID:
		return "a request that no story needs, or that is about another agent"
	case call == callStart:
		runs := runsOf(body)
		if runs > g.runsLeft {
			return fmt.Sprintf("a start of %d more runs than its story may start", runs-g.runsLeft)
		}
		g.runsLeft -= runs
		g.starting++
	case call == callCreateSchedule:
		if g.schedulesLeft < 1 {
			return "one more schedule than its story may create"
		}
		g.schedulesLeft--
	case slices.Contains(ofRun, call) && !g.runs[found["runId"]]:
		return fmt.Sprintf("%s for run %s, which was not started here", call, found["runId"])
	case slices.Contains(ofSchedule, call) && !g.schedules[found["scheduleId"]]:
		return fmt.Sprintf("%s for schedule %s, which was not created here", call, found["scheduleId"])
	}
	return ""
}

// runsOf is how many runs a start can make.
func runsOf(body any) int {
	if n, err := strconv.Atoi(text(field(body, "parallelism"))); err == nil && n > 1 {
		return n
	}
	return 1
}

// note learns from an answer what was created, and what was not.
func (g *guard) note(e exchange) {
	if e.ids["agentId"] != g.agentID {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch e.call {
	case callStart:
		g.starting--
		if e.refused() {
			g.runsLeft += runsOf(e.request)
		}
		if e.succeeded() {
			g.own(e.answer, e.runID())
		}
	case callCreateSchedule:
		if id := text(field(e.answer, "id")); e.succeeded() && id != "" {
			g.schedules[id] = true
			g.created("schedule " + g.agentID + "/" + id + " was created")
		}
		if e.refused() {
			g.schedulesLeft++
		}
	case callDeleteRun:
		if e.succeeded() && slices.Contains([]string{"", "RemoveEntireRun"}, e.query.Get("removeMethod")) {
			g.runs[e.ids["runId"]] = false
		}
	case callDeleteSchedule:
		if e.succeeded() || e.status == 404 {
			g.schedules[e.ids["scheduleId"]] = false
		}
	case callRuns:
		g.noteList(e.answer)
	}
}

// own makes the run of a start's answer one that was created here, unless it had been seen before: an agent that runs
// exclusively may answer with the run that is active.
func (g *guard) own(run any, id string) {
	if id == "" || g.strangers[id] {
		return
	}
	g.add(id)
	g.learnSet(run)
}

// learnSet remembers the set of a run that was created here.
func (g *guard) learnSet(run any) {
	if set := text(field(run, "parallelSet")); set != "" && set != "0" {
		g.sets[set] = true
	}
}

func (g *guard) add(id string) {
	g.runs[id] = true
	g.created("run " + g.agentID + "/" + id + " was started")
}

// noteList tells the runs of one parallel start from those of others. The answer to the start can lack the set, and an
// earlier list can have shown a run without it.
func (g *guard) noteList(answer any) {
	list, _ := answer.([]any)
	for _, run := range list {
		if _, isOurs := g.runs[text(field(run, "id"))]; isOurs {
			g.learnSet(run)
		}
	}
	for _, run := range list {
		id := text(field(run, "id"))
		_, isOurs := g.runs[id]
		switch {
		case isOurs:
		case g.sets[text(field(run, "parallelSet"))]:
			delete(g.strangers, id)
			g.add(id)
		case g.starting == 0: // otherwise it may be the run whose start has no answer yet
			g.strangers[id] = true
		}
	}
}

// left are the ids of what was created here and was not deleted again, in order.
func (g *guard) left() (runs, schedules []int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return present(g.runs), present(g.schedules)
}

func present(created map[string]bool) []int64 {
	var list []int64
	for id, there := range created {
		if number, err := strconv.ParseInt(id, 10, 64); err == nil && there {
			list = append(list, number)
		}
	}
	slices.Sort(list)
	return list
}

// awaitsStart reports whether a start was sent that has no answer yet.
func (g *guard) awaitsStart() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.starting > 0
}

// others are the ids of the runs that were seen and not created here.
func (g *guard) others() map[string]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.strangers)
}

// started is how many runs were created here.
func (g *guard) started() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.runs)
}

// violations are the requests that were not sent.
func (g *guard) violations() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.refused)
}

// lostStarts says which starts got no answer that tells whether a run was started. The guard cannot know such a run, so
// nothing stops it.
func lostStarts(starts []exchange) []string {
	var lost []string
	for _, e := range starts {
		if !e.refused() && (!e.succeeded() || e.runID() == "") {
			lost = append(lost, fmt.Sprintf("the answer to a start at %s was lost: look for its run in Control Center, and stop it", e.sent.UTC().Format(time.TimeOnly+" MST")))
		}
	}
	return lost
}

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// step takes one random action.
func (w *world) step() {
	switch w.rng.IntN(20) {
	case 0, 1:
		w.applyReplacing()
	case 2, 3:
		w.injectFaults()
		w.during("destroy", func(c *command) bool { return c.apply(planMode{destroy: true}) })
	case 4:
		w.during("plan", func(c *command) bool {
			_, ok := c.makePlan(planMode{})
			return ok
		})
	case 5:
		w.during("refresh", (*command).refresh)
	case 6:
		w.note("the faults end")
		w.cloud.ClearFaults()
	case 7, 8:
		w.changeTaint()
	case 9:
		w.importLost()
	case 11:
		w.withoutAccess()
	case 10:
		h := w.randomHappening()
		w.note("%s", h.what)
		h.do()
		time.Sleep(upTo(w.rng, 2*time.Minute))
	default:
		if oneIn(w.rng, 2) {
			w.changeConfiguration()
		}
		w.injectFaults()
		w.apply(planMode{})
	}
}

func (w *world) injectFaults() {
	faults := []simulator.Fault{}
	if oneIn(w.rng, 2) {
		faults = append(faults, lostStart(w.rng))
	}
	for range max(0, w.rng.IntN(4)-1) {
		faults = append(faults, randomFault(w.rng))
	}
	if w.odd.answers {
		for range 1 + w.rng.IntN(3) {
			faults = append(faults, oddAnswer(w.rng))
		}
	}
	for _, f := range faults {
		w.note("fault: %s", describeFault(f))
		w.slowStarts = w.slowStarts || f.Delay > foundInTime
		w.cloud.Inject(f)
	}
}

// apply applies, and an apply that went well leaves nothing to do.
func (w *world) apply(mode planMode) {
	if !w.during("apply", func(c *command) bool { return c.apply(mode) }) {
		return
	}
	again := w.core.command()
	defer again.end()
	w.note("plan -refresh=false after the apply")
	plan, ok := again.makePlan(planMode{noRefresh: true})
	if !ok {
		w.wrong("the plan after the apply failed")
		return
	}
	w.wantEmpty(plan)
}

// wantEmpty: the plan after an apply is empty, but for a run that nobody waits for and that has failed already.
func (w *world) wantEmpty(plan *corePlan) {
	for _, c := range plan.changes {
		if c.typ == runType && c.action == actionReplace && boolOf(c.before.value, "replace_on_failure") && !waits(c.before.value) {
			return
		}
	}
	for address, c := range plan.changes {
		if c.action != actionNone {
			w.wrong("%s: the plan after an apply is %s", address, c.action)
		}
	}
}

// during runs a command while things happen: sometimes it is interrupted or killed, and sometimes something happens
// to the cloud.
func (w *world) during(what string, run func(*command) bool) bool {
	w.core.config = configOf(w.runs)
	c := w.core.command()
	defer c.end()
	var timers []*time.Timer
	later := func(limit time.Duration, what string, do func()) {
		d := upTo(w.rng, limit)
		timers = append(timers, time.AfterFunc(d, func() {
			w.note("  %s", what)
			do()
		}))
	}
	limit := pick(w.rng, 3*time.Second, 30*time.Second, 2*time.Minute)
	switch w.rng.IntN(8) {
	case 0, 1, 2:
		later(limit, "interrupt", c.interrupt)
	case 3:
		later(limit, "kill -9", c.kill)
	}
	for range max(0, w.rng.IntN(5)-2) {
		h := w.randomHappening()
		later(limit, h.what, h.do)
	}
	if w.odd.refusals && oneIn(w.rng, 3) {
		faults := refusedLooks(w.rng)
		later(limit, fmt.Sprintf("from now on, every look at a run is answered with %d %s", faults[0].Code, faults[0].Shape), func() { w.cloud.Inject(faults...) })
		defer w.cloud.ClearFaults()
	}
	w.note("%s", what)
	ok := run(c)
	for _, t := range timers {
		t.Stop()
	}
	if isClosed(c.killed) {
		w.killed()
	}
	halted := c.halted()
	w.note("%s: ended well: %v, halted: %v", what, ok, halted)
	w.check()
	time.Sleep(w.listLag) // a list that lags behind an earlier command gives no mark to tell new runs by
	return ok && !halted
}

// withoutAccess runs a command in which the key comes to see nothing of an agent any more.
func (w *world) withoutAccess() {
	agentID, mode := pick(w.rng, w.agents...).ID, planMode{destroy: oneIn(w.rng, 2)}
	loss := time.AfterFunc(upTo(w.rng, pick(w.rng, time.Second, 30*time.Second)), func() {
		w.note("  the key loses access to agent %d", agentID)
		w.cloud.HideAgent(agentID, true)
	})
	w.during("apply or destroy", func(c *command) bool { return c.apply(mode) })
	loss.Stop()
	w.note("the key has access again")
	w.cloud.HideAgent(agentID, false)
}

func (w *world) applyReplacing() {
	mode := planMode{replace: map[string]bool{pick(w.rng, w.runs...).address(): true}}
	w.note("-replace: %v", slices.Collect(maps.Keys(mode.replace)))
	w.apply(mode)
}

func (w *world) changeConfiguration() {
	r := pick(w.rng, w.runs...)
	if w.odd.spellings {
		r.spelling = w.rng.Int64N(12)
	}
	switch w.rng.IntN(5) {
	case 0, 1:
		r.newRun(w.rng)
	case 2:
		r.absent = !r.absent
	default:
		pick(w.rng, randomRunChanges...)(r, w.rng)
	}
	w.note("configuration: %+v", *r)
}

func (w *world) changeTaint() {
	r, tainted := pick(w.rng, w.runs...), oneIn(w.rng, 3)
	w.note("taint %s: %v: %v", r.address(), tainted, w.core.setTainted(r.address(), tainted))
}

// importLost imports a run that a resource asked for and does not hold, as a user would who was told of it.
func (w *world) importLost() {
	saved := w.core.saved()
	holders := stateOf(saved)
	for _, r := range w.runs {
		if saved.current[r.address()] != nil || r.absent {
			continue
		}
		for _, run := range w.ours(r.name) {
			if len(holders[run.ID]) > 0 || run.Gone || run.AgentID != r.agentID {
				continue
			}
			w.during(fmt.Sprintf("import run %d as %s", run.ID, r.address()), func(c *command) bool {
				return c.importRun(r.address(), runType, fmt.Sprintf("%d/%d", run.AgentID, run.ID))
			})
			return
		}
	}
}

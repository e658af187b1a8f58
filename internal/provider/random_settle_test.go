package provider_test

import (
	"maps"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// calm ends all that goes wrong.
func (w *world) calm() {
	w.note("all goes well from now on")
	w.cloud.ClearFaults()
	w.cloud.Release()
	w.cloud.Outage(false)
	w.cloud.Forbid(false)
	time.Sleep(4 * time.Minute) // for what was still to happen
	w.cloud.Outage(false)
	w.cloud.Forbid(false)
	for _, a := range w.agents {
		a.Outcomes, a.Exclusive, a.Retention = nil, "", 0
		w.cloud.SetAgent(a)
	}
	holders := stateOf(w.core.saved())
	for _, a := range w.agents {
		for _, r := range w.cloud.Runs(a.ID) {
			if isActive(r) && len(holders[r.ID]) == 0 {
				w.cloud.Finish(r.ID, simulator.Stopped) // or it would keep an exclusive agent busy
			}
		}
	}
}

// settle applies until an apply goes well. What failed gets a new run meanwhile, as a user would ask for it.
func (w *world) settle() {
	w.calm()
	for range 6 {
		if w.quietly("apply", planMode{}) {
			plan, ok := w.core.command().makePlan(planMode{})
			if !ok {
				w.wrong("the plan after the last apply failed")
			} else {
				w.wantEmpty(plan)
			}
			return
		}
		for _, r := range w.runs {
			r.newRun(w.rng)
			r.createTimeout, r.ifActive, r.successStatuses, r.late = "1h", "", nil, false
		}
	}
	w.wrong("six applies with new runs, and none went well")
}

// end destroys all, and nothing that was started stays active.
func (w *world) end() {
	for range 4 {
		if w.quietly("destroy", planMode{destroy: true}) {
			break
		}
	}
	if left := w.core.saved(); len(left.current)+len(left.deposed) > 0 {
		w.wrong("after the destroy state still holds %v and %v", slices.Collect(maps.Keys(left.current)), slices.Collect(maps.Keys(left.deposed)))
	}
	time.Sleep(2 * time.Hour) // for the goroutines of those who were killed
	ours := w.ours("")
	for _, r := range ours {
		w.mu.Lock()
		known := w.left[r.ID] || w.excused[originOf(r)] || w.named(r) || !w.followed(r, ours)
		w.mu.Unlock()
		if isActive(r) && !known {
			w.wrong("run %d is still %s after the destroy", r.ID, r.Status)
		}
	}
}

func (w *world) quietly(what string, mode planMode) bool {
	w.core.config = configOf(w.runs)
	c := w.core.command()
	defer c.end()
	w.note("%s", what)
	ok := c.apply(mode)
	w.note("%s: ended well: %v", what, ok)
	w.check()
	return ok
}

package provider_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// ours are the runs that a resource asked for, of all agents; name "" stands for all resources.
func (w *world) ours(name string) []simulator.Run {
	var found []simulator.Run
	for _, a := range w.agents {
		for _, r := range w.cloud.Runs(a.ID) {
			if of := originOf(r).resource; of != "" && (name == "" || of == name) {
				found = append(found, r)
			}
		}
	}
	return found
}

func isActive(r simulator.Run) bool { return !r.Gone && !r.Status.Finished() }

// stateOf is what state holds of each run, by id.
func stateOf(s *coreState) map[int64][]string {
	holders := map[int64][]string{}
	for address, o := range s.current {
		if o.typ == runType {
			id := numberOf(o.value, "run_id")
			holders[id] = append(holders[id], address)
		}
	}
	for key, o := range s.deposed {
		if o.typ == runType {
			id := numberOf(o.value, "run_id")
			holders[id] = append(holders[id], key)
		}
	}
	return holders
}

// check holds the invariants against the cloud and the state file.
func (w *world) check() {
	holders := stateOf(w.core.saved())
	for id, addresses := range holders {
		if len(addresses) > 1 {
			w.wrong("run %d is in state more than once: %v", id, addresses)
		}
	}
	for _, problem := range w.unaccounted(holders) {
		w.wrong("%s", problem)
	}
}

// unaccounted are the runs that were forgotten, and those that were bought without a word.
func (w *world) unaccounted(holders map[int64][]string) []string {
	var problems []string
	accepted, unnamed := map[origin]map[int64]bool{}, map[origin]bool{}
	ours := w.ours("")
	w.mu.Lock()
	defer w.mu.Unlock()
	said := w.errors.String() + w.warnings.String() + w.log.String()
	for _, r := range ours {
		from := originOf(r)
		if w.excused[from] || r.Gone && !w.shown(from, r.ID) || !w.followed(r, ours) {
			continue
		}
		if accepted[from] == nil {
			accepted[from] = map[int64]bool{}
		}
		accepted[from][startOf(r)] = true
		unnamed[from] = unnamed[from] || !w.named(r)
		_, restarted := w.restarted.Load(r.ID)
		switch {
		case restarted && w.held[r.ID]: // perhaps after its destroy, which was judged by itself
		case len(holders[r.ID]) > 0 || w.left[r.ID] || w.attempts[r.ID] && !w.held[r.ID]:
		case isActive(r) && !w.named(r):
			problems = append(problems, fmt.Sprintf("run %d of %s is %s, and neither in state nor named by an error or an import block", r.ID, from.resource, r.Status))
		case !isActive(r) && !w.held[r.ID] && !strings.Contains(said, strconv.FormatInt(r.ID, 10)):
			problems = append(problems, fmt.Sprintf("run %d of %s was never in state, nor named in a warning or the log", r.ID, from.resource))
		}
	}
	for from, starts := range accepted {
		if len(starts) > w.allowed[from] && unnamed[from] {
			problems = append(problems, fmt.Sprintf("%d starts of one create of %s were accepted, its retries allow %d, and not all are named", len(starts), from.resource, w.allowed[from]))
		}
	}
	return problems
}

// shown reports whether the process of a create has ever seen a run in an answer to a look. It is called with the lock
// held.
func (w *world) shown(from origin, runID int64) bool {
	return slices.ContainsFunc(w.looks, func(l look) bool { return l.process == from.process && l.runs[runID] })
}

// startOf is the same for all runs that one start began.
func startOf(r simulator.Run) int64 {
	if r.ParallelSet != 0 {
		return r.ParallelSet
	}
	return r.ID
}

// followed reports whether somebody has to know of a run: of several that one start began, the one that is in state
// stands for all. It is called with the lock held.
func (w *world) followed(r simulator.Run, all []simulator.Run) bool {
	known := func(r simulator.Run) bool { return w.held[r.ID] || w.attempts[r.ID] }
	return known(r) || !slices.ContainsFunc(all, func(other simulator.Run) bool {
		return startOf(other) == startOf(r) && known(other)
	})
}

// named reports whether a person was told of a run, by an error or by an import block in a warning. It is called with
// the lock held.
func (w *world) named(r simulator.Run) bool {
	return strings.Contains(w.errors.String(), strconv.FormatInt(r.ID, 10)) || strings.Contains(w.warnings.String(), fmt.Sprintf("%q", fmt.Sprintf("%d/%d", r.AgentID, r.ID)))
}

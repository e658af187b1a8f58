package run

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// smallList reaches the newest runs of an agent at little cost; largeList is the most the API gives.
	smallList = 100
	largeList = 1000
)

// list is one answer to "which runs has this agent", newest first.
type list struct {
	runs  []sequentum.Run
	byID  map[int64]*sequentum.Run
	size  int       // how many were asked for
	full  bool      // as many came: there may be more
	order uint64    // when the request began, against this process's changes
	at    time.Time // when the answer came
}

// list asks for the agent's newest runs and remembers the answer for the reads that follow.
func (a *agent) list(ctx context.Context, size int) (*list, error) {
	order := a.next()
	answer, err := a.m.client.ListRuns(ctx, a.id, size)
	if err != nil {
		return nil, err
	}
	l := &list{full: answer.Full, byID: make(map[int64]*sequentum.Run, len(answer.Runs)), size: size, order: order, at: a.m.clock.Now()}
	l.runs = slices.CompactFunc(newestFirst(answer.Runs), func(a, b sequentum.Run) bool { return a.ID == b.ID })
	for i := range l.runs {
		l.byID[l.runs[i].ID] = &l.runs[i]
	}
	a.noteNewest(l.newestID(), order)
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.latest; old == nil || l.order > old.order && (l.complete() || l.size >= old.size || !a.fresh(old)) {
		a.latest = l
	}
	return l, nil
}

// newestFirst orders runs by id. Of a run that is in both tables of the API the archived one is the later.
func newestFirst(runs []sequentum.Run) []sequentum.Run {
	archivedFirst := func(r sequentum.Run) int {
		if r.TableType == "history" {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(runs, func(a, b sequentum.Run) int {
		return cmp.Or(cmp.Compare(b.ID, a.ID), cmp.Compare(archivedFirst(a), archivedFirst(b)))
	})
	return runs
}

// complete reports whether the list holds all runs of the agent.
func (l *list) complete() bool { return !l.full }

// newestID is 0 for an agent that never ran.
func (l *list) newestID() int64 {
	if len(l.runs) == 0 {
		return 0
	}
	return l.runs[0].ID
}

// reaches reports whether a run would be in the list if the API knew it: the list is either all there is, or goes
// further back than the run.
func (l *list) reaches(runID int64) bool {
	return l.complete() || l.runs[len(l.runs)-1].ID <= runID
}

// above returns the runs that are newer than the mark, without those that this process knows as its own.
func (a *agent) above(l *list, mark int64) []sequentum.Run {
	a.mu.Lock()
	defer a.mu.Unlock()
	// A start's answer may lack the set of its run, which the list then tells.
	for i := range l.runs {
		if set := parallelSet(&l.runs[i]); set != 0 && a.started[l.runs[i].ID] {
			a.startedSets[set] = true
		}
	}
	var above []sequentum.Run
	for i := range l.runs {
		if r := &l.runs[i]; r.ID > mark && !a.started[r.ID] && !a.startedSets[parallelSet(r)] {
			above = append(above, *r)
		}
	}
	return above
}

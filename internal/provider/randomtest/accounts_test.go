// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// ownRuns are the runs that a resource asked for, of all agents; name "" stands for all resources.
func (s *sequence) ownRuns(name string) []simulator.Run {
	var found []simulator.Run
	for _, a := range s.agents {
		for _, r := range s.cloud.Runs(a.ID) {
			if of := originOf(r).resource; of != "" && (of == name || name == "" && s.asks(of)) {
				found = append(found, r)
			}
		}
	}
	return found
}

// asks reports whether a block of that name is in the configuration of this sequence, or has been.
func (s *sequence) asks(name string) bool {
	return slices.ContainsFunc(s.runs, func(r *randomRun) bool { return r.name == name })
}

func isActive(r simulator.Run) bool { return !r.Gone && !r.Status.Finished() }

// holdersOf gives, by run id, the addresses and keys in state that hold the run.
func holdersOf(s *core.State) map[int64][]string {
	holders := map[int64][]string{}
	for address, o := range s.Current {
		if o.Type == runType {
			id := core.NumberOf(o.Value, "run_id")
			holders[id] = append(holders[id], address)
		}
	}
	for key, o := range s.Deposed {
		if o.Type == runType {
			id := core.NumberOf(o.Value, "run_id")
			holders[id] = append(holders[id], key)
		}
	}
	return holders
}

// checkState holds the invariants against the cloud and the state file.
func (s *sequence) checkState() {
	holders := holdersOf(s.core.Saved())
	for id, addresses := range holders {
		if len(addresses) > 1 {
			s.Wrong("run %d is in state more than once: %v", id, addresses)
		}
	}
	for _, problem := range s.unaccounted(holders) {
		s.Wrong("%s", problem)
	}
}

// unaccounted are the runs that were forgotten, and those that were bought without a word.
func (s *sequence) unaccounted(holders map[int64][]string) []string {
	var problems []string
	accepted, unnamed := map[origin]map[int64]bool{}, map[origin]bool{}
	ours := s.ownRuns("")
	s.mu.Lock()
	defer s.mu.Unlock()
	said := s.errors.String() + s.warnings.String() + s.log.String()
	for _, r := range ours {
		from := originOf(r)
		if s.settled[r.ID] || s.excused[from] || r.Gone && !s.wasShown(from, r.ID) || !s.mustBeKnown(r, ours) {
			continue
		}
		if accepted[from] == nil {
			accepted[from] = map[int64]bool{}
		}
		accepted[from][startOf(r)] = true
		unnamed[from] = unnamed[from] || !s.wasNamed(r)
		_, restarted := s.restarted.Load(r.ID)
		switch {
		case restarted && s.held[r.ID]: // perhaps after its destroy, which was judged by itself
		case len(holders[r.ID]) > 0 || s.left[r.ID] || s.attempts[r.ID] && !s.held[r.ID]:
		case isActive(r) && !s.wasNamed(r):
			problems = append(problems, fmt.Sprintf("run %d of %s is %s, and neither in state nor named by an error or an import block", r.ID, from.resource, r.Status))
		case !isActive(r) && !s.held[r.ID] && !strings.Contains(said, strconv.FormatInt(r.ID, 10)):
			problems = append(problems, fmt.Sprintf("run %d of %s was never in state, nor named in a warning or the log", r.ID, from.resource))
		}
	}
	for from, starts := range accepted {
		if len(starts) > s.allowed[from] && unnamed[from] {
			problems = append(problems, fmt.Sprintf("%d starts of one create of %s were accepted, its retries allow %d, and not all are named", len(starts), from.resource, s.allowed[from]))
		}
	}
	return problems
}

// wasShown reports whether the process of a create has ever seen a run in an answer to a look. It is called with the lock
// held.
func (s *sequence) wasShown(from origin, runID int64) bool {
	return slices.ContainsFunc(s.looks, func(l look) bool { return l.process == from.process && l.runs[runID] })
}

// startOf is the same for all runs that one start began.
func startOf(r simulator.Run) int64 {
	if r.ParallelSet != 0 {
		return r.ParallelSet
	}
	return r.ID
}

// mustBeKnown reports whether somebody has to know of a run: of several that one start began, the one that is in state
// stands for all. It is called with the lock held.
func (s *sequence) mustBeKnown(r simulator.Run, all []simulator.Run) bool {
	known := func(r simulator.Run) bool { return s.held[r.ID] || s.attempts[r.ID] }
	return known(r) || !slices.ContainsFunc(all, func(other simulator.Run) bool {
		return startOf(other) == startOf(r) && known(other)
	})
}

// wasNamed reports whether a person was told of a run, by an error or by an import block in a warning. It is called with
// the lock held.
func (s *sequence) wasNamed(r simulator.Run) bool {
	return strings.Contains(s.errors.String(), strconv.FormatInt(r.ID, 10)) || strings.Contains(s.warnings.String(), fmt.Sprintf("%q", fmt.Sprintf("%d/%d", r.AgentID, r.ID)))
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// ownSchedules are all that the creates of a name in one process have made.
func (s *scheduleSequence) ownSchedules(from origin) map[int64]*madeSchedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := map[int64]*madeSchedule{}
	for id, made := range s.made {
		if made.origin == from {
			own[id] = made
		}
	}
	return own
}

func (s *scheduleSequence) allowedOf(from origin) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allowed[from]
}

// excuseKilled excuses the creates that a kill has cut off: nobody will ever know what they made.
func (s *scheduleSequence) excuseKilled() {
	s.mu.Lock()
	cut := s.underWay
	s.underWay = map[*scheduleCreate]bool{}
	s.mu.Unlock()
	for op := range cut {
		s.excuse(op.origin, "it was killed")
	}
}

// scheduleHolders gives, by schedule id, the addresses and keys in state that hold the schedule.
func scheduleHolders(saved *core.State) map[int64][]string {
	holders := map[int64][]string{}
	for _, objects := range []map[string]*core.Object{saved.Current, saved.Deposed} {
		for key, o := range objects {
			id := core.NumberOf(o.Value, "schedule_id")
			holders[id] = append(holders[id], key)
		}
	}
	return holders
}

// checkState holds the invariants against the cloud and the state file. begun is when the command began.
func (s *scheduleSequence) checkState(begun time.Time) {
	s.takeCensus()
	holders := scheduleHolders(s.core.Saved())
	for id, keys := range holders {
		if len(keys) > 1 {
			s.Wrong("schedule %d is in state more than once: %v", id, keys)
		}
	}
	s.checkForgotten(holders)
	s.checkUntouched()
	s.checkUnmanaged(begun)
	s.checkSecrets()
}

// checkForgotten: one create makes one schedule, which is in state, or every one that it may have made is named to the user.
func (s *scheduleSequence) checkForgotten(holders map[int64][]string) {
	s.mu.Lock()
	made, unnamed := map[origin]int{}, map[origin]bool{}
	var problems []string
	said := s.errors.String() + s.warnings.String()
	for id, one := range s.made {
		if one.resource == "" || one.unseen || s.excused[one.origin] {
			continue
		}
		made[one.origin]++
		named := strings.Contains(said, strconv.FormatInt(id, 10))
		unnamed[one.origin] = unnamed[one.origin] || !named
		_, exists := s.cloud.Schedule(id)
		if exists && !named && len(holders[id]) == 0 && !s.managed[id] {
			problems = append(problems, fmt.Sprintf("schedule %d of %s is neither in state nor named", id, one.resource))
		}
	}
	for from, n := range made {
		if n > s.allowed[from] && unnamed[from] {
			problems = append(problems, fmt.Sprintf("process %d has made %d schedules named %s, its creates allow %d, and not all are named", from.process, n, from.resource, s.allowed[from]))
		}
	}
	s.mu.Unlock()
	for _, problem := range problems {
		s.Wrong("%s", problem)
	}
}

// checkUntouched: nothing is changed or deleted that is not in state.
func (s *scheduleSequence) checkUntouched() {
	s.mu.Lock()
	touched := s.touched
	s.touched = map[int64]origin{}
	var strange []int64
	for id, by := range touched {
		made := s.made[id]
		ours := s.managed[id] || made != nil && made.process == by.process
		if !ours && !(made != nil && s.isKilledCreate(by.process)) {
			strange = append(strange, id)
		}
	}
	s.mu.Unlock()
	for _, id := range strange {
		s.Wrong("schedule %d was changed or deleted, and it is not in state", id)
	}
}

// isKilledCreate reports whether a process was killed while a create searched, which may have found a person's schedule. It
// is called with the lock held.
func (s *scheduleSequence) isKilledCreate(process int) bool {
	for from := range s.lost {
		if from.process == process && s.excused[from] {
			return true
		}
	}
	return false
}

// checkUnmanaged: what no argument sets stays as a person has set it.
func (s *scheduleSequence) checkUnmanaged(begun time.Time) {
	for _, a := range s.agents {
		for _, one := range s.cloud.Schedules(a.ID) {
			s.mu.Lock()
			made, by := s.made[one.ID], originOfSchedule(one)
			before, now := made.unmanaged, s.unmanagedOf(one)
			made.unmanaged = now
			s.mu.Unlock()
			if by != made.origin {
				s.Wrong("a change of schedule %d has lost its localSchedule: %v", one.ID, one.LocalSchedule)
			}
			if before != now && !s.isDisturbed(one.ID, begun) {
				s.Wrong("a change of schedule %d has made of %+v %+v", one.ID, before, now)
			}
		}
	}
}

// checkSecrets: the key is never printed.
func (s *scheduleSequence) checkSecrets() {
	s.mu.Lock()
	said := s.errors.String() + s.warnings.String() + s.log.String()
	s.mu.Unlock()
	if at := strings.Index(said, "sk-simulator"); at >= 0 {
		s.Wrong("the key is printed: %s", said[max(0, at-200):at])
	}
}

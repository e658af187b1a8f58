// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// sharedLists answers the reads of one agent's runs with as few lists as it can.
type sharedLists struct {
	clock sequentum.Clock
	fetch func(ctx context.Context, size int) (*list, error) // asks for a new list

	mu       sync.Mutex
	latest   *list     // the best to answer a read with; nil: none yet
	absences []absence // which runs earlier lists held, oldest first
	flight   *flight   // the request under way; nil: none
	readers  int       // reads that are under way
	readSize int       // how many runs the next list is asked for
}

// flight is a list request under way, shared by the reads that wait for it.
type flight struct {
	*sequentum.SharedCall[*list]
	seq  uint64 // its request's number is not below this
	size int
}

// listNeed is what a read needs a list for: one run, or the newest runs.
type listNeed struct {
	runID   int64
	newest  int    // how many runs; 0: only that one
	changed uint64 // the number of this process's last change of what is needed
	latest  uint64 // the latest number of all
}

func (s *sharedLists) init(clock sequentum.Clock, fetch func(context.Context, int) (*list, error)) {
	s.clock, s.fetch, s.readSize = clock, fetch, smallList
}

// recordList keeps a list for the reads that follow, if it is the best so far, and remembers what it lacks.
func (s *sharedLists) recordList(l *list) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.absences = addAbsence(s.absences, l)
	if old := s.latest; old == nil || l.seq > old.seq && (l.complete() || l.size >= old.size || !s.fresh(old)) {
		s.latest = l
	}
}

// absentSince returns how many lists in a row, up to the latest, lacked the run, and when the first of them came. Only
// lists whose request began after the change numbered so count.
func (s *sharedLists) absentSince(runID int64, changed uint64) (lists int, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range slices.Backward(s.absences) {
		if !l.lacks(runID) || l.seq <= changed {
			break
		}
		lists, since = lists+1, l.at
	}
	return lists, since
}

// beginRead counts a read until end is called.
func (s *sharedLists) beginRead() (end func()) {
	s.countReader(1)
	return func() { s.countReader(-1) }
}

func (s *sharedLists) countReader(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers += n
}

// askForLonger makes later lists full length when this one was too short for the run, and reports whether such a list
// should be requested at once. For a single read it should not: the status of the run answers that read as well.
func (s *sharedLists) askForLonger(l *list, runID int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.reaches(runID) || l.size >= largeList {
		return false
	}
	s.readSize = largeList
	return s.readers > 1
}

// listFor returns the latest list, the one under way, or a new one. An error: the list's, or the end of ctx.
func (s *sharedLists) listFor(ctx context.Context, need listNeed) (*list, error) {
	l, f := s.joinFlight(ctx, need)
	if l != nil {
		return l, nil
	}
	return f.Wait(ctx)
}

// joinFlight returns the latest list if it is good enough, else a flight that the caller has joined.
func (s *sharedLists) joinFlight(ctx context.Context, need listNeed) (*list, *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.latest; l != nil && s.fresh(l) && l.seq > need.changed && s.longEnough(l, need) {
		return l, nil
	}
	f := s.flight
	size := max(s.readSize, need.newest)
	if f == nil || f.seq <= need.changed || f.size < size || !f.Join() {
		f = s.newFlight(ctx, need.latest+1, size)
		f.Join()
	}
	return nil, f
}

// longEnough is called with the lock held.
func (s *sharedLists) longEnough(l *list, need listNeed) bool {
	if need.newest > 0 {
		return l.complete() || l.size >= need.newest
	}
	return l.reaches(need.runID) || l.size >= s.readSize
}

// fresh is called with the lock held.
func (s *sharedLists) fresh(l *list) bool {
	return s.clock.Now().Sub(l.at) <= listLife
}

// newFlight is called with the lock held.
func (s *sharedLists) newFlight(ctx context.Context, seq uint64, size int) *flight {
	f := &flight{seq: seq, size: size}
	f.SharedCall = sequentum.ShareCall(ctx, func(ctx context.Context) (*list, error) {
		defer s.endFlight(f)
		return s.fetch(ctx, f.size)
	})
	s.flight = f
	return f
}

// endFlight lets later reads begin another one.
func (s *sharedLists) endFlight(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight == f {
		s.flight = nil
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// knownSchedules is what is known of an agent's schedules when one is created. A schedule whose create was not answered is
// recognized by not being among them.
type knownSchedules struct {
	mu       sync.Mutex
	names    map[int64]string // of all that a list has shown, or that this process has created, by id
	own      map[int64]bool   // those that this process has created
	answered time.Time        // of the latest list; zero: there was none
	skipped  int              // how many elements of that list could not be used

	turns map[string]chan struct{} // by scheduleNameKey: equal names are created one at a time
}

// scheduleKnowledgeLife is how old a list may be when a create is sent. A stranger's schedule that was created later must not
// be taken for ours.
const scheduleKnowledgeLife = 10 * time.Second

// knownScheduleNames is what was known when a create was sent.
type knownScheduleNames struct {
	names   map[int64]string
	skipped int
	left    time.Duration // for how much longer it holds
	// aged: it may have been older than scheduleKnowledgeLife when the create was sent, so that a new schedule proves nothing.
	aged bool
}

func (k knownScheduleNames) has(id int64) bool {
	_, known := k.names[id]
	return known
}

func (b *scheduleBook) knownOf(agentID int64) *knownSchedules {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.agents[agentID]
	if k == nil {
		k = &knownSchedules{names: map[int64]string{}, own: map[int64]bool{}, turns: map[string]chan struct{}{}}
		b.agents[agentID] = k
	}
	return k
}

// takeTurn waits until no other schedule of that name is being created for the agent: two of one name could be mistaken for
// each other.
func (k *knownSchedules) takeTurn(ctx context.Context, name string) (giveBack func(), err error) {
	name = scheduleNameKey(name)
	k.mu.Lock()
	turn := k.turns[name]
	if turn == nil {
		turn = make(chan struct{}, 1)
		k.turns[name] = turn
	}
	k.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, sequentum.EndedWhile(ctx, "an earlier create of a schedule of this name")
	}
}

// knownFresh returns what is known of an agent's schedules, from a list that is at most scheduleKnowledgeLife old. Creates
// at the same time share it.
func (b *scheduleBook) knownFresh(ctx context.Context, agentID int64) (knownScheduleNames, error) {
	k := b.knownOf(agentID)
	for {
		if known := k.snapshot(b.clock.Now()); known.left > 0 {
			return known, nil
		}
		l, err := b.list(ctx, agentID)
		if err != nil {
			return knownScheduleNames{}, err
		}
		k.add(l)
	}
}

func (k *knownSchedules) snapshot(now time.Time) knownScheduleNames {
	k.mu.Lock()
	defer k.mu.Unlock()
	return knownScheduleNames{names: maps.Clone(k.names), skipped: k.skipped, left: scheduleKnowledgeLife - now.Sub(k.answered)}
}

// add takes over a list that was read before a create.
func (k *knownSchedules) add(l *agentSchedules) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range l.Schedules {
		k.names[l.Schedules[i].ID] = l.Schedules[i].Name
	}
	if l.answered.After(k.answered) {
		k.answered, k.skipped = l.answered, l.Skipped
	}
}

// addOwn takes over a schedule that this process has created.
func (k *knownSchedules) addOwn(s *sequentum.Schedule) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.names[s.ID], k.own[s.ID] = s.Name, true
}

// isOwn reports whether this process has created the schedule.
func (k *knownSchedules) isOwn(id int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.own[id]
}

// hasNew reports whether a schedule of that name has appeared since first, and this process has not created it.
func (k *knownSchedules) hasNew(name string, first knownScheduleNames) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, known := range k.names {
		if _, before := first.names[id]; !before && !k.own[id] && sameName(known, name) {
			return true
		}
	}
	return false
}

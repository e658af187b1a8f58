// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// scheduleBook is what all schedules of one provider configuration share: the lists of the agents' schedules, and what is
// known of them when one is created.
type scheduleBook struct {
	client *sequentum.Client
	clock  sequentum.Clock
	lists  *sharedReads[int64, *agentSchedules]

	mu     sync.Mutex
	agents map[int64]*knownSchedules // by the agent's id
}

// agentSchedules is a list of an agent's schedules.
type agentSchedules struct {
	sequentum.ScheduleList
	answered time.Time
}

func newScheduleBook(client *sequentum.Client) *scheduleBook {
	clock := client.Clock()
	return &scheduleBook{
		client: client, clock: clock, lists: newSharedReads[int64, *agentSchedules](clock), agents: map[int64]*knownSchedules{},
	}
}

// list lists an agent's schedules. Reads at about the same time share a request. Nobody may change the list.
func (b *scheduleBook) list(ctx context.Context, agentID int64) (*agentSchedules, error) {
	return b.lists.read(ctx, agentID, func(ctx context.Context) (*agentSchedules, error) {
		l, err := b.client.Schedules(ctx, agentID)
		if err != nil {
			return nil, err
		}
		return &agentSchedules{ScheduleList: *l, answered: b.clock.Now()}, nil
	})
}

// find returns the schedule with that id, nil if the list lacks it.
func (l *agentSchedules) find(id int64) *sequentum.Schedule {
	for i := range l.Schedules {
		if l.Schedules[i].ID == id {
			found := l.Schedules[i]
			return &found
		}
	}
	return nil
}

// contradicts reports whether the list shows the schedule once more, and otherwise.
func (l *agentSchedules) contradicts(s *sequentum.Schedule) bool {
	return slices.ContainsFunc(l.Schedules, func(other sequentum.Schedule) bool {
		return other.ID == s.ID && !reflect.DeepEqual(other, *s)
	})
}

// changing makes the lists of an agent outdated, now and when the returned function is called: before and after a change
// that this process makes.
func (b *scheduleBook) changing(agentID int64) (changed func()) {
	b.lists.forget(agentID)
	return func() { b.lists.forget(agentID) }
}

// read gives a schedule as a refresh sees it: from the agent's list, or, if that lacks it or cannot be used, from the
// schedule itself. suspicious says which answer of the list is confirmed by the schedule itself. A "not found" is one
// answer alone: see [scheduleBook.confirmGone].
func (b *scheduleBook) read(ctx context.Context, object objectRef, suspicious func(*sequentum.Schedule) bool) (*sequentum.Schedule, error) {
	l, err := b.list(ctx, object.agentID)
	if err != nil && !saysNothingOfOne(err) {
		return nil, err
	}
	if err == nil {
		if s := l.find(object.id); s != nil && !l.contradicts(s) && !suspicious(s) {
			return s, nil
		}
	}
	return b.client.Schedule(ctx, object.agentID, object.id)
}

// saysNothingOfOne reports whether a list failed in a way that says nothing about its elements: it could not be read, it
// was not found, or no retry can help.
func saysNothingOfOne(err error) bool {
	e, ok := errors.AsType[*sequentum.Error](err)
	return sequentum.IsNotFound(err) || sequentum.IsPermanent(err) || ok && e.StatusCode >= 200 && e.StatusCode <= 299
}

const (
	// confirmSchedulePause is longer than sharedReadLife, so that each look gets a new list.
	confirmSchedulePause = sharedReadLife + 500*time.Millisecond
	confirmScheduleLooks = 3
)

// confirmGone looks again at a schedule that has just been called not found. It returns the schedule when it shows after
// all, and notFound when three looks over about ten seconds agree. The agent's list counts as a look: many schedules that
// are gone need no more requests than one. Another error: a look failed, or ctx ended.
func (b *scheduleBook) confirmGone(ctx context.Context, object objectRef, notFound error) (*sequentum.Schedule, error) {
	for range confirmScheduleLooks - 1 {
		if err := sequentum.Sleep(ctx, b.clock, confirmSchedulePause); err != nil {
			return nil, fmt.Errorf("the schedule was not found (%s), and the request to confirm this failed: %w", notFound.Error(), err)
		}
		var listed *sequentum.Schedule
		l, err := b.list(ctx, object.agentID)
		if err == nil {
			listed = l.find(object.id)
		}
		if err == nil && l.Skipped == 0 && listed == nil {
			continue
		}
		s, err := b.client.Schedule(ctx, object.agentID, object.id) // a list can show an odd element with its id
		switch {
		case !sequentum.IsNotFound(err):
			return s, err
		case listed != nil:
			return listed, nil
		}
	}
	return nil, notFound
}

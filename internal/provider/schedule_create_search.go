// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// createSearchPause is the pause between two looks for the schedule of a create whose answer was lost.
	createSearchPause = 2 * time.Second
	// createSearchGrace is how much longer that search continues, in an outage, when the create was interrupted or its time
	// is over.
	createSearchGrace = 2 * time.Minute
	// Looks that no retry fixes end the search when there are enough of them, over enough time.
	maxRefusedLooks    = 3
	refusedLooksPeriod = 30 * time.Second
)

// lostCreate is a create whose outcome is unknown.
type lostCreate struct {
	*creation
	known  knownScheduleNames // before the first create
	cause  error              // what went wrong on the wire
	twice  bool               // a second create was sent, and its outcome is unknown too
	unread bool               // the list has a new element that cannot be used: it may be the schedule
}

// find looks for the schedule until one shows or the request timeout has passed since the request ended: the request may
// still be queued. It returns nil and no error when none has shown. A look that failed shows nothing. In an outage the
// search continues until createSearchGrace after ctx has ended: a schedule that is not found costs money, too.
func (l *lostCreate) find(ctx context.Context) (*sequentum.Schedule, error) {
	tflog.Info(ctx, fmt.Sprintf("The answer to the create of a schedule of agent %d was lost. Looking for the schedule.", l.agentID))
	ctx, cancel := sequentum.Outlive(sequentum.WithPriority(ctx, sequentum.PriorityControl), l.book.clock, createSearchGrace)
	defer cancel()
	candidates, err := l.collect(ctx)
	if err != nil {
		return nil, l.failed(candidates, "the request to confirm it failed", err)
	}
	return l.decide(ctx, candidates)
}

// collect collects the schedules that may be ours until the last look has an answer. One that shows moves the last look to
// createSearchPause later: a stranger's may have shown a moment before ours. After two lost answers the search uses all of
// its time: both creates may have had their effect.
func (l *lostCreate) collect(ctx context.Context) ([]sequentum.Schedule, error) {
	clock := l.book.clock
	deadline := clock.Now().Add(l.book.client.RequestTimeout())
	var shown []sequentum.Schedule
	var refused int
	var refusedSince time.Time
	for {
		last := !clock.Now().Before(deadline)
		candidates, err := l.look(ctx)
		if refused++; refused == 1 {
			refusedSince = clock.Now()
		}
		switch {
		case err == nil || !isRefused(err):
			refused = 0
		case refused >= maxRefusedLooks && clock.Now().Sub(refusedSince) >= refusedLooksPeriod:
			return shown, err
		}
		if len(candidates) > 0 && len(shown) == 0 && !l.twice {
			deadline, last = clock.Now().Add(createSearchPause), false
		}
		shown = joinSchedules(candidates, shown)
		if last && err == nil {
			return shown, nil
		}
		if sequentum.Sleep(ctx, clock, createSearchPause) != nil {
			return shown, context.Cause(ctx)
		}
	}
}

// isRefused reports an answer that no retry fixes.
func isRefused(err error) bool {
	return sequentum.IsAccessDenied(err) || sequentum.IsNotFound(err) || sequentum.IsPermanent(err)
}

// look asks once for the new schedules of the agent that have the name of ours.
func (l *lostCreate) look(ctx context.Context) ([]sequentum.Schedule, error) {
	list, err := l.book.client.Schedules(ctx, l.agentID)
	if err != nil {
		return nil, err
	}
	l.unread = list.Skipped > l.known.skipped
	known := l.book.knownOf(l.agentID)
	var candidates []sequentum.Schedule
	for _, s := range list.Schedules {
		if !l.known.has(s.ID) && !known.isOwn(s.ID) && sameName(s.Name, l.settings.Name) {
			candidates = joinSchedules(candidates, []sequentum.Schedule{s}) // a list can show one twice
		}
	}
	return candidates, nil
}

func sameName(a, b string) bool { return scheduleNameKey(a) == scheduleNameKey(b) }

// scheduleNameKey is the same for all names of schedules that could be mistaken for each other: a server can change the spaces
// around a name, and its case.
func scheduleNameKey(name string) string {
	return strings.ToLower(strings.ToUpper(strings.TrimSpace(name)))
}

// joinSchedules adds the schedules of earlier looks: one that has disappeared since then may have been ours.
func joinSchedules(latest, earlier []sequentum.Schedule) []sequentum.Schedule {
	all := &agentSchedules{ScheduleList: sequentum.ScheduleList{Schedules: latest}}
	for _, s := range earlier {
		if all.find(s.ID) == nil {
			all.Schedules = append(all.Schedules, s)
		}
	}
	return all.Schedules
}

// decide returns the schedule that our create made. Several, or a doubt about the only one, is a lostCreateError that names
// them all. nil and no error: none has appeared.
func (l *lostCreate) decide(ctx context.Context, candidates []sequentum.Schedule) (*sequentum.Schedule, error) {
	switch {
	case l.unread:
		return nil, l.failed(candidates, "the list of the agent's schedules has a new element that cannot be read", nil)
	case len(candidates) == 0:
		return nil, nil
	case len(candidates) > 1:
		return nil, l.failed(candidates, "", nil)
	case l.known.aged:
		return nil, l.failed(candidates, "the create waited a long time for the request budget, so the schedule may be older than this create", nil)
	}
	ours := &candidates[0]
	if difference := firstDifference(l.settings, ours.ScheduleSettings); difference != "" {
		return nil, l.failed(candidates, difference, nil)
	}
	s, err := l.book.client.Schedule(ctx, l.agentID, ours.ID)
	if err != nil {
		return nil, l.failed(candidates, "the request to confirm it failed", err)
	}
	l.book.knownOf(l.agentID).addOwn(s)
	return s, nil
}

// failed says that it is not certain which of the candidates our create made.
func (l *lostCreate) failed(candidates []sequentum.Schedule, doubt string, err error) *lostCreateError {
	if len(candidates) == 0 && err != nil {
		doubt = ""
	}
	return &lostCreateError{cause: l.cause, candidates: candidates, doubt: doubt, err: err, twice: l.twice}
}

// createAgain sends the create a second time, after a search has shown no schedule of the first. The schedule of the first
// may still appear, so the same schedules as before count as new.
func (l *lostCreate) createAgain(ctx context.Context) (*createdSchedule, error) {
	tflog.Info(ctx, fmt.Sprintf("No schedule of the lost create has appeared. Creating a schedule of agent %d once more.", l.agentID))
	first := l.cause
	s, known, err := l.send(ctx, &l.known)
	if err == nil {
		return &createdSchedule{schedule: s, again: first}, nil
	}
	if !errors.Is(err, errScheduleShown) {
		l.cause = fmt.Errorf("%w; a second create ended with: %w", first, err)
		if not, certain := errors.AsType[*notCreatedError](err); certain && !not.sent {
			return nil, l.failed(nil, "", err)
		}
		l.twice = createOutcomeUnknown(err)
		l.known.aged = l.known.aged || l.twice && known.aged
	}
	found, err := l.find(ctx)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, l.failed(nil, "", nil)
	}
	created := &createdSchedule{schedule: found, lost: l.cause}
	if l.twice {
		created.again = first
	}
	return created, nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// lostStart is a start whose outcome is unknown.
type lostStart struct {
	*start
	known    knownBefore // before the first start
	cause    error       // what went wrong on the wire
	twice    bool        // a second start was sent, and its outcome is unknown too
	unread   bool        // the list has a new entry that cannot be read: it may be the run
	lastLook error       // why the latest look failed; nil: it did not
}

// search is one search for the run of a start whose answer was lost.
type search struct {
	shown    []sequentum.Run // all runs that may be ours
	deadline time.Time       // the last look comes no earlier
	refusals confirmation
	began    time.Time
	said     time.Time             // when the log was told of it
	say      func(sentence string) // writes to the log, with the context of the call
}

// sayProgress says once a minute that the search continues. err is why the latest look failed.
func (f *search) sayProgress(agentID int64, now time.Time, err error) {
	if now.Sub(f.said) >= progressInterval {
		f.said = now
		f.say(searchSentence(agentID, now.Sub(f.began), err))
	}
}

// findRun looks for new runs of the agent until one shows or the request timeout has passed since the request ended:
// the list may lag, and the request may still be queued. It returns nil and no error when none has shown. A look that
// failed shows nothing. In an outage the search continues until searchGrace after ctx has ended. An interrupt does not
// end the search at once: a run that is not found still costs money.
func (s *lostStart) findRun(ctx context.Context) (*sequentum.Run, error) {
	began := s.agent.clock.Now()
	found := &search{deadline: began.Add(s.agent.client.RequestTimeout()), began: began, said: began, say: func(sentence string) {
		s.log(ctx, sentence, agentField(s.agent.id))
	}}
	found.say(lostStartSentence(s.agent.id, s.cause))
	outliving, cancel := sequentum.Outlive(sequentum.WithPriority(ctx, sequentum.PriorityControl), s.agent.clock, searchGrace)
	defer cancel()
	for {
		if err := s.collectRuns(outliving, found); err != nil {
			return nil, err
		}
		ours, err := s.decideOutcome(outliving, found.shown)
		if !errors.Is(err, errUnreal) {
			return ours, err
		}
		found.shown = nil
	}
}

// collectRuns collects the runs that may be ours until its last look has an answer. A run that shows moves the last
// look to searchPause later: a stranger's run may have shown a moment before ours. After two lost answers the search
// uses all of its time: both starts may have had their effect. The error is a [LostStartError].
func (s *lostStart) collectRuns(ctx context.Context, found *search) error {
	clock := s.agent.clock
	for {
		last := !clock.Now().Before(found.deadline)
		candidates, err := s.lookForRuns(ctx, last)
		if ctx.Err() == nil {
			s.lastLook = err
		}
		if found.refusals.add(clock.Now(), err) || ctx.Err() != nil {
			return s.unconfirmedError(found.shown, err)
		}
		found.sayProgress(s.agent.id, clock.Now(), err)
		if len(candidates) > 0 && len(found.shown) == 0 {
			confirm := clock.Now().Add(searchPause)
			if !s.twice || found.deadline.Before(confirm) {
				found.deadline = confirm
			}
			last = false
		}
		found.shown = union(found.shown, candidates)
		if last && err == nil {
			return nil
		}
		pause := searchPause
		if !last {
			pause = min(pause, found.deadline.Sub(clock.Now()))
		}
		if err := sequentum.Sleep(ctx, clock, pause); err != nil {
			return s.unconfirmedError(found.shown, err)
		}
	}
}

// lookForRuns asks once for the new runs of the agent. The last list is asked for at full length: more runs may have
// begun since than a short one shows, and where ids do not rise, the newest need not stand first.
func (s *lostStart) lookForRuns(ctx context.Context, last bool) ([]sequentum.Run, error) {
	l, err := s.agent.list(ctx, smallList)
	if err == nil && l.full && last {
		l, err = s.agent.list(ctx, largeList)
	}
	if err != nil {
		return nil, err
	}
	if s.unread, err = s.hasUnread(ctx, l, last); err != nil {
		return nil, err
	}
	return s.agent.history.newRuns(l, s.known), nil
}

// hasUnread reports whether the list has more entries that cannot be read than before the start. Only lists of one
// length can be compared, so the last look reads another list if that is needed.
func (s *lostStart) hasUnread(ctx context.Context, l *list, last bool) (bool, error) {
	if last && l.skipped > s.known.skipped && l.full && l.size != s.known.listSize {
		var err error
		if l, err = s.agent.list(ctx, s.known.listSize); err != nil {
			return false, err
		}
	}
	return l.skipped > s.known.skipped, nil
}

func (s *lostStart) logFound(ctx context.Context, r *sequentum.Run) {
	s.log(ctx, foundSentence(r), runFields(r))
}

// union adds the runs of a look to the runs of earlier looks: a run that has disappeared since then may have been ours.
func union(shown, candidates []sequentum.Run) []sequentum.Run {
	all := slices.Clone(candidates)
	for _, r := range shown {
		if !slices.ContainsFunc(all, func(c sequentum.Run) bool { return c.ID == r.ID }) {
			all = append(all, r)
		}
	}
	return all
}

// lostError says that it is not certain which of the candidates the start began. err is why, if it is an error.
func (s *lostStart) lostError(candidates []sequentum.Run, err error) *LostStartError {
	return &LostStartError{AgentID: s.agent.id, Cause: s.cause, Candidates: candidates, Err: err, LastLook: s.lastLook, Twice: s.twice}
}

// unconfirmedError is a search that ended too early, with the runs that had shown by then.
func (s *lostStart) unconfirmedError(shown []sequentum.Run, err error) *LostStartError {
	lost := s.lostError(shown, err)
	if len(shown) > 0 {
		lost.Doubt = "the request to confirm it failed"
	}
	return lost
}

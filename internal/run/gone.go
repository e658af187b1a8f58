// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// GoneError says that the API does not know a run any more. Several looks over time have confirmed it. One look is
// enough only if the caller had seen the run finished. A key that lost its access gets the same answers.
type GoneError struct {
	// Err is the API's "not found".
	Err error
}

func (e *GoneError) Error() string { return e.Err.Error() }
func (e *GoneError) Unwrap() error { return e.Err }

// IsGone reports whether err is, or wraps, a [GoneError].
func IsGone(err error) bool {
	_, gone := errors.AsType[*GoneError](err)
	return gone
}

// ConfirmGone looks again at a run that its own status has just called not found. It returns the run when it shows
// after all, and a [GoneError] of notFound when three looks over about ten seconds agree. The lists of the agent count
// as looks, also those that were read before: a thousand runs that are gone need no more lists than one. Another
// error: a look failed, or ctx ended.
func (m *Manager) ConfirmGone(ctx context.Context, ref sequentum.RunRef, notFound error) (*sequentum.Run, error) {
	g := &goneCheck{agent: m.agent(ref.AgentID), runID: ref.RunID, notFound: notFound, began: m.clock.Now(), statuses: 1}
	return g.agent.confirm(ctx, notFound, g.decideGone, g.lookAtRun)
}

// goneCheck counts the looks of one [Manager.ConfirmGone].
type goneCheck struct {
	agent    *agent
	runID    int64
	notFound error
	began    time.Time
	statuses int // how many answers of the run's own status did not find it
}

// decideGone ends the looks when enough of them agree, or when one failed.
func (g *goneCheck) decideGone(err error) error {
	if !sequentum.IsNotFound(err) {
		return err
	}
	lists, since := g.agent.absentSince(g.runID)
	if lists == 0 || g.began.Before(since) {
		since = g.began
	}
	if g.statuses+lists >= confirmLooks && g.agent.clock.Now().Sub(since) >= confirmGone {
		return &GoneError{Err: g.notFound}
	}
	return nil
}

// lookAtRun asks the agent's shared list first. If the list proves nothing, it asks for the run by itself.
func (g *goneCheck) lookAtRun(ctx context.Context) (*sequentum.Run, error) {
	l, err := g.agent.sharedList(ctx, g.runID)
	if err == nil && l.find(g.runID) != nil {
		return l.find(g.runID), nil
	}
	if err == nil && l.provesAbsent(g.runID) {
		return nil, g.notFound
	}
	r, err := g.agent.status(ctx, g.runID)
	if sequentum.IsNotFound(err) {
		g.statuses++
	}
	return r, err
}

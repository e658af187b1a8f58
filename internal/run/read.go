// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Read gives a run as a refresh sees it. Reads of one agent share its lists; a run that the list lacks, or shows as
// finished for good without the time of its end, is asked for by itself. The same is true if the list cannot be used. A
// run that this process saw finished for good costs no request. The errors are the API's. One answer is enough for a
// [sequentum.IsNotFound]: call [Manager.ConfirmGone] before anything is given up because of it.
func (m *Manager) Read(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	a := m.agent(ref.AgentID)
	r, err := a.listed(ctx, ref.RunID)
	switch {
	case err != nil && !listAtFault(err):
		return nil, err
	case r != nil && (!endMissing(r) || r == a.history.finalRun(ref.RunID)):
		return r, nil
	}
	return a.status(sequentum.WithPriority(ctx, sequentum.PriorityList), ref.RunID)
}

// listAtFault reports whether a list failed in a way that says nothing about the runs' own statuses.
func listAtFault(err error) bool {
	return cannotBeRead(err) || isPermanent(err) || sequentum.IsNotFound(err)
}

// ReadListed is Read without a request for the single run: it returns nil for a run that the agent's list does not
// hold.
func (m *Manager) ReadListed(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).listed(ctx, ref.RunID)
}

// ReadConfirmed asks for the run by itself, whatever is known of it already. An answer that refuses access or does not
// find the run is confirmed first, which takes half a minute. The error is a [GoneError] if all answers said "not
// found".
func (m *Manager) ReadConfirmed(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).confirmStatus(sequentum.WithPriority(ctx, sequentum.PriorityList), ref.RunID, endAtOutage)
}

// ReadOwn asks for the run by itself, whatever is known of it already.
func (m *Manager) ReadOwn(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).status(sequentum.WithPriority(ctx, sequentum.PriorityList), ref.RunID)
}

// listed finds the run in a shared list, nil when the list lacks it.
func (a *agent) listed(ctx context.Context, runID int64) (*sequentum.Run, error) {
	if r := a.history.finalRun(runID); r != nil {
		return r, nil
	}
	defer a.lists.beginRead()()
	l, err := a.sharedList(ctx, runID)
	if err == nil && l.byID[runID] == nil && a.lists.askForLonger(l, runID) {
		l, err = a.sharedList(ctx, runID)
	}
	if err != nil {
		return nil, err
	}
	r := l.find(runID)
	if r != nil && !endMissing(r) {
		a.history.recordFinal(r)
	}
	return r, nil
}

// endMissing reports whether a list shows a run as finished for good and does not say when: half an answer, which the
// run's own status may complete.
func endMissing(r *sequentum.Run) bool { return FinalStatus(r.Status) && r.FinishedAt.IsZero() }

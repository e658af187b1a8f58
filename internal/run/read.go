package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Read gives a run as a refresh sees it. Reads of one agent share its lists; a run that the list lacks, or shows as
// finished for good without the time of its end, is asked for by itself, and one that this process saw finished for good costs
// nothing. So is one whose list the API answers with something that cannot be used. Its errors are the API's: see
// [sequentum.IsNotFound], which one answer suffices for: ask [Manager.ConfirmGone] before anything is given up for it.
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

// listAtFault reports whether a list failed in a way that says nothing of the runs' own statuses.
func listAtFault(err error) bool {
	return cannotBeRead(err) || isPermanent(err) || sequentum.IsNotFound(err)
}

// ReadListed is Read without the last resort: a run that the agent's list lacks is nil, not a request of its own.
func (m *Manager) ReadListed(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	return m.agent(ref.AgentID).listed(ctx, ref.RunID)
}

// ReadConfirmed asks for the run by itself, whatever is known of it already. An answer that refuses access or does not
// find the run is confirmed first, which takes half a minute; then the error is a [GoneError] if all answers said "not found".
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
	if err == nil && l.byID[runID] == nil && a.lists.worthLonger(l, runID) {
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

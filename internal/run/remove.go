// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"fmt"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// RemoveRequest is one run that the platform must forget, wholly or in part.
type RemoveRequest struct {
	Ref    sequentum.RunRef
	Method sequentum.RemoveMethod // empty: the whole run
	// Log takes the lines about the removal. It is called in the goroutine of the call; nil: nobody reads them.
	Log sequentum.LogFunc
}

// StillActiveError says that nothing was removed because the run is active.
type StillActiveError struct {
	Run *sequentum.Run
}

func (e *StillActiveError) Error() string {
	return fmt.Sprintf("run %s is still active: %s", e.Run.Ref(), e.Run.Status)
}

// LostRemovalError says that a removal was sent, that its answer was lost, and that it is not certain whether it had its
// effect. To send it again does no harm.
type LostRemovalError struct {
	Cause error // what went wrong on the wire
	// Look is why the look for the effect failed; nil: it showed what was to be removed, or cannot show it.
	Look error
}

func (e *LostRemovalError) Error() string {
	return "the answer to the removal was lost: " + e.Cause.Error()
}

// Unwrap gives Cause, and Look if there is one.
func (e *LostRemovalError) Unwrap() []error {
	if e.Look == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Look}
}

// Remove removes a finished run, or a part of it, from the platform. An active run is left alone: [StillActiveError]. If
// the answer is lost, Remove looks whether the removal had its effect. A run that is not found, before or after, is a
// [GoneError]: the caller has to find out whether the key can still see the agent. Other errors: [LostRemovalError], or
// the API's.
func (m *Manager) Remove(ctx context.Context, r RemoveRequest) error {
	ctx = sequentum.WithPriority(ctx, sequentum.PriorityControl)
	seen, err := m.statusOrGone(ctx, r.Ref)
	switch {
	case err != nil:
		return err
	case seen.Status.Active():
		return &StillActiveError{Run: seen}
	}
	orSilent(r.Log)(ctx, removingSentence(seen), runFields(seen))
	err = m.sendRemoval(ctx, r)
	switch {
	case err == nil:
		return nil
	case sequentum.OutcomeUnknown(err):
		return m.lookForRemoval(ctx, r, err)
	case sequentum.IsNotFound(err), sequentum.IsConflict(err):
		return m.refusedRemoval(ctx, r, err)
	}
	return err
}

// statusOrGone asks for the run by itself. That it is not found is confirmed.
func (m *Manager) statusOrGone(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	r, err := m.agent(ref.AgentID).status(ctx, ref.RunID)
	if sequentum.IsNotFound(err) {
		return m.ConfirmGone(ctx, ref, err)
	}
	return r, err
}

// sendRemoval sends the removal. Answers about the run from before it, or from while it was sent, count as old.
func (m *Manager) sendRemoval(ctx context.Context, r RemoveRequest) error {
	a := m.agent(r.Ref.AgentID)
	a.history.recordChange(r.Ref.RunID)
	defer a.history.recordChange(r.Ref.RunID)
	return m.client.DeleteRun(ctx, r.Ref.AgentID, r.Ref.RunID, r.Method)
}

// refusedRemoval says why a run that had finished could not be removed: an earlier try of the same request, or somebody
// else, has removed it; or somebody has restarted it.
func (m *Manager) refusedRemoval(ctx context.Context, r RemoveRequest, refusal error) error {
	seen, err := m.statusOrGone(ctx, r.Ref)
	switch {
	case err == nil && seen.Status.Active():
		return &StillActiveError{Run: seen}
	case IsGone(err):
		return err
	}
	return refusal
}

// lookForRemoval looks whether a removal had its effect. nil: it had.
func (m *Manager) lookForRemoval(ctx context.Context, r RemoveRequest, cause error) error {
	if ctx.Err() != nil {
		return &LostRemovalError{Cause: cause}
	}
	orSilent(r.Log)(ctx, lostRemovalSentence(r.Ref, cause), map[string]any{"agent_id": r.Ref.AgentID, "run_id": r.Ref.RunID})
	_, err := m.statusOrGone(ctx, r.Ref)
	switch {
	case IsGone(err):
		return err
	case err != nil:
		return &LostRemovalError{Cause: cause, Look: err}
	case r.Method != sequentum.RemoveAllFiles:
		return &LostRemovalError{Cause: cause} // the run is there, or nothing shows whether its input is
	}
	files, err := m.client.RunFiles(ctx, r.Ref.AgentID, r.Ref.RunID)
	if err != nil {
		return &LostRemovalError{Cause: cause, Look: err}
	}
	if len(files) > 0 {
		return &LostRemovalError{Cause: cause}
	}
	return nil
}

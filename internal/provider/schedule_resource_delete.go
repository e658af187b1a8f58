// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Delete removes the schedule from the platform. Runs that it has started continue. "Not found" is a success only when it
// is confirmed and the agent is there: a key that has lost its access gets the same answer.
func (r *scheduleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state scheduleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	gone := firedGoneFlag.isSet(ctx, req.Private, &resp.Diagnostics)
	timeout, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if gone || resp.Diagnostics.HasError() || !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	const kept = "State still holds the schedule."
	object := state.object()
	limit, limited, cancel := r.data.limitTime(ctx, "timeouts.delete", timeout)
	defer cancel()
	defer r.data.schedules.changing(object.agentID)()
	err := r.data.schedules.remove(limited, object)
	if err == nil {
		return
	}
	if !sequentum.IsNotFound(err) {
		resp.Diagnostics.AddError(object.title()+" could not be deleted", paragraphs(limit.explain(err), kept))
		return
	}
	switch m := r.data.askForAgent(limited, object, err); m.agent {
	case agentUnknown:
		resp.Diagnostics.Append(m.unknownDiagnostic("could not be deleted", kept))
	case agentGoneToo:
		resp.Diagnostics.Append(m.goneTooDiagnostic(kept))
	case agentExists: // it is gone, as it should be
	}
}

// remove deletes a schedule. A confirmed "not found" is returned as it is. After an error that leaves open whether the
// schedule was deleted, it looks.
func (b *scheduleBook) remove(ctx context.Context, object objectRef) error {
	err := b.client.DeleteSchedule(ctx, object.agentID, object.id)
	if err == nil {
		return nil
	}
	if sequentum.OutcomeUnknown(err) {
		_, look := b.client.Schedule(ctx, object.agentID, object.id)
		if !sequentum.IsNotFound(look) {
			return err
		}
		err = look
	}
	if !sequentum.IsNotFound(err) {
		return err
	}
	if s, confirmed := b.confirmGone(ctx, object, err); s == nil {
		return confirmed
	}
	return b.client.DeleteSchedule(ctx, object.agentID, object.id) // it is there after all
}

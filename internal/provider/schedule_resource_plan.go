// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// ModifyPlan repeats the checks for values that validation did not know, keeps the read-only values of a schedule that does
// not change, and replaces a schedule that has fired and was deleted when it gets a new time.
func (r *scheduleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, state scheduleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	refuseZeroID("agent_id", plan.AgentID, &resp.Diagnostics)
	plan.requireOneTiming(&resp.Diagnostics)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() || !plan.AgentID.Equal(state.AgentID) { // the framework plans a new schedule
		plan.refusePast(r.clock().Now(), &resp.Diagnostics)
		if !req.State.Raw.IsNull() {
			r.checkNewAgent(ctx, &state, &plan, &resp.Diagnostics)
		}
		return
	}
	if firedGoneFlag.isSet(ctx, req.Private, &resp.Diagnostics) {
		r.planFiredGone(ctx, &state, &plan, resp)
		return
	}
	plan.keepRead(&state)
	if !plan.sameArguments(&state) {
		plan.NextRunAt = types.StringUnknown()
		r.warnOfPast(&state, &plan, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// agentCheckTime is how long a plan waits for the answer whether an agent exists.
const agentCheckTime = 30 * time.Second

// checkNewAgent adds an error if the agent to which a schedule moves is not found: Terraform would delete the schedule
// before its create fails. Any other doubt is no reason to stop a plan.
func (r *scheduleResource) checkNewAgent(ctx context.Context, state, plan *scheduleModel, diags *diag.Diagnostics) {
	if !isSet(plan.AgentID) || !r.data.isConfigured() {
		return
	}
	id, agentID := plan.AgentID.ValueInt64(), path.Root("agent_id")
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, agentCheckTime)
	defer cancel()
	_, err := r.data.lookups.agents.read(limited, id, func(ctx context.Context) (*sequentum.Agent, error) { return r.data.client.Agent(ctx, id) })
	switch {
	case sequentum.IsNotFound(err):
		diags.AddAttributeError(agentID, fmt.Sprintf("Agent %d is not found", id),
			paragraphs(err.Error(), "It was deleted, it never existed, or this key cannot see it.",
				fmt.Sprintf("The change of agent_id forces a new schedule, and schedule %s of agent %d would be deleted first. Set the id of an agent that exists.", state.object(), state.AgentID.ValueInt64())))
	case err != nil:
		diags.AddAttributeWarning(agentID, fmt.Sprintf("It is not known whether agent %d exists", id),
			paragraphs(err.Error(), fmt.Sprintf("The change of agent_id forces a new schedule. If the agent does not exist, the apply deletes schedule %s and then fails.", state.object())))
	}
}

// clock tells the time also while the provider is not configured.
func (r *scheduleResource) clock() sequentum.Clock {
	if r.data.isConfigured() {
		return r.data.clock
	}
	return sequentum.SystemClock()
}

// keepRead copies all read-only values from state: otherwise any difference would make each of them unknown.
func (m *scheduleModel) keepRead(state *scheduleModel) {
	m.ID, m.ScheduleID, m.NextRunAt, m.CreatedAt = state.ID, state.ScheduleID, state.NextRunAt, state.CreatedAt
}

// sameTiming reports whether both fire at the same times.
func (t *scheduleTiming) sameTiming(other scheduleTiming) bool {
	return t.Cron.Equal(other.Cron) && t.Every.Equal(other.Every) && t.Once.Equal(other.Once)
}

// planFiredGone plans for a schedule that the platform has deleted after it fired: another time forces a new schedule, and
// anything else changes state alone.
func (r *scheduleResource) planFiredGone(ctx context.Context, state, plan *scheduleModel, resp *resource.ModifyPlanResponse) {
	object := state.object()
	if plan.sameTiming(state.scheduleTiming) {
		plan.keepRead(state)
		if !plan.sameArguments(state) {
			resp.Diagnostics.AddWarning(object.title()+" has fired: the change has no effect",
				"The platform has deleted the schedule after it fired. The change is stored in state. To create the schedule again, set a new start_time.")
		}
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	plan.refusePast(r.clock().Now(), &resp.Diagnostics)
	// The read-only values are unknown already, and the path must be one whose value changes.
	resp.RequiresReplace = path.Paths{path.Root("schedule_id")}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// warnOfPast warns of a change that cannot be sent because the time of a once schedule has passed.
func (r *scheduleResource) warnOfPast(state, plan *scheduleModel, diags *diag.Diagnostics) {
	now := r.clock().Now()
	if !plan.hasPassed(now) {
		return
	}
	object, start := state.object(), path.Root("once").AtName("start_time")
	if plan.Once.Equal(state.Once) {
		diags.AddWarning(object.title()+" does not fire again: the change has no effect",
			fmt.Sprintf("Its time, %s, has passed. The change is stored only in state. When you set a new start_time, the provider sends both to the platform.", textIn(plan.Once, "start_time").ValueString()))
		return
	}
	diags.AddAttributeWarning(start, "The start time has passed: the apply will fail",
		fmt.Sprintf("%s cannot fire at %s. Set a time that is at least one minute ahead.", object.title(), textIn(plan.Once, "start_time").ValueString()))
}

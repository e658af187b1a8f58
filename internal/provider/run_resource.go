// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runResource is sequentum_run. Its model, schema, plan, and its longer operations are in separate files
// beside this one.
type runResource struct{ configuredResource }

var (
	_ resource.ResourceWithConfigure      = (*runResource)(nil)
	_ resource.ResourceWithValidateConfig = (*runResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*runResource)(nil)
	_ resource.ResourceWithImportState    = (*runResource)(nil)
	_ resource.ResourceWithIdentity       = (*runResource)(nil)
)

func newRunResource() resource.Resource { return &runResource{} }

func (r *runResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run"
}

// ValidateConfig finds a grace period that the delete timeout cuts off: the kill after it would never be sent.
func (r *runResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var grace types.String
	var limits timeouts.Value
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("stop_grace_period"), &grace)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("timeouts"), &limits)...)
	if resp.Diagnostics.HasError() || grace.IsUnknown() || !fullyKnown(limits.Object) {
		return
	}
	limit, diags := limits.Delete(ctx, defaultDeleteTimeout)
	if diags.HasError() || limit <= 0 {
		return // the validator of the attribute says so
	}
	refuseLongGrace(grace, "timeouts.delete", limit, &resp.Diagnostics)
}

func (r *runResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan runModel
	var secret types.String // kept out of the model: on an error path the framework would not strip it from state
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("input_parameters_wo"), &secret)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	statuses := statusNames(plan.SuccessStatuses)
	if resp.Diagnostics.HasError() || !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	c := runCreation{
		data: r.data, plan: &plan, request: plan.startRequest(secret),
		timeout: timeout, statuses: statuses, resp: resp,
	}
	what := fmt.Sprintf("starting agent %d or waiting for its run", c.request.AgentID)
	defer r.data.recovered(ctx, what, &resp.Diagnostics, func() string { return c.saveAfterPanic(ctx) })
	if !secret.IsNull() {
		secretInputFlag.set(ctx, resp.Private, &resp.Diagnostics)
	}
	c.startAndWait(ctx, limited)
}

// Update stores what changed in place. It continues waiting for the run when the plan left the run's attributes unknown.
func (r *runResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state runModel
	var secret types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("input_parameters_wo"), &secret)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	statuses := statusNames(plan.SuccessStatuses)
	unfinished := readUnfinishedWait(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	waiting := plan.Status.IsUnknown() && plan.waits() // wait_for_completion may have been unknown too
	plan.copyComputed(&state)
	if state.neverRead() {
		if !r.readAdopted(ctx, &plan, statuses, &resp.Diagnostics) {
			return
		}
		waiting = waiting && !plan.Finished.ValueBool()
	}
	plan.Succeeded = types.BoolValue(succeeded(plan.lastSeen(), statuses))
	if waiting && r.data.requireConfigured(&resp.Diagnostics) {
		if !secret.IsNull() {
			r.data.client.HideInput(secret.ValueString())
		}
		unfinished = r.resumeWait(ctx, &plan, resumedWait{timeout: timeout, statuses: statuses, unfinished: unfinished}, &resp.Diagnostics)
	} else if plan.Succeeded.ValueBool() || !plan.waits() {
		unfinished = nil
	}
	writeUnfinishedWait(ctx, resp.Private, unfinished, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

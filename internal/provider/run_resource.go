package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runResource is sequentum_run. Its model, schema, plan, and the longer of its operations have files of their own
// beside this one.
type runResource struct {
	data *providerData
}

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

func (r *runResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.data, _ = req.ProviderData.(*providerData) // nil until the provider is configured
}

// ValidateConfig finds a grace period that the delete timeout cuts off: the kill after it would never be sent.
func (r *runResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config runModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.StopGracePeriod.IsUnknown() || config.Timeouts.IsUnknown() {
		return
	}
	for _, a := range config.Timeouts.Attributes() {
		if a.IsUnknown() {
			return
		}
	}
	limit, diags := config.Timeouts.Delete(ctx, defaultDeleteTimeout)
	if diags.HasError() || limit <= 0 {
		return // the validator of the attribute says so
	}
	if grace := config.gracePeriod(); grace >= limit {
		resp.Diagnostics.AddAttributeError(path.Root("stop_grace_period"), "Grace period too long",
			"The grace period ("+grace.String()+") must be shorter than timeouts.delete ("+limit.String()+
				"), or destroy gives up before it kills the run. Shorten stop_grace_period, for example to \""+(limit/4).String()+"\", or raise timeouts.delete.")
	}
}

func (r *runResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan runModel
	var secret types.String // kept out of the model: on an error path the framework would not strip it from state
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("input_parameters_wo"), &secret)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	statuses := statusNames(ctx, plan.SuccessStatuses, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.data.known(&resp.Diagnostics) {
		return
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	c := runCreation{
		data: r.data, plan: &plan, request: plan.startRequest(secret),
		timeout: timeout, statuses: statuses, resp: resp,
	}
	what := fmt.Sprintf("starting agent %d or waiting for its run", c.request.AgentID)
	defer r.data.recovered(ctx, what, &resp.Diagnostics, func() string { return c.afterPanic(ctx) })
	if !secret.IsNull() {
		setSecretInput(ctx, resp.Private, &resp.Diagnostics)
	}
	c.do(ctx, limited)
}

// afterPanic says what is known of the start after a panic. The mark lets the next apply of an untainted resource
// continue waiting.
func (c *runCreation) afterPanic(ctx context.Context) string {
	if len(c.attempts) == 0 {
		return paragraphs("A run may have been started.", lookYourself(c.request.AgentID))
	}
	writeMark(ctx, c.resp.Private, &waitMark{Own: true, Tainted: true}, &c.resp.Diagnostics)
	further := ""
	if c.plan.Retries.ValueInt64() > 0 {
		further = paragraphs("A retry of it may have been started too.", lookYourself(c.request.AgentID))
	}
	return paragraphs(fmt.Sprintf("Run %s was started, and state holds it. Terraform marks the resource as tainted. ", c.plan.ref())+
		"To continue waiting for this run: run `terraform untaint ADDRESS`, and apply. To give up this run: apply without untaint. The apply stops this run and starts another.", further)
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
	statuses := statusNames(ctx, plan.SuccessStatuses, &resp.Diagnostics)
	mark := readMark(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	waiting := plan.Status.IsUnknown() && plan.waits() // wait_for_completion may have been unknown too
	plan.copyComputed(&state)
	if state.neverRead() {
		if !r.readFirst(ctx, &plan, statuses, &resp.Diagnostics) {
			return
		}
		waiting = waiting && !plan.Finished.ValueBool()
	}
	plan.Succeeded = types.BoolValue(succeeded(plan.lastSeen(), statuses))
	if waiting && r.data.known(&resp.Diagnostics) {
		if !secret.IsNull() {
			r.data.runs.HideInput(secret.ValueString())
		}
		mark = r.resume(ctx, &plan, resumption{timeout: timeout, statuses: statuses, mark: mark}, &resp.Diagnostics)
	} else if plan.Succeeded.ValueBool() || !plan.waits() {
		mark = nil
	}
	writeMark(ctx, resp.Private, mark, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// ImportState takes a run by its name, and the read that follows does the rest. Without a configured provider there is
// no such read: state would hold a run of which nothing is known, not even that it exists.
func (r *runResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.data.known(&resp.Diagnostics) {
		return
	}
	identity := runIdentity{}
	switch {
	case req.ID != "":
		ref, err := sequentum.ParseRunRef(req.ID)
		if err != nil {
			resp.Diagnostics.AddError("Invalid import id", "The import id "+err.Error()+".")
			return
		}
		identity = runIdentity{AgentID: types.Int64Value(ref.AgentID), RunID: types.Int64Value(ref.RunID)}
	case req.Identity == nil || req.Identity.Raw.IsNull():
		resp.Diagnostics.AddError("Invalid import id", "The import id is empty. It is agent_id/run_id, for example 4711/100001.")
	default:
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if identity.AgentID.ValueInt64() < 1 || identity.RunID.ValueInt64() < 1 {
			resp.Diagnostics.AddError("Invalid import identity", "agent_id and run_id must both be 1 or more, for example { agent_id = 4711, run_id = 100001 }.")
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	// Attribute by attribute: the zero values of a whole model have no type.
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("agent_id"), identity.AgentID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("run_id"), identity.RunID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	setImporting(ctx, resp.Private, true, &resp.Diagnostics)
}

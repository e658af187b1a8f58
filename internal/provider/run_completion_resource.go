// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runCompletionResource is sequentum_run_completion: the wait for a run as a separate resource. It exists once the
// run has ended with success. A failure before that ends only the wait.
type runCompletionResource struct{ configuredResource }

var (
	_ resource.ResourceWithConfigure  = (*runCompletionResource)(nil)
	_ resource.ResourceWithModifyPlan = (*runCompletionResource)(nil)
)

func newRunCompletionResource() resource.Resource { return &runCompletionResource{} }

type runCompletionModel struct {
	AgentID         types.Int64    `tfsdk:"agent_id"`
	RunID           types.Int64    `tfsdk:"run_id"`
	SuccessStatuses types.Set      `tfsdk:"success_statuses"`
	RecordFiles     types.Bool     `tfsdk:"record_files"`
	FailureLogLines types.Int64    `tfsdk:"failure_log_lines"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
	ID              types.String   `tfsdk:"id"`
	runAttributes
}

func (r *runCompletionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_completion"
}

func (r *runCompletionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: "`agent_id/run_id`."},
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: int32IDValidators(),
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			MarkdownDescription: "The id of the agent of the run. Changing this forces replacement: the provider waits again.",
		},
		"run_id": schema.Int64Attribute{
			Required: true, Validators: int64IDValidators(),
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			MarkdownDescription: "The id of the run to wait for, usually `run_id` of a `sequentum_run` with `wait_for_completion = false`. Changing this forces replacement: the provider waits again.",
		},
		"success_statuses": schema.SetAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
			Default:             setdefault.StaticValue(statusSet(defaultSuccessStatuses()...)),
			Validators:          successStatusValidators(),
			PlanModifiers:       []planmodifier.Set{keepSameStatuses()},
			MarkdownDescription: "The finished statuses that count as success. Null elements count as absent. Defaults to `Completed` and `Success`. `Failure` and `Failed` each stand for both: the platform shows a failed run as `Failed` after it has archived it. A change is made in place: the provider checks the `status` in state and sends no request. So a change also works after the platform has removed the run. If the run no longer counts as a success, the apply fails and state is unchanged.",
		},
		"record_files": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether to save the list of the run's files in `files`. The provider reads the list once, when the wait sees the run finish. Defaults to `false`. The list stays in state after the platform has removed the run. If the run has more than 500 files, `files` stays null, with a warning.",
		},
		"failure_log_lines": schema.Int64Attribute{
			Optional: true, Validators: failureLogValidators(),
			MarkdownDescription: failureLogDescription + " If a later apply creates the completion, the provider no longer knows `input_parameters_wo`. If the log contains the input, the error can then show it.",
		},
	}
	maps.Copy(attributes, runAttributesSchema())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Waits until a run has finished with success.\n\n" +
			"Use it with a `sequentum_run` that has `wait_for_completion = false`. Then the wait is a separate resource. A timeout or an interrupt ends only the wait, and the next apply waits again for the same run. State holds the id of the run before the wait begins. So the id is not lost when the machine is killed. " +
			"A refresh sends no request. Destroying both resources stops the run at once. If the wait fails, the apply fails, and state does not hold the completion.\n\n" +
			"Put a provisioner that needs the finished run on this resource, or on a `terraform_data`. If the provisioner fails, Terraform taints that resource and not the run.\n\n" +
			"OAuth scope: `runs:read`.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx, timeouts.Opts{
				Create:            true,
				CreateDescription: "How long to wait for the run. Defaults to `24h`. When this time has passed, the run continues, and the next apply waits again.",
			}),
		},
	}
}

// ModifyPlan keeps the read-only values of state. The run has finished: only `succeeded` can change.
func (r *runCompletionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, state runCompletionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	refuseZeroID("agent_id", plan.AgentID, &resp.Diagnostics)
	refuseZeroID("run_id", plan.RunID, &resp.Diagnostics)
	refuseEmptyStatuses(plan.SuccessStatuses, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || req.State.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.AgentID.Equal(state.AgentID) || !plan.RunID.Equal(state.RunID) {
		return // a replacement, which the framework plans
	}
	plan.ID, plan.runAttributes = state.ID, state.runAttributes
	warnOfLateRecordFiles(state.ref(), state.RecordFiles, plan.RecordFiles, state.Files, &resp.Diagnostics)
	if !statusesKnown(plan.SuccessStatuses) {
		plan.Succeeded = types.BoolUnknown()
	} else if success := plan.countsAsSuccess(); !success {
		resp.Diagnostics.AddAttributeWarning(path.Root("success_statuses"), "The apply will fail: "+plan.noSuccessSummary(), plan.noSuccessDetail())
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (m *runCompletionModel) ref() sequentum.RunRef {
	return sequentum.RunRef{AgentID: m.AgentID.ValueInt64(), RunID: m.RunID.ValueInt64()}
}

// countsAsSuccess reports whether the status in the model is one of its success_statuses.
func (m *runCompletionModel) countsAsSuccess() bool {
	return succeeded(m.lastSeen(), statusNames(m.SuccessStatuses))
}

func (m *runCompletionModel) noSuccessSummary() string {
	return fmt.Sprintf("Run %s ended as %s, which success_statuses does not contain", m.ref(), m.Status.ValueString())
}

func (m *runCompletionModel) noSuccessDetail() string {
	return fmt.Sprintf("A completion in state means that its run ended with success. Other resources may depend on that. To keep this run: add %q to success_statuses. To start a new run: `terraform apply -replace=ADDRESS` with the address of the sequentum_run.", m.Status.ValueString())
}

func (r *runCompletionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan runCompletionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	statuses := statusNames(plan.SuccessStatuses)
	if resp.Diagnostics.HasError() || !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	ref := plan.ref()
	w := r.data.waitForRun(ctx, limited, ref, nil, statuses, logInfo)
	resp.Diagnostics.Append(r.data.reportWait(ctx, waitReport{waitResult: w, waiter: completionWaits, timeout: timeout, logLines: plan.FailureLogLines.ValueInt64()})...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = types.StringValue(ref.String())
	plan.setFrom(w.run, statuses)
	if plan.RecordFiles.ValueBool() {
		plan.Files = r.data.recordFiles(ctx, ref, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read sends no request: the run has finished, and that does not change.
func (r *runCompletionResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update stores the arguments that changed in place. If the end no longer counts as success, that is an error, as in
// Create. State then stays unchanged, and keeps the recorded files.
func (r *runCompletionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state runCompletionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.runAttributes = state.runAttributes
	plan.Succeeded = types.BoolValue(plan.countsAsSuccess())
	if !plan.Succeeded.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root("success_statuses"), plan.noSuccessSummary(), paragraphs(plan.noSuccessDetail(), "State is unchanged."))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete removes the completion from state. Stopping the run is the task of its sequentum_run.
func (r *runCompletionResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runRemoveAction is sequentum_run_remove: the platform forgets a run, or its files.
type runRemoveAction struct{ configuredAction }

var (
	_ action.ActionWithConfigure  = (*runRemoveAction)(nil)
	_ action.ActionWithModifyPlan = (*runRemoveAction)(nil)
)

func newRunRemoveAction() action.Action { return &runRemoveAction{} }

type runRemoveModel struct {
	AgentID  types.Int64    `tfsdk:"agent_id"`
	RunID    types.Int64    `tfsdk:"run_id"`
	Method   types.String   `tfsdk:"method"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (a *runRemoveAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_remove"
}

func (a *runRemoveAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := runActionAttributes()
	attributes["method"] = schema.StringAttribute{
		Optional: true,
		Validators: []validator.String{stringvalidator.OneOf(
			string(sequentum.RemoveEntireRun), string(sequentum.RemoveAllFiles), string(sequentum.RemoveAllFilesAndAgentInput))},
		MarkdownDescription: "What to remove. `RemoveEntireRun` removes the run, its files and its input parameters. `RemoveAllFiles` removes only its files. `RemoveAllFilesAndAgentInput` removes its files and its input parameters. With the last two, the run stays in the list of runs. Defaults to `RemoveEntireRun`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Removes a finished run from the platform, or only its files and input. Use it to erase personal data. **What is removed cannot be restored.**\n\n" +
			"If the run is still active, the action fails and removes nothing. Stop the run first with `sequentum_run_stop`. If the run is already gone, and its agent still exists, the action succeeds. To remove a run after its download, trigger the action as the guide [Actions](../guides/actions.md) shows.\n\n" +
			"If state holds the end of the run, the `sequentum_run` stays in state and no new run is planned. So take `run_id` from the resource, as in `sequentum_run.products.run_id`. Then Terraform reads how the run ended before the action removes it. A `sequentum_run_download` keeps the files on disk. After the removal, a data source that reads the run fails, unless it has `allow_missing = true`.\n\n" +
			"Actions need Terraform 1.14 or later. OpenTofu has no actions.\n\n" +
			"OAuth scopes: `agents:write`, `runs:read` and `agents:read`.",
		Attributes: attributes,
		Blocks:     actionTimeouts(ctx, "How long the removal may take. Defaults to `10m`. When this time has passed, the action fails."),
	}
}

// ModifyPlan checks what a plan knows. It needs no configured provider.
func (a *runRemoveAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	resp.Diagnostics.Append(checkActionConfig(ctx, req.Config)...)
}

// Invoke removes the run.
func (a *runRemoveAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config runRemoveModel
	diags := &resp.Diagnostics
	defer a.data.recovered(ctx, "removing a run", diags, nil) // the framework calls Invoke where nothing else catches a panic
	diags.Append(req.Config.Get(ctx, &config)...)
	diags.Append(checkActionConfig(ctx, req.Config)...)
	refuseZeroID("agent_id", config.AgentID, diags)
	refuseZeroID("run_id", config.RunID, diags)
	timeout, timeoutDiags := config.Timeouts.Invoke(ctx, defaultDeleteTimeout)
	diags.Append(timeoutDiags...)
	if diags.HasError() || !a.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := a.data.limitTime(ctx, "timeouts.invoke", timeout)
	defer cancel()
	r := &removeInvocation{
		data: a.data, limit: limit, log: progressOf(ctx, resp),
		ref:    sequentum.RunRef{AgentID: config.AgentID.ValueInt64(), RunID: config.RunID.ValueInt64()},
		method: sequentum.RemoveMethod(config.Method.ValueString()),
	}
	a.data.invoke(ctx, resp, invocation{
		what: "removing run " + r.ref.String(), answerTime: answerTime,
		work:       func(diags *diag.Diagnostics) { r.remove(limited, diags) },
		unanswered: r.unanswered,
	})
}

// removeInvocation is one invocation of sequentum_run_remove.
type removeInvocation struct {
	data   *providerData
	ref    sequentum.RunRef
	method sequentum.RemoveMethod
	limit  *timeLimit
	log    sequentum.LogFunc
}

func (r *removeInvocation) remove(ctx context.Context, diags *diag.Diagnostics) {
	r.data.fileLists.forget(r.ref)
	defer r.data.fileLists.forget(r.ref)
	err := r.data.runs.Remove(ctx, run.RemoveRequest{Ref: r.ref, Method: r.method, Log: r.log})
	switch {
	case err == nil:
		r.log(ctx, r.removed(), nil)
	case run.IsGone(err):
		r.confirmGone(ctx, err, diags)
	default:
		diags.Append(r.failed(err))
	}
}

// removed says what was removed.
func (r *removeInvocation) removed() string {
	switch r.method {
	case sequentum.RemoveAllFiles:
		return fmt.Sprintf("Run %s: its files were removed.", r.ref)
	case sequentum.RemoveAllFilesAndAgentInput:
		return fmt.Sprintf("Run %s: its files and its input were removed.", r.ref)
	}
	return fmt.Sprintf("Run %s was removed.", r.ref)
}

// confirmGone asks for the agent of a run that is not found. If the key can see the agent, the run is gone, and that is
// what the action is for.
func (r *removeInvocation) confirmGone(ctx context.Context, err error, diags *diag.Diagnostics) {
	m := r.data.askForAgent(ctx, runObject(r.ref), err)
	switch m.agent {
	case agentExists:
		r.log(ctx, fmt.Sprintf("Run %s no longer exists: several requests did not find it. Its agent exists.", r.ref), nil)
	case agentGoneToo:
		diags.AddError(m.goneTooSummary(), fmt.Sprintf("Agent %d was deleted, or this API key cannot see it. If the key cannot see it, the run is not removed.", r.ref.AgentID))
	default:
		diags.Append(m.unknownDiagnostic("may not be removed", ""))
	}
}

func (r *removeInvocation) failed(err error) diag.Diagnostic {
	var active *run.StillActiveError
	var lost *run.LostRemovalError
	const again = "To make sure, invoke the action again. It is safe to remove a run twice."
	switch {
	case errors.As(err, &active):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s is still active: nothing was removed", r.ref),
			paragraphs(describeRun(active.Run, r.data.now()), "The platform removes only a run that has finished. Wait until the run has finished, or stop it with the action sequentum_run_stop. Then invoke this action again."))
	case errors.As(err, &lost) && lost.Look != nil:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s: it is not certain that it was removed", r.ref),
			paragraphs(r.howEnded(), "The removal was sent, and its answer was lost: "+lost.Cause.Error(), "The provider then read the run, but this failed too: "+lost.Look.Error(), again))
	case errors.As(err, &lost):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s: it is not certain that it was removed", r.ref),
			paragraphs(r.howEnded(), "The removal was sent, and its answer was lost: "+lost.Cause.Error(), again))
	case r.limit.howCut().interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Removing run %s was interrupted", r.ref), paragraphs("The removal was not sent.", "Last error: "+err.Error()))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s could not be removed", r.ref), paragraphs(r.howEnded(), err.Error()))
	}
}

// howEnded says that the action was cut short; "": it was not.
func (r *removeInvocation) howEnded() string {
	switch cut := r.limit.howCut(); {
	case cut.interrupted:
		return "The action was interrupted."
	case cut.timedOut:
		return r.limit.timePassed()
	}
	return ""
}

// unanswered is the error about a removal that did not end soon after an interrupt.
func (r *removeInvocation) unanswered() diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("Removing run %s was interrupted", r.ref),
		"When the action had to end, a request about the run was still unanswered. The run may or may not be removed. To make sure, invoke the action again.")
}

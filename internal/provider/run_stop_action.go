// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runStopAction is sequentum_run_stop: it brings a run to its end.
type runStopAction struct{ configuredAction }

var (
	_ action.ActionWithConfigure  = (*runStopAction)(nil)
	_ action.ActionWithModifyPlan = (*runStopAction)(nil)
)

func newRunStopAction() action.Action { return &runStopAction{} }

type runStopModel struct {
	AgentID         types.Int64    `tfsdk:"agent_id"`
	RunID           types.Int64    `tfsdk:"run_id"`
	StopGracePeriod types.String   `tfsdk:"stop_grace_period"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

func (a *runStopAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_stop"
}

func (a *runStopAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := runActionAttributes()
	attributes["stop_grace_period"] = schema.StringAttribute{
		Optional: true, Validators: []validator.String{positiveDuration()},
		MarkdownDescription: "How long to wait for the run to end after the stop. If the run is still active after this time, it is killed, and unfinished work can be lost. Defaults to `2m`. It must be shorter than `timeouts.invoke`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Stops a run, and waits until it has ended. If the stop does not end the run, the run is killed. Records that the run has extracted are kept.\n\n" +
			"If the run has already finished, the action changes nothing and succeeds. If the run is not found, the action fails. A `sequentum_run` that holds the run shows `Stopped` after the next refresh. A new run is planned only if its wait was interrupted, or if `replace_on_failure` is set.\n\n" +
			"Actions need Terraform 1.14 or later. OpenTofu has no actions. See the guide [Actions](../guides/actions.md).\n\n" +
			"OAuth scopes: `agents:write`, `runs:read` and `agents:read`.",
		Attributes: attributes,
		Blocks:     actionTimeouts(ctx, "How long the stop may take, including the grace period. Defaults to `10m`. When this time has passed, the action fails."),
	}
}

// runActionAttributes are the arguments of an action that is about one run.
func runActionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{Required: true, Validators: int32IDValidators(), MarkdownDescription: "The id of the agent of the run."},
		"run_id":   schema.Int64Attribute{Required: true, Validators: int64IDValidators(), MarkdownDescription: "The id of the run."},
	}
}

// ModifyPlan checks what a plan knows. It needs no configured provider.
func (a *runStopAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config runStopModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(checkActionConfig(ctx, req.Config)...)
	if !resp.Diagnostics.HasError() {
		config.timeout(ctx, &resp.Diagnostics)
	}
}

// timeout is timeouts.invoke. It adds an error if the grace period is not shorter. What is not known yet passes.
func (m *runStopModel) timeout(ctx context.Context, diags *diag.Diagnostics) time.Duration {
	timeout, timeoutDiags := m.Timeouts.Invoke(ctx, defaultDeleteTimeout)
	diags.Append(timeoutDiags...)
	if !m.StopGracePeriod.IsUnknown() && fullyKnown(m.Timeouts.Object) {
		refuseLongGrace(m.StopGracePeriod, "timeouts.invoke", timeout, diags)
	}
	return timeout
}

// Invoke stops the run.
func (a *runStopAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config runStopModel
	diags := &resp.Diagnostics
	defer a.data.recovered(ctx, "stopping a run", diags, nil) // the framework calls Invoke where nothing else catches a panic
	diags.Append(req.Config.Get(ctx, &config)...)
	diags.Append(checkActionConfig(ctx, req.Config)...)
	refuseZeroID("agent_id", config.AgentID, diags)
	refuseZeroID("run_id", config.RunID, diags)
	if diags.HasError() {
		return
	}
	timeout := config.timeout(ctx, diags)
	if diags.HasError() || !a.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := a.data.limitTime(ctx, "timeouts.invoke", timeout)
	defer cancel()
	s := &stopInvocation{
		data: a.data, limit: limit, log: progressOf(ctx, resp), grace: gracePeriod(config.StopGracePeriod),
		ref: sequentum.RunRef{AgentID: config.AgentID.ValueInt64(), RunID: config.RunID.ValueInt64()},
	}
	a.data.invoke(ctx, resp, invocation{
		what: "stopping run " + s.ref.String(), answerTime: answerTime,
		work:       func(diags *diag.Diagnostics) { s.stop(limited, diags) },
		unanswered: s.unanswered,
	})
}

// stopInvocation is one invocation of sequentum_run_stop.
type stopInvocation struct {
	data  *providerData
	ref   sequentum.RunRef
	grace time.Duration
	limit *timeLimit
	log   sequentum.LogFunc
}

func (s *stopInvocation) stop(limited context.Context, diags *diag.Diagnostics) {
	ended, err := s.data.runs.Stop(limited, run.StopRequest{Ref: s.ref, Grace: s.grace, Active: true, Log: s.log})
	report := stopReport{ref: s.ref, cut: s.limit.howCut(), timeoutName: s.limit.name, timeout: s.limit.length, now: s.data.now()}
	switch {
	case err == nil && ended.StopSent: // the log has shown the end
	case err == nil:
		s.log(limited, fmt.Sprintf("Run %s had already ended as %s. Nothing was sent to it.", s.ref, ended.Run.Status), nil)
	case run.IsGone(err):
		diags.Append(report.notFound(s.data.askForAgent(limited, runObject(s.ref), err)))
	default:
		diags.Append(report.failed(err))
	}
}

// unanswered is the error about a stop that did not end soon after an interrupt.
func (s *stopInvocation) unanswered() diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("Stopping run %s was interrupted", s.ref),
		"When the action had to end, a request about the run was still unanswered. The run may still be active. To try again, invoke the action again.")
}

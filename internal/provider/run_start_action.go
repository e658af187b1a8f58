// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runStartAction is sequentum_run_start: a run that no state holds.
type runStartAction struct{ configuredAction }

var (
	_ action.ActionWithConfigure  = (*runStartAction)(nil)
	_ action.ActionWithModifyPlan = (*runStartAction)(nil)
)

func newRunStartAction() action.Action { return &runStartAction{} }

type runStartModel struct {
	AgentID         types.Int64  `tfsdk:"agent_id"`
	InputParameters types.String `tfsdk:"input_parameters"`

	runSettings

	WaitForCompletion types.Bool     `tfsdk:"wait_for_completion"`
	SuccessStatuses   types.Set      `tfsdk:"success_statuses"`
	FailureLogLines   types.Int64    `tfsdk:"failure_log_lines"`
	StopOnInterrupt   types.Bool     `tfsdk:"stop_on_interrupt"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

func (a *runStartAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_start"
}

func (a *runStartAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: int32IDValidators(),
			MarkdownDescription: "The id of the agent to run.",
		},
		"input_parameters": schema.StringAttribute{
			Optional: true, Validators: []validator.String{jsonObject()},
			MarkdownDescription: "The agent's input: a JSON object in a string. Write it with `jsonencode`. An action has no write-only arguments. For secrets use `input_parameters_wo` of a `sequentum_run`.",
		},
		"wait_for_completion": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to wait until the run has finished. Defaults to `true`. With `false`, the action succeeds as soon as the run is accepted.",
		},
		"success_statuses": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			Validators:          successStatusValidators(),
			MarkdownDescription: "The finished statuses that count as success. Null elements count as absent. Defaults to `Completed` and `Success`. `Failure` and `Failed` each stand for both: the platform shows a failed run as `Failed` after it has archived it. With any other status the action fails.",
		},
		"failure_log_lines": schema.Int64Attribute{
			Optional: true, Validators: failureLogValidators(),
			MarkdownDescription: failureLogDescription + " With `wait_for_completion = false` this has no effect, and the plan shows a warning.",
		},
		"stop_on_interrupt": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether an interrupt (Ctrl-C, a cancelled pipeline) also stops the run. Defaults to `false`: the run continues, and the error names it. With `true`, the action stops the run at once, and kills it if it is still active 10 seconds later. The CLI waits up to 20 seconds for this. A second interrupt ends the CLI at once.",
		},
	}
	maps.Copy(attributes, runSettingActionAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts an agent, and by default waits until the run has finished. While the action waits, it shows the progress of the run.\n\n" +
			"The start is sent once. If its answer is lost, the action looks for the run before it sends the start again. The action fails if the run ends without success. " +
			"**State does not hold the run:** if the action is interrupted or fails, nothing waits for the run after that, and `terraform destroy` does not stop it. For a run that must finish, use the resource `sequentum_run`. The guide [Actions](../guides/actions.md) compares the two.\n\n" +
			"Actions need Terraform 1.14 or later. OpenTofu has no actions.\n\n" +
			"OAuth scopes: `agents:write` and `runs:read`.",
		Attributes: attributes,
		Blocks:     actionTimeouts(ctx, "How long the start and the wait may take together. Defaults to `24h`. When this time has passed, the action fails, and the run continues."),
	}
}

// ModifyPlan checks what a plan knows. It needs no configured provider.
func (a *runStartAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config runStartModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(checkActionConfig(ctx, req.Config)...)
	refuseEmptyStatuses(config.SuccessStatuses, &resp.Diagnostics)
	if config.FailureLogLines.ValueInt64() > 0 && !config.WaitForCompletion.IsUnknown() && !config.waits() {
		resp.Diagnostics.AddAttributeWarning(path.Root("failure_log_lines"), "failure_log_lines has no effect without a wait",
			"wait_for_completion is false. So the action does not see how the run ends, and no error shows its log.")
	}
}

// Invoke starts the run and waits for it.
func (a *runStartAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config runStartModel
	diags := &resp.Diagnostics
	defer a.data.recovered(ctx, "starting a run", diags, nil) // the framework calls Invoke where nothing else catches a panic
	diags.Append(req.Config.Get(ctx, &config)...)
	diags.Append(checkActionConfig(ctx, req.Config)...)
	refuseEmptyStatuses(config.SuccessStatuses, diags)
	refuseZeroID("agent_id", config.AgentID, diags)
	timeout, timeoutDiags := config.Timeouts.Invoke(ctx, defaultCreateTimeout)
	diags.Append(timeoutDiags...)
	statuses := statusNames(config.SuccessStatuses)
	if diags.HasError() || !a.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := a.data.limitTime(ctx, "timeouts.invoke", timeout)
	defer cancel()
	s := &startInvocation{
		data: a.data, config: &config, statuses: statuses, limit: limit, log: progressOf(ctx, resp),
	}
	a.data.invoke(ctx, resp, invocation{
		what:       fmt.Sprintf("starting agent %d or waiting for its run", config.AgentID.ValueInt64()),
		answerTime: config.answerTime(),
		work:       func(diags *diag.Diagnostics) { s.startAndWait(ctx, limited, diags) },
		unanswered: s.unanswered,
		afterBug:   s.afterBug,
	})
}

// request is the start that the configuration asks for. It has only the settings that are set.
func (m *runStartModel) request(log sequentum.LogFunc) run.StartRequest {
	request := run.StartRequest{
		AgentID: m.AgentID.ValueInt64(), Log: log,
		Settings: sequentum.StartRequest{InputParameters: m.InputParameters.ValueString()},
	}
	m.addSettingsTo(&request.Settings)
	return request
}

// waits is false only if the configuration says so.
func (m *runStartModel) waits() bool {
	return m.WaitForCompletion.IsNull() || m.WaitForCompletion.ValueBool()
}

// The times of a stop after an interrupt.
const (
	stopAnswerTime      = 20*time.Second - eventTime
	interruptedStopTime = stopAnswerTime - eventTime // when the stop gives up
	interruptedGrace    = 10 * time.Second
)

// answerTime is how long the work may go on after an interrupt.
func (m *runStartModel) answerTime() time.Duration {
	if m.StopOnInterrupt.ValueBool() {
		return stopAnswerTime
	}
	return answerTime
}

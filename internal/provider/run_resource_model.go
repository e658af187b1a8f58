// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	defaultCreateTimeout = 24 * time.Hour
	defaultReadTimeout   = 2 * time.Minute
	defaultDeleteTimeout = 10 * time.Minute
	defaultGracePeriod   = 2 * time.Minute

	ifActiveStart = "start"
	ifActiveFail  = "fail"
	destroyStops  = "stop"
	destroyLeaves = "leave"
)

type runModel struct {
	AgentID                  types.Int64  `tfsdk:"agent_id"`
	InputParameters          types.String `tfsdk:"input_parameters"`
	InputParametersWO        types.String `tfsdk:"input_parameters_wo"` // always null here: read it from the configuration
	InputParametersWOVersion types.Int64  `tfsdk:"input_parameters_wo_version"`
	Triggers                 types.Map    `tfsdk:"triggers"`

	runSettings

	WaitForCompletion types.Bool     `tfsdk:"wait_for_completion"`
	SuccessStatuses   types.Set      `tfsdk:"success_statuses"`
	Retries           types.Int64    `tfsdk:"retries"`
	ReplaceOnFailure  types.Bool     `tfsdk:"replace_on_failure"`
	RecordFiles       types.Bool     `tfsdk:"record_files"`
	FailureLogLines   types.Int64    `tfsdk:"failure_log_lines"`
	IfActive          types.String   `tfsdk:"if_active"`
	StopGracePeriod   types.String   `tfsdk:"stop_grace_period"`
	OnDestroy         types.String   `tfsdk:"on_destroy"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`

	ID       types.String `tfsdk:"id"`
	RunID    types.Int64  `tfsdk:"run_id"`
	RunIDs   types.List   `tfsdk:"run_ids"`
	Attempts types.Int64  `tfsdk:"attempts"`
	runAttributes
}

// runIdentity identifies a run among all others.
type runIdentity struct {
	AgentID types.Int64 `tfsdk:"agent_id"`
	RunID   types.Int64 `tfsdk:"run_id"`
}

func (m *runModel) ref() sequentum.RunRef {
	return sequentum.RunRef{AgentID: m.AgentID.ValueInt64(), RunID: m.RunID.ValueInt64()}
}

func (m *runModel) identity() runIdentity {
	return runIdentity{AgentID: m.AgentID, RunID: m.RunID}
}

// adopted reports whether a configuration has been applied to this state. An import leaves every argument null, even
// those with a default.
func (m *runModel) adopted() bool { return !m.WaitForCompletion.IsNull() }

// waits is false only if the configuration says so.
func (m *runModel) waits() bool {
	return m.WaitForCompletion.IsNull() || m.WaitForCompletion.ValueBool()
}

func (m *runModel) leavesOnDestroy() bool { return m.OnDestroy.ValueString() == destroyLeaves }

func (m *runModel) gracePeriod() time.Duration { return gracePeriod(m.StopGracePeriod) }

// startRequest is the request for a new run. It has only the settings that are set. secret is input_parameters_wo.
func (m *runModel) startRequest(secret types.String) run.StartRequest {
	input := m.InputParameters.ValueString()
	if !secret.IsNull() {
		input = secret.ValueString()
	}
	request := run.StartRequest{
		AgentID: m.AgentID.ValueInt64(),
		Log:     logInfo,
		Settings: sequentum.StartRequest{
			InputParameters: input,
			InputIsSecret:   !secret.IsNull(),
		},
	}
	m.addSettingsTo(&request.Settings)
	switch m.IfActive.ValueString() {
	case ifActiveStart:
		request.IfActive = run.ActiveStart
	case ifActiveFail:
		request.IfActive = run.ActiveFail
	}
	return request
}

// setRun sets the ids of the run and of all attempts.
func (m *runModel) setRun(runID int64, attempts []int64) {
	m.RunID = types.Int64Value(runID)
	m.ID = types.StringValue(m.ref().String())
	ids := make([]attr.Value, len(attempts))
	for i, id := range attempts {
		ids[i] = types.Int64Value(id)
	}
	m.RunIDs = types.ListValueMust(types.Int64Type, ids)
	m.Attempts = types.Int64Value(int64(len(attempts)))
}

// copyComputed copies every read-only value from state.
func (m *runModel) copyComputed(state *runModel) {
	m.ID, m.RunID, m.RunIDs, m.Attempts = state.ID, state.RunID, state.RunIDs, state.Attempts
	m.runAttributes = state.runAttributes
}

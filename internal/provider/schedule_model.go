// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// scheduleModel is a schedule in configuration, plan and state.
type scheduleModel struct {
	AgentID types.Int64  `tfsdk:"agent_id"`
	Name    types.String `tfsdk:"name"`
	scheduleTiming
	Enabled         types.Bool   `tfsdk:"enabled"`
	InputParameters types.String `tfsdk:"input_parameters"`
	runSettings
	ServerGroupID types.Int64    `tfsdk:"server_group_id"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`

	ID         types.String `tfsdk:"id"`
	ScheduleID types.Int64  `tfsdk:"schedule_id"`
	NextRunAt  types.String `tfsdk:"next_run_at"`
	CreatedAt  types.String `tfsdk:"created_at"`
}

// scheduleTiming says when a schedule fires: one of the three is set. They are objects, not structs, because each can be
// unknown.
type scheduleTiming struct {
	Cron  types.Object `tfsdk:"cron"`
	Every types.Object `tfsdk:"every"`
	Once  types.Object `tfsdk:"once"`
}

var (
	cronObjectType  = types.ObjectType{AttrTypes: map[string]attr.Type{"expression": types.StringType, "timezone": types.StringType}}
	everyObjectType = types.ObjectType{AttrTypes: map[string]attr.Type{"count": types.Int64Type, "period": types.StringType, "start_time": types.StringType}}
	onceObjectType  = types.ObjectType{AttrTypes: map[string]attr.Type{"start_time": types.StringType}}
)

// scheduleIdentity identifies a schedule among all others.
type scheduleIdentity struct {
	AgentID    types.Int64 `tfsdk:"agent_id"`
	ScheduleID types.Int64 `tfsdk:"schedule_id"`
}

var scheduleKind = objectKind{noun: "schedule", idArgument: "schedule_id", exampleID: 2001}

func (m *scheduleModel) object() objectRef {
	return objectRef{kind: scheduleKind, agentID: m.AgentID.ValueInt64(), id: m.ScheduleID.ValueInt64()}
}

func (m *scheduleModel) identity() *scheduleIdentity {
	return &scheduleIdentity{AgentID: m.AgentID, ScheduleID: m.ScheduleID}
}

// textIn is an attribute of an object; null if the object is null or unknown.
func textIn(o types.Object, name string) types.String {
	if text, ok := o.Attributes()[name].(types.String); ok {
		return text
	}
	return types.StringNull()
}

// countIn is the attribute count of every; null if that is null or unknown.
func countIn(every types.Object) types.Int64 {
	if number, ok := every.Attributes()["count"].(types.Int64); ok {
		return number
	}
	return types.Int64Null()
}

func cronObject(expression, timezone types.String) types.Object {
	return types.ObjectValueMust(cronObjectType.AttrTypes, map[string]attr.Value{"expression": expression, "timezone": timezone})
}

func everyObject(count types.Int64, period, start types.String) types.Object {
	return types.ObjectValueMust(everyObjectType.AttrTypes, map[string]attr.Value{"count": count, "period": period, "start_time": start})
}

func onceObject(start types.String) types.Object {
	return types.ObjectValueMust(onceObjectType.AttrTypes, map[string]attr.Value{"start_time": start})
}

// startTime is the start_time of either kind that has one; null if there is none.
func (t *scheduleTiming) startTime() types.String {
	if isSet(t.Once) {
		return textIn(t.Once, "start_time")
	}
	return textIn(t.Every, "start_time")
}

// timingOf says when a schedule fires, as the API shows it. All three are null for a schedule that never fires, or that
// fires in a way that the provider does not know.
func timingOf(s *sequentum.ScheduleSettings) scheduleTiming {
	timing := scheduleTiming{
		Cron: types.ObjectNull(cronObjectType.AttrTypes), Every: types.ObjectNull(everyObjectType.AttrTypes), Once: types.ObjectNull(onceObjectType.AttrTypes),
	}
	switch s.Type {
	case sequentum.ScheduleCron:
		timing.Cron = cronObject(textOrNull(s.Cron), textOrNull(s.Timezone))
	case sequentum.ScheduleEvery:
		timing.Every = everyObject(types.Int64PointerValue(s.Count), textOrNull(s.Period), timeOrNull(s.StartAt))
	case sequentum.ScheduleOnce:
		timing.Once = onceObject(timeOrNull(s.StartAt))
	}
	return timing
}

// settings is what a request sends to create the planned schedule. All arguments are known.
func (m *scheduleModel) settings() sequentum.ScheduleSettings {
	s := sequentum.ScheduleSettings{
		Name: m.Name.ValueString(), Enabled: m.Enabled.ValueBoolPointer(),
		InputParameters: m.InputParameters.ValueString(), ServerGroupID: m.ServerGroupID.ValueInt64Pointer(),
		StartAt: instantOf(m.startTime()),
	}
	switch {
	case isSet(m.Cron):
		s.Type = sequentum.ScheduleCron
		s.Cron, s.Timezone = textIn(m.Cron, "expression").ValueString(), textIn(m.Cron, "timezone").ValueString()
	case isSet(m.Every):
		s.Type = sequentum.ScheduleEvery
		s.Count, s.Period = countIn(m.Every).ValueInt64Pointer(), textIn(m.Every, "period").ValueString()
	case isSet(m.Once):
		s.Type = sequentum.ScheduleOnce
	}
	m.addToSchedule(&s)
	return s
}

// shownModel holds a schedule as the API shows it, in the words of the documentation.
func shownModel(s *sequentum.Schedule) *scheduleModel {
	m := &scheduleModel{
		AgentID: types.Int64Value(s.AgentID), Name: types.StringValue(s.Name), scheduleTiming: timingOf(&s.ScheduleSettings),
		Enabled: types.BoolPointerValue(s.Enabled), InputParameters: textOrNull(s.InputParameters),
		runSettings: runSettingsOf(&s.ScheduleSettings), ServerGroupID: types.Int64PointerValue(s.ServerGroupID),
	}
	for _, documented := range []string{"Combined", "Separated"} {
		if name := types.StringValue(documented); sameExport(name, m.ParallelExport) {
			m.ParallelExport = name
		}
	}
	return m
}

// setRead puts into the model what the platform alone decides. A time of creation that is planned stays: Terraform accepts
// no other one after an apply, and answers differ in it. Only a refresh changes it: see refreshCreated.
func (m *scheduleModel) setRead(s *sequentum.Schedule) {
	m.ScheduleID = types.Int64Value(s.ID)
	m.ID = types.StringValue(m.object().String())
	m.NextRunAt = timeOrNull(s.NextRunAt)
	if m.CreatedAt.IsUnknown() {
		m.CreatedAt = timeOrNull(s.CreatedAt)
	}
}

// refreshCreated takes over the time of creation, unless the answer lacks it, or shows the same with another fraction of a
// second: a list and the schedule itself can differ in that.
func (m *scheduleModel) refreshCreated(s *sequentum.Schedule) {
	before := instantOf(m.CreatedAt)
	if !s.CreatedAt.IsZero() && (before.IsZero() || s.CreatedAt.Sub(before).Abs() >= time.Second) {
		m.CreatedAt = timeOrNull(s.CreatedAt)
	}
}

// argumentValues are all arguments that the platform knows, except the agent.
func (m *scheduleModel) argumentValues() []attr.Value {
	return []attr.Value{
		m.Name, m.Cron, m.Every, m.Once, m.Enabled, m.InputParameters, m.ServerGroupID, m.Parallelism, m.ParallelMaxConcurrency,
		m.ParallelExport, m.ProxyPoolID, m.Exclusive, m.LogLevel, m.LogMode,
	}
}

// sameArguments reports whether both have the same arguments, apart from the agent and the timeouts.
func (m *scheduleModel) sameArguments(other *scheduleModel) bool {
	return slices.EqualFunc(m.argumentValues(), other.argumentValues(), attr.Value.Equal)
}

// neverRead reports whether state holds no more of the schedule than its ids, because it was just imported.
func (m *scheduleModel) neverRead() bool { return m.ID.IsNull() }

// hasPassed reports whether the time of a once schedule has passed: it has fired, or never will.
func (m *scheduleModel) hasPassed(now time.Time) bool {
	start := instantOf(textIn(m.Once, "start_time"))
	return !start.IsZero() && !start.After(now)
}

// clockSkew is how far the clock of this machine may be behind the server's before a schedule that has just fired, and that
// the server has disabled, shows as one that a person has disabled.
const clockSkew = 2 * time.Minute

// hasFired reports whether a schedule that fires once has done so: its time has passed, and none is to come. Servers differ
// in what they show of it then: they can disable it, keep the time that has passed as its next one, or clear its time.
func hasFired(s *sequentum.Schedule, now time.Time) bool {
	return s.Type == sequentum.ScheduleOnce && !s.StartAt.After(now) && !s.NextRunAt.After(now)
}

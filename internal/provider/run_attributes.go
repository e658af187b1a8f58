// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const runIDDescription = "`agent_id/run_id`. Use it to import the run."

// runFacts are the read-only attributes that hold what the API says of a run. To add one: a field here, and a line in
// [runFacts.factTable].
type runFacts struct {
	Status           types.String `tfsdk:"status"`
	Finished         types.Bool   `tfsdk:"finished"`
	Message          types.String `tfsdk:"message"`
	AgentName        types.String `tfsdk:"agent_name"`
	AgentVersion     types.Int64  `tfsdk:"agent_version"`
	SpaceID          types.Int64  `tfsdk:"space_id"`
	CreatedAt        types.String `tfsdk:"created_at"`
	StartedAt        types.String `tfsdk:"started_at"`
	FinishedAt       types.String `tfsdk:"finished_at"`
	RunTimeSeconds   types.Int64  `tfsdk:"run_time_seconds"`
	RecordsExtracted types.Int64  `tfsdk:"records_extracted"`
	RecordsExported  types.Int64  `tfsdk:"records_exported"`
	PageCount        types.Int64  `tfsdk:"page_count"`
	ErrorCount       types.Int64  `tfsdk:"error_count"`
	TrafficBytes     types.Int64  `tfsdk:"traffic_bytes"`
}

// factTable describes each attribute in one line: name, field, value, description. A fixed one cannot change while the
// run is active; a changing one can. The schema needs no values: for it any run will do.
func (m *runFacts) factTable(r *sequentum.Run) []runFact {
	return []runFact{
		changing("status", &m.Status, types.StringValue(r.Status.String()),
			"The status of the run by name. While the run is active: `Queuing`, `Waiting`, `Starting`, `Running`, `Exporting`, `UpdatingDataSet` or `Stopping`. "+
				"When it has finished: `Completed`, `Success`, `Failure`, `Failed`, `Stopped` or `Skipped`. Older servers also use `FailedToStart` and `CompletedWithErrors`, which count as `Failure`."),
		changing("finished", &m.Finished, types.BoolValue(r.Status.Finished()), "Whether the run has finished, with or without success."),
		changing("message", &m.Message, textOrNull(r.Message), "The message of the run, for example why it failed. Null if there is none."),
		fixed("agent_name", &m.AgentName, textOrNull(r.AgentName), "The name of the agent at the time of the run."),
		fixed("agent_version", &m.AgentVersion, types.Int64PointerValue(r.AgentVersion), "The version of the agent that ran."),
		fixed("space_id", &m.SpaceID, types.Int64PointerValue(r.SpaceID), "The id of the agent's space. Null for the personal space."),
		fixed("created_at", &m.CreatedAt, timeOrNull(r.CreatedAt), "When the run was accepted, as an RFC 3339 time in UTC."),
		changing("started_at", &m.StartedAt, timeOrNull(r.StartedAt), "When the run began to execute. Null while it is queued."),
		changing("finished_at", &m.FinishedAt, timeOrNull(r.FinishedAt), "When the run finished. Null while it is active."),
		changing("run_time_seconds", &m.RunTimeSeconds, types.Int64PointerValue(r.RunTimeSeconds), "How long the run executed, in seconds."),
		changing("records_extracted", &m.RecordsExtracted, types.Int64PointerValue(r.RecordsExtracted), "How many records the run extracted."),
		changing("records_exported", &m.RecordsExported, types.Int64PointerValue(r.RecordsExported),
			"How many records the run exported. If fewer records were exported than extracted, a delivery is incomplete."),
		changing("page_count", &m.PageCount, types.Int64PointerValue(r.PageCount), "How many pages the run loaded."),
		changing("error_count", &m.ErrorCount, types.Int64PointerValue(r.ErrorCount), "How many errors occurred. A run with errors can still succeed."),
		changing("traffic_bytes", &m.TrafficBytes, types.Int64PointerValue(r.TrafficBytes), "How much data the run transferred, in bytes."),
	}
}

// runFact is one line of [runFacts.factTable].
type runFact struct {
	computedAttribute
	fixed bool
	get   func() attr.Value // from the field
	set   func(attr.Value)  // to the field
}

func changing[T attr.Value](name string, field *T, value T, description string) runFact {
	return runFact{
		computedAttribute: computedAttribute{name, value, description},
		get:               func() attr.Value { return *field },
		set:               func(v attr.Value) { *field = v.(T) },
	}
}

func fixed[T attr.Value](name string, field *T, value T, description string) runFact {
	fact := changing(name, field, value, description)
	fact.fixed = true
	return fact
}

// runFactAttributes are the facts about r for a schema or an element of a list.
func runFactAttributes(r *sequentum.Run) []computedAttribute {
	var attributes []computedAttribute
	for _, fact := range new(runFacts).factTable(r) {
		attributes = append(attributes, fact.computedAttribute)
	}
	return attributes
}

func (m *runFacts) setFrom(r *sequentum.Run) {
	for _, fact := range m.factTable(r) {
		fact.set(fact.value)
	}
}

func (m *runFacts) setUnknown() {
	for _, fact := range m.factTable(&sequentum.Run{}) {
		fact.set(fact.unknown())
	}
}

// copyFixedValues copies what is known of a run and cannot change any more.
func (m *runFacts) copyFixedValues(known *runFacts) {
	facts, knownFacts := m.factTable(&sequentum.Run{}), known.factTable(&sequentum.Run{})
	for i, fact := range facts {
		if value := knownFacts[i].get(); fact.fixed && isSet(value) {
			fact.set(value)
		}
	}
}

// runAttributes are the read-only attributes that every resource about a run shows: the facts, and what its
// success_statuses and record_files make of them.
type runAttributes struct {
	runFacts
	Succeeded types.Bool `tfsdk:"succeeded"`
	Files     types.List `tfsdk:"files"`
}

func runAttributesSchema() map[string]schema.Attribute {
	attributes := resourceAttributes(runFactAttributes(&sequentum.Run{}))
	attributes["succeeded"] = schema.BoolAttribute{
		Computed:            true,
		MarkdownDescription: "Whether the run has finished with one of `success_statuses`. False while it is active.",
	}
	attributes["files"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The files of the run, if `record_files` was true when a wait saw the run finish. Otherwise null. The list stays in state after the platform has removed the run.",
		NestedObject:        schema.NestedAttributeObject{Attributes: fileResourceAttributes()},
	}
	return attributes
}

// setFrom copies every value from the API's answer, except the files, which need another request.
func (m *runAttributes) setFrom(r *sequentum.Run, successStatuses []string) {
	m.runFacts.setFrom(r)
	m.Succeeded = types.BoolValue(succeeded(r.Status, successStatuses))
	if !isSet(m.Files) { // the zero value has no element type, and Terraform needs one
		m.Files = types.ListNull(fileObjectType)
	}
}

// setUnknown makes every value unknown, for a plan.
func (m *runAttributes) setUnknown() {
	m.runFacts.setUnknown()
	m.Succeeded = types.BoolUnknown()
	m.Files = types.ListUnknown(fileObjectType)
}

// lastSeen is the status that state holds. A name that this version does not know counts as active.
func (m *runAttributes) lastSeen() sequentum.Status {
	s, _ := sequentum.ParseStatus(m.Status.ValueString())
	return s
}

// finishedForGood reports whether the run cannot change any more, so that no request is needed.
func (m *runAttributes) finishedForGood() bool {
	return run.FinalStatus(m.lastSeen())
}

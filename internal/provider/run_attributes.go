package provider

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runAttributes are the read-only attributes that every resource about a run shows.
type runAttributes struct {
	Status           types.String `tfsdk:"status"`
	Finished         types.Bool   `tfsdk:"finished"`
	Succeeded        types.Bool   `tfsdk:"succeeded"`
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
	Files            types.List   `tfsdk:"files"`
}

func runAttributesSchema() map[string]schema.Attribute {
	count := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"status": text("The run's status by name: `Queuing`, `Waiting`, `Starting`, `Running`, `Exporting`, `UpdatingDataSet` or `Stopping` while it is active; " +
			"`Completed`, `Success`, `Failure`, `Failed`, `Stopped` or `Skipped` when it has finished (from older servers also `FailedToStart` and `CompletedWithErrors`, which count as `Failure`)."),
		"finished": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the run has finished, with or without success."},
		"succeeded": schema.BoolAttribute{Computed: true,
			MarkdownDescription: "Whether the run has finished with one of `success_statuses`. False while it is active."},
		"message":           text("What the run says of itself, such as why it failed. Null when it says nothing."),
		"agent_name":        text("The agent's name when it ran."),
		"agent_version":     count("The version of the agent that ran."),
		"space_id":          count("The space that the agent is in; null for the personal space."),
		"created_at":        text("When the run was accepted, as an RFC 3339 time in UTC."),
		"started_at":        text("When the run began to execute; null while it is queued."),
		"finished_at":       text("When the run finished; null while it is active."),
		"run_time_seconds":  count("How long the run executed, in seconds."),
		"records_extracted": count("How many records the run extracted."),
		"records_exported":  count("How many records the run exported. Fewer than were extracted means that a delivery is incomplete."),
		"page_count":        count("How many pages the run loaded."),
		"error_count":       count("How many errors the run met. A run can succeed with some."),
		"traffic_bytes":     count("How much the run transferred, in bytes."),
		"files": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The files of the run, when `record_files` asked for them; null otherwise. They stay here after the platform's retention has removed the run.",
			NestedObject:        schema.NestedAttributeObject{Attributes: fileResourceAttributes()},
		},
	}
}

// describe takes everything from the run as the API shows it, except the files, which are asked for separately.
func (m *runAttributes) describe(r *sequentum.Run, successStatuses []string) {
	m.Status = types.StringValue(r.Status.String())
	m.Finished = types.BoolValue(r.Status.Finished())
	m.Succeeded = types.BoolValue(succeeded(r.Status, successStatuses))
	m.Message = textOrNull(r.Message)
	m.AgentName = textOrNull(r.AgentName)
	m.AgentVersion = types.Int64PointerValue(r.AgentVersion)
	m.SpaceID = types.Int64PointerValue(r.SpaceID)
	m.CreatedAt = timeOrNull(r.CreatedAt)
	m.StartedAt = timeOrNull(r.StartedAt)
	m.FinishedAt = timeOrNull(r.FinishedAt)
	m.RunTimeSeconds = types.Int64PointerValue(r.RunTimeSeconds)
	m.RecordsExtracted = types.Int64PointerValue(r.RecordsExtracted)
	m.RecordsExported = types.Int64PointerValue(r.RecordsExported)
	m.PageCount = types.Int64PointerValue(r.PageCount)
	m.ErrorCount = types.Int64PointerValue(r.ErrorCount)
	m.TrafficBytes = types.Int64PointerValue(r.TrafficBytes)
	if m.Files.IsUnknown() || m.Files.IsNull() { // the zero value, too, has to be given its element type
		m.Files = types.ListNull(fileObjectType)
	}
}

// forget makes every value that a wait can still change unknown.
func (m *runAttributes) forget() {
	*m = runAttributes{
		Status:           types.StringUnknown(),
		Finished:         types.BoolUnknown(),
		Succeeded:        types.BoolUnknown(),
		Message:          types.StringUnknown(),
		AgentName:        types.StringUnknown(),
		AgentVersion:     types.Int64Unknown(),
		SpaceID:          types.Int64Unknown(),
		CreatedAt:        types.StringUnknown(),
		StartedAt:        types.StringUnknown(),
		FinishedAt:       types.StringUnknown(),
		RunTimeSeconds:   types.Int64Unknown(),
		RecordsExtracted: types.Int64Unknown(),
		RecordsExported:  types.Int64Unknown(),
		PageCount:        types.Int64Unknown(),
		ErrorCount:       types.Int64Unknown(),
		TrafficBytes:     types.Int64Unknown(),
		Files:            types.ListUnknown(fileObjectType),
	}
}

// keepFixed takes what cannot change any more from what is known of the run.
func (m *runAttributes) keepFixed(known *runAttributes) {
	if isSet(known.AgentName) {
		m.AgentName = known.AgentName
	}
	if isSet(known.AgentVersion) {
		m.AgentVersion = known.AgentVersion
	}
	if isSet(known.SpaceID) {
		m.SpaceID = known.SpaceID
	}
	if isSet(known.CreatedAt) {
		m.CreatedAt = known.CreatedAt
	}
}

// lastSeen gives back the status that state holds. A name that this version does not know counts as active.
func (m *runAttributes) lastSeen() sequentum.Status {
	s, _ := sequentum.ParseStatus(m.Status.ValueString())
	return s
}

// finishedForGood reports whether nothing about the run can change any more, so that nothing need be asked.
func (m *runAttributes) finishedForGood() bool {
	return run.FinalStatus(m.lastSeen())
}

// defaultSuccessStatuses are equivalent to a consumer of the data: Success is Completed with success criteria passed.
func defaultSuccessStatuses() []string { return []string{"Completed", "Success"} }

// succeeded reports whether a finished status counts as success. Failed is what an archived Failure is rewritten to,
// so either name stands for both.
func succeeded(s sequentum.Status, successStatuses []string) bool {
	if !s.Finished() {
		return false
	}
	if slices.Contains(successStatuses, s.String()) {
		return true
	}
	return s.IsFailure() && slices.ContainsFunc(successStatuses, func(name string) bool {
		return name == sequentum.StatusFailure.String() || name == sequentum.StatusFailed.String()
	})
}

// statusesKnown reports whether a set of status names is known, each of its elements too.
func statusesKnown(set types.Set) bool {
	return !set.IsUnknown() && !slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown)
}

// statusNames reads a set of status names; null stands for the default, and so does a set that is not known yet.
func statusNames(ctx context.Context, set types.Set, diags *diag.Diagnostics) []string {
	if set.IsNull() || !statusesKnown(set) {
		return defaultSuccessStatuses()
	}
	var names []string
	diags.Append(set.ElementsAs(ctx, &names, false)...)
	return names
}

func statusSet(names ...string) types.Set {
	values := make([]attr.Value, len(names))
	for i, name := range names {
		values[i] = types.StringValue(name)
	}
	return types.SetValueMust(types.StringType, values)
}

func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func timeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339Nano))
}

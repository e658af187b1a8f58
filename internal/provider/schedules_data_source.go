// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// schedulesDataSource is sequentum_schedules: the schedules of an agent.
type schedulesDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*schedulesDataSource)(nil)

func newSchedulesDataSource() datasource.DataSource { return &schedulesDataSource{} }

type schedulesModel struct {
	AgentID   types.Int64    `tfsdk:"agent_id"`
	Schedules types.List     `tfsdk:"schedules"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

func (d *schedulesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_schedules"
}

func (d *schedulesDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	element := dataSourceAttributes(scheduleAttributes(&sequentum.Schedule{}))
	maps.Copy(element, map[string]schema.Attribute{
		"cron": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "The times of a schedule that fires by a cron expression. Null for other schedules.",
			Attributes: map[string]schema.Attribute{
				"expression": schema.StringAttribute{Computed: true, MarkdownDescription: "The cron expression."},
				"timezone":   schema.StringAttribute{Computed: true, MarkdownDescription: "The time zone of the expression. Null if the platform does not say."},
			},
		},
		"every": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "The times of a schedule that fires at a fixed interval. Null for other schedules.",
			Attributes: map[string]schema.Attribute{
				"count":      schema.Int64Attribute{Computed: true, MarkdownDescription: "The number of periods from one time to the next."},
				"period":     schema.StringAttribute{Computed: true, MarkdownDescription: "The period, such as `hours`."},
				"start_time": schema.StringAttribute{Computed: true, MarkdownDescription: "When the schedule fires first, as an RFC 3339 time in UTC. Null if the platform does not say."},
			},
		},
		"once": schema.SingleNestedAttribute{
			Computed: true, MarkdownDescription: "The time of a schedule that fires once. Null for other schedules.",
			Attributes: map[string]schema.Attribute{
				"start_time": schema.StringAttribute{Computed: true, MarkdownDescription: "When the schedule fires, as an RFC 3339 time in UTC."},
			},
		},
	})
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Lists the schedules of an agent, including disabled ones.\n\nTerraform reads it on every plan and on destroy. One request reads all schedules of the agent.\n\n" +
			"OAuth scope: `agents:read`.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{Required: true, Validators: int32IDValidators(), MarkdownDescription: "The id of the agent."},
			"schedules": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The schedules, ordered by id. Empty if the agent has none. The values are those that the platform shows.",
				NestedObject:        schema.NestedAttributeObject{Attributes: element},
			},
		},
	}
}

// scheduleAttributes is the table of what a list shows of a schedule, besides its times. The schema needs no values: for it
// any schedule will do.
func scheduleAttributes(s *sequentum.Schedule) []computedAttribute {
	return []computedAttribute{
		{"schedule_id", types.Int64Value(s.ID), "The id of the schedule."},
		{"name", textOrNull(s.Name), "The name of the schedule. Null if it has none."},
		{"enabled", types.BoolPointerValue(s.Enabled), "Whether the schedule fires. Null if the platform does not say."},
		{"next_run_at", timeOrNull(s.NextRunAt), "When the schedule fires next, as an RFC 3339 time in UTC. Null if it does not fire again."},
		{"created_at", timeOrNull(s.CreatedAt), "When the schedule was created, as an RFC 3339 time in UTC. Null if the platform does not say."},
		{"input_parameters", textOrNull(s.InputParameters), "The input of each run: a JSON object in a string."},
		{"server_group_id", types.Int64PointerValue(s.ServerGroupID), "The id of the group of servers on which the runs execute."},
		{"parallelism", types.Int64PointerValue(s.Parallelism), "The number of parallel parts of each run."},
		{"parallel_max_concurrency", types.Int64PointerValue(s.ParallelMaxConcurrency), "How many of the parallel parts may run at the same time."},
		{"parallel_export", textOrNull(s.ParallelExport), "How the parallel parts deliver their records."},
		{"proxy_pool_id", types.Int64PointerValue(s.ProxyPoolID), "The id of the proxy pool that the runs use."},
		{"exclusive", types.BoolPointerValue(s.Exclusive), "Whether a run of the schedule must be the agent's only active run."},
		{"log_level", textOrNull(s.LogLevel), "How much the runs log."},
		{"log_mode", textOrNull(s.LogMode), "What the runs log."},
	}
}

// scheduleObjectType is the type of a list's element.
var scheduleObjectType = scheduleObject(&sequentum.Schedule{}).Type(context.Background())

func scheduleObject(s *sequentum.Schedule) types.Object {
	timing := timingOf(&s.ScheduleSettings)
	object := objectValue(scheduleAttributes(s))
	kinds, values := object.AttributeTypes(context.Background()), object.Attributes()
	for name, value := range map[string]types.Object{"cron": timing.Cron, "every": timing.Every, "once": timing.Once} {
		kinds[name], values[name] = value.Type(context.Background()), value
	}
	return types.ObjectValueMust(kinds, values)
}

// scheduleList is the API's list as Terraform's, ordered by id.
func scheduleList(schedules []sequentum.Schedule) types.List {
	values := make([]attr.Value, len(schedules))
	ordered := slices.SortedFunc(slices.Values(schedules), func(a, b sequentum.Schedule) int { return cmp.Compare(a.ID, b.ID) })
	for i := range ordered {
		values[i] = scheduleObject(&ordered[i])
	}
	return types.ListValueMust(scheduleObjectType, values)
}

func (d *schedulesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model schedulesModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	timeout := readLimit(ctx, model.Timeouts, diags)
	refuseZeroID("agent_id", model.AgentID, diags)
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	l, err := d.data.schedules.list(limited, model.AgentID.ValueInt64())
	if err != nil {
		diags.AddError(fmt.Sprintf("The schedules of agent %d could not be listed", model.AgentID.ValueInt64()), paragraphs(limit.explain(err), agentHint(err)))
		return
	}
	if l.Skipped > 0 {
		diags.AddWarning(fmt.Sprintf("The list of the schedules of agent %d is not complete", model.AgentID.ValueInt64()),
			fmt.Sprintf("The API's list contains %s that cannot be used, for example without an id. They are left out. %s", plural(int64(l.Skipped), "element"), seeLogOfSkipped))
	}
	model.Schedules = scheduleList(l.Schedules)
	diags.Append(resp.State.Set(ctx, &model)...)
}

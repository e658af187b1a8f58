// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const defaultRunsLimit = 50

// statusFilterDescription is about the statuses that a list of runs is filtered by.
const statusFilterDescription = "`Failure` and `Failed` each stand for both: the platform shows a failed run as `Failed` after it has archived it. Null elements count as absent. Defaults to all statuses."

// runsDataSource is sequentum_runs: the newest runs of an agent.
type runsDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*runsDataSource)(nil)

func newRunsDataSource() datasource.DataSource { return &runsDataSource{} }

type runsModel struct {
	AgentID      types.Int64    `tfsdk:"agent_id"`
	Statuses     types.Set      `tfsdk:"statuses"`
	CreatedAfter types.String   `tfsdk:"created_after"`
	Limit        types.Int64    `tfsdk:"limit"`
	Runs         types.List     `tfsdk:"runs"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
}

func (d *runsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_runs"
}

func (d *runsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Lists the newest runs of an agent, both active and finished.\n\n" +
			"Terraform reads it on every plan and on destroy. The platform lists at most 1,000 runs of an agent. It removes a run after the retention time of the space. " +
			"All `sequentum_run` and `sequentum_runs` data sources with the same `agent_id` share one or two requests.\n\n" +
			"OAuth scope: `runs:read`.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{
				Required: true, Validators: int32IDValidators(),
				MarkdownDescription: "The id of the agent.",
			},
			"statuses": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.StatusNames()...)),
				},
				MarkdownDescription: "Lists only runs with these statuses, for example `[\"Completed\", \"Success\"]`. " + statusFilterDescription,
			},
			"created_after": schema.StringAttribute{
				Optional: true, Validators: []validator.String{instantValidator{}},
				MarkdownDescription: "Lists only runs that were accepted after this RFC 3339 time, for example `2026-01-31T00:00:00Z`, or `timeadd(plantimestamp(), \"-24h\")`. A run is left out if the platform does not say when it was accepted.",
			},
			"limit": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(1, run.MostListed)},
				MarkdownDescription: fmt.Sprintf("The maximum number of runs in the result. Runs that do not match `statuses` and `created_after` do not count. Defaults to %d. At most %d.", defaultRunsLimit, run.MostListed),
			},
			"runs": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The runs, newest first. Empty if no run matches.",
				NestedObject:        schema.NestedAttributeObject{Attributes: dataSourceAttributes(listedRunAttributes(&sequentum.Run{}))},
			},
		},
	}
}

// listedRunAttributes is the table of what a list shows of a run.
func listedRunAttributes(r *sequentum.Run) []computedAttribute {
	return append([]computedAttribute{
		{"id", types.StringValue(r.Ref().String()), runIDDescription},
		{"run_id", types.Int64Value(r.ID), "The id of the run."},
	}, runFactAttributes(r)...)
}

var listedRunType = objectType(listedRunAttributes(&sequentum.Run{}))

func (d *runsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model runsModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	refuseZeroID("agent_id", model.AgentID, diags)
	timeout := readLimit(ctx, model.Timeouts, diags)
	query := model.query()
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	found, err := query.find(limited, d.data.runs)
	switch {
	case sequentum.IsNotFound(err):
		diags.Append(agentNotFound(query.agentID, err))
		return
	case err != nil:
		diags.AddError(fmt.Sprintf("The runs of agent %d could not be listed", query.agentID), limit.explain(err))
		return
	case found.more:
		diags.AddAttributeWarning(path.Root("limit"), fmt.Sprintf("Agent %d may have more runs that match", query.agentID),
			fmt.Sprintf("%s Among them %s, and the limit is %d. The result cannot contain older runs.", found.describeReach(), describeMatches(len(found.runs)), query.limit))
	}
	values := make([]attr.Value, len(found.runs))
	for i := range found.runs {
		values[i] = objectValue(listedRunAttributes(&found.runs[i]))
	}
	model.Runs = types.ListValueMust(listedRunType, values)
	diags.Append(resp.State.Set(ctx, &model)...)
}

func describeMatches(n int) string {
	if n == 1 {
		return "1 run matches"
	}
	return fmt.Sprintf("%d runs match", n)
}

func (m *runsModel) query() runsQuery {
	return runsQuery{
		agentID: m.AgentID.ValueInt64(), statuses: knownTexts(m.Statuses.Elements()),
		createdAfter: instantOf(m.CreatedAfter), limit: int(valueOr(m.Limit, defaultRunsLimit)),
	}
}

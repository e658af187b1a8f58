// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// agentsDataSource is sequentum_agents: the agents that the key can see.
type agentsDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*agentsDataSource)(nil)

func newAgentsDataSource() datasource.DataSource { return &agentsDataSource{} }

type agentsModel struct {
	SpaceID      types.Int64    `tfsdk:"space_id"`
	NameContains types.String   `tfsdk:"name_contains"`
	Type         types.String   `tfsdk:"type"`
	Agents       types.List     `tfsdk:"agents"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
}

func (d *agentsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_agents"
}

func (d *agentsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Lists the agents that the API key can see. Without arguments it lists all of them, including templates, commands and shared files.\n\n" +
			"Terraform reads it on every plan, and on destroy. All `sequentum_agents`, and all `sequentum_agent` with a `name`, that Terraform reads within five seconds share one list of all agents. " +
			"This list usually takes one request for each 1,000 agents, and one more.\n\n" +
			"If an agent is deleted, or the key can no longer see it, the list no longer contains it. A `for_each` over the list then destroys the resources of this agent.\n\n" +
			"OAuth scope: `agents:read`.",
		Attributes: map[string]schema.Attribute{
			"space_id": schema.Int64Attribute{
				Optional: true, Validators: spaceFilterValidators(),
				MarkdownDescription: "Lists only agents of this space. `0` is the personal space. Defaults to all spaces.",
			},
			"name_contains": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "Lists only agents whose name contains this text. Upper and lower case do not matter. For any other condition, use `if` in a `for` expression. Defaults to all names.",
			},
			"type": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.OneOf(sequentum.AgentTypeNames()...)},
				MarkdownDescription: "Lists only agents of this type: `Agent`, `SharedFile`, `Template` or `Command`. Defaults to all types.",
			},
			"agents": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The agents, ordered by id. Empty if there are none. For a `for_each`, use `agent_id` as the key: a name can be null, it can change, and several agents can share it.",
				NestedObject:        schema.NestedAttributeObject{Attributes: dataSourceAttributes(agentAttributes(sequentum.Agent{}))},
			},
		},
	}
}

func (d *agentsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model agentsModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	timeout := readLimit(ctx, model.Timeouts, diags)
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	all, ok := d.data.listAgents(limited, limit, diags)
	if !ok {
		return
	}
	listed := []attr.Value{}
	for _, a := range all {
		if model.lists(a) {
			listed = append(listed, objectValue(agentAttributes(a)))
		}
	}
	model.Agents = types.ListValueMust(objectType(agentAttributes(sequentum.Agent{})), listed)
	diags.Append(resp.State.Set(ctx, &model)...)
}

// lists reports whether an agent is one of those that the arguments ask for.
func (m *agentsModel) lists(a sequentum.Agent) bool {
	if !isInSpace(a, m.SpaceID) || !m.Type.IsNull() && a.Type != m.Type.ValueString() {
		return false
	}
	return m.NameContains.IsNull() ||
		strings.Contains(strings.ToLower(comparableName(a.Name)), strings.ToLower(comparableName(m.NameContains.ValueString())))
}

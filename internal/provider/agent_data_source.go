// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// agentDataSource is sequentum_agent: one agent, by id or name.
type agentDataSource struct{ configuredDataSource }

var (
	_ datasource.DataSourceWithConfigure        = (*agentDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*agentDataSource)(nil)
)

func newAgentDataSource() datasource.DataSource { return &agentDataSource{} }

func (d *agentDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_agent"
}

func (d *agentDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("agent_id"), path.MatchRoot("name")),
		datasourcevalidator.Conflicting(path.MatchRoot("agent_id"), path.MatchRoot("space_id")),
	}
}

func (d *agentDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes(agentAttributes(sequentum.Agent{}))
	attributes["agent_id"] = schema.Int64Attribute{
		Optional: true, Computed: true, Validators: int32IDValidators(),
		MarkdownDescription: "The id of the agent. Set either `agent_id` or `name`. Conflicts with `space_id`.",
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: "The exact name of the agent, with the same upper and lower case. If several agents have this name, the error lists their ids and spaces. Null if `agent_id` chose an agent that has no name.",
	}
	attributes["space_id"] = schema.Int64Attribute{
		Optional: true, Computed: true, Validators: spaceFilterValidators(),
		MarkdownDescription: "The id of the agent's space. Conflicts with `agent_id`. Set it together with `name` to look only in this space, or set `0` to look only in the personal space. Defaults to all spaces. Without a value from you, it is the space of the agent that was found, or null if this is the personal space.",
	}
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Finds one agent by its id or by its exact name.\n\n" +
			"Terraform reads it on every plan, and on destroy. All `sequentum_agent` data sources with the same `agent_id` that Terraform reads within five seconds share one request. All `sequentum_agent` with a `name` share one list of all agents.\n\n" +
			"OAuth scope: `agents:read`.",
		Attributes: attributes,
	}
}

// spaceFilterValidators are for the id of a space, or 0 for the personal space.
func spaceFilterValidators() []validator.Int64 {
	return []validator.Int64{int64validator.Between(0, math.MaxInt32)}
}

func (d *agentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var agentID, spaceID types.Int64
	var name types.String
	var configured timeouts.Value
	diags := &resp.Diagnostics
	diags.Append(req.Config.GetAttribute(ctx, path.Root("agent_id"), &agentID)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("space_id"), &spaceID)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("timeouts"), &configured)...)
	refuseZeroID("agent_id", agentID, diags)
	timeout := readLimit(ctx, configured, diags)
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	var agent *sequentum.Agent
	if name.IsNull() {
		agent = lookUpByID(limited, limit, "agent", agentID.ValueInt64(), d.data.lookups.agents, d.data.client.Agent, diags)
	} else if all, ok := d.data.listAgents(limited, limit, diags); ok {
		agent = chooseAgent(all, name.ValueString(), spaceID, diags)
	}
	if agent != nil {
		setFound(ctx, agentAttributes(*agent), req, resp)
	}
}

// listAgents reads all agents for a look-up. Nobody may change the list. ok is false after an error.
func (d *providerData) listAgents(ctx context.Context, limit *timeLimit, diags *diag.Diagnostics) (all []sequentum.Agent, ok bool) {
	return lookUpAll(ctx, limit, "agent", d.lookups.allAgents, d.client.Agents, diags)
}

// chooseAgent finds the agent of that name, in the space if one is given; nil after an error.
func chooseAgent(all []sequentum.Agent, name string, spaceID types.Int64, diags *diag.Diagnostics) *sequentum.Agent {
	choice := nameChoice[sequentum.Agent]{
		noun: "agent", describe: describeAgent, narrower: ", or set space_id beside the name (0 is the personal space)",
		name: func(a sequentum.Agent) string { return a.Name },
	}
	for _, a := range all {
		if isInSpace(a, spaceID) {
			choice.all = append(choice.all, a)
		} else {
			choice.others = append(choice.others, a)
		}
	}
	switch {
	case spaceID.IsNull():
	case spaceID.ValueInt64() == 0:
		choice.where, choice.narrower = " in the personal space", ""
	default:
		choice.where, choice.narrower = fmt.Sprintf(" in space %d", spaceID.ValueInt64()), ""
	}
	return choice.find(name, diags)
}

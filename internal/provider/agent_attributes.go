// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// agentAttributes is the table of what a look-up shows of an agent. The schema needs no values: for it any agent will do.
func agentAttributes(a sequentum.Agent) []computedAttribute {
	status := types.StringNull()
	if a.LastRunStatus != nil {
		status = types.StringValue(a.LastRunStatus.String())
	}
	return []computedAttribute{
		{"agent_id", types.Int64Value(a.ID), "The id of the agent."},
		{"name", textOrNull(a.Name), "The name of the agent. Null if it has none. Several agents can have the same name."},
		{"description", textOrNull(a.Description), "The description of the agent. Null if it has none."},
		{"type", textOrNull(a.Type), "The type of the agent: `Agent`, `SharedFile`, `Template` or `Command`. Null if the platform does not say."},
		{"space_id", types.Int64PointerValue(a.SpaceID), "The id of the agent's space. Null for the personal space."},
		{"start_url", textOrNull(a.StartURL), "The URL that the agent starts with. Null if it has none."},
		{"input_parameters", types.StringValue(cmp.Or(a.InputParameters, "{}")), "The input parameters of the agent with their defaults, as a JSON object ordered by name. `{}` if it has none. Use `jsondecode` to read single values. State holds the defaults as plain text."},
		{"proxy_pool_id", types.Int64PointerValue(a.ProxyPoolID), "The id of the proxy pool that the agent uses. Null if it has none."},
		{"active", types.BoolPointerValue(a.IsActive), "Whether the agent is active. The platform refuses to start an agent that is archived or disabled. Null if the platform does not say."},
		{"validation_status", textOrNull(a.ValidationStatus), "The result of the platform's check of the agent: `Valid`, `Invalid` or `Unknown`. Null if the platform does not say."},
		{"version", types.Int64PointerValue(a.Version), "The current version of the agent."},
		{"status", status, "The status of the agent's last run, such as `Success` or `Failure`. Null if the agent never ran."},
		{"last_activity_at", timeOrNull(a.LastActivityAt), "When the agent was last active, as an RFC 3339 time in UTC. Null if it was never active."},
		{"created_at", timeOrNull(a.CreatedAt), "When the agent was created, as an RFC 3339 time in UTC."},
		{"updated_at", timeOrNull(a.UpdatedAt), "When the agent was last changed, as an RFC 3339 time in UTC."},
	}
}

// describeAgent shows an agent in a list of a message.
func describeAgent(a sequentum.Agent) string {
	line := fmt.Sprintf("%d %s, %s", a.ID, quoted(a.Name), describeSpaceOf(a))
	if a.Type != "" && a.Type != sequentum.AgentTypeNames()[0] {
		line += ", " + oneLine(a.Type)
	}
	return line
}

func describeSpaceOf(a sequentum.Agent) string {
	if a.SpaceID == nil {
		return "personal space"
	}
	return fmt.Sprintf("space %d", *a.SpaceID)
}

// isInSpace reports whether an agent is in a space. Null is any space, and 0 is the personal space.
func isInSpace(a sequentum.Agent, spaceID types.Int64) bool {
	switch {
	case spaceID.IsNull():
		return true
	case a.SpaceID == nil:
		return spaceID.ValueInt64() == 0
	}
	return *a.SpaceID == spaceID.ValueInt64()
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Agent is an agent (API: Agents). A nil pointer, an empty string or a zero time means that the answer has no such value.
type Agent struct {
	ID          int64
	Name        string // [Printable]; agents can share a name
	Description string // without secrets and control characters; at most 64 KiB
	Type        string // see [AgentTypeNames]; one that is not known is itself, or "Unknown(7)" for its code
	SpaceID     *int64 // nil also in the personal space
	StartURL    string

	// InputParameters is a JSON object: the name of each parameter and its default, ordered by name.
	InputParameters string
	ProxyPoolID     *int64

	LastRunStatus    *Status // nil: it never ran
	ValidationStatus string  // Unknown, Invalid or Valid; one that is not known as for Type
	Version          *int64
	IsActive         *bool

	LastActivityAt time.Time // UTC, as the other times
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// The API's tables of agent types and of validation statuses (API: Agents). The first has code 1.
var (
	agentTypeNames        = []string{"Agent", "SharedFile", "Template", "Command"}
	validationStatusNames = []string{"Unknown", "Invalid", "Valid"}
)

// AgentTypeNames lists the names of the API's table of agent types, ordered by code.
func AgentTypeNames() []string { return slices.Clone(agentTypeNames) }

// Agent reads one agent (API: Agents).
func (c *Client) Agent(ctx context.Context, agentID int64) (*Agent, error) {
	return fetchObject(ctx, c, &call{
		method: http.MethodGet, path: agentPath(agentID), priority: PriorityList, scope: scopeReadAgents,
	}, func(w *wireAgent, r *redactor) (Agent, error) { return w.toAgent(agentID, r, c.keys) })
}

// Agents lists all agents that the key can see, also shared files, templates and commands, ordered by id (API: Agents). It
// reads all pages. Agents without an id are left out.
func (c *Client) Agents(ctx context.Context) ([]Agent, error) {
	agents, err := fetchPages(ctx, c, pagedCall{
		path: "/agent/all", arrays: []string{"agents", "items"}, priority: PriorityList, scope: scopeReadAgents,
		// An agent that is created while the pages are read comes last, and so it moves none from page to page.
		query: url.Values{"sortColumn": {"created"}, "sortOrder": {"0"}},
	}, func(w *wireAgent, r *redactor) (Agent, error) { return w.toListedAgent(r, c.keys) }, Agent.element)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(agents, func(a, b Agent) int { return cmp.Compare(a.ID, b.ID) })
	return agents, nil
}

// element tells apart the agents of a list.
func (a Agent) element() (id int64, bytes int) {
	return a.ID, len(a.Name) + len(a.Description) + len(a.StartURL) + len(a.InputParameters)
}

package sequentum

import (
	"context"
	"net/http"
)

// Agent is an agent (API: Agents). A nil pointer or an empty string means that the answer has no such value.
type Agent struct {
	ID          int64
	Name        string
	Description string
	SpaceID     *int64 // nil also in the personal space
	Version     *int64
	IsActive    *bool
}

// Agent reads one agent (API: Agents).
func (c *Client) Agent(ctx context.Context, agentID int64) (*Agent, error) {
	return fetchObject(ctx, c, &call{
		method: http.MethodGet, path: agentPath(agentID), priority: PriorityList, scope: scopeReadAgents,
	}, func(w *wireAgent, r *redactor) (Agent, error) { return w.toAgent(agentID, r) })
}

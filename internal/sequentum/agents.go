package sequentum

import (
	"context"
	"net/http"
)

// Agent is an agent (API: Agents). A nil pointer or an empty string stands for a
// value that the answer lacks or gives as null.
type Agent struct {
	ID          int64
	Name        string
	Description string
	SpaceID     *int64 // nil also in the personal space
	Version     *int64
	IsActive    *bool
}

// Agent reads one agent.
func (c *Client) Agent(ctx context.Context, agentID int64) (*Agent, error) {
	return fetchObject(ctx, c, &call{
		method: http.MethodGet, path: agentPath(agentID), priority: PriorityList, scope: scopeReadAgents,
	}, func(w *wireAgent, r *redactor) (Agent, error) { return w.toAgent(agentID, r) })
}

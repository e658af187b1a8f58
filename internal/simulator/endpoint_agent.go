package simulator

import (
	"net/http"
	"slices"
	"time"
)

// wireAgent is the agent (API: Agents).
type wireAgent struct {
	ID               int64          `json:"id"`
	Name             string         `json:"name"`
	Description      *string        `json:"description"`
	Documentation    *string        `json:"documentation"`
	ConfigType       any            `json:"configType"`
	InputParameters  map[string]any `json:"inputParameters"`
	SpaceID          *int64         `json:"spaceId"`
	StartURL         *string        `json:"startUrl"`
	Status           any            `json:"status"`
	ValidationStatus int            `json:"validationStatus"`
	Version          int            `json:"version"`
	ProxyPoolID      *int64         `json:"proxyPoolId"`
	UserID           int64          `json:"userId"`
	IsActive         bool           `json:"isActive"`
	LastActivity     *string        `json:"lastActivity"`
	Created          string         `json:"created"`
	Updated          string         `json:"updated"`
}

func (c *Cloud) getAgent(q *call, a *agentState) answer {
	const valid = 3
	out := wireAgent{
		ID: a.settings.ID, Name: a.settings.Name, Description: nullIfEmpty(a.settings.Description), ConfigType: 1,
		InputParameters: a.settings.InputParameters, SpaceID: c.spaceID(a.settings), StartURL: nullIfEmpty(a.settings.StartURL),
		ValidationStatus: valid, Version: a.settings.Version, UserID: 1, IsActive: !a.settings.Archived && !a.settings.Disabled,
		Created: a.created.Format(time.RFC3339Nano), Updated: a.updated.Format(time.RFC3339Nano),
	}
	if c.options.LegacyStatusNames {
		out.ConfigType = "Agent"
	}
	for _, r := range slices.Backward(a.runs) {
		if s, _ := r.life.stateAt(q.now); !s.gone {
			out.Status = s.status.wireValue(c.options.LegacyStatusNames)
			out.LastActivity = c.formatTime(r, 0, r.created)
			break
		}
	}
	return jsonAnswer(http.StatusOK, out)
}

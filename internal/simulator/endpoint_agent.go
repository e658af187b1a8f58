// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

// wireAgent is the agent (API: Agents).
type wireAgent struct {
	ID               int64          `json:"id"`
	Name             *string        `json:"name"`
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
	return jsonAnswer(http.StatusOK, c.agentObject(q, a))
}

// agentObject is the answer's object of an agent.
func (c *Cloud) agentObject(q *call, a *agentState) wireAgent {
	const valid = 3
	s := a.settings
	out := wireAgent{
		ID: s.ID, Name: s.wireName(), Description: nullIfEmpty(s.Description), Documentation: nullIfEmpty(s.Documentation),
		ConfigType: s.Type.wireValue(c.options.LegacyStatusNames), InputParameters: s.InputParameters, SpaceID: c.spaceID(s),
		StartURL: nullIfEmpty(s.StartURL), ValidationStatus: valid, Version: s.Version, ProxyPoolID: s.ProxyPoolID, UserID: 1,
		IsActive: !s.Archived && !s.Disabled,
		Created:  wireTime(a.created), Updated: wireTime(a.updated),
	}
	if r, s := a.lastRun(q.now); r != nil {
		out.Status = s.status.wireValue(c.options.LegacyStatusNames)
		out.LastActivity = c.formatTime(r, 0, r.created)
	}
	return out
}

// wireName is the agent's name in answers; nil: null.
func (a *Agent) wireName() *string {
	if a.NullName {
		return nil
	}
	return &a.Name
}

// lastRun is the newest run that is not gone, with its state, or nil.
func (a *agentState) lastRun(now time.Time) (*run, state) {
	for _, r := range slices.Backward(a.runs) {
		if s, _ := r.life.stateAt(now); !s.gone {
			return r, s
		}
	}
	return nil, state{}
}

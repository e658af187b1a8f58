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
		ID: a.def.ID, Name: a.def.Name, Description: optional(a.def.Description), ConfigType: 1,
		InputParameters: a.def.InputParameters, SpaceID: c.spaceID(a.def), StartURL: optional(a.def.StartURL),
		ValidationStatus: valid, Version: a.def.Version, UserID: 1, IsActive: !a.def.Archived && !a.def.Disabled,
		Created: a.created.Format(time.RFC3339Nano), Updated: a.updated.Format(time.RFC3339Nano),
	}
	if c.options.LegacyStatusNames {
		out.ConfigType = "Agent"
	}
	for _, r := range slices.Backward(a.runs) {
		if s, _ := r.life.at(q.now); !s.gone {
			out.Status = s.status.wire(c.options.LegacyStatusNames)
			out.LastActivity = c.time(r, 0, r.created)
			break
		}
	}
	return jsonAnswer(http.StatusOK, out)
}

// wireDiagnostics are a run's diagnostics (API: Runs, Endpoints).
type wireDiagnostics struct {
	RunID            int64     `json:"runId"`
	AgentID          int64     `json:"agentId"`
	AgentName        string    `json:"agentName"`
	Status           any       `json:"status"`
	ErrorMessage     *string   `json:"errorMessage"`
	StartTime        *string   `json:"startTime"`
	EndTime          *string   `json:"endTime"`
	RuntimeSeconds   *int64    `json:"runtimeSeconds"`
	Stats            wireStats `json:"stats"`
	PossibleCauses   []string  `json:"possibleCauses"`
	SuggestedActions []string  `json:"suggestedActions"`
}

type wireStats struct {
	DataCount   int64 `json:"dataCount"`
	InputCount  int64 `json:"inputCount"`
	ErrorCount  int64 `json:"errorCount"`
	PageCount   int64 `json:"pageCount"`
	ExportCount int64 `json:"exportCount"`
	Traffic     int64 `json:"traffic"`
}

// getDiagnostics answers what went wrong. Diagnostics exist for a run that failed or was stopped.
func (c *Cloud) getDiagnostics(q *call, r *run, s state) answer {
	if !s.status.failed() && s.status != Stopped {
		return c.refuse(q, http.StatusNotFound, "Run %d has no diagnostics.", r.id)
	}
	return jsonAnswer(http.StatusOK, c.diagnostics(r, s, q.now))
}

func (c *Cloud) getLatestFailure(q *call, a *agentState) answer {
	for _, r := range slices.Backward(a.runs) {
		if s, _ := r.life.at(q.now); s.status.failed() && !s.gone {
			return jsonAnswer(http.StatusOK, c.diagnostics(r, s, q.now))
		}
	}
	return c.refuse(q, http.StatusNotFound, "Agent %d has no failure.", a.def.ID)
}

func (c *Cloud) diagnostics(r *run, s state, now time.Time) wireDiagnostics {
	a := r.agentAt
	return wireDiagnostics{
		RunID: r.id, AgentID: a.ID, AgentName: a.Name,
		Status: s.status.wire(c.options.LegacyStatusNames), ErrorMessage: message(s.message, a.MessageSize),
		StartTime: c.time(r, 1, s.started), EndTime: c.time(r, 2, s.ended), RuntimeSeconds: s.runTime(now),
		Stats: wireStats{
			DataCount: part(a.Records, s.records), ErrorCount: part(a.Errors, s.records),
			PageCount: part(a.Pages, s.records), ExportCount: part(a.Exported, s.records),
			Traffic: part(a.Traffic, s.records),
		},
		PossibleCauses: r.outcome.PossibleCauses, SuggestedActions: r.outcome.SuggestedActions,
	}
}

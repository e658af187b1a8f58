// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

// wireDiagnostics are a run's diagnostics (API: Diagnostics).
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

// getDiagnostics shows what went wrong. There are diagnostics of a run that failed or was stopped.
func (c *Cloud) getDiagnostics(q *call, r *run, s state) answer {
	if !s.status.failed() && s.status != Stopped {
		return c.refuse(q, http.StatusNotFound, "Run %d has no diagnostics.", r.id)
	}
	return jsonAnswer(http.StatusOK, c.diagnostics(r, s, q.now))
}

func (c *Cloud) getLatestFailure(q *call, a *agentState) answer {
	for _, r := range slices.Backward(a.runs) {
		if s, _ := r.life.stateAt(q.now); s.status.failed() && !s.gone {
			return jsonAnswer(http.StatusOK, c.diagnostics(r, s, q.now))
		}
	}
	return c.refuse(q, http.StatusNotFound, "Agent %d has no failure.", a.settings.ID)
}

func (c *Cloud) diagnostics(r *run, s state, now time.Time) wireDiagnostics {
	a := r.settingsAtStart
	return wireDiagnostics{
		RunID: r.id, AgentID: a.ID, AgentName: a.Name,
		Status: s.status.wireValue(c.options.LegacyStatusNames), ErrorMessage: paddedMessage(s.message, a.MessageSize),
		StartTime: c.formatTime(r, 1, s.started), EndTime: c.formatTime(r, 2, s.ended), RuntimeSeconds: s.runSeconds(now),
		Stats: wireStats{
			DataCount: portion(a.Records, s.records), ErrorCount: portion(a.Errors, s.records),
			PageCount: portion(a.Pages, s.records), ExportCount: portion(a.Exported, s.records),
			Traffic: portion(a.Traffic, s.records),
		},
		PossibleCauses: r.outcome.PossibleCauses, SuggestedActions: r.outcome.SuggestedActions,
	}
}

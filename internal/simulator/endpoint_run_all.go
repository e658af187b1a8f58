// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
)

// wireRunAll is what became of a start of all agents of a space (API: Spaces).
type wireRunAll struct {
	SpaceID       int64         `json:"spaceId"`
	SpaceName     string        `json:"spaceName"`
	TotalAgents   int           `json:"totalAgents"`
	AgentsStarted int           `json:"agentsStarted"`
	AgentsFailed  int           `json:"agentsFailed"`
	Results       []wireStarted `json:"results"`
}

type wireStarted struct {
	AgentID      int64   `json:"agentId"`
	AgentName    *string `json:"agentName"`
	Success      bool    `json:"success"`
	RunID        *int64  `json:"runId"`
	ErrorMessage *string `json:"errorMessage"`
}

// runAll starts each agent of the space. One that does not start keeps no other from starting.
func (c *Cloud) runAll(q *call, s *spaceState) answer {
	var input struct {
		InputParameters *string `json:"inputParameters"`
	}
	body, err := q.decodeBody(&input)
	start := startBody{InputParameters: input.InputParameters}
	if err == nil {
		err = start.validate()
	}
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	out := wireRunAll{SpaceID: s.ID, SpaceName: s.Name, Results: []wireStarted{}}
	for _, a := range c.agentsOf(s, q.now) {
		if a.settings.Type != AgentType {
			continue
		}
		out.TotalAgents++
		result := c.startOneOfAll(q, a, start, body)
		if result.Success {
			out.AgentsStarted++
		} else {
			out.AgentsFailed++
		}
		out.Results = append(out.Results, result)
	}
	return jsonAnswer(http.StatusOK, out)
}

func (c *Cloud) startOneOfAll(q *call, a *agentState, start startBody, body map[string]any) wireStarted {
	result := wireStarted{AgentID: a.settings.ID, AgentName: a.settings.wireName()}
	code, reason := a.startRefusal(start, q.now)
	if code == 0 && a.exclusiveAnswer(start) == ExclusiveAnswer && a.hasActiveRun(q.now) {
		code, reason = http.StatusConflict, alreadyRunning
	}
	if code != 0 {
		result.ErrorMessage = &reason
		return result
	}
	result.Success, result.RunID = true, &c.startRuns(a, start, body, q.now).id
	return result
}

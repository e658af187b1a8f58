// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import "strings"

// apiPath stands before every path of the API (API: Base).
const apiPath = "/api/v1"

// calls are those that may be sent, by what they change.
var (
	reading = []string{
		"GET /agent/all", "GET /agent/{agentId}", "GET /agent/{agentId}/runs", "GET /agent/{agentId}/run/{runId}/status",
		callFiles, callDownload, callDiagnostics,
		"GET /agent/{agentId}/schedules", "GET /agent/{agentId}/schedules/{scheduleId}",
		"GET /spaces", "GET /spaces/{spaceId}", "GET /billing/credits", "GET /billing/agents/{agentId}/runs",
	}
	creating   = []string{callStart, callCreateSchedule}
	ofRun      = []string{callStop, callKill, callDeleteRun}
	ofSchedule = []string{
		callDeleteSchedule, "PUT /agent/{agentId}/schedules/{scheduleId}",
		"POST /agent/{agentId}/schedules/{scheduleId}/enable", "POST /agent/{agentId}/schedules/{scheduleId}/disable",
	}
)

// The calls that the code asks for by name.
const (
	callStart          = "POST /agent/{agentId}/start"
	callRuns           = "GET /agent/{agentId}/runs"
	callStatus         = "GET /agent/{agentId}/run/{runId}/status"
	callFiles          = "GET /agent/{agentId}/run/{runId}/files"
	callDownload       = "GET /agent/{agentId}/run/{runId}/file/{fileId}/download"
	callDiagnostics    = "GET /analytics/agents/{agentId}/runs/{runId}/diagnostics"
	callStop           = "POST /agent/{agentId}/run/{runId}/stop"
	callKill           = "POST /agent/{agentId}/run/{runId}/kill"
	callDeleteRun      = "DELETE /agent/{agentId}/run/{runId}"
	callCreateSchedule = "POST /agent/{agentId}/schedules"
	callDeleteSchedule = "DELETE /agent/{agentId}/schedules/{scheduleId}"
	callAgents         = "GET /agent/all"
	callCosts          = "GET /billing/agents/{agentId}/runs"
)

// ids are what a path has in the places of a call, such as agentId.
type ids map[string]string

// matchCall returns the call that a request is, and the ids in its path; an empty call for one that is not in the lists.
func matchCall(method, path string) (call string, found ids) {
	_, path, isAPI := strings.Cut(path, apiPath) // the base URL can have a path of its own
	if !isAPI {
		return "", nil
	}
	for _, calls := range [][]string{reading, creating, ofRun, ofSchedule} {
		for _, call := range calls {
			callMethod, pattern, _ := strings.Cut(call, " ")
			if callMethod != method {
				continue
			}
			if found, ok := matchPath(pattern, path); ok {
				return call, found
			}
		}
	}
	return "", nil
}

func matchPath(pattern, path string) (ids, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	found := ids{}
	for i, part := range want {
		name, isPlace := strings.CutPrefix(part, "{")
		switch {
		case isPlace && isNumber(got[i]):
			found[strings.TrimSuffix(name, "}")] = got[i]
		case isPlace || part != got[i]:
			return nil, false
		}
	}
	return found, true
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

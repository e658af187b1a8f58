// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// Kind is what a request asks for.
type Kind string

// The kinds of requests.
const (
	AnyKind             Kind = "" // in a Fault only
	KindStart           Kind = "start"
	KindStatus          Kind = "status"
	KindRuns            Kind = "runs"
	KindStop            Kind = "stop"
	KindKill            Kind = "kill"
	KindDeleteRun       Kind = "delete_run"
	KindFiles           Kind = "files"
	KindDownload        Kind = "download"
	KindDiagnostics     Kind = "diagnostics" // of a run, and the agent's latest failure
	KindAgent           Kind = "agent"
	KindAgents          Kind = "agents"
	KindAgentSearch     Kind = "agent_search"
	KindVersions        Kind = "versions"
	KindRestore         Kind = "restore_version"
	KindSpaces          Kind = "spaces"
	KindSpace           Kind = "space"
	KindSpaceSearch     Kind = "space_search"
	KindSpaceAgents     Kind = "space_agents"
	KindRunAll          Kind = "run_all"
	KindCredits         Kind = "credits"
	KindCosts           Kind = "costs"
	KindUsage           Kind = "usage"           // spending, credit history, and costs of agents
	KindSummary         Kind = "summary"         // of runs, and of records
	KindSignedDownload  Kind = "signed_download" // on the second host
	KindOther           Kind = "other"
	KindSchedules       Kind = "schedules"
	KindSchedule        Kind = "schedule"
	KindScheduleCreate  Kind = "schedule_create"
	KindScheduleUpdate  Kind = "schedule_update"
	KindScheduleDelete  Kind = "schedule_delete"
	KindScheduleEnable  Kind = "schedule_enable"
	KindScheduleDisable Kind = "schedule_disable"
	KindUpcoming        Kind = "upcoming"
)

// UnmarshalText reads a kind from an agents file.
func (k *Kind) UnmarshalText(text []byte) error {
	return decodeName(k, text, kinds())
}

// route is one call of the API.
type route struct {
	kind Kind
	// scope is what an access token needs for the call (API: Scopes). Empty: nothing.
	scope   string
	pattern string // of net/http, with the path below /api/v1
	handle  handler
}

const (
	agentPath     = "/agent/{agentId}"
	runPath       = agentPath + "/run/{runId}"
	spacePath     = "/spaces/{spaceId}"
	analyticsPath = "/analytics/agents/{agentId}"
	schedulePath  = agentPath + "/schedules/{scheduleId}"
)

// routes are all calls of the API.
var routes = []route{
	{KindAgent, "agents:read", "GET " + agentPath, onAgent((*Cloud).getAgent)},
	{KindAgents, "agents:read", "GET /agent/all", (*Cloud).listAgents},
	{KindAgentSearch, "agents:read", "GET /agent/search", (*Cloud).searchAgents},
	{KindVersions, "agents:read", "GET " + agentPath + "/versions", onAgent((*Cloud).listVersions)},
	{KindRestore, "agents:write", "POST " + agentPath + "/version/{version}/restore", onAgent((*Cloud).restoreVersion)},
	{KindStart, "agents:write", "POST " + agentPath + "/start", onAgent((*Cloud).startAgent)},
	{KindRuns, "runs:read", "GET " + agentPath + "/runs", onAgent((*Cloud).listRuns)},
	{KindStatus, "runs:read", "GET " + runPath + "/status", onRun((*Cloud).getRunStatus)},
	{KindStop, "agents:write", "POST " + runPath + "/stop", onRun((*Cloud).stopRun)},
	{KindKill, "agents:write", "POST " + runPath + "/kill", onRun((*Cloud).killRun)},
	{KindDeleteRun, "agents:write", "DELETE " + runPath, onRun((*Cloud).deleteRun)},
	{KindFiles, "runs:read", "GET " + runPath + "/files", onRun((*Cloud).listFiles)},
	{KindDownload, "runs:read", "GET " + runPath + "/file/{fileId}/download", onRun((*Cloud).downloadFile)},
	{KindDiagnostics, "runs:read", "GET " + analyticsPath + "/runs/{runId}/diagnostics", onRun((*Cloud).getDiagnostics)},
	{KindDiagnostics, "runs:read", "GET " + analyticsPath + "/latest-failure", onAgent((*Cloud).getLatestFailure)},
	{KindSpaces, "spaces:read", "GET /spaces", (*Cloud).listSpaces},
	{KindSpaceSearch, "spaces:read", "GET /spaces/search", (*Cloud).searchSpaces},
	{KindSpace, "spaces:read", "GET " + spacePath, onSpace((*Cloud).getSpace)},
	{KindSpaceAgents, "spaces:read", "GET " + spacePath + "/agents", onSpace((*Cloud).listSpaceAgents)},
	{KindRunAll, "spaces:write", "POST " + spacePath + "/run-all", onSpace((*Cloud).runAll)},
	{KindCredits, "billing:read", "GET /billing/credits", (*Cloud).getCredits},
	{KindCosts, "billing:read", "GET /billing/agents/{agentId}/runs", onAgent((*Cloud).listCosts)},
	{KindUsage, "billing:read", "GET /billing/spending", (*Cloud).getSpending},
	{KindUsage, "billing:read", "GET /billing/history", (*Cloud).listCreditHistory},
	{KindUsage, "billing:read", "GET /billing/agents", (*Cloud).listUsage},
	{KindUsage, "billing:read", "GET /billing/agents/{agentId}", onAgent((*Cloud).getCostBreakdown)},
	{KindSummary, "runs:read", "GET /analytics/runs/summary", (*Cloud).getRunsSummary},
	{KindSummary, "runs:read", "GET /analytics/records/summary", (*Cloud).getRecordsSummary},
	{KindSchedules, "agents:read", "GET " + agentPath + "/schedules", onAgent((*Cloud).listSchedules)},
	{KindScheduleCreate, "agents:write", "POST " + agentPath + "/schedules", onAgent((*Cloud).createSchedule)},
	{KindSchedule, "agents:read", "GET " + schedulePath, onSchedule((*Cloud).getSchedule)},
	{KindScheduleUpdate, "agents:write", "PUT " + schedulePath, onSchedule((*Cloud).updateSchedule)},
	{KindScheduleDelete, "agents:write", "DELETE " + schedulePath, onSchedule((*Cloud).deleteSchedule)},
	{KindScheduleEnable, "agents:write", "POST " + schedulePath + "/enable", onSchedule((*Cloud).enableSchedule)},
	{KindScheduleDisable, "agents:write", "POST " + schedulePath + "/disable", onSchedule((*Cloud).disableSchedule)},
	{KindUpcoming, "agents:read", "GET /analytics/schedules/upcoming", (*Cloud).listUpcoming},
}

// noRoute answers every other request with a 404 of the API.
var noRoute = route{kind: KindOther, handle: func(c *Cloud, q *call) answer {
	return c.refuse(q, http.StatusNotFound, "No such endpoint: %s %s.", q.Method, q.URL.Path)
}}

// kinds are all kinds of requests.
func kinds() []Kind {
	all := []Kind{KindSignedDownload, KindOther}
	for _, r := range routes {
		all = append(all, r.kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// apiHandler routes the API's calls.
func (c *Cloud) apiHandler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.Handle(method+" /api/v1"+path, c.guardedEndpoint(r))
	}
	mux.Handle("/", c.guardedEndpoint(noRoute))
	return mux
}

// handler takes a request's effect and returns its answer. The cloud's mutex is held.
type handler func(c *Cloud, q *call) answer

// onAgent looks up the agent that the path names, and passes it to the handler.
func onAgent(handle func(*Cloud, *call, *agentState) answer) handler {
	return func(c *Cloud, q *call) answer {
		a := c.visibleAgent(q.agentID, q.now)
		if a == nil {
			return c.refuse(q, http.StatusNotFound, "Agent %s was not found.", q.PathValue("agentId"))
		}
		return handle(c, q, a)
	}
}

// onRun looks up the run that the path names, and passes it with its state to the handler.
func onRun(handle func(*Cloud, *call, *run, state) answer) handler {
	return func(c *Cloud, q *call) answer {
		r, s := c.visibleRun(q.agentID, q.runID, q.now)
		if r == nil {
			return c.refuse(q, http.StatusNotFound, "Run %s was not found.", q.PathValue("runId"))
		}
		return handle(c, q, r, s)
	}
}

// runHandler runs a handler with the mutex held and the present time.
func (c *Cloud) runHandler(q *call, handle handler) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	q.now = c.catchUp()
	return handle(c, q)
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	maxListedRuns     = 1000 // how many runs a list can hold at most (API: Runs, List)
	defaultListedRuns = 50   // how many it holds when the request gives no number
)

// Run is a run of an agent (API: The run object). A nil pointer, an empty string or a zero time means that the answer has
// no such value.
type Run struct {
	ID        int64
	AgentID   int64
	AgentName string
	SpaceID   *int64 // nil also in the personal space

	Status       Status
	Message      string // error or status text, without secrets and control characters; at most 64 KiB
	AgentVersion *int64 // the version of the agent that ran

	Parallelism            *int64
	ParallelMaxConcurrency *int64
	ParallelExport         string // Combined or Separated
	ParallelSet            *int64 // nil: the run belongs to no set

	CreatedAt  time.Time // UTC, as the other times
	StartedAt  time.Time
	FinishedAt time.Time

	RunTimeSeconds   *int64 // whole seconds, rounded down
	RecordsExtracted *int64
	RecordsExported  *int64
	PageCount        *int64
	ErrorCount       *int64
	TrafficBytes     *int64
	TableType        string // run while in the active table, history once archived
}

// StartRequest holds the settings of a run to start (API: Runs, Start). Settings that are empty or nil are not sent: then
// the agent's own setting, or the server's default, applies.
type StartRequest struct {
	InputParameters        string // a JSON object
	InputIsSecret          bool   // from now on the client redacts the strings of InputParameters
	Parallelism            *int64
	ParallelMaxConcurrency *int64
	ParallelExport         string // Combined or Separated
	ProxyPoolID            *int64
	Exclusive              *bool
	LogLevel               string // Fatal, Error, Warning or Info
	LogMode                string // Text or TextAndHtml
}

// RemoveMethod says what DeleteRun removes. Empty: the API's default, RemoveEntireRun.
type RemoveMethod string

// The parts of a run that DeleteRun can remove (API: Runs, Delete).
const (
	RemoveEntireRun             RemoveMethod = "RemoveEntireRun"
	RemoveAllFiles              RemoveMethod = "RemoveAllFiles"              // the run's record stays
	RemoveAllFilesAndAgentInput RemoveMethod = "RemoveAllFilesAndAgentInput" // its input parameters are cleared too
)

// Diagnostics explains why a run failed (API: Runs, Diagnostics). Any of it can be empty. All texts are [Printable], except
// Message, which can have up to 64 KiB. Of each list the first 1,000 are here.
type Diagnostics struct {
	Message          string
	PossibleCauses   []string
	SuggestedActions []string
}

// StartRun starts a run of the agent, and returns it as the API accepted it (API: Runs, Start).
//
// ctx counts only until the request is sent: while it waits for the budget, for a pause after a 429, and between tries.
// A request that was sent continues until the client's request timeout even when ctx has ended, so that its answer is not
// lost.
//
// After a 429 the request is sent again until ctx ends. A request that never left this machine is sent again MaxRetries
// times. No other request is ever repeated. Ask OutcomeUnknown whether the API may have accepted a start that failed.
func (c *Client) StartRun(ctx context.Context, agentID int64, r StartRequest) (*Run, error) {
	if r.InputIsSecret {
		c.redact.addInput(r.InputParameters)
	}
	run, err := fetchObject(ctx, c, &call{
		method: http.MethodPost, path: agentPath(agentID) + "/start", body: r.body(),
		priority: PriorityControl, scope: scopeWriteAgents, detached: true,
	}, func(w *wireRun, r *redactor) (Run, error) { return w.toStartedRun(agentID, r) })
	if err != nil {
		return nil, err
	}
	c.unknown.warn(ctx, run)
	return run, nil
}

// RunStatus reads one run (API: Runs, Endpoints).
func (c *Client) RunStatus(ctx context.Context, agentID, runID int64) (*Run, error) {
	run, err := fetchObject(ctx, c, &call{
		method: http.MethodGet, path: runPath(agentID, runID) + "/status", priority: PriorityPoll, scope: scopeReadRuns,
	}, func(w *wireRun, r *redactor) (Run, error) {
		run, err := w.toRun(agentID, r)
		if err == nil && run.ID != runID {
			return Run{}, fmt.Errorf("it is about run %d", run.ID)
		}
		return run, err
	})
	if err != nil {
		return nil, err
	}
	c.unknown.warn(ctx, run)
	return run, nil
}

// RunList is an agent's list of runs (API: Runs, List).
type RunList struct {
	// Runs are in the API's order, newest first. Ids need not rise. A run that is just being archived can be there twice,
	// with two statuses: then ask RunStatus.
	Runs []Run
	// Full: the list has as many elements as were asked for. There may be more runs.
	Full bool
	// Skipped is how many elements could not be used. Any of them may be a run of the agent.
	Skipped int
}

// ListRuns reads the agent's newest runs, active and archived together (API: Runs, List). maxRecords is 1000 at most;
// 0 means the API's default of 50. Elements that cannot be used are left out. It is an error when none can be used.
func (c *Client) ListRuns(ctx context.Context, agentID int64, maxRecords int) (*RunList, error) {
	var query url.Values
	limit := maxListedRuns
	if maxRecords > 0 {
		limit = min(maxRecords, maxListedRuns)
		query = url.Values{"maxRecords": {strconv.Itoa(limit)}}
	}
	runs, err := fetchList(ctx, c, &call{
		method: http.MethodGet, path: agentPath(agentID) + "/runs", query: query, priority: PriorityList, scope: scopeReadRuns,
	}, func(body io.Reader, r *redactor) (*list[Run], error) {
		return decodeList(body, r, limit, newListedRunConverter(agentID))
	})
	if err != nil {
		return nil, err
	}
	for i := range runs.elements {
		c.unknown.warn(ctx, &runs.elements[i])
	}
	full := runs.full || maxRecords <= 0 && len(runs.elements)+runs.skipped >= defaultListedRuns
	return &RunList{Runs: runs.elements, Full: full, Skipped: runs.skipped}, nil
}

// StopRun asks a run to stop after its current command (API: Runs, Stop and kill). The run keeps what it has extracted.
// Neither StopRun nor KillRun repeats a request whose outcome is unknown.
func (c *Client) StopRun(ctx context.Context, agentID, runID int64) error {
	return c.send(ctx, &call{
		method: http.MethodPost, path: runPath(agentID, runID) + "/stop", priority: PriorityControl, scope: scopeWriteAgents,
	})
}

// KillRun ends a run at once (API: Runs, Stop and kill). The first kill of a run may only stop it.
func (c *Client) KillRun(ctx context.Context, agentID, runID int64) error {
	return c.send(ctx, &call{
		method: http.MethodPost, path: runPath(agentID, runID) + "/kill", priority: PriorityControl, scope: scopeWriteAgents,
	})
}

// DeleteRun removes a finished run, or its files, from the platform (API: Runs, Delete).
func (c *Client) DeleteRun(ctx context.Context, agentID, runID int64, m RemoveMethod) error {
	var query url.Values
	if m != "" {
		query = url.Values{"removeMethod": {string(m)}}
	}
	return c.send(ctx, &call{
		method: http.MethodDelete, path: runPath(agentID, runID), query: query, priority: PriorityControl, scope: scopeWriteAgents,
	})
}

// RunDiagnostics reads the platform's explanation of a run that failed (API: Runs, Diagnostics).
func (c *Client) RunDiagnostics(ctx context.Context, agentID, runID int64) (*Diagnostics, error) {
	return fetchObject(ctx, c, &call{
		method:   http.MethodGet,
		path:     fmt.Sprintf("/analytics/agents/%d/runs/%d/diagnostics", agentID, runID),
		priority: PriorityList,
		scope:    scopeReadRuns,
	}, (*wireDiagnostics).toDiagnostics)
}

func agentPath(agentID int64) string { return fmt.Sprintf("/agent/%d", agentID) }

func runPath(agentID, runID int64) string { return fmt.Sprintf("/agent/%d/run/%d", agentID, runID) }

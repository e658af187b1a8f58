package sequentum

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// maxListedRuns is the most that one list of runs can hold, defaultListedRuns what it holds unless it is asked for
	// another number (API: Runs, List).
	maxListedRuns     = 1000
	defaultListedRuns = 50
)

// Run is a run of an agent (API: The run object). A nil pointer, an empty string
// and a zero time stand for a value that the answer lacks or gives as null.
type Run struct {
	ID        int64
	AgentID   int64
	AgentName string
	SpaceID   *int64 // nil also in the personal space

	Status       Status
	Message      string // error or status text, without secrets and characters that act; at most 64 KiB
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

// StartRequest says how a run is to run (API: Runs, Start). What is
// zero or nil is not sent: the agent's own setting, or the server's default, applies.
type StartRequest struct {
	InputParameters        string // a JSON object
	InputIsSecret          bool   // whatever quotes a string of InputParameters is shown without it from now on
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

// What DeleteRun can remove (API: Runs, Delete).
const (
	RemoveEntireRun             RemoveMethod = "RemoveEntireRun"
	RemoveAllFiles              RemoveMethod = "RemoveAllFiles"              // the run's record stays
	RemoveAllFilesAndAgentInput RemoveMethod = "RemoveAllFilesAndAgentInput" // its input parameters are cleared too
)

// Diagnostics is what the platform makes of a run that failed (API: Runs,
// Diagnostics). Any of it can be empty. All of it is [Printable], and of many causes and actions the first 1,000 are here.
type Diagnostics struct {
	Message          string
	PossibleCauses   []string
	SuggestedActions []string
}

// StartRun starts a run of the agent, and returns it as the API accepted it.
//
// ctx governs only the time before the request is sent: the wait for the budget,
// for a pause after a 429, and between tries. Once the request is on its way it
// runs to the client's request timeout, whatever becomes of ctx, so that the
// answer is not lost.
//
// A 429 is tried again until ctx ends, a request that was never sent MaxRetries
// times. Nothing else is ever repeated: ask OutcomeUnknown whether the API may
// have accepted the start all the same.
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
	logUnknownStatus(ctx, run)
	return run, nil
}

// RunStatus reads one run.
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
	logUnknownStatus(ctx, run)
	return run, nil
}

// RunList is what an agent's list of runs shows.
type RunList struct {
	// Runs are in the API's order, newest first; ids need not rise. A run that is being archived while the API joins
	// its two tables can be there twice, under two statuses, in either order: its own status decides.
	Runs []Run
	// Full: as many elements came as were asked for, or more. There may be runs beyond.
	Full bool
	// Skipped is how many elements could not be used. Any of them may have been a run of the agent.
	Skipped int
}

// ListRuns reads the agent's newest runs, active and archived together. maxRecords is capped at 1000; 0 leaves it to
// the API (50). Elements that cannot be used are left out; that none can is an error.
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
		logUnknownStatus(ctx, &runs.elements[i])
	}
	full := runs.full || maxRecords <= 0 && len(runs.elements)+runs.skipped >= defaultListedRuns
	return &RunList{Runs: runs.elements, Full: full, Skipped: runs.skipped}, nil
}

// StopRun asks a run to stop after its current command. What it has extracted is kept.
// A request whose outcome is unknown is not repeated; the same holds for KillRun.
func (c *Client) StopRun(ctx context.Context, agentID, runID int64) error {
	return c.send(ctx, &call{
		method: http.MethodPost, path: runPath(agentID, runID) + "/stop", priority: PriorityControl, scope: scopeWriteAgents,
	})
}

// KillRun terminates a run; the first kill of a run may be no more than a stop.
func (c *Client) KillRun(ctx context.Context, agentID, runID int64) error {
	return c.send(ctx, &call{
		method: http.MethodPost, path: runPath(agentID, runID) + "/kill", priority: PriorityControl, scope: scopeWriteAgents,
	})
}

// DeleteRun removes a run, or what it left, from the platform.
func (c *Client) DeleteRun(ctx context.Context, agentID, runID int64, m RemoveMethod) error {
	var query url.Values
	if m != "" {
		query = url.Values{"removeMethod": {string(m)}}
	}
	return c.send(ctx, &call{
		method: http.MethodDelete, path: runPath(agentID, runID), query: query, priority: PriorityControl, scope: scopeWriteAgents,
	})
}

// RunDiagnostics reads what the platform makes of a run that failed.
func (c *Client) RunDiagnostics(ctx context.Context, agentID, runID int64) (*Diagnostics, error) {
	return fetchObject(ctx, c, &call{
		method:   http.MethodGet,
		path:     fmt.Sprintf("/analytics/agents/%d/runs/%d/diagnostics", agentID, runID),
		priority: PriorityList,
		scope:    scopeReadRuns,
	}, (*wireDiagnostics).toDiagnostics)
}

// logUnknownStatus says why a wait may go on for long: a status that is not in the
// API's table counts as active.
func logUnknownStatus(ctx context.Context, run *Run) {
	if run.Status.Known() {
		return
	}
	tflog.Warn(ctx, "A run has a status that is not in the API's table, it counts as active", map[string]any{
		"agent_id": run.AgentID,
		"run_id":   run.ID,
		"status":   run.Status.String(),
	})
}

func agentPath(agentID int64) string { return fmt.Sprintf("/agent/%d", agentID) }

func runPath(agentID, runID int64) string { return fmt.Sprintf("/agent/%d/run/%d", agentID, runID) }

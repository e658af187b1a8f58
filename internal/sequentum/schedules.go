// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ScheduleType says when a schedule fires: one of the constants, or a name that the API's table does not have. Empty: the
// answer has none.
type ScheduleType string

// The types of schedules (API: Schedules).
const (
	ScheduleNone  ScheduleType = "None" // it never fires
	ScheduleOnce  ScheduleType = "RunOnce"
	ScheduleEvery ScheduleType = "RunEvery"
	ScheduleCron  ScheduleType = "CRON"
)

// SchedulePeriods lists the names of the periods of a [ScheduleEvery] (API: Schedules). The first has code 1.
func SchedulePeriods() []string { return []string{"minutes", "hours", "days", "weeks", "months"} }

// ScheduleSettings is what a schedule says, and what a request to create or change one sends (API: Schedules). What is nil,
// empty or zero is sent as null, and then the server's default applies: a change that sends null clears what was there.
type ScheduleSettings struct {
	Name    string
	Type    ScheduleType
	Enabled *bool

	Cron     string    // of a ScheduleCron: the expression
	StartAt  time.Time // UTC; of a ScheduleOnce, and optional in a ScheduleEvery
	Count    *int64    // of a ScheduleEvery: how many periods
	Period   string    // of a ScheduleEvery: one of SchedulePeriods; an unknown one as the API writes it
	Timezone string    // an IANA name

	InputParameters        string // a JSON object
	Parallelism            *int64
	ParallelMaxConcurrency *int64
	ParallelExport         string // Combined, Separated or another spelling
	ProxyPoolID            *int64
	ServerGroupID          *int64
	Exclusive              *bool
	LogLevel               string // Fatal, Error, Warning, Info or another
	LogMode                string // Text, TextAndHtml or another

	// LocalSchedule, WaitOnFailure and Tag are for a change that keeps them as they are.
	LocalSchedule json.RawMessage // no source says what it holds; nil: nothing
	WaitOnFailure *bool
	Tag           string // newer servers have one; not sent when it is empty
}

// Schedule is a schedule of an agent (API: Schedules).
type Schedule struct {
	ID      int64
	AgentID int64
	ScheduleSettings
	NextRunAt time.Time // UTC; zero: none, as after the only run of a ScheduleOnce
	CreatedAt time.Time // UTC; zero: not given
}

// ScheduleList is an agent's list of schedules (API: Schedules).
type ScheduleList struct {
	Schedules []Schedule // in the API's order
	// Skipped is how many elements could not be used. Any of them may be a schedule of the agent.
	Skipped int
}

// Schedules lists all schedules of an agent, disabled ones too (API: Schedules). Elements that cannot be used are left out and
// counted, also when none can be used.
func (c *Client) Schedules(ctx context.Context, agentID int64) (*ScheduleList, error) {
	schedules, err := fetchList(ctx, c, &call{
		method: http.MethodGet, path: schedulesPath(agentID), priority: PriorityList, scope: scopeReadAgents,
	}, func(body io.Reader, r *redactor) (*list[Schedule], error) {
		return decodeAllUsable(body, r, c.newScheduleConverter(agentID))
	})
	if err != nil {
		return nil, err
	}
	return &ScheduleList{Schedules: schedules.elements, Skipped: schedules.skipped}, nil
}

// Schedule reads one schedule (API: Schedules).
func (c *Client) Schedule(ctx context.Context, agentID, scheduleID int64) (*Schedule, error) {
	convert := c.newScheduleConverter(agentID)
	return fetchObject(ctx, c, &call{
		method: http.MethodGet, path: schedulePath(agentID, scheduleID), priority: PriorityList, scope: scopeReadAgents,
	}, func(w *wireSchedule, r *redactor) (Schedule, error) {
		schedule, err := convert(w, r)
		if err == nil && schedule.ID != scheduleID {
			return Schedule{}, fmt.Errorf("it is about schedule %d", schedule.ID)
		}
		return schedule, err
	})
}

// CreateSchedule creates a schedule, and returns it as the API accepted it (API: Schedules).
//
// It is sent, and repeated, as [Client.StartRun] is: ctx counts only until the request is sent, and no request is repeated
// whose outcome is unknown.
func (c *Client) CreateSchedule(ctx context.Context, agentID int64, s ScheduleSettings) (*Schedule, error) {
	convert := c.newScheduleConverter(agentID)
	return fetchObject(ctx, c, &call{
		method: http.MethodPost, path: schedulesPath(agentID), body: s.body(),
		priority: PriorityControl, scope: scopeWriteAgents, detached: true,
	}, func(w *wireSchedule, r *redactor) (Schedule, error) {
		if w.ConfigID == 0 && w.Name == "" { // what no schedule lacks: it is something else that has an id
			return Schedule{}, errors.New("it has no agent and no name")
		}
		return convert(w, r)
	})
}

// UpdateSchedule replaces all that a schedule says (API: Schedules). Settings that are nil, empty or zero are cleared. Read
// the schedule again afterwards: the answer may be empty. A change whose answer was lost is repeated.
func (c *Client) UpdateSchedule(ctx context.Context, agentID, scheduleID int64, s ScheduleSettings) error {
	return c.send(ctx, changeOfSchedule(http.MethodPut, agentID, scheduleID, "", s.body()))
}

// EnableSchedule lets a schedule fire (API: Schedules). Neither EnableSchedule nor DisableSchedule repeats a request whose
// outcome is unknown.
func (c *Client) EnableSchedule(ctx context.Context, agentID, scheduleID int64) error {
	return c.send(ctx, changeOfSchedule(http.MethodPost, agentID, scheduleID, "/enable", nil))
}

// DisableSchedule keeps a schedule from firing (API: Schedules).
func (c *Client) DisableSchedule(ctx context.Context, agentID, scheduleID int64) error {
	return c.send(ctx, changeOfSchedule(http.MethodPost, agentID, scheduleID, "/disable", nil))
}

// DeleteSchedule removes a schedule (API: Schedules). When its answer was lost, it is sent again: then a "not found" can
// mean that the first request had its effect.
func (c *Client) DeleteSchedule(ctx context.Context, agentID, scheduleID int64) error {
	return c.send(ctx, changeOfSchedule(http.MethodDelete, agentID, scheduleID, "", nil))
}

// changeOfSchedule is a call that changes a schedule. Its answer can be empty or any JSON, but not about another schedule: a
// page of a proxy must not count as success.
func changeOfSchedule(method string, agentID, scheduleID int64, action string, body any) *call {
	return &call{
		method: method, path: schedulePath(agentID, scheduleID) + action, body: body, priority: PriorityControl, scope: scopeWriteAgents,
		bodyOptional: true, decode: func(answer io.Reader) error { return checkScheduleAnswer(answer, scheduleID) },
	}
}

func schedulesPath(agentID int64) string { return agentPath(agentID) + "/schedules" }

func schedulePath(agentID, scheduleID int64) string {
	return fmt.Sprintf("%s/%d", schedulesPath(agentID), scheduleID)
}

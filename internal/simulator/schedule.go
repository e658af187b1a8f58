// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"github.com/hashicorp/cronexpr"
)

// Schedule is a schedule of an agent, in three uses: as [Cloud.Schedules] shows it, as a person makes it in the
// dashboard ([Cloud.AddSchedule]), and in an agents file. A person may set what the API refuses, such as a past time.
type Schedule struct {
	// ID is the schedule's id; 0 for a new one: the next id.
	ID   int64        `json:"id,omitempty"`
	Name string       `json:"name"`
	Type ScheduleType `json:"type"`
	// Cron is the expression of ScheduleCRON, with five fields.
	Cron string `json:"cron,omitempty"`
	// StartTime is when ScheduleRunOnce fires, and ScheduleRunEvery fires first; zero for the latter: one period after
	// it was made.
	StartTime Moment `json:"start_time,omitzero"`
	// RunEveryCount and RunEveryPeriod (1 minutes, 2 hours, 3 days, 4 weeks, 5 months) of ScheduleRunEvery.
	RunEveryCount  int64 `json:"run_every_count,omitempty"`
	RunEveryPeriod int64 `json:"run_every_period,omitempty"`
	// Timezone by its IANA name; empty: the server's.
	Timezone string `json:"timezone,omitempty"`
	// LocalSchedule is shown as it is. The API does not say what it holds.
	LocalSchedule any `json:"local_schedule,omitempty"`
	// Disabled schedules do not fire.
	Disabled bool `json:"disabled,omitempty"`

	// The settings of the runs that it starts; nil: none. InputParameters is the text of a JSON object.
	InputParameters        *string `json:"input_parameters,omitempty"`
	Parallelism            *int64  `json:"parallelism,omitempty"`
	ParallelMaxConcurrency *int64  `json:"parallel_max_concurrency,omitempty"`
	ParallelExport         *string `json:"parallel_export,omitempty"`
	ProxyPoolID            *int64  `json:"proxy_pool_id,omitempty"`
	ServerGroupID          *int64  `json:"server_group_id,omitempty"`
	LogLevel               *string `json:"log_level,omitempty"`
	LogMode                *string `json:"log_mode,omitempty"`
	Tag                    *string `json:"tag,omitempty"`
	IsExclusive            bool    `json:"is_exclusive,omitempty"`
	IsWaitOnFailure        bool    `json:"is_wait_on_failure,omitempty"`

	// The cloud sets what is below.

	// AgentID is the agent that it starts.
	AgentID          int64     `json:"-"`
	Created, Updated time.Time `json:"-"`
	// NextRunTime is when it fires next; zero: never.
	NextRunTime time.Time `json:"-"`
	// Firings is how often it has fired, also where the run was Skipped.
	Firings int `json:"-"`
	// LastRunID is the last run that it started; 0: none.
	LastRunID int64 `json:"-"`
}

// ScheduleType is when a schedule fires (API: Schedules).
type ScheduleType int

// The types.
const (
	ScheduleNone     ScheduleType = 0 // it never fires; the API makes none
	ScheduleRunOnce  ScheduleType = 1
	ScheduleRunEvery ScheduleType = 2
	ScheduleCRON     ScheduleType = 3
)

var scheduleTypeNames = map[ScheduleType]string{
	ScheduleNone: "None", ScheduleRunOnce: "RunOnce", ScheduleRunEvery: "RunEvery", ScheduleCRON: "CRON",
}

// MarshalJSON writes the type for an agents file, by name.
func (t ScheduleType) MarshalJSON() ([]byte, error) { return json.Marshal(scheduleTypeNames[t]) }

// UnmarshalJSON reads a type from an agents file: its name or its number.
func (t *ScheduleType) UnmarshalJSON(data []byte) error {
	for number, name := range scheduleTypeNames {
		if s := string(data); s == strconv.Itoa(int(number)) || s == strconv.Quote(name) {
			*t = number
			return nil
		}
	}
	return badValue("%s: a type is None (0), RunOnce (1), RunEvery (2) or CRON (3)", data)
}

// Moment is a time that is RFC 3339 in an agents file, such as "2030-01-31T09:00:00Z".
type Moment struct{ time.Time }

// UnmarshalJSON reads RFC 3339.
func (m *Moment) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &m.Time) != nil {
		return badValue("%s: a time is a string such as \"2030-01-31T09:00:00Z\"", data)
	}
	return nil
}

// schedule is a schedule with its state. The cloud's mutex guards it.
type schedule struct {
	Schedule
	agent *agentState
	// counted is the time from which ScheduleRunEvery counts, if it has no StartTime.
	counted time.Time
	// firedAt is when ScheduleRunOnce has fired; zero: not since its latest change.
	firedAt time.Time
	cron    *cronexpr.Expression // of ScheduleCRON
	zone    *time.Location
}

// change sets the schedule to what is described, as of now. What the cloud sets stays, except the next time.
func (s *schedule) change(to Schedule, defaultZone string, now time.Time) {
	to.ID, to.AgentID, to.Created, to.Updated = s.ID, s.AgentID, s.Created, now
	to.Firings, to.LastRunID = s.Firings, s.LastRunID
	to.StartTime.Time = to.StartTime.UTC().Truncate(time.Millisecond)
	s.Schedule, s.counted, s.firedAt, s.cron = to, now, time.Time{}, nil
	if to.Type == ScheduleCRON {
		s.cron = cronexpr.MustParse(to.Cron) // it was checked
	}
	s.setZone(defaultZone)
	s.plan(now)
}

// setZone sets the zone by whose time of day the schedule fires. defaultZone is the server's.
func (s *schedule) setZone(defaultZone string) {
	s.zone, _ = time.LoadLocation(cmp.Or(s.Timezone, defaultZone)) // it was checked
}

// plan sets the next time after t.
func (s *schedule) plan(t time.Time) {
	s.NextRunTime = time.Time{}
	if !s.Disabled {
		s.NextRunTime = s.nextAfter(t)
	}
}

// enable lets the schedule fire from now on, or never.
func (s *schedule) enable(enabled bool, now time.Time) {
	if s.Disabled != enabled {
		return
	}
	s.Disabled, s.Updated = !enabled, now
	s.plan(now)
}

// isPast tells whether the schedule would never fire although it is enabled.
func (s *schedule) isPast(now time.Time) bool { return s.nextAfter(now).IsZero() }

// hasLostItsTime tells whether it is a ScheduleRunOnce whose time was cleared after it had fired.
func (s *schedule) hasLostItsTime() bool { return s.Type == ScheduleRunOnce && s.StartTime.IsZero() }

// startBody is the start that a firing makes, with all settings that a run shows or follows.
func (s *schedule) startBody() startBody {
	return startBody{
		InputParameters: s.InputParameters, Parallelism: s.Parallelism, ParallelMaxConcurrency: s.ParallelMaxConcurrency,
		ParallelExport: s.ParallelExport, IsExclusive: new(s.IsExclusive), IsWaitOnFailure: new(s.IsWaitOnFailure),
		scheduleID: s.ID,
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// scheduleTypes is the API's table of the types of schedules (API: Schedules). The first has code 0.
var scheduleTypes = []ScheduleType{ScheduleNone, ScheduleOnce, ScheduleEvery, ScheduleCron}

// wireScheduleRequest is the body of a create and of a change. It names every field but tag: what is null is cleared.
type wireScheduleRequest struct {
	Name                   string          `json:"name"`
	ScheduleType           int             `json:"scheduleType"`
	CronExpression         *string         `json:"cronExpression"`
	StartTime              *string         `json:"startTime"`
	RunEveryCount          *int64          `json:"runEveryCount"`
	RunEveryPeriod         *int            `json:"runEveryPeriod"`
	Timezone               *string         `json:"timezone"`
	LocalSchedule          json.RawMessage `json:"localSchedule"`
	InputParameters        *string         `json:"inputParameters"`
	IsEnabled              *bool           `json:"isEnabled"`
	Parallelism            *int64          `json:"parallelism"`
	ParallelMaxConcurrency *int64          `json:"parallelMaxConcurrency"`
	ParallelExport         *string         `json:"parallelExport"`
	ProxyPoolID            *int64          `json:"proxyPoolId"`
	ServerGroupID          *int64          `json:"serverGroupId"`
	LogLevel               *string         `json:"logLevel"`
	LogMode                *string         `json:"logMode"`
	IsExclusive            *bool           `json:"isExclusive"`
	IsWaitOnFailure        *bool           `json:"isWaitOnFailure"`
	Tag                    *string         `json:"tag,omitempty"` // older servers know none
}

func (s ScheduleSettings) body() wireScheduleRequest {
	w := wireScheduleRequest{
		Name:                   s.Name,
		ScheduleType:           max(0, slices.Index(scheduleTypes, s.Type)),
		CronExpression:         nullIfEmpty(s.Cron),
		RunEveryCount:          s.Count,
		Timezone:               nullIfEmpty(s.Timezone),
		LocalSchedule:          s.LocalSchedule,
		InputParameters:        nullIfEmpty(s.InputParameters),
		IsEnabled:              s.Enabled,
		Parallelism:            s.Parallelism,
		ParallelMaxConcurrency: s.ParallelMaxConcurrency,
		ParallelExport:         nullIfEmpty(s.ParallelExport),
		ProxyPoolID:            s.ProxyPoolID,
		ServerGroupID:          s.ServerGroupID,
		LogLevel:               nullIfEmpty(s.LogLevel),
		LogMode:                nullIfEmpty(s.LogMode),
		IsExclusive:            s.Exclusive,
		IsWaitOnFailure:        s.WaitOnFailure,
		Tag:                    nullIfEmpty(s.Tag),
	}
	if !s.StartAt.IsZero() {
		w.StartTime = new(s.StartAt.UTC().Format(time.RFC3339Nano))
	}
	if code := slices.Index(SchedulePeriods(), s.Period) + 1; code > 0 {
		w.RunEveryPeriod = &code
	}
	return w
}

func nullIfEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// wireSchedule is the schedule object. encoding/json matches names without regard to case.
type wireSchedule struct {
	ID                     id
	ConfigID               id // the agent
	Name                   text
	ScheduleType           text
	Schedule               text // the cron expression
	CronExpression         text // its name in requests
	StartTime              timestamp
	RunEveryCount          number
	RunEveryPeriod         text
	Timezone               text
	LocalSchedule          json.RawMessage
	InputParameters        jsonText
	IsEnabled              flag
	Parallelism            number
	ParallelMaxConcurrency number
	ParallelExport         text
	ProxyPoolID            number
	ServerGroupID          number
	LogLevel               text
	LogMode                text
	IsExclusive            flag
	IsWaitOnFailure        flag
	Tag                    text
	NextRunTime            timestamp
	Created                timestamp
}

// maxScheduleTexts is how many bytes of names, tags and input all schedules of a list may have together.
const maxScheduleTexts = 32 * mib

// newScheduleConverter returns the conversion of the schedules of one answer. All texts are data that is compared with a
// configuration and sent back with a change, so only the key is removed from them.
func (c *Client) newScheduleConverter(agentID int64) func(*wireSchedule, *redactor) (Schedule, error) {
	kept := 0
	return func(w *wireSchedule, _ *redactor) (Schedule, error) {
		if kept += len(w.Name) + len(w.InputParameters) + len(w.Tag); kept > maxScheduleTexts {
			return Schedule{}, errTooMany
		}
		return w.toSchedule(agentID, c.keys)
	}
}

// toSchedule checks that the object has an id, and that the schedule is one of the agent's.
func (w *wireSchedule) toSchedule(agentID int64, keys *redactor) (Schedule, error) {
	data := func(s string) string { return keys.replaceSecrets(s, len(s)) }
	switch {
	case w.ID == 0:
		return Schedule{}, errors.New("it has no schedule id")
	case w.ConfigID != 0 && int64(w.ConfigID) != agentID:
		return Schedule{}, fmt.Errorf("it is about schedule %d of agent %d", w.ID, w.ConfigID)
	}
	s := Schedule{
		ID: int64(w.ID), AgentID: agentID, NextRunAt: w.NextRunTime.Time, CreatedAt: w.Created.Time,
		ScheduleSettings: ScheduleSettings{
			Name:                   data(string(w.Name)),
			Type:                   w.scheduleType(keys),
			Enabled:                w.IsEnabled.value,
			StartAt:                w.StartTime.Time,
			Count:                  w.RunEveryCount.nilIfZero(),
			Period:                 decodePeriod(string(w.RunEveryPeriod), keys),
			Timezone:               keys.printable(string(w.Timezone)),
			InputParameters:        data(string(w.InputParameters)),
			Parallelism:            w.Parallelism.nilIfZero(),
			ParallelMaxConcurrency: w.ParallelMaxConcurrency.nilIfZero(),
			ParallelExport:         keys.printable(string(w.ParallelExport)),
			ProxyPoolID:            w.ProxyPoolID.nilIfZero(),
			ServerGroupID:          w.ServerGroupID.nilIfZero(),
			Exclusive:              w.IsExclusive.value,
			LogLevel:               keys.printable(string(w.LogLevel)),
			LogMode:                keys.printable(string(w.LogMode)),
			LocalSchedule:          w.localSchedule(),
			WaitOnFailure:          w.IsWaitOnFailure.value,
			Tag:                    data(string(w.Tag)),
		},
	}
	if s.Type == ScheduleCron {
		s.Cron = data(string(cmp.Or(w.Schedule, w.CronExpression)))
	}
	return s, nil
}

func (w *wireSchedule) localSchedule() json.RawMessage {
	if string(w.LocalSchedule) == "null" {
		return nil
	}
	return w.LocalSchedule
}

// scheduleType reads a code or a name, in any case. Without either it is what the other fields say.
func (w *wireSchedule) scheduleType(keys *redactor) ScheduleType {
	written := strings.TrimSpace(string(w.ScheduleType))
	if code, ok := parseWholeNumber(written); ok && code >= 0 && code < int64(len(scheduleTypes)) {
		return scheduleTypes[code]
	}
	for _, t := range scheduleTypes {
		if strings.EqualFold(written, string(t)) {
			return t
		}
	}
	switch {
	case written != "":
		return ScheduleType(keys.printable(written))
	case cmp.Or(w.Schedule, w.CronExpression) != "":
		return ScheduleCron
	case w.RunEveryCount.nilIfZero() != nil:
		return ScheduleEvery
	case !w.StartTime.IsZero():
		return ScheduleOnce
	}
	return ""
}

// decodePeriod reads a code or a name. What is not in the table stays as it is written.
func decodePeriod(written string, keys *redactor) string {
	names := SchedulePeriods()
	if code, ok := parseWholeNumber(written); ok && code >= 1 && code <= int64(len(names)) {
		return names[code-1]
	}
	for _, name := range names {
		if strings.EqualFold(strings.TrimSpace(written), name) {
			return name
		}
	}
	return keys.printable(written)
}

// jsonText is JSON in a string, or the JSON value itself as text. It is empty when the value is empty, null or absent.
type jsonText string

func (t *jsonText) UnmarshalJSON(data []byte) error {
	*t = ""
	if s, ok := scalar(data); ok {
		*t = jsonText(s)
	} else if data[0] == '{' && json.Valid(data) {
		*t = jsonText(data)
	}
	return nil
}

// checkScheduleAnswer accepts an empty answer and any JSON, unless it is an object about another schedule.
func checkScheduleAnswer(answer io.Reader, scheduleID int64) error {
	data, err := io.ReadAll(io.LimitReader(answer, maxValue))
	if err != nil {
		return err
	}
	data = bytes.TrimSpace(data)
	var object struct{ ID id }
	switch {
	case len(data) == 0:
		return nil
	case !json.Valid(data):
		return errors.New("it is not JSON")
	case data[0] == '{' && json.Unmarshal(data, &object) == nil && object.ID != 0 && int64(object.ID) != scheduleID:
		return fmt.Errorf("it is about schedule %d", object.ID)
	}
	return nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// scheduleBody is the body of a POST or PUT. encoding/json matches field names without regard to case, as the API does.
type scheduleBody struct {
	Name                   *string `json:"name"`
	ScheduleType           *int64  `json:"scheduleType"`
	CronExpression         *string `json:"cronExpression"`
	StartTime              *string `json:"startTime"`
	RunEveryCount          *int64  `json:"runEveryCount"`
	RunEveryPeriod         *int64  `json:"runEveryPeriod"`
	Timezone               *string `json:"timezone"`
	LocalSchedule          any     `json:"localSchedule"`
	InputParameters        *string `json:"inputParameters"`
	IsEnabled              *bool   `json:"isEnabled"`
	Parallelism            *int64  `json:"parallelism"`
	ParallelMaxConcurrency *int64  `json:"parallelMaxConcurrency"`
	ParallelExport         *string `json:"parallelExport"`
	ProxyPoolID            *int64  `json:"proxyPoolId"`
	ServerGroupID          *int64  `json:"serverGroupId"`
	LogLevel               *string `json:"logLevel"`
	LogMode                *string `json:"logMode"`
	IsExclusive            *bool   `json:"isExclusive"`
	IsWaitOnFailure        *bool   `json:"isWaitOnFailure"`
	Tag                    *string `json:"tag"`
}

// settings are what the body asks for. was is the schedule that it replaces; zero: none.
func (b scheduleBody) settings(was Schedule, v ScheduleVariants, now time.Time) (Schedule, error) {
	to := Schedule{
		Name: valueOf(b.Name), Type: ScheduleType(valueOf(b.ScheduleType)), Timezone: valueOf(b.Timezone),
		LocalSchedule: b.LocalSchedule, InputParameters: b.InputParameters, Disabled: b.disables(was, v.AbsentEnabled),
		Parallelism: b.Parallelism, ParallelMaxConcurrency: b.ParallelMaxConcurrency, ParallelExport: b.ParallelExport,
		ProxyPoolID: noneIfZero(b.ProxyPoolID), ServerGroupID: noneIfZero(b.ServerGroupID),
		LogLevel: b.LogLevel, LogMode: b.LogMode, Tag: b.Tag,
		IsExclusive: valueOf(b.IsExclusive), IsWaitOnFailure: valueOf(b.IsWaitOnFailure),
	}
	if v.OlderServer {
		to.Tag = nil
	}
	return to, errors.Join(b.setTimes(&to, was, v.PutKeepsStartTime, now), b.check(was))
}

func (b scheduleBody) disables(was Schedule, absent AbsentEnabled) bool {
	switch {
	case b.IsEnabled != nil:
		return !*b.IsEnabled
	case absent == AbsentIsKept:
		return was.Disabled
	}
	return absent == AbsentIsDisabled
}

// setTimes sets when the schedule fires. It ignores what the type does not use.
func (b scheduleBody) setTimes(to *Schedule, was Schedule, keepsStart bool, now time.Time) error {
	var err error
	switch to.Type {
	case ScheduleRunOnce:
		if b.StartTime == nil && (!keepsStart || was.StartTime.IsZero()) {
			return errors.New("startTime is required for RunOnce")
		}
		to.StartTime, err = b.startTime(was, keepsStart, now.Add(time.Minute), "at least one minute ahead")
	case ScheduleRunEvery:
		if b.RunEveryCount == nil || *b.RunEveryCount < 1 || *b.RunEveryCount > maxRunEveryCount {
			return fmt.Errorf("runEveryCount must be from 1 to %d", maxRunEveryCount)
		}
		if b.RunEveryPeriod == nil || *b.RunEveryPeriod < everyMinutes || *b.RunEveryPeriod > everyMonths {
			return errors.New("runEveryPeriod must be from 1 (minutes) to 5 (months)")
		}
		to.RunEveryCount, to.RunEveryPeriod = *b.RunEveryCount, *b.RunEveryPeriod
		to.StartTime, err = b.startTime(was, keepsStart, now.Add(time.Millisecond), "in the future")
	case ScheduleCRON:
		to.Cron = valueOf(b.CronExpression)
		if err = checkCron(to.Cron, now); err != nil {
			err = fmt.Errorf("cronExpression %q: %w", to.Cron, err)
		}
	default:
		err = errors.New("scheduleType must be 1 (RunOnce), 2 (RunEvery) or 3 (CRON)")
	}
	return err
}

// startTime is the start time that was sent, or that the server keeps; zero: none.
func (b scheduleBody) startTime(was Schedule, keeps bool, earliest time.Time, rule string) (Moment, error) {
	switch {
	case b.StartTime == nil && keeps:
		return was.StartTime, nil
	case b.StartTime == nil:
		return Moment{}, nil
	}
	t, err := parseTime(*b.StartTime)
	switch {
	case err != nil:
		return Moment{}, fmt.Errorf("startTime: %w", err)
	case t.Before(earliest):
		return Moment{}, fmt.Errorf("startTime must be %s", rule)
	}
	return Moment{t}, nil
}

// check finds what is wrong in all else.
func (b scheduleBody) check(was Schedule) error {
	var errs []error
	if strings.TrimSpace(valueOf(b.Name)) == "" {
		errs = append(errs, errors.New("name is required"))
	}
	if b.Timezone != nil {
		if err := checkZone(*b.Timezone); err != nil {
			errs = append(errs, fmt.Errorf("timezone: %w", err))
		}
	}
	return errors.Join(append(errs,
		startBody{InputParameters: b.InputParameters}.validate(),
		checkRange("parallelism", b.Parallelism, 50),
		checkRange("parallelMaxConcurrency", b.ParallelMaxConcurrency, 50),
		checkRange("proxyPoolId", noneIfZero(b.ProxyPoolID), 1<<31-1),
		checkRange("serverGroupId", noneIfZero(b.ServerGroupID), 1<<31-1),
		checkOneOf("parallelExport", b.ParallelExport, known(was.ParallelExport, "Combined", "Separated", "Combine", "Separate")...),
		checkOneOf("logLevel", b.LogLevel, known(was.LogLevel, "Fatal", "Error", "Warning", "Info")...),
		checkOneOf("logMode", b.LogMode, known(was.LogMode, "Text", "TextAndHtml")...),
	)...)
}

// known are the values that the API accepts: those of its table, and what the schedule has already.
func known(has *string, values ...string) []string {
	if has != nil {
		values = append(values, *has)
	}
	return values
}

// scheduleObject is the answer's object of a schedule.
func (c *Cloud) scheduleObject(s *schedule) map[string]any {
	v, next := c.options.Schedules, s.NextRunTime
	if v.FiredKeepsNext && next.IsZero() {
		next = s.firedAt
	}
	object := map[string]any{
		"id": s.ID, "configId": s.AgentID, "name": s.Name, "scheduleType": int(s.Type), "isEnabled": !s.Disabled,
		"schedule": orNull(nullIfEmpty(s.Cron)), "startTime": orNull(spellTime(s.ID, s.StartTime.Time)),
		"nextRunTime": orNull(spellTime(s.ID+1, next)), "created": orNull(spellTime(s.ID+2, s.Created)),
		"runEveryCount": orNull(noneIfZero(&s.RunEveryCount)), "runEveryPeriod": orNull(noneIfZero(&s.RunEveryPeriod)),
		"timezone": orNull(nullIfEmpty(s.Timezone)), "localSchedule": s.LocalSchedule,
		"inputParameters": orNull(s.InputParameters), "parallelism": orNull(s.Parallelism),
		"parallelMaxConcurrency": orNull(s.ParallelMaxConcurrency), "parallelExport": orNull(s.ParallelExport),
		"proxyPoolId": orNull(s.ProxyPoolID), "serverGroupId": orNull(s.ServerGroupID),
		"logLevel": orNull(s.LogLevel), "logMode": orNull(s.LogMode), "tag": orNull(s.Tag),
		"isExclusive": s.IsExclusive, "isWaitOnFailure": s.IsWaitOnFailure,
	}
	if v.TypeNames {
		object["scheduleType"] = scheduleTypeNames[s.Type]
	}
	if v.OlderServer {
		delete(object, "tag")
		object["updated"] = orNull(spellTime(s.ID+3, s.Updated))
	}
	if v.OtherSpellings && s.ParallelExport != nil {
		object["parallelExport"] = strings.TrimSuffix(*s.ParallelExport, "d")
	}
	v.showUnset(object)
	return object
}

// OddSchedules returns elements that a list of the agent's schedules should not have.
func OddSchedules(agentID int64) []Element {
	const rest = `"name":"Odd","scheduleType":3,"schedule":"0 9 * * *","isEnabled":true`
	odd := []Element{"null", "7", `"a schedule"`, "[]", "{}", Element(fmt.Sprintf(`{"configId":%d,%s}`, agentID, rest))}
	for _, id := range []string{"null", "-1", "0", "1e30", `"abc"`, "1.5", "{}"} {
		odd = append(odd, Element(fmt.Sprintf(`{"id":%s,"configId":%d,%s}`, id, agentID, rest)))
	}
	return append(odd, Element(fmt.Sprintf(`{"id":999999,"configId":%d,%s}`, agentID+1, rest))) // of another agent
}

// showUnset shows what is null in its own way.
func (v ScheduleVariants) showUnset(object map[string]any) {
	isNull := func(_ string, value any) bool { return value == nil }
	fill := map[string]any{"timezone": v.DefaultTimezone}
	switch v.Unset {
	case UnsetAbsent:
		maps.DeleteFunc(object, isNull)
		return
	case UnsetFilled:
		fill = map[string]any{
			"timezone": v.DefaultTimezone, "runEveryCount": 0, "runEveryPeriod": 0, "parallelism": 1, "parallelMaxConcurrency": 1,
			"parallelExport": "Combined", "proxyPoolId": 0, "serverGroupId": 0, "logLevel": "Info", "logMode": "Text",
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fill)) {
		if object[name] == nil {
			object[name] = fill[name]
		}
	}
}

// valueOf is what p points to; zero for nil.
func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// orNull is what p points to; null for nil.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// noneIfZero is the number, or nil for 0, which means none.
func noneIfZero(n *int64) *int64 {
	if n == nil || *n == 0 {
		return nil
	}
	return n
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // for machines without a database of zones

	"github.com/hashicorp/cronexpr"
)

// The periods of ScheduleRunEvery.
const (
	everyMinutes = 1
	everyHours   = 2
	everyDays    = 3
	everyWeeks   = 4
	everyMonths  = 5

	maxRunEveryCount = 10_000
)

// nextAfter is the first time after t at which the schedule would fire; zero: never.
func (s *schedule) nextAfter(t time.Time) time.Time {
	switch s.Type {
	case ScheduleRunOnce:
		if s.StartTime.After(t) {
			return s.StartTime.Time
		}
	case ScheduleRunEvery:
		return s.nextPeriodAfter(t)
	case ScheduleCRON:
		if next := s.cron.Next(t.In(s.zone)); !next.IsZero() {
			return next.UTC()
		}
	}
	return time.Time{}
}

// nextPeriodAfter is the first time after t that is a whole number of periods after the schedule's begin.
func (s *schedule) nextPeriodAfter(t time.Time) time.Time {
	begin := s.StartTime.Time
	if begin.IsZero() {
		begin = s.counted
	}
	// The longest that a period can last, apart from a change of the clocks: the count below is never too high.
	longest := map[int64]time.Duration{
		everyMinutes: time.Minute, everyHours: time.Hour, everyDays: 24 * time.Hour, everyWeeks: 7 * 24 * time.Hour,
		everyMonths: 31 * 24 * time.Hour,
	}[s.RunEveryPeriod]
	n := max(0, int64(t.Sub(begin)/longest)/s.RunEveryCount)
	for {
		if next := s.addPeriods(begin, n*s.RunEveryCount); next.After(t) {
			return next
		}
		n++
	}
}

// addPeriods is n periods after t. Days, weeks and months keep the time of day in the schedule's zone. A month without
// that day has its last one instead.
func (s *schedule) addPeriods(t time.Time, n int64) time.Time {
	local, whole := t.In(s.zone), int(n)
	switch s.RunEveryPeriod {
	case everyMinutes:
		return t.Add(time.Duration(n) * time.Minute)
	case everyHours:
		return t.Add(time.Duration(n) * time.Hour)
	case everyDays:
		return local.AddDate(0, 0, whole).UTC()
	case everyWeeks:
		return local.AddDate(0, 0, 7*whole).UTC()
	}
	lastDay := time.Date(local.Year(), local.Month()+time.Month(whole)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return local.AddDate(0, whole, min(0, lastDay-local.Day())).UTC()
}

// checkCron tells what is wrong with an expression; nil: nothing.
func checkCron(expression string, now time.Time) error {
	if n := len(strings.Fields(expression)); n != 5 {
		return fmt.Errorf("it needs five fields, not %d", n)
	}
	cron, err := cronexpr.Parse(expression)
	if err != nil {
		return err
	}
	if neverFires(cron, now) {
		return errors.New("it never fires")
	}
	return nil
}

// neverFires: the library panics for some expressions that have a field without values, such as the month in 0 6 * 11-2 *.
func neverFires(cron *cronexpr.Expression, now time.Time) (never bool) {
	defer func() { never = recover() != nil || never }()
	return cron.Next(now.UTC()).IsZero()
}

// checkZone tells what is wrong with the name of a zone; nil: nothing.
func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return fmt.Errorf("%q is not the name of a time zone, such as Europe/Berlin", name)
	}
	return nil
}

// parseTime reads ISO 8601. Without a zone it is UTC.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time in ISO 8601", text)
}

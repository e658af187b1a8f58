// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"testing"
	"time"
)

// timesOf are the next n times of a schedule that is made at t.
func timesOf(to Schedule, t time.Time, n int) (times []string) {
	s := &schedule{}
	s.change(to, "UTC", t)
	for range n {
		times = append(times, s.NextRunTime.Format("2006-01-02T15:04:05Z07:00"))
		s.plan(s.NextRunTime)
	}
	return times
}

func TestNextTimesOfSchedules(t *testing.T) {
	every := func(count, period int64, zone string) Schedule {
		return Schedule{Type: ScheduleRunEvery, RunEveryCount: count, RunEveryPeriod: period, Timezone: zone}
	}
	from := func(s Schedule, start string) Schedule {
		at, err := time.Parse(time.RFC3339, start)
		if err != nil {
			t.Fatal(err)
		}
		s.StartTime = Moment{at}
		return s
	}
	cron := func(expression, zone string) Schedule {
		return Schedule{Type: ScheduleCRON, Cron: expression, Timezone: zone}
	}
	for name, test := range map[string]struct {
		schedule Schedule
		at       string
		want     []string
	}{
		"once": {from(Schedule{Type: ScheduleRunOnce}, "2026-01-05T10:00:00+02:00"), "2026-01-01T00:00:00Z",
			[]string{"2026-01-05T08:00:00Z", "0001-01-01T00:00:00Z"}},
		"every 90 minutes from its creation": {every(90, everyMinutes, ""), "2026-01-01T00:10:05Z",
			[]string{"2026-01-01T01:40:05Z", "2026-01-01T03:10:05Z"}},
		"every 5 hours from a start": {from(every(5, everyHours, ""), "2026-01-02T00:00:00Z"), "2026-01-01T00:00:00Z",
			[]string{"2026-01-02T00:00:00Z", "2026-01-02T05:00:00Z"}},
		"every 5 hours from a start long ago": {from(every(5, everyHours, ""), "2026-01-01T00:00:00Z"), "2026-03-01T00:00:00Z",
			[]string{"2026-03-01T04:00:00Z", "2026-03-01T09:00:00Z"}},
		"days in UTC over a change of the clocks in Berlin": {every(1, everyDays, ""), "2026-03-28T08:00:00Z",
			[]string{"2026-03-29T08:00:00Z", "2026-03-30T08:00:00Z"}},
		"days in Berlin": {every(1, everyDays, "Europe/Berlin"), "2026-03-28T08:00:00Z",
			[]string{"2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"}},
		"two weeks in New York": {every(2, everyWeeks, "America/New_York"), "2026-10-26T12:00:00Z",
			[]string{"2026-11-09T13:00:00Z", "2026-11-23T13:00:00Z"}},
		"months from the 31st": {every(1, everyMonths, ""), "2026-01-31T06:00:00Z",
			[]string{"2026-02-28T06:00:00Z", "2026-03-31T06:00:00Z", "2026-04-30T06:00:00Z", "2026-05-31T06:00:00Z"}},
		"years from the 29th of February": {every(12, everyMonths, ""), "2024-02-29T06:00:00Z",
			[]string{"2025-02-28T06:00:00Z", "2026-02-28T06:00:00Z", "2027-02-28T06:00:00Z", "2028-02-29T06:00:00Z"}},
		"months from a start ten years ago": {from(every(1, everyMonths, ""), "2016-01-31T06:00:00Z"), "2026-02-28T05:00:00Z",
			[]string{"2026-02-28T06:00:00Z", "2026-03-31T06:00:00Z"}},
		"months from the 31st in Berlin, which is the 30th in UTC": {every(1, everyMonths, "Europe/Berlin"), "2026-01-30T23:30:00Z",
			[]string{"2026-02-27T23:30:00Z", "2026-03-30T22:30:00Z"}},
		"cron in the server's zone": {cron("0 9 * * 1-5", ""), "2026-01-02T09:00:00Z",
			[]string{"2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z"}},
		"cron in Berlin, where the hour is missing": {cron("30 2 * * *", "Europe/Berlin"), "2026-03-27T12:00:00Z",
			[]string{"2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"}},
		"cron in New York, where the hour comes twice": {cron("30 1 * * *", "America/New_York"), "2026-10-31T12:00:00Z",
			[]string{"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z"}},
		"cron on a day of the month or of the week": {cron("0 0 13 * 5", ""), "2026-02-01T00:00:00Z",
			[]string{"2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"}},
		"none": {Schedule{}, "2026-01-01T00:00:00Z", []string{"0001-01-01T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			got := timesOf(test.schedule, at, len(test.want))
			for i, want := range test.want {
				if got[i] != want {
					t.Errorf("time %d is %s, want %s", i, got[i], want)
				}
			}
		})
	}
}

func TestTimesAreReadInEverySpelling(t *testing.T) {
	want := time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	for _, text := range []string{
		"2026-01-02T03:04:05.6Z", "2026-01-02T03:04:05.6000000", "2026-01-02T04:04:05.600+01:00", "2026-01-02T03:04:05.6",
	} {
		if got, err := parseTime(text); err != nil || !got.Equal(want) {
			t.Errorf("%s reads as %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "tomorrow", "2026-13-01T00:00:00Z", "1700000000"} {
		if got, err := parseTime(text); err == nil {
			t.Errorf("%q reads as %s", text, got)
		}
	}
}

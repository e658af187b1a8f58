// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// plannedSchedule is a schedule of the random test, with the times at which it must fire by the test's own computation.
// That goes minute by minute, or period by period from the beginning, and uses nothing of the simulator.
type plannedSchedule struct {
	name    string
	id      int64
	zone    *time.Location
	body    string
	enabled bool

	// One of these says when it fires.
	once   time.Time
	cron   *cronFields
	begin  time.Time // of periods
	count  int
	period int

	counted time.Time // up to which want has been computed
	want    []time.Time
}

// cronFields are the values that a cron expression lists; nil: all of them.
type cronFields struct{ minutes, hours, days, months, weekdays []int }

func (f cronFields) String() string {
	var texts []string
	for _, values := range [][]int{f.minutes, f.hours, f.days, f.months, f.weekdays} {
		text := "*"
		if values != nil {
			text = strings.ReplaceAll(strings.Trim(fmt.Sprint(values), "[]"), " ", ",")
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func (f cronFields) matches(local time.Time) bool {
	has := func(values []int, v int) bool { return values == nil || slices.Contains(values, v) }
	day, weekday := has(f.days, local.Day()), has(f.weekdays, int(local.Weekday()))
	onDay := day && weekday
	if f.days != nil && f.weekdays != nil {
		onDay = day || weekday
	}
	return onDay && has(f.minutes, local.Minute()) && has(f.hours, local.Hour()) && has(f.months, int(local.Month()))
}

// advance computes the firings up to t.
func (p *plannedSchedule) advance(t time.Time) {
	from := p.counted
	p.counted = t
	if !p.enabled {
		return
	}
	switch {
	case p.cron != nil:
		for m := from.Truncate(time.Minute).Add(time.Minute); !m.After(t); m = m.Add(time.Minute) {
			if p.cron.matches(m.In(p.zone)) {
				p.want = append(p.want, m)
			}
		}
	case p.count > 0:
		for n := 0; ; n++ {
			next := p.periodsLater(n * p.count)
			if next.After(t) {
				return
			}
			if next.After(from) {
				p.want = append(p.want, next)
			}
		}
	case p.once.After(from) && !p.once.After(t):
		p.want = append(p.want, p.once)
		p.enabled = false
	}
}

// periodsLater is n periods after the beginning.
func (p *plannedSchedule) periodsLater(n int) time.Time {
	switch p.period {
	case 1:
		return p.begin.Add(time.Duration(n) * time.Minute)
	case 2:
		return p.begin.Add(time.Duration(n) * time.Hour)
	}
	b := p.begin.In(p.zone)
	year, month, day := b.Date()
	switch p.period {
	case 3:
		day += n
	case 4:
		day += 7 * n
	default:
		for range n {
			if month++; month > 12 {
				year, month = year+1, 1
			}
		}
		length := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
		if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
			length = 29
		}
		day = min(day, length)
	}
	return time.Date(year, month, day, b.Hour(), b.Minute(), b.Second(), b.Nanosecond(), p.zone)
}

// randomSchedule makes a schedule at now, by any of the three kinds.
func randomSchedule(r *rand.Rand, n int, now time.Time) *plannedSchedule {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"}
	zone := zones[r.IntN(len(zones))]
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	p := &plannedSchedule{name: fmt.Sprintf("Schedule %d", n), zone: location, enabled: r.IntN(4) > 0, counted: now}
	p.begin = now
	var times string
	switch r.IntN(5) {
	case 0:
		p.once = now.Add(time.Minute + time.Duration(r.IntN(100*24*3600))*time.Second)
		times = fmt.Sprintf(`"scheduleType":1,"startTime":%q`, p.once.Format(time.RFC3339))
	case 1, 2:
		p.count, p.period = 1+r.IntN(4), 1+r.IntN(5)
		if p.period == 1 {
			p.count = 100 + r.IntN(1000) // keeps the number of runs small
		}
		times = fmt.Sprintf(`"scheduleType":2,"runEveryCount":%d,"runEveryPeriod":%d`, p.count, p.period)
		if r.IntN(2) == 0 {
			p.begin = now.Add(time.Duration(1+r.IntN(60*24*60)) * time.Minute)
			times += fmt.Sprintf(`,"startTime":%q`, p.begin.Format("2006-01-02T15:04:05.000"))
		}
	default:
		p.cron = randomCron(r)
		times = fmt.Sprintf(`"scheduleType":3,"cronExpression":%q`, p.cron)
	}
	p.body = fmt.Sprintf(`{"name":%q,"isEnabled":%v,"timezone":%q,%s}`, p.name, p.enabled, zone, times)
	return p
}

func randomCron(r *rand.Rand) *cronFields {
	some := func(low, high, most int) []int {
		values := make([]int, 1+r.IntN(most))
		for i := range values {
			values[i] = low + r.IntN(high-low+1)
		}
		slices.Sort(values)
		return slices.Compact(values)
	}
	f := &cronFields{minutes: some(0, 59, 2)}
	switch r.IntN(3) {
	case 0:
		f.hours = some(0, 3, 3) // where the clocks change
	case 1:
		f.hours = some(0, 23, 2)
	}
	if r.IntN(2) == 0 {
		f.days = some(1, 31, 3)
	}
	if r.IntN(3) == 0 {
		f.months = append(some(3, 11, 4), 12) // one month has 31 days
	}
	if r.IntN(2) == 0 {
		f.weekdays = some(0, 6, 3)
	}
	return f
}

// Months of schedules that are made, changed, enabled, disabled and deleted fire exactly when they should.
func TestSchedulesFireWhenTheyShouldOverAYear(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			o := withAgents(Agent{ID: 4711})
			o.RateLimit = -1
			inBubble(t, o, func(tc *testCloud) {
				r := rand.New(rand.NewPCG(seed, 0))
				var live, gone []*plannedSchedule
				end := time.Now().Add(400 * 24 * time.Hour) // two changes of the clocks, and the 29th of February 2000
				for n := 0; time.Now().Before(end); n++ {
					now := time.Now().UTC()
					for _, p := range live {
						p.advance(now)
					}
					live, gone = tc.playStep(r, n, live, gone)
					time.Sleep(time.Duration(r.IntN(20*24*3600)) * time.Second)
				}
				for _, p := range live {
					p.advance(time.Now().UTC())
				}
				tc.wantFirings(slices.Concat(live, gone))
			})
		})
	}
}

// playStep makes, replaces, deletes, enables or disables a schedule.
func (tc *testCloud) playStep(r *rand.Rand, n int, live, gone []*plannedSchedule) (_, _ []*plannedSchedule) {
	tc.t.Helper()
	now := time.Now().UTC()
	if len(live) < 6 {
		p := randomSchedule(r, n, now)
		object, _ := tc.createSchedule(p.body)
		p.id = int64(object["id"].(float64))
		return append(live, p), gone
	}
	i := r.IntN(len(live))
	p := live[i]
	path := fmt.Sprintf("/agent/4711/schedules/%d", p.id)
	switch r.IntN(4) {
	case 0:
		to := randomSchedule(r, n, now)
		if got := tc.send("PUT", path, to.body); got.code >= 300 {
			tc.t.Fatalf("the PUT of %s answers %d %s", to.body, got.code, got.text)
		}
		to.id, to.want = p.id, p.want
		live[i] = to
	case 1:
		tc.send("DELETE", path, "")
		return slices.Delete(live, i, i+1), append(gone, p)
	case 2:
		tc.send("POST", path+"/disable", "")
		p.enabled = false
	default:
		// A RunOnce whose time has passed is refused.
		if got := tc.send("POST", path+"/enable", ""); got.code < 300 {
			p.enabled = true
		} else if p.once.IsZero() || p.once.After(now) {
			tc.t.Errorf("the enabling of %s answers %d %s", p.body, got.code, got.text)
		}
	}
	return live, gone
}

// wantFirings checks the times of all runs.
func (tc *testCloud) wantFirings(all []*plannedSchedule) {
	tc.t.Helper()
	fired := make(map[int64][]time.Time)
	for _, r := range slices.Backward(tc.Runs(4711)) {
		fired[r.ScheduleID] = append(fired[r.ScheduleID], r.Created)
	}
	total := 0
	for _, p := range all {
		total += len(p.want)
		if got := fired[p.id]; !slices.EqualFunc(got, p.want, time.Time.Equal) {
			tc.t.Errorf("%s: %d firings, want %d: %s", p.body, len(got), len(p.want), firstDifference(got, p.want))
		}
	}
	if total == 0 {
		tc.t.Error("nothing fired")
	}
}

func firstDifference(got, want []time.Time) string {
	for i := range want {
		if i >= len(got) || !got[i].Equal(want[i]) {
			return fmt.Sprintf("the firing at %s is missing", want[i].UTC())
		}
	}
	return fmt.Sprintf("the firing at %s is one too many", got[len(want)].UTC())
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The ids of the wired agent's schedules.
const (
	wiredScheduleID    = 2001
	scheduleToDeleteID = 2002
)

func wiredSchedule(id int64) simulator.Schedule {
	return simulator.Schedule{ID: id, Name: "Nightly", Type: simulator.ScheduleCRON, Cron: "0 3 * * *", LocalSchedule: map[string]any{"a": "b"}}
}

// exerciseSchedules creates a schedule of each type twice, so that each call gets each of its answers, and changes,
// disables, enables and deletes it.
func exerciseSchedules(t *testing.T, c *contractCloud) {
	t.Helper()
	start := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	for _, sent := range []sequentum.ScheduleSettings{
		{
			Name: "Cron", Type: sequentum.ScheduleCron, Cron: "30 6 * * 1-5", Timezone: "Europe/Berlin", Enabled: new(true),
			InputParameters: `{"a": 1}`, Parallelism: new(int64(4)), ParallelMaxConcurrency: new(int64(2)), ParallelExport: "Separated",
			ProxyPoolID: new(int64(8)), ServerGroupID: new(int64(9)), Exclusive: new(true), LogLevel: "Error", LogMode: "Text",
			WaitOnFailure: new(true),
		},
		{Name: "Every", Type: sequentum.ScheduleEvery, Count: new(int64(2)), Period: "weeks", StartAt: start, Enabled: new(false)},
		{Name: "Once", Type: sequentum.ScheduleOnce, StartAt: start},
		{Name: "Every again", Type: sequentum.ScheduleEvery, Count: new(int64(1)), Period: "minutes"},
	} {
		created, err := c.client.CreateSchedule(t.Context(), agentID, sent)
		if err != nil {
			t.Fatal(err)
		}
		checkSchedule(t, c, created)
		sent.Name += ", changed"
		sent.LogMode, sent.Parallelism = "TextAndHtml", nil
		for range 2 {
			if err := c.client.UpdateSchedule(t.Context(), agentID, created.ID, sent); err != nil {
				t.Error(err)
			}
		}
		exerciseSchedule(t, c, created.ID, sent)
	}
}

// exerciseSchedule reads a schedule that says what was sent, in both ways, and then ends it.
func exerciseSchedule(t *testing.T, c *contractCloud, id int64, sent sequentum.ScheduleSettings) {
	t.Helper()
	read, err := c.client.Schedule(t.Context(), agentID, id)
	if err != nil {
		t.Fatal(err)
	}
	checkSchedule(t, c, read)
	if got, _ := c.Schedule(id); got.Name != sent.Name || got.LogMode == nil || *got.LogMode != "TextAndHtml" || got.Parallelism != nil {
		t.Errorf("after the change the cloud has %+v", got)
	}
	l, err := c.client.Schedules(t.Context(), agentID)
	if err != nil || len(l.Schedules) != len(c.Schedules(agentID)) || l.Skipped > 0 {
		t.Fatalf("the list is %+v, %v", l, err)
	}
	for i := range l.Schedules {
		checkSchedule(t, c, &l.Schedules[i])
	}
	for _, enabled := range []bool{false, true} {
		call := c.client.DisableSchedule
		if enabled {
			call = c.client.EnableSchedule
		}
		if err := call(t.Context(), agentID, id); err != nil {
			t.Error(err)
		}
		if got, _ := c.Schedule(id); got.Disabled == enabled {
			t.Errorf("enabled is %v after the change to %v", !got.Disabled, enabled)
		}
	}
	if err := c.client.DeleteSchedule(t.Context(), agentID, id); err != nil {
		t.Error(err)
	}
	if _, err := c.client.Schedule(t.Context(), agentID, id); !sequentum.IsNotFound(err) {
		t.Errorf("after the delete: %v", err)
	}
}

// checkSchedule compares what the client read with what the cloud holds.
func checkSchedule(t *testing.T, c *contractCloud, got *sequentum.Schedule) {
	t.Helper()
	held, ok := c.Schedule(got.ID)
	if !ok || got.AgentID != agentID || got.Name != held.Name || got.Enabled == nil || *got.Enabled == held.Disabled {
		t.Errorf("the client read %+v, and the cloud holds %+v", got, held)
	}
	types := map[simulator.ScheduleType]sequentum.ScheduleType{
		simulator.ScheduleRunOnce: sequentum.ScheduleOnce, simulator.ScheduleRunEvery: sequentum.ScheduleEvery, simulator.ScheduleCRON: sequentum.ScheduleCron,
	}
	if got.Type != types[held.Type] || got.Cron != held.Cron || !got.StartAt.Equal(held.StartTime.Time) || !got.NextRunAt.Equal(held.NextRunTime.Truncate(time.Millisecond)) {
		t.Errorf("the client read the times %+v, and the cloud holds %+v", got, held)
	}
	if held.RunEveryPeriod > 0 && (*got.Count != held.RunEveryCount || got.Period != sequentum.SchedulePeriods()[held.RunEveryPeriod-1]) {
		t.Errorf("the client read every %v %s, and the cloud holds %d %d", got.Count, got.Period, held.RunEveryCount, held.RunEveryPeriod)
	}
	if held.ProxyPoolID != nil && !reflect.DeepEqual([]*int64{got.ProxyPoolID, got.ServerGroupID}, []*int64{held.ProxyPoolID, held.ServerGroupID}) {
		t.Errorf("the client read pool %v and group %v", got.ProxyPoolID, got.ServerGroupID)
	}
	if held.InputParameters != nil && got.InputParameters != *held.InputParameters || got.CreatedAt.IsZero() {
		t.Errorf("the client read the input %q and the creation %v", got.InputParameters, got.CreatedAt)
	}
}

// TestSchedulesKeepTheContract reads schedules in all of the simulator's shapes.
func TestSchedulesKeepTheContract(t *testing.T) {
	for name, v := range map[string]simulator.ScheduleVariants{
		"null": {}, "absent": {Unset: simulator.UnsetAbsent}, "filled": {Unset: simulator.UnsetFilled}, "names": {TypeNames: true, OtherSpellings: true},
		"older server": {OlderServer: true}, "another zone": {DefaultTimezone: "Europe/Berlin"}, "kept": {PutKeepsStartTime: true, AbsentEnabled: simulator.AbsentIsKept},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}, Schedules: v})
				exerciseSchedules(t, c)
			})
		})
	}
}

// TestUnusableSchedulesAreSkipped hides usable schedules among elements that cannot be used.
func TestUnusableSchedulesAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}})
		odd := simulator.OddSchedules(agentID)
		c.Inject(simulator.Fault{Kind: simulator.KindSchedules, Insert: odd})
		var requests, answers []string
		c.contract.report = splitReports(&requests, &answers) // the odd elements have no contract
		l, err := c.client.Schedules(t.Context(), agentID)
		if err != nil || len(l.Schedules) != 2 || l.Skipped != len(odd) {
			t.Errorf("of two schedules and %d odd elements the client read %+v, %v", len(odd), l, err)
		}
	})
}

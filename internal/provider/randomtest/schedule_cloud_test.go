// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// randomScheduleFault is a fault of any kind of request about schedules.
func randomScheduleFault(rng *rand.Rand) simulator.Fault {
	return faultOf(rng, simulator.KindScheduleCreate, pick(rng, simulator.KindScheduleCreate, simulator.KindScheduleCreate, simulator.KindScheduleUpdate,
		simulator.KindScheduleUpdate, simulator.KindScheduleEnable, simulator.KindScheduleDisable, simulator.KindScheduleDelete,
		simulator.KindSchedules, simulator.KindSchedules, simulator.KindSchedule, simulator.KindAgent, simulator.AnyKind))
}

// oddScheduleAnswer is a single answer that must not decide anything. It can be untrue: that a schedule is not found, or
// access refused. No effect is denied that was taken.
func oddScheduleAnswer(rng *rand.Rand) simulator.Fault {
	f := simulator.Fault{
		Kind: pick(rng, simulator.KindSchedules, simulator.KindSchedules, simulator.KindSchedule, simulator.KindSchedule,
			simulator.KindScheduleCreate, simulator.KindScheduleUpdate, simulator.KindScheduleEnable, simulator.KindScheduleDisable,
			simulator.KindScheduleDelete, simulator.KindAgent),
		Skip: max(0, rng.IntN(4)-2), Action: simulator.StatusCode,
		Code: pick(rng, 301, 400, 401, 403, 403, 404, 404, 404, 405, 410, 422),
	}
	switch rng.IntN(4) {
	case 0: // a firewall's page, or the login page of a network
		f.Action, f.After, f.Code = simulator.HTML, oneIn(rng, 2), pick(rng, 200, 403, 404, 511)
	case 1:
		f.Shape = pick(rng, simulator.AllErrorShapes()...)
	}
	return f
}

// rush has a person add a schedule with the same name and settings at the very moment when a create's answer is lost.
func (s *scheduleSequence) rush(r simulator.Request) {
	if r.Kind != simulator.KindScheduleCreate || r.Status >= 200 && r.Status < 500 {
		return
	}
	block := pick(rand.New(rand.NewPCG(uint64(r.Time.UnixNano()), 0)), s.schedules...)
	twin := s.addTwin(block)
	if twin.ID == 0 {
		return
	}
	s.note("  a create is answered with %d; a person adds schedule %d, like %s", r.Status, twin.ID, block.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rushed = append(s.rushed, twin)
}

// addTwin has a person add a schedule with the name and settings of a block. ID 0: the block is not known as a whole.
func (s *scheduleSequence) addTwin(r *randomSchedule) simulator.Schedule {
	if r.after != "" {
		return simulator.Schedule{}
	}
	twin := simulator.Schedule{Name: r.title, Timezone: r.zone, Disabled: r.enabled == "false", IsExclusive: r.exclusive == "true"}
	if r.inputVersion > 0 {
		twin.InputParameters = new(core.TextOf(core.ObjectOf(core.Schemas()[scheduleType], map[string]tftypes.Value{"input_parameters": r.input(core.Number(0))}), "input_parameters"))
	}
	for to, value := range map[**int64]int64{
		&twin.Parallelism: r.parallelism, &twin.ParallelMaxConcurrency: r.maxConcurrency, &twin.ProxyPoolID: r.pool, &twin.ServerGroupID: r.group,
	} {
		if value > 0 {
			*to = &value
		}
	}
	for to, value := range map[**string]string{&twin.ParallelExport: r.export, &twin.LogLevel: r.logLevel, &twin.LogMode: r.logMode} {
		if value != "" {
			*to = &value
		}
	}
	switch r.kind {
	case "cron":
		twin.Type, twin.Cron = simulator.ScheduleCRON, r.cron
	case "every":
		twin.Type, twin.RunEveryCount, twin.Timezone = simulator.ScheduleRunEvery, r.count, ""
		twin.RunEveryPeriod = int64(slices.Index([]string{"", "minutes", "hours", "days", "weeks", "months"}, r.period))
		twin.StartTime = simulator.Moment{Time: r.begins}
	case "once":
		twin.Type, twin.StartTime, twin.Timezone = simulator.ScheduleRunOnce, simulator.Moment{Time: r.at}, ""
	}
	return s.cloud.AddSchedule(r.agentID, twin)
}

// randomEdits are what a person changes in the dashboard.
var randomEdits = []func(*simulator.Schedule, *rand.Rand){
	func(one *simulator.Schedule, rng *rand.Rand) { one.Name = pick(rng, "Renamed", one.Name+" (old)") },
	func(one *simulator.Schedule, _ *rand.Rand) { one.Disabled = !one.Disabled },
	func(one *simulator.Schedule, _ *rand.Rand) { one.Disabled = !one.Disabled },
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.InputParameters = pick(rng, nil, new(`{"version":2}`), new(`{}`))
	},
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.Parallelism = pick(rng, nil, new(int64(1)), new(int64(2)))
	},
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.ParallelMaxConcurrency = pick(rng, nil, new(int64(2)))
	},
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.ParallelExport = pick(rng, nil, new("Combined"), new("Separated"))
	},
	func(one *simulator.Schedule, rng *rand.Rand) { one.ProxyPoolID = pick(rng, nil, new(int64(7))) },
	func(one *simulator.Schedule, rng *rand.Rand) { one.ServerGroupID = pick(rng, nil, new(int64(7))) },
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.LogLevel = pick(rng, nil, new("Info"), new("Debug"))
	},
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.LogMode = pick(rng, nil, new("TextAndHtml"), new("None"))
	},
	func(one *simulator.Schedule, _ *rand.Rand) { one.IsExclusive = !one.IsExclusive },
	func(one *simulator.Schedule, _ *rand.Rand) { one.IsWaitOnFailure = !one.IsWaitOnFailure },
	func(one *simulator.Schedule, rng *rand.Rand) { one.Tag = pick(rng, nil, new("mine"), new("theirs")) },
	func(one *simulator.Schedule, _ *rand.Rand) { one.IsWaitOnFailure, one.Tag = true, new("mine") },
	func(one *simulator.Schedule, rng *rand.Rand) {
		one.Timezone = pick(rng, "", "Europe/Berlin", "Asia/Tokyo")
	},
	func(one *simulator.Schedule, _ *rand.Rand) { one.Type, one.Cron = simulator.ScheduleCRON, "15 5 * * *" },
	func(one *simulator.Schedule, _ *rand.Rand) {
		one.Type, one.RunEveryCount, one.RunEveryPeriod, one.StartTime = simulator.ScheduleRunEvery, 2, 3, simulator.Moment{}
	},
	func(one *simulator.Schedule, rng *rand.Rand) {
		if one.Type == simulator.ScheduleRunOnce || one.Type == simulator.ScheduleRunEvery {
			one.StartTime = simulator.Moment{Time: soon(rng, time.Now())}
		}
	},
}

// randomHappening is drawn by the sequence's own goroutine; do may be called by any.
func (s *scheduleSequence) randomHappening() happening {
	agentID, block := pick(s.rng, s.agents...).ID, pick(s.rng, s.schedules...)
	edits := rand.New(rand.NewPCG(s.rng.Uint64(), 0))
	length := upTo(s.rng, time.Minute)
	anySchedule := func(act func(one simulator.Schedule)) func() {
		return func() {
			if all := s.cloud.Schedules(agentID); len(all) > 0 {
				act(pick(edits, all...))
			}
		}
	}
	edit := happening{fmt.Sprintf("a person changes a schedule (agent %d)", agentID), anySchedule(func(one simulator.Schedule) {
		change := pick(edits, randomEdits...)
		also := pick(edits, randomEdits...)
		if s.cloud.EditSchedule(one.ID, func(to *simulator.Schedule) { change(to, edits); also(to, edits) }) {
			s.hand(one.ID)
			to, _ := s.cloud.Schedule(one.ID)
			s.note("  schedule %d: %s", one.ID, describeSchedule(to))
		}
	})}
	all := []happening{
		edit, edit, edit, edit,
		{fmt.Sprintf("a person deletes a schedule (agent %d)", agentID), anySchedule(func(one simulator.Schedule) {
			s.takeCensus()
			s.noteUnseen(one.ID)
			s.note("  schedule %d: %v", one.ID, s.cloud.DeleteSchedule(one.ID))
			s.hand(one.ID)
		})},
		{"a person adds a schedule like that of " + block.name, func() { s.addTwin(block) }},
		{"a person adds a schedule", func() {
			s.cloud.AddSchedule(agentID, simulator.Schedule{
				Name: pick(edits, block.title, "A person's"), Type: simulator.ScheduleCRON, Cron: "0 12 * * *",
				LocalSchedule: pick[any](edits, nil, true, "local"), IsWaitOnFailure: oneIn(edits, 2),
			})
		}},
		{"an outage of the API begins", s.window(length, s.cloud.Outage)},
		{"the key loses its scope", s.window(length, s.cloud.Forbid)},
	}
	if s.odd.refusals {
		all = append(all, happening{"the key is revoked", s.window(length, s.revoke)})
	}
	return pick(s.rng, all...)
}

// describeSchedule shows what the history needs.
func describeSchedule(one simulator.Schedule) string {
	settings := string(marshal(one))
	return fmt.Sprintf("%s, next %s", settings, one.NextRunTime.Format(http.TimeFormat))
}

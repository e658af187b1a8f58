// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// How a schedule on the platform is compared with what a request sent.

// modelOfSettings holds what a request sends, for a comparison.
func modelOfSettings(s sequentum.ScheduleSettings) *scheduleModel {
	return shownModel(&sequentum.Schedule{ScheduleSettings: s})
}

// compared are the values by which a schedule is recognized: the argument, the value that was sent, the one that is shown,
// and whether they mean the same.
type compared struct {
	argument    string
	sent, shown attr.Value
	same        bool
}

func compareSettings(sent, shown *scheduleModel) []compared {
	line := func(argument string, sent, shown attr.Value) compared {
		return compared{argument, sent, shown, sent.Equal(shown)}
	}
	text := func(argument string, sent, shown types.String, same func(a, b types.String) bool) compared {
		return compared{argument, sent, shown, same(sent, shown)}
	}
	return []compared{
		text("cron.expression", textIn(sent.Cron, "expression"), textIn(shown.Cron, "expression"), sameCron),
		text("cron.timezone", textIn(sent.Cron, "timezone"), textIn(shown.Cron, "timezone"), sameFold),
		line("every.count", countIn(sent.Every), countIn(shown.Every)),
		line("every.period", textIn(sent.Every, "period"), textIn(shown.Every, "period")),
		text(everyStartTime, textIn(sent.Every, "start_time"), textIn(shown.Every, "start_time"), sameInstant),
		text("once.start_time", textIn(sent.Once, "start_time"), textIn(shown.Once, "start_time"), sameInstant),
		text("input_parameters", sent.InputParameters, shown.InputParameters, sameInput),
		line("server_group_id", sent.ServerGroupID, shown.ServerGroupID),
		line("parallelism", sent.Parallelism, shown.Parallelism),
		line("parallel_max_concurrency", sent.ParallelMaxConcurrency, shown.ParallelMaxConcurrency),
		text("parallel_export", sent.ParallelExport, shown.ParallelExport, sameExport),
		line("proxy_pool_id", sent.ProxyPoolID, shown.ProxyPoolID),
		{"exclusive", sent.Exclusive, shown.Exclusive, sameExclusive(sent.Exclusive, shown.Exclusive)},
		text("log_level", sent.LogLevel, shown.LogLevel, sameFold),
		text("log_mode", sent.LogMode, shown.LogMode, sameFold),
	}
}

// firstDifference says how a schedule differs from what a request sent; "": it does not. What was not sent, or is not
// shown, is no difference.
func firstDifference(sent, shown sequentum.ScheduleSettings) string {
	return difference(sent, shown, func(c compared) bool { return c.shown.IsNull() || c.same })
}

// firstUnmet is firstDifference for a change that may have had no effect: what was sent and is not shown was not taken.
func firstUnmet(sent, shown sequentum.ScheduleSettings) string {
	return difference(sent, shown, func(c compared) bool { return c.same })
}

// difference is about what was sent and is not met.
func difference(sent, shown sequentum.ScheduleSettings, met func(compared) bool) string {
	switch {
	case strings.TrimSpace(sent.Name) != strings.TrimSpace(shown.Name):
		return fmt.Sprintf("its name is %s", quoted(shown.Name))
	case shown.Type != "" && sent.Type != shown.Type:
		return fmt.Sprintf("its type is %s, but %s was sent", quoted(string(shown.Type)), sent.Type)
	}
	for _, c := range compareSettings(modelOfSettings(sent), modelOfSettings(shown)) {
		if !c.sent.IsNull() && !met(c) {
			return fmt.Sprintf("its %s is %s, but %s was sent", c.argument, oneLine(c.shown.String()), oneLine(c.sent.String()))
		}
	}
	return ""
}

// removes reports whether a plan takes an argument away. An answer cannot show that: the server may fill in a default.
func (m *scheduleModel) removes(state *scheduleModel) bool {
	planned := m.optionalValues()
	for name, value := range state.optionalValues() {
		if after, same := planned[name]; same && after.IsNull() && !value.IsNull() {
			return true
		}
	}
	return false
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// A server fills in defaults for what was sent as null. Such a default is no drift, but a value that a person has set on the
// platform is. Both look the same in an answer. So private state remembers what the answer to the provider's own create or
// change showed for each argument that is null: as long as the platform shows that, nothing has changed.

const filledKey = "filled"

// filledValues are the values that the platform showed when it was last changed from here, by argument, for the arguments
// that are null in state. A nil map: it was never changed from here.
type filledValues map[string]string

const everyStartTime = "every.start_time"

// optionalValues are the arguments for which a server can fill in a default.
func (m *scheduleModel) optionalValues() map[string]attr.Value {
	values := map[string]attr.Value{
		"input_parameters":         m.InputParameters,
		"server_group_id":          m.ServerGroupID,
		"parallelism":              m.Parallelism,
		"parallel_max_concurrency": m.ParallelMaxConcurrency,
		"parallel_export":          m.ParallelExport,
		"proxy_pool_id":            m.ProxyPoolID,
		"exclusive":                m.Exclusive,
		"log_level":                m.LogLevel,
		"log_mode":                 m.LogMode,
	}
	if isSet(m.Cron) {
		values["cron.timezone"] = textIn(m.Cron, "timezone")
	}
	if isSet(m.Every) {
		values[everyStartTime] = textIn(m.Every, "start_time")
	}
	return values
}

// filledBy notes what the platform shows for the arguments that are null in the model. It also notes a start time that
// differs: an update cannot send one that has passed.
func (m *scheduleModel) filledBy(s *sequentum.Schedule) filledValues {
	filled, shown := filledValues{}, shownModel(s).optionalValues()
	for name, value := range m.optionalValues() {
		if value.IsNull() || name == everyStartTime {
			filled[name] = textOf(shown[name])
		}
	}
	return filled
}

// textOf is a value as text; "" for null.
func textOf(value attr.Value) string {
	if value == nil || value.IsNull() {
		return ""
	}
	return value.String()
}

// isDefault reports whether a value that the platform shows for an argument is what it filled in itself.
func (f filledValues) isDefault(name string, shown attr.Value) bool {
	text, noted := textOf(shown), f[name]
	if name == "exclusive" { // null counts as false (API: Schedules)
		text, noted = strings.TrimPrefix(text, "false"), strings.TrimPrefix(noted, "false")
	}
	return text == noted
}

// merged is the value of an argument after a refresh: prior when the platform shows the same, in whatever spelling, or a
// default that it filled in for null; else what it shows.
func merged[T attr.Value](f filledValues, name string, prior, shown T, same func(prior, shown T) bool) T {
	if same(prior, shown) || prior.IsNull() && f.isDefault(name, shown) {
		return prior
	}
	return shown
}

func sameValue[T attr.Value](a, b T) bool { return a.Equal(b) }

func sameFold(a, b types.String) bool {
	return a.Equal(b) || isSet(a) && isSet(b) && strings.EqualFold(a.ValueString(), b.ValueString())
}

// sameExport also knows the other spellings, Combine and Separate (API: Schedules).
func sameExport(a, b types.String) bool {
	short := func(s types.String) types.String {
		if !isSet(s) {
			return s
		}
		return types.StringValue(strings.TrimSuffix(strings.ToLower(s.ValueString()), "d"))
	}
	return short(a).Equal(short(b))
}

// refreshFrom takes over what the platform shows differently from the model: the drift.
func (m *scheduleModel) refreshFrom(s *sequentum.Schedule, f filledValues) {
	shown := shownModel(s)
	m.Name = shown.Name
	if !shown.Enabled.IsNull() {
		m.Enabled = shown.Enabled
	}
	m.scheduleTiming = m.refreshedTiming(shown.scheduleTiming, f)
	m.InputParameters = merged(f, "input_parameters", m.InputParameters, shown.InputParameters, sameInput)
	m.ServerGroupID = merged(f, "server_group_id", m.ServerGroupID, shown.ServerGroupID, sameValue)
	m.Parallelism = merged(f, "parallelism", m.Parallelism, shown.Parallelism, sameValue)
	m.ParallelMaxConcurrency = merged(f, "parallel_max_concurrency", m.ParallelMaxConcurrency, shown.ParallelMaxConcurrency, sameValue)
	m.ParallelExport = merged(f, "parallel_export", m.ParallelExport, shown.ParallelExport, sameExport)
	m.ProxyPoolID = merged(f, "proxy_pool_id", m.ProxyPoolID, shown.ProxyPoolID, sameValue)
	m.Exclusive = merged(f, "exclusive", m.Exclusive, shown.Exclusive, sameExclusive)
	m.LogLevel = merged(f, "log_level", m.LogLevel, shown.LogLevel, sameFold)
	m.LogMode = merged(f, "log_mode", m.LogMode, shown.LogMode, sameFold)
}

// sameExclusive takes null in an answer for false (API: Schedules).
func sameExclusive(prior, shown types.Bool) bool {
	return prior.Equal(shown) || isSet(prior) && !prior.ValueBool() && shown.IsNull()
}

// refreshedTiming merges the times if the schedule still fires in the same way.
func (m *scheduleModel) refreshedTiming(shown scheduleTiming, f filledValues) scheduleTiming {
	text := func(object func(*scheduleTiming) types.Object, argument, name string, same func(a, b types.String) bool) types.String {
		return merged(f, argument, textIn(object(&m.scheduleTiming), name), textIn(object(&shown), name), same)
	}
	cron := func(t *scheduleTiming) types.Object { return t.Cron }
	every := func(t *scheduleTiming) types.Object { return t.Every }
	once := func(t *scheduleTiming) types.Object { return t.Once }
	switch {
	case isSet(shown.Cron) && isSet(m.Cron):
		shown.Cron = cronObject(text(cron, "cron.expression", "expression", sameCron), text(cron, "cron.timezone", "timezone", sameFold))
	case isSet(shown.Every) && isSet(m.Every):
		start := text(every, everyStartTime, "start_time", func(prior, shown types.String) bool {
			_, noted := f[everyStartTime]
			return sameInstant(prior, shown) || noted && f.isDefault(everyStartTime, shown)
		})
		shown.Every = everyObject(countIn(shown.Every), textIn(shown.Every, "period"), start)
	case isSet(shown.Once) && isSet(m.Once):
		shown.Once = onceObject(text(once, "once.start_time", "start_time", sameInstant))
	}
	return shown
}

// readFilled reads the note from private state; nil: there is none.
func readFilled(ctx context.Context, private privateState, diags *diag.Diagnostics) filledValues {
	raw, d := private.GetKey(ctx, filledKey)
	diags.Append(d...)
	var f filledValues
	if len(raw) > 0 && json.Unmarshal(raw, &f) != nil {
		return nil // written by another version: then each value of the platform shows
	}
	return f
}

func (f filledValues) write(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	raw, err := json.Marshal(f)
	if err != nil {
		panic(err) // a map of strings
	}
	diags.Append(private.SetKey(ctx, filledKey, raw)...)
}

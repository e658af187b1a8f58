// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// This file says what a configuration means, and whether the cloud holds it. It is a second reading of the documentation:
// it shares nothing with the provider.

// differences are the arguments of which the cloud holds something else than they ask for. Where answers show the server's
// own default for what is not set, both are the same.
func (s *scheduleSequence) differences(want tftypes.Value, has simulator.Schedule) []string {
	var differ []string
	check := func(argument string, same bool) {
		if !same {
			differ = append(differ, argument)
		}
	}
	// shown is what an answer shows for what is not set.
	shown := func(value, byDefault string) string {
		if s.variants.Unset == simulator.UnsetFilled && value == "" {
			return byDefault
		}
		return value
	}
	number := func(argument string, has *int64, byDefault string) {
		text := func(n int64) string { return strings.TrimPrefix(strconv.FormatInt(n, 10), "0") }
		check(argument, shown(text(core.NumberOf(want, argument)), byDefault) == shown(text(valueOf(has)), byDefault))
	}
	text := func(argument string, has *string, byDefault string) {
		spelled := func(s string) string { return strings.TrimSuffix(s, "d") }
		check(argument, shown(spelled(core.TextOf(want, argument)), byDefault) == shown(spelled(valueOf(has)), byDefault))
	}
	check("name", core.TextOf(want, "name") == has.Name)
	check("enabled", (core.Attributes(want)["enabled"].IsNull() || core.BoolOf(want, "enabled")) == !has.Disabled)
	check("input_parameters", sameJSON(core.TextOf(want, "input_parameters"), valueOf(has.InputParameters)))
	number("parallelism", has.Parallelism, "1")
	number("parallel_max_concurrency", has.ParallelMaxConcurrency, "1")
	number("proxy_pool_id", has.ProxyPoolID, "")
	number("server_group_id", has.ServerGroupID, "")
	text("parallel_export", has.ParallelExport, "Combine")
	text("log_level", has.LogLevel, "Info")
	text("log_mode", has.LogMode, "Text")
	check("exclusive", core.BoolOf(want, "exclusive") == has.IsExclusive)
	return append(differ, s.timingDifferences(want, has)...)
}

// timingDifferences are those of cron, every and once.
func (s *scheduleSequence) timingDifferences(want tftypes.Value, has simulator.Schedule) []string {
	all := core.Attributes(want)
	cron, every, once := all["cron"], all["every"], all["once"]
	same := false
	switch has.Type {
	case simulator.ScheduleCRON:
		zone := core.TextOf(cron, "timezone")
		shown := has.Timezone
		if shown == "" && s.variants.Unset != simulator.UnsetAbsent {
			shown = s.variants.DefaultTimezone
		}
		same = !cron.IsNull() && slices.Equal(strings.Fields(core.TextOf(cron, "expression")), strings.Fields(has.Cron)) &&
			(zone == shown || zone == "" && shown == s.variants.DefaultTimezone && s.variants.Unset != simulator.UnsetAbsent)
	case simulator.ScheduleRunEvery:
		period := slices.Index([]string{"minutes", "hours", "days", "weeks", "months"}, core.TextOf(every, "period")) + 1
		same = !every.IsNull() && core.NumberOf(every, "count") == has.RunEveryCount && int64(period) == has.RunEveryPeriod &&
			s.sameBegin(timeOf(every), has)
	case simulator.ScheduleRunOnce:
		same = !once.IsNull() && timeOf(once).Equal(has.StartTime.Truncate(time.Second))
	}
	if same {
		return nil
	}
	return []string{"its time"}
}

// sameBegin compares the start time of every. One that has passed cannot be sent again: then what the provider has left is
// as good.
func (s *scheduleSequence) sameBegin(want time.Time, has simulator.Schedule) bool {
	left, known := s.begins.Load(has.ID)
	asLeft := known && left.(time.Time).Equal(has.StartTime.Time)
	if want.IsZero() {
		return has.StartTime.IsZero() || s.variants.PutKeepsStartTime && asLeft
	}
	return want.Equal(has.StartTime.Truncate(time.Second)) || asLeft && !want.After(time.Now())
}

// timeOf is the start_time of an object.
func timeOf(timing tftypes.Value) time.Time {
	t, err := time.Parse(time.RFC3339, core.TextOf(timing, "start_time"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// hasPassed reports whether a configuration or state fires once, at a time that has passed.
func hasPassed(v tftypes.Value) bool {
	at := timeOf(core.Attributes(v)["once"])
	return !at.IsZero() && !at.After(time.Now())
}

// isOver reports whether a schedule never fires again because its one time has passed.
func isOver(s simulator.Schedule) bool {
	return s.Type == simulator.ScheduleRunOnce && !s.StartTime.After(time.Now())
}

// isNearlyOver reports whether a schedule looks as if it had fired, to a machine whose clock can be two minutes behind: it is
// disabled just before its one time.
func isNearlyOver(s simulator.Schedule) bool {
	return s.Type == simulator.ScheduleRunOnce && s.Disabled && !s.StartTime.After(time.Now().Add(2*time.Minute))
}

// sameJSON compares two objects. An empty one is the same as none.
func sameJSON(a, b string) bool {
	read := func(text string) map[string]any {
		object := map[string]any{}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &object); err != nil {
				panic(fmt.Sprintf("%q: %v", text, err)) // nobody sets what is no object
			}
		}
		return object
	}
	return reflect.DeepEqual(read(a), read(b))
}

func numberText(v tftypes.Value) string {
	var n big.Float
	if err := v.As(&n); err != nil {
		panic(err)
	}
	return n.Text('f', 0)
}

// valueOf is what p points to; zero for nil.
func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// describeValue shows a configuration or a state, without what is null.
func describeValue(v tftypes.Value) string {
	var text string
	switch {
	case !v.IsKnown():
		return "(known after apply)"
	case v.Type().Is(tftypes.Object{}):
		var parts []string
		for name, a := range core.Attributes(v) {
			if !a.IsNull() {
				parts = append(parts, name+"="+describeValue(a))
			}
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, " ") + "}"
	case v.Type().Is(tftypes.Number):
		return numberText(v)
	case v.Type().Is(tftypes.String) && v.As(&text) == nil:
		return text
	}
	return v.String()
}

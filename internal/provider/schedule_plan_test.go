// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Each mistake is found before anything is sent. The text names what is wrong and shows what is right.
func TestScheduleMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		kind  string
		value tftypes.Value
		more  map[string]tftypes.Value
		want  []string
	}{
		"nothing":               {"", tftypes.Value{}, nil, []string{"The schedule does not say when it fires", `cron = { expression = "30 6 * * 1-5", timezone = "Europe/Berlin" }`}},
		"two":                   {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"every": everyOf(1, "days")}, []string{"every conflicts with cron", "Exactly one of cron, every and once"}},
		"all three":             {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"every": everyOf(1, "days"), "once": onceAt(at(time.Hour))}, []string{"every conflicts with cron"}},
		"a minute":              {"cron", cronOf("61 3 * * *"), nil, []string{`cron.expression: "61 3 * * *" cannot be used`, `the minute field cannot be "61"`, `such as "30 6 * * 1-5"`}},
		"an hour":               {"cron", cronOf("0 24 * * *"), nil, []string{`the hour field cannot be "24"`}},
		"a day":                 {"cron", cronOf("0 3 0 * *"), nil, []string{`the day-of-month field cannot be "0"`}},
		"a month":               {"cron", cronOf("0 3 * 13 *"), nil, []string{`the month field cannot be "13"`}},
		"a weekday":             {"cron", cronOf("0 3 * * fun"), nil, []string{`the day-of-week field cannot be "fun"`}},
		"a step":                {"cron", cronOf("*/0 3 * * *"), nil, []string{`the minute field cannot be "*/0"`}},
		"a range backwards":     {"cron", cronOf("0 22-2 * * *"), nil, []string{`it never fires, because "22-2" in the hour field matches no value`}},
		"months backwards":      {"cron", cronOf("0 6 * 11-2 *"), nil, []string{`it never fires, because "11-2" in the month field matches no value`}},
		"minutes backwards":     {"cron", cronOf("59-1 7 * * *"), nil, []string{`it never fires, because "59-1" in the minute field matches no value`}},
		"30 February":           {"cron", cronOf("0 3 30 2 *"), nil, []string{"it never fires: there is no such date"}},
		"an empty element":      {"cron", cronOf("0,,5 * * * *"), nil, []string{`the minute field cannot be "0,,5"`}},
		"a trailing comma":      {"cron", cronOf("0 3, * * *"), nil, []string{`the hour field cannot be "3,"`}},
		"a zone before":         {"cron", cronOf("CRON_TZ=Asia/Tokyo 0 3 * * *"), nil, []string{`cannot begin with a time zone. Set the zone beside it, for example timezone = "Asia/Tokyo"`}},
		"an old zone before":    {"cron", cronOf("TZ=UTC 0 3 * * *"), nil, []string{`for example timezone = "UTC"`}},
		"a short form in zone":  {"cron", cronOf("CRON_TZ= @daily"), nil, []string{`for example timezone = "Europe/Berlin"`}},
		"year 1, every":         {"every", everyFrom(1, "days", "0001-01-01T00:00:00Z"), nil, []string{`every.start_time: "0001-01-01T00:00:00Z" is before 1970`, "leave it out"}},
		"year 1, once":          {"once", onceAt("0001-01-01T00:00:00Z"), nil, []string{`once.start_time: "0001-01-01T00:00:00Z" is before 1970`}},
		"1969":                  {"once", onceAt("1970-01-01T00:59:59+01:00"), nil, []string{"is before 1970"}},
		"no expression":         {"cron", cronOf("  "), nil, []string{"it is empty"}},
		"an empty zone":         {"cron", cronIn("0 3 * * *", ""), nil, []string{`cron.timezone: "" is not the name of a time zone, such as "Europe/Berlin" or "UTC"`}},
		"the local zone":        {"cron", cronIn("0 3 * * *", "local"), nil, []string{`"local" is not the name of a time zone`}},
		"no period":             {"every", everyOf(1, "years"), nil, []string{`"minutes" "hours" "days" "weeks" "months"`}},
		"a count of 0":          {"every", everyOf(0, "days"), nil, []string{"every.count value must be at least 1"}},
		"a date":                {"once", onceAt("2030-01-31"), nil, []string{`once.start_time: "2030-01-31" is not an RFC 3339 time with its offset, such as "2030-01-31T06:00:00Z"`}},
		"a time without a zone": {"every", everyFrom(1, "days", "2030-01-31T06:00:00"), nil, []string{"is not an RFC 3339 time"}},
		"no name":               {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"name": core.Text("")}, []string{"name string length must be at least 1"}},
		"no JSON":               {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"input_parameters": core.Text("[1]")}, []string{"Invalid input parameters", "jsonencode"}},
		"an agent":              {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"agent_id": core.Number(0)}, []string{"agent_id must be 1 or more"}},
		"a large agent":         {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"agent_id": core.Number(1 << 40)}, []string{"agent_id must be between 1 and 2147483647"}},
		"parallelism":           {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"parallelism": core.Number(51)}, []string{"between 1 and 50"}},
		"an empty log level":    {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"log_level": core.Text("")}, []string{`"Fatal" "Error" "Warning" "Info"`}},
		"a server group":        {"cron", cronOf("0 3 * * *"), map[string]tftypes.Value{"server_group_id": core.Number(0)}, []string{"at least 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				delete(s.arguments, "cron")
				if test.kind != "" {
					s.arguments[test.kind] = test.value
				}
				maps.Copy(s.arguments, test.more)
				s.wantPlan("", test.want...)
				if len(s.requests()) > 0 {
					t.Error("something was sent")
				}
			})
		})
	}
}

// What the platform may know better is only a warning, and other forms of cron expressions go to it.
func TestScheduleDoubts(t *testing.T) {
	for name, test := range map[string]struct {
		arguments map[string]tftypes.Value
		want      string
	}{
		"a zone":       {map[string]tftypes.Value{"cron": cronIn("0 3 * * *", "Mars/Olympus")}, `does not know the time zone "Mars/Olympus"`},
		"a log level":  {map[string]tftypes.Value{"log_level": core.Text("Verbose")}, "The platform may know it or may refuse it"},
		"six fields":   {map[string]tftypes.Value{"cron": cronOf("0 0 3 * * *")}, `cron.expression: "0 0 3 * * *" has 6 fields. The platform's own examples have five`},
		"a short name": {map[string]tftypes.Value{"cron": cronOf("@daily")}, `"@daily" has 1 field.`},
		"four fields":  {map[string]tftypes.Value{"cron": cronOf("* * * *")}, "has 4 fields"},
		"names":        {map[string]tftypes.Value{"cron": cronOf("0 3 * JAN,jul MON-FRI")}, ""},
		"a weekday":    {map[string]tftypes.Value{"cron": cronOf("0 3 15W * *")}, ""},
		"2nd Monday":   {map[string]tftypes.Value{"cron": cronOf("0 3 * * 1#2")}, ""},
		"last day":     {map[string]tftypes.Value{"cron": cronOf("0 3 L * *")}, ""},
		"Sunday":       {map[string]tftypes.Value{"cron": cronOf("0 3 * * 7")}, ""},
		"29 February":  {map[string]tftypes.Value{"cron": cronOf("0 3 29 2 *")}, ""},
		"a known zone": {map[string]tftypes.Value{"cron": cronIn("0 3 * * *", "America/Argentina/Buenos_Aires")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				maps.Copy(s.arguments, test.arguments)
				plan := s.wantPlan(core.ActionCreate, test.want)
				if test.want == "" && plan.text != "" {
					t.Errorf("the plan says %s", plan.text)
				}
			})
		})
	}
}

// Any argument can be unknown at plan, also a whole object. The mistakes are then found when the apply plans again.
func TestScheduleUnknownArguments(t *testing.T) {
	for name, test := range map[string]struct {
		argument   string
		unknown    tftypes.Value
		known, bad tftypes.Value
		want       string // of the bad one
	}{
		"agent_id":   {"agent_id", core.Unknown(tftypes.Number), core.Number(4711), core.Number(0), "agent_id must be 1 or more"},
		"name":       {"name", core.Unknown(tftypes.String), core.Text("Known"), core.Text("Known"), ""},
		"cron":       {"cron", core.Unknown(tftypes.Object{AttributeTypes: cronKinds}), cronOf("0 4 * * *"), tftypes.NewValue(tftypes.Object{AttributeTypes: cronKinds}, nil), "does not say when it fires"},
		"enabled":    {"enabled", core.Unknown(tftypes.Bool), core.Bool(false), core.Bool(true), ""},
		"parameters": {"input_parameters", core.Unknown(tftypes.String), core.Text("{}"), core.Text(`{"a": 1}`), ""},
		"start_time": {"once", tftypes.NewValue(tftypes.Object{AttributeTypes: onceKinds}, map[string]tftypes.Value{"start_time": core.Unknown(tftypes.String)}),
			onceAt(at(time.Hour)), onceAt(at(0)), "The start time is not in the future"},
	} {
		for _, exists := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", changed", false: ", created"}[exists], func(t *testing.T) {
				inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
					if name == "start_time" {
						s.fires("once", onceAt(at(2*time.Hour)))
					}
					if exists {
						s.mustApply()
					}
					s.arguments[test.argument] = test.unknown
					plan := s.plan()
					if plan.action == "" || plan.action == core.ActionNone {
						t.Fatalf("the plan is %q: %s", plan.action, plan.text)
					}
					s.arguments[test.argument] = test.bad
					if text := s.plan().text; test.want != "" && !exists {
						wantText(t, text, test.want)
					}
					s.arguments[test.argument] = test.known
					s.mustApply()
					s.wantPlan(core.ActionNone)
				})
			})
		}
	}
}

// While the provider block is unknown, plans work, state stays, and an import says what is missing.
func TestScheduleWithoutAConfiguredProvider(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		s.mustApply()
		server := provider.NewServer(t.Context(), provider.New("test", nil)())
		schema := core.Schemas()["provider"]
		block := core.ObjectOf(schema, map[string]tftypes.Value{"api_key": core.Unknown(tftypes.String)})
		if _, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: core.Dynamic(block)}); err != nil {
			t.Fatal(err)
		}
		read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: s.typ, CurrentState: core.Dynamic(s.state.Value), Private: s.state.Private})
		if err != nil || core.Errors(read.Diagnostics) != "" {
			t.Fatal(err, core.Errors(read.Diagnostics))
		}
		config := core.Dynamic(core.ObjectOf(core.Schemas()[s.typ], s.arguments))
		planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: s.typ, PriorState: core.Dynamic(core.Null(s.typ)), ProposedNewState: config, Config: config,
		})
		if err != nil || core.Errors(planned.Diagnostics) != "" {
			t.Fatal(err, core.Errors(planned.Diagnostics))
		}
		imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: s.typ, ID: "4711/6000000001"})
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, core.Errors(imported.Diagnostics), "The provider is not configured yet", "api_key")
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are checked on machines without a zone database, too

	"github.com/hashicorp/cronexpr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What is checked at plan of the times of a schedule: cron expressions, zones, start times.

// cronFields are the fields of a cron expression, in order.
var cronFields = []string{"minute", "hour", "day-of-month", "month", "day-of-week"}

// cronReference is the time from which an expression is asked for its next one. Any time will do.
var cronReference = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// checkCron says what is wrong with a cron expression. Only five fields are checked: what else the server accepts is not
// documented, and the library would read a sixth field as a year.
func checkCron(expression string) error {
	fields := strings.Fields(expression)
	if len(fields) == 0 {
		return errors.New("it is empty")
	}
	if zone, found := zonePrefix(fields[0]); found {
		return fmt.Errorf("it cannot begin with a time zone. Set the zone beside it, for example timezone = %q", zone)
	}
	if len(fields) != len(cronFields) {
		return nil
	}
	for i, field := range fields {
		if slices.Contains(strings.Split(field, ","), "") { // the library skips it
			return wrongField(i, field)
		}
	}
	parsed, err := cronexpr.Parse(strings.Join(fields, " ")) // the library knows fewer kinds of spaces
	if err != nil {
		return explainCronError(fields, err)
	}
	// First, because the library would look for such a minute in every hour until 2099, which takes a second or more.
	for i := range minuteAndHour {
		if matchesNothing(i, fields[i]) {
			return neverField(i, fields[i])
		}
	}
	if neverFires(parsed) {
		return explainNever(fields)
	}
	return nil
}

// neverFires reports whether an expression has no next time. The library panics for some that have a field without values,
// such as the month in 0 6 * 11-2 *.
func neverFires(parsed *cronexpr.Expression) (never bool) {
	defer func() { never = recover() != nil || never }()
	return parsed.Next(cronReference).IsZero()
}

// minuteAndHour is how many of the fields come before the day.
const minuteAndHour = 2

// matchesNothing reports whether a field has no value at all, as in 22-2. The other fields leave few times to search.
func matchesNothing(i int, field string) bool {
	alone := strings.Fields("0 0 * 1 *")
	alone[i] = field
	parsed, err := cronexpr.Parse(strings.Join(alone, " "))
	return err == nil && neverFires(parsed)
}

func neverField(i int, field string) error {
	return fmt.Errorf("it never fires, because %q in the %s field matches no value", field, cronFields[i])
}

// explainCronError names the field that is wrong. The library does not always do so, for example not for a step of 0.
func explainCronError(fields []string, err error) error {
	for i, field := range fields {
		alone := strings.Fields("* * * * *")
		alone[i] = field
		if _, fieldErr := cronexpr.Parse(strings.Join(alone, " ")); fieldErr != nil {
			return wrongField(i, field)
		}
	}
	return err
}

func wrongField(i int, field string) error {
	return fmt.Errorf("the %s field cannot be %q", cronFields[i], field)
}

// zonePrefix finds the time zone that some programs accept before a cron expression.
func zonePrefix(field string) (zone string, found bool) {
	name, zone, found := strings.Cut(field, "=")
	if found = found && (strings.EqualFold(name, "CRON_TZ") || strings.EqualFold(name, "TZ")); zone == "" {
		zone = "Europe/Berlin"
	}
	return zone, found
}

// explainNever names the field that keeps an expression from ever firing, if one does so alone, as in 22-2.
func explainNever(fields []string) error {
	for i, field := range fields {
		if matchesNothing(i, field) {
			return neverField(i, field)
		}
	}
	return errors.New("it never fires: there is no such date")
}

// cronValidator asks for a cron expression that can fire.
type cronValidator struct{}

func (cronValidator) Description(context.Context) string {
	return `a cron expression of five fields (minute, hour, day of month, month, day of week), such as "30 6 * * 1-5"`
}

func (v cronValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v cronValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	expression := req.ConfigValue.ValueString()
	if err := checkCron(expression); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid cron expression",
			fmt.Sprintf("%s: %q cannot be used: %s.\n\nExpected %s.", req.Path, expression, err, v.Description(ctx)))
	} else if n := len(strings.Fields(expression)); n != len(cronFields) {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Unusual cron expression",
			fmt.Sprintf("%s: %q has %s. The platform's own examples have five. The expression is sent to the platform, which may refuse it. Expected %s.", req.Path, expression, plural(int64(n), "field"), v.Description(ctx)))
	}
}

// zoneValidator asks for the name of a time zone. A name that is not known is only a warning: the server may be newer.
type zoneValidator struct{}

func (zoneValidator) Description(context.Context) string {
	return `the name of a time zone, such as "Europe/Berlin" or "UTC"`
}

func (v zoneValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v zoneValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	name := req.ConfigValue.ValueString()
	// The library reads both as a zone, but they mean nothing to the server.
	if strings.TrimSpace(name) == "" || strings.EqualFold(name, "Local") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time zone",
			fmt.Sprintf("%s: %q is not %s. Remove timezone to use the platform's default.", req.Path, name, v.Description(ctx)))
		return
	}
	if _, err := time.LoadLocation(name); err != nil {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Unknown time zone",
			fmt.Sprintf("%s: the provider does not know the time zone %q. It sends the name to the platform. The platform may know it or may refuse it. Expected %s.", req.Path, name, v.Description(ctx)))
	}
}

// instantValidator asks for a time with a zone, from 1970 on. No earlier time means anything to the platform, and programs
// write the first instant of year 1 for a time that is not set, as [instantOf] does.
type instantValidator struct{}

func (instantValidator) Description(context.Context) string {
	return `an RFC 3339 time with its offset, such as "2030-01-31T06:00:00Z" or "2030-01-31T08:00:00+02:00"`
}

func (v instantValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v instantValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	text := req.ConfigValue.ValueString()
	switch t, err := time.Parse(time.RFC3339, text); {
	case err != nil:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf("%s: %q is not %s.", req.Path, text, v.Description(ctx)))
	case t.Before(time.Unix(0, 0)):
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time",
			fmt.Sprintf("%s: %q is before 1970. Neither a schedule nor a run has such a time. Set a later time. If you do not need the argument, leave it out.", req.Path, text))
	}
}

// instantOf is the time that an argument names, in UTC; zero if it is null, unknown or no time.
func instantOf(value types.String) time.Time {
	t, err := time.Parse(time.RFC3339, value.ValueString())
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// sameInstant reports whether two texts name the same second: a server need not keep fractions.
func sameInstant(a, b types.String) bool {
	if a.Equal(b) {
		return true
	}
	x, y := instantOf(a), instantOf(b)
	return !x.IsZero() && !y.IsZero() && x.Truncate(time.Second).Equal(y.Truncate(time.Second))
}

func keepSameInstant() planmodifier.String {
	return keepPriorValueIf(sameInstant, "Compared as a time: another offset is no change.")
}

// sameCron reports whether two cron expressions differ in spaces and case alone.
func sameCron(a, b types.String) bool {
	return isSet(a) && isSet(b) && strings.EqualFold(spaced(a.ValueString()), spaced(b.ValueString()))
}

// spaced is an expression with single spaces.
func spaced(expression string) string { return strings.Join(strings.Fields(expression), " ") }

func keepSameCron() planmodifier.String {
	return keepPriorValueIf(sameCron, "Compared field by field: other spaces are no change.")
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

const scheduleType = "sequentum_schedule"

// randomSchedule is a sequentum_schedule block that changes at random. Zero values are left out of the configuration.
type randomSchedule struct {
	name    string // of the block
	absent  bool   // the block was taken out
	agentID int64
	title   string // the name of the schedule; two blocks can have the same

	kind     string // cron, every or once
	cron     string
	zone     string
	count    int64
	period   string
	begins   time.Time // the start_time of every
	at       time.Time // the start_time of once
	enabled  string    // "true", "false" or "": not set
	spelling int64     // how all this is written, which changes nothing

	inputVersion   int64
	parallelism    int64
	maxConcurrency int64
	export         string
	pool, group    int64
	exclusive      string // as enabled
	logLevel       string
	logMode        string

	createTimeout, updateTimeout string
	createsFirst                 bool
	after                        string // the input names the schedule of this other block
	late                         bool   // also the time comes from there, so that it can be known only at apply
}

func (r *randomSchedule) address() string { return scheduleType + "." + r.name }

func newRandomSchedule(rng *rand.Rand, name string, agentID int64, now time.Time) *randomSchedule {
	r := &randomSchedule{name: name, agentID: agentID, title: pick(rng, "Nightly", "Hourly", "Prices"), createsFirst: oneIn(rng, 5)}
	if !oneIn(rng, 3) {
		r.title += " " + name
	}
	r.newTiming(rng, now)
	for _, change := range randomScheduleChanges {
		if oneIn(rng, 4) {
			change(r, rng)
		}
	}
	return r
}

// newTiming draws when the schedule fires.
func (r *randomSchedule) newTiming(rng *rand.Rand, now time.Time) {
	r.kind = pick(rng, "cron", "every", "once", "once")
	r.cron = pick(rng, "0 3 * * *", "30 6 * * 1-5", "0 0 1 * *", "0 9 * * MON")
	r.zone = pick(rng, "", "", "Europe/Berlin", "UTC")
	r.count, r.period = 1+rng.Int64N(3), pick(rng, "hours", "days", "weeks", "months")
	r.begins = time.Time{}
	if oneIn(rng, 2) {
		r.begins = soon(rng, now)
	}
	r.at = soon(rng, now)
}

// soon is a time that is far enough ahead to be accepted, and often passes within the sequence.
func soon(rng *rand.Rand, now time.Time) time.Time {
	return now.Add(5*time.Minute + upTo(rng, pick(rng, 10*time.Minute, time.Hour, 100*time.Hour))).Truncate(time.Second)
}

// randomScheduleChanges are changes of a block that are made in place. When it fires is changed by newTiming.
var randomScheduleChanges = []func(*randomSchedule, *rand.Rand){
	func(r *randomSchedule, rng *rand.Rand) { r.title = pick(rng, "Nightly", "Weekly "+r.name, r.title+"!") },
	func(r *randomSchedule, rng *rand.Rand) { r.enabled = pick(rng, "", "true", "false") },
	func(r *randomSchedule, rng *rand.Rand) { r.inputVersion = rng.Int64N(4) },
	func(r *randomSchedule, rng *rand.Rand) { r.parallelism = rng.Int64N(4) },
	func(r *randomSchedule, rng *rand.Rand) { r.maxConcurrency = rng.Int64N(3) },
	func(r *randomSchedule, rng *rand.Rand) { r.export = pick(rng, "", "Combined", "Separated", "Separate") },
	func(r *randomSchedule, rng *rand.Rand) { r.pool = rng.Int64N(3) },
	func(r *randomSchedule, rng *rand.Rand) { r.group = rng.Int64N(3) },
	func(r *randomSchedule, rng *rand.Rand) { r.exclusive = pick(rng, "", "true", "false") },
	func(r *randomSchedule, rng *rand.Rand) { r.logLevel = pick(rng, "", "Info", "Error") },
	func(r *randomSchedule, rng *rand.Rand) { r.logMode = pick(rng, "", "Text", "TextAndHtml") },
	func(r *randomSchedule, rng *rand.Rand) { r.createTimeout = pick(rng, "", "", "1m", "5m") },
	func(r *randomSchedule, rng *rand.Rand) { r.updateTimeout = pick(rng, "", "", "1m", "5m") },
}

// fires is the start_time of the block, zero if it has none.
func (r *randomSchedule) fires() time.Time {
	switch r.kind {
	case "once":
		return r.at
	case "every":
		return r.begins
	}
	return time.Time{}
}

func (r *randomSchedule) config() *core.ResourceConfig {
	config := &core.ResourceConfig{Address: r.address(), Type: scheduleType, CreateBeforeDestroy: r.createsFirst}
	if r.after != "" {
		config.Dependencies = []string{scheduleType + "." + r.after}
	}
	config.Values = func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value {
		values := map[string]tftypes.Value{"agent_id": core.Number(r.agentID), "name": core.Text(r.title)}
		other := core.Number(0)
		if r.after != "" {
			other = orUnknown(get(scheduleType+"."+r.after, "schedule_id"))
		}
		values[r.kind] = r.timing(other)
		set(values, "input_parameters", r.input(other), r.inputVersion > 0 || r.after != "", func(v tftypes.Value) tftypes.Value { return v })
		set(values, "enabled", r.enabled == "true", r.enabled != "", core.Bool)
		set(values, "parallelism", r.parallelism, r.parallelism > 0, core.Number)
		set(values, "parallel_max_concurrency", r.maxConcurrency, r.maxConcurrency > 0, core.Number)
		set(values, "parallel_export", r.export, r.export != "", core.Text)
		set(values, "proxy_pool_id", r.pool, r.pool > 0, core.Number)
		set(values, "server_group_id", r.group, r.group > 0, core.Number)
		set(values, "exclusive", r.exclusive == "true", r.exclusive != "", core.Bool)
		set(values, "log_level", r.logLevel, r.logLevel != "", core.Text)
		set(values, "log_mode", r.logMode, r.logMode != "", core.Text)
		if r.createTimeout+r.updateTimeout != "" {
			values["timeouts"] = core.Timeouts(scheduleType, map[string]string{"create": r.createTimeout, "update": r.updateTimeout})
		}
		return values
	}
	return config
}

// input names the schedule of the other block, if there is one. Its spellings mean the same.
func (r *randomSchedule) input(other tftypes.Value) tftypes.Value {
	if !other.IsKnown() {
		return core.Unknown(tftypes.String)
	}
	text := fmt.Sprintf(`{"version":%d,"after":%s}`, r.inputVersion, numberText(other))
	switch r.spelling % 3 {
	case 1:
		text = fmt.Sprintf(" { \"after\" : %s,\n\"version\":%d.0}", numberText(other), r.inputVersion)
	case 2:
		text = strings.ReplaceAll(text, "version", `\u0076ersion`)
	}
	return core.Text(text)
}

// timing is the cron, every or once of the block. If it is late, a part of it comes from the other block.
func (r *randomSchedule) timing(other tftypes.Value) tftypes.Value {
	typ := core.Schemas()[scheduleType].ValueType().(tftypes.Object).AttributeTypes[r.kind].(tftypes.Object)
	if r.late && !other.IsKnown() && r.spelling%2 == 1 {
		return core.Unknown(typ)
	}
	text := func(s string, given bool) tftypes.Value {
		switch {
		case r.late && !other.IsKnown():
			return core.Unknown(tftypes.String)
		case !given:
			return tftypes.NewValue(tftypes.String, nil)
		}
		return core.Text(s)
	}
	values := map[string]tftypes.Value{}
	switch r.kind {
	case "cron":
		spaces := pick(rand.New(rand.NewPCG(uint64(r.spelling), 0)), " ", " ", "  ", "\t")
		values["expression"], values["timezone"] = text(strings.ReplaceAll(r.cron, " ", spaces), true), text(r.zone, r.zone != "")
	case "every":
		values["count"], values["period"] = core.Number(r.count), core.Text(r.period)
		values["start_time"] = text(r.spell(r.begins), !r.begins.IsZero())
	case "once":
		values["start_time"] = text(r.spell(r.at), true)
	}
	return tftypes.NewValue(typ, values)
}

// spell writes a time in one of its spellings.
func (r *randomSchedule) spell(t time.Time) string {
	switch r.spelling % 4 {
	case 1:
		return t.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339)
	case 2:
		return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	}
	return t.UTC().Format(time.RFC3339)
}

// scheduleConfigOf is the whole configuration.
func scheduleConfigOf(schedules []*randomSchedule) []*core.ResourceConfig {
	var config []*core.ResourceConfig
	present := map[string]bool{"": true}
	for _, r := range schedules {
		if present[r.name] = !r.absent && present[r.after]; present[r.name] {
			config = append(config, r.config())
		}
	}
	return config
}

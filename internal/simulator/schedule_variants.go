// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

// ScheduleVariants are the choices that the description of the API leaves for schedules. The zero value is one choice
// of each.
type ScheduleVariants struct {
	// Fired is what the server does with a RunOnce schedule that has fired.
	Fired FiredSchedule `json:"fired"`
	// FiredKeepsNext: answers show the time at which a RunOnce schedule has fired as its next one, until it changes.
	FiredKeepsNext bool `json:"fired_keeps_next"`
	// FiredClearsStart: a RunOnce schedule that has fired has no start time any more.
	FiredClearsStart bool `json:"fired_clears_start"`
	// EnablePast: enabling a RunOnce schedule whose time has passed is accepted, and it never fires. Otherwise it is
	// refused with 422.
	EnablePast bool `json:"enable_past"`
	// PutKeepsStartTime: a PUT without startTime keeps the one that the schedule has. Otherwise RunOnce is refused with
	// 400, and RunEvery loses it.
	PutKeepsStartTime bool `json:"put_keeps_start_time"`
	// AbsentEnabled is what a POST or PUT without isEnabled means.
	AbsentEnabled AbsentEnabled `json:"absent_enabled"`
	// TypeNames: scheduleType is a name in answers.
	TypeNames bool `json:"type_names"`
	// OtherSpellings: parallelExport is Combine and Separate in answers.
	OtherSpellings bool `json:"other_spellings"`
	// Unset is how answers show what is not set.
	Unset UnsetFields `json:"unset"`
	// OlderServer: answers have updated, and no tag. A tag that is sent has no effect.
	OlderServer bool `json:"older_server"`
	// DefaultTimezone is the server's zone; empty: UTC.
	DefaultTimezone string `json:"default_timezone"`
}

// FiredSchedule is what the server does with a RunOnce schedule that has fired.
type FiredSchedule string

// What becomes of it. A schedule that stays enabled does not fire again.
const (
	FiredDisabled FiredSchedule = ""
	FiredDeleted  FiredSchedule = "deleted"
	FiredEnabled  FiredSchedule = "enabled"
)

// UnmarshalText reads it from an agents file.
func (f *FiredSchedule) UnmarshalText(text []byte) error {
	return decodeName(f, text, []FiredSchedule{FiredDeleted, FiredEnabled})
}

// AbsentEnabled is what a POST or PUT without isEnabled means.
type AbsentEnabled string

// The meanings.
const (
	AbsentIsEnabled  AbsentEnabled = ""
	AbsentIsDisabled AbsentEnabled = "disabled"
	AbsentIsKept     AbsentEnabled = "kept" // by a PUT; a POST enables
)

// UnmarshalText reads it from an agents file.
func (e *AbsentEnabled) UnmarshalText(text []byte) error {
	return decodeName(e, text, []AbsentEnabled{AbsentIsDisabled, AbsentIsKept})
}

// UnsetFields is how answers show a field that is not set.
type UnsetFields string

// The ways. In all of them but UnsetAbsent, timezone is the server's zone.
const (
	UnsetNull   UnsetFields = ""
	UnsetAbsent UnsetFields = "absent"
	UnsetFilled UnsetFields = "filled" // with the server's default, which is 0 for a pool, a group and the period
)

// UnmarshalText reads it from an agents file.
func (u *UnsetFields) UnmarshalText(text []byte) error {
	return decodeName(u, text, []UnsetFields{UnsetAbsent, UnsetFilled})
}

// defaults are the variants with their zero values replaced by what they stand for.
func (v ScheduleVariants) defaults() ScheduleVariants {
	if v.DefaultTimezone == "" {
		v.DefaultTimezone = "UTC"
	}
	return v
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strings"
	"time"
)

// wireRun is the run object (API: The run object).
type wireRun struct {
	bareRun
	ConfigName             *string `json:"configName"`
	SpaceID                *int64  `json:"spaceId"`
	OrganizationID         *int64  `json:"organizationId"`
	OrganizationName       *string `json:"organizationName"`
	Sequence               *int64  `json:"sequence"`
	Tag                    *string `json:"tag"`
	Parallelism            *int64  `json:"parallelism"`
	ParallelMaxConcurrency *int64  `json:"parallelMaxConcurrency"`
	ParallelExport         *string `json:"parallelExport"`
	ParallelSet            *int64  `json:"parallelSet"`
	Created                *string `json:"created"`
	StartTime              *string `json:"startTime"`
	EndTime                *string `json:"endTime"`
	Message                *string `json:"message"`
	ConfigVersion          *int64  `json:"configVersion"`
	ActionCount            *int64  `json:"actionCount"`
	PageCount              *int64  `json:"pageCount"`
	DynamicPageCount       *int64  `json:"dynamicPageCount"`
	RequestCount           *int64  `json:"requestCount"`
	DataCount              *int64  `json:"dataCount"`
	ExportCount            *int64  `json:"exportCount"`
	InputCount             *int64  `json:"inputCount"`
	ErrorCount             *int64  `json:"errorCount"`
	Traffic                *int64  `json:"traffic"`
	RunTimeSec             *int64  `json:"runTimeSec"`
	ServerName             *string `json:"serverName"`
	TableType              *string `json:"tableType"`
}

// bareRun is a run object without anything that may be absent.
type bareRun struct {
	ID       *int64 `json:"id,omitempty"`
	RunID    *int64 `json:"runId,omitempty"` // in place of id, in a start's answer
	ConfigID int64  `json:"configId"`
	Status   any    `json:"status"`
}

// organizationID is the id of the one organization.
const organizationID = 1

// runObject is the answer's object of a run in state s at t.
func (c *Cloud) runObject(r *run, s state, t time.Time) any {
	return r.withoutOptionalFields(c.wireRun(r, s, t))
}

// withoutOptionalFields removes what may be absent or null, if the agent's NullFields says so.
func (r *run) withoutOptionalFields(object wireRun) any {
	switch {
	case !r.agent.settings.NullFields:
		return object
	case r.id%2 == 0:
		return object.bareRun
	}
	return wireRun{bareRun: object.bareRun}
}

func (c *Cloud) wireRun(r *run, s state, t time.Time) wireRun {
	a := r.settingsAtStart
	pages := new(portion(a.Pages, s.records))
	out := wireRun{
		bareRun:    bareRun{ID: &r.id, ConfigID: a.ID, Status: s.status.wireValue(c.options.LegacyStatusNames)},
		ConfigName: a.wireName(), SpaceID: c.spaceID(a),
		OrganizationID: new(int64(organizationID)), OrganizationName: new("Simulated"), Sequence: new(int64(r.sequence)),
		Parallelism: r.reportedParallelism(), ParallelMaxConcurrency: r.start.ParallelMaxConcurrency,
		ParallelExport: r.start.ParallelExport, ParallelSet: r.reportedSet(),
		Created: c.formatTime(r, 0, r.created), StartTime: c.formatTime(r, 1, s.started), EndTime: c.formatTime(r, 2, s.ended),
		Message: paddedMessage(s.message, a.MessageSize), ConfigVersion: new(int64(a.Version)),
		ActionCount: pages, PageCount: pages, DynamicPageCount: new(int64(0)), RequestCount: pages,
		DataCount: new(portion(a.Records, s.records)), ExportCount: new(portion(a.Exported, s.records)),
		InputCount: new(int64(0)), ErrorCount: new(portion(a.Errors, s.records)), Traffic: new(portion(a.Traffic, s.records)),
		RunTimeSec: s.runSeconds(t), TableType: new("run"),
	}
	if !s.started.IsZero() {
		out.ServerName = new("simulator-1")
	}
	if s.archived {
		out.TableType = new("history")
	}
	return out
}

// spaceID is the agent's space. The personal space is null or 0.
func (c *Cloud) spaceID(a *Agent) *int64 {
	if a.SpaceID == nil && c.options.PersonalSpaceZero {
		return new(int64(0))
	}
	return a.SpaceID
}

// reportedParallelism is the parallelism that the run reports. One of several runs of a start may not know it.
func (r *run) reportedParallelism() *int64 {
	sibling := r.set != 0 && r.set != r.id
	switch {
	case sibling && r.settingsAtStart.Siblings == SiblingsNull:
		return nil
	case sibling && r.settingsAtStart.Siblings == SiblingsOne, r.start.Parallelism == nil:
		return new(int64(1))
	}
	return r.start.Parallelism
}

// paddedMessage is the text, filled up with dots to a size; null if it is empty.
func paddedMessage(text string, size int) *string {
	if missing := size - len(text); missing > 0 {
		text += strings.Repeat(".", missing)
	}
	return nullIfEmpty(text)
}

// reportedSet is the run's set. A run that belongs to none has null or 0, the two ways of the API to say so.
func (r *run) reportedSet() *int64 {
	if r.set == 0 && r.id%2 == 1 {
		return nil
	}
	return &r.set
}

// runSeconds is for how many whole seconds the run has run at t; nil: it has not started.
func (s state) runSeconds(t time.Time) *int64 {
	if s.started.IsZero() {
		return nil
	}
	if !s.ended.IsZero() {
		t = s.ended
	}
	return new(int64(t.Sub(s.started).Seconds()))
}

// timeLayouts are spellings of ISO 8601. None of them loses the milliseconds.
var timeLayouts = []string{
	"2006-01-02T15:04:05.0000000Z",
	"2006-01-02T15:04:05.999Z",
	"2006-01-02T15:04:05.999",
	"2006-01-02T15:04:05.000+00:00",
}

// formatTime writes a time of a run, in a spelling that depends on the run and the field; zero is null.
func (c *Cloud) formatTime(r *run, field int64, t time.Time) *string { return spellTime(r.id+field, t) }

// spellTime writes a time in the spelling number n; zero is null.
func spellTime(n int64, t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC().Format(timeLayouts[n%int64(len(timeLayouts))]))
}

// wireTime writes a time that is not a run's.
func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// nullIfEmpty is the text, or null if it is empty.
func nullIfEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

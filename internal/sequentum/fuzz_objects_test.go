// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// checkShown fails the test unless the texts are safe to show.
func checkShown(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s != Printable(s) {
			t.Errorf("%q is not printable", s)
		}
	}
}

// checkRefused fails the test unless an error of a decoder is text.
func checkRefused(t *testing.T, err error) {
	t.Helper()
	if err.Error() == "" || !utf8.ValidString(err.Error()) {
		t.Errorf("the error is not text: %q", err)
	}
}

// checkUTC fails the test unless the times are in UTC.
func checkUTC(t *testing.T, times ...time.Time) {
	t.Helper()
	for _, at := range times {
		if at.Location() != time.UTC {
			t.Errorf("%v is not UTC", at)
		}
	}
}

// A change sends back what was read: what the provider does not manage must reach the platform as it was.
func FuzzDecodeSchedule(f *testing.F) {
	for _, seed := range []string{
		`{"id": 5, "configId": 4711, "name": "nightly", "scheduleType": 3, "schedule": "30 6 * * 1-5", "timezone": "Europe/Berlin", "isEnabled": true}`,
		`{"id": "5", "scheduleType": "RunEvery", "runEveryCount": 2.0, "runEveryPeriod": "hours", "startTime": "2026-03-01T10:00:00.1234567"}`,
		`{"id": 5, "scheduleType": 1, "startTime": "2026-03-01", "inputParameters": {"a": 1}, "localSchedule": {"x": [null]}, "tag": "t"}`,
		`{"id": 5, "scheduleType": 9, "runEveryPeriod": 17, "parallelism": 0, "logLevel": "\u001b", "localSchedule": null}`,
		`{"id": 0}`, `{"id": 5, "configId": 7}`, `{"id": 5, "cronExpression": "* * * * *", "inputParameters": "{\"a\": 1}"}`, `[]`, `{`,
	} {
		f.Add([]byte(seed))
	}
	c := &Client{redact: newRedactor(testKey), keys: newRedactor(testKey)}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeObject(bytes.NewReader(data), c.redact, c.newScheduleConverter(4711))
		if err != nil {
			checkRefused(t, err)
			return
		}
		if s.ID <= 0 || s.AgentID != 4711 || len(s.LocalSchedule) > 0 && !json.Valid(s.LocalSchedule) {
			t.Errorf("schedule %d of agent %d: %s", s.ID, s.AgentID, s.LocalSchedule)
		}
		checkUTC(t, s.StartAt, s.NextRunAt, s.CreatedAt)
		checkShown(t, string(s.Type), s.Period, s.Timezone, s.ParallelExport, s.LogLevel, s.LogMode)
		if s.StartAt.Year() > 9999 {
			return // no layout can write it
		}
		sent, err := json.Marshal(s.body())
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]any
		if err := json.Unmarshal(sent, &members); err != nil {
			t.Fatal(err)
		}
		members["id"] = s.ID
		answer, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeObject(bytes.NewReader(answer), c.redact, c.newScheduleConverter(4711))
		if err != nil {
			t.Fatal(err)
		}
		if want := throughTheWire(s.ScheduleSettings); !reflect.DeepEqual(throughTheWire(again.ScheduleSettings), want) {
			t.Errorf("it was read as\n%+v\nsent as\n%s\nand read back as\n%+v", want, sent, again.ScheduleSettings)
		}
	})
}

// throughTheWire leaves out what cannot be the same after a schedule was sent and read again: the numbers in free JSON, and
// a type or period that the API's tables do not have. Those are sent as none.
func throughTheWire(s ScheduleSettings) ScheduleSettings {
	s.LocalSchedule = nil
	if s.Type != ScheduleOnce && s.Type != ScheduleEvery && s.Type != ScheduleCron {
		s.Type, s.Cron = ScheduleNone, ""
	}
	known := false
	for _, name := range SchedulePeriods() {
		known = known || s.Period == name
	}
	if !known {
		s.Period = ""
	}
	return s
}

func FuzzDecodeSpace(f *testing.F) {
	for _, seed := range []string{
		`{"id": 12, "name": "shop", "description": "x", "organizationId": 7, "scope": "org", "isDefaultAccess": "true", "runRetentionHours": 72.5, "created": "2026-03-01"}`,
		`{"id": "12", "name": "\u001b]0;x\u0007\u202e"}`, `{"id": -1}`, `{}`, `null`, `{"id": 12, "name": ["a"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := newRedactor(testKey)
		s, err := decodeObject(bytes.NewReader(data), r, newSpaceConverter())
		if err != nil {
			checkRefused(t, err)
			return
		}
		if s.ID <= 0 || len(s.Description) > maxKept || s.Description != harmless(s.Description) {
			t.Errorf("%+v", s)
		}
		checkShown(t, s.Name, s.OrganizationID, s.Scope)
		checkUTC(t, s.CreatedAt, s.UpdatedAt)
		spaces, err := decodeAll(strings.NewReader(`[`+strings.TrimPrefix(string(data), "\ufeff")+`,{"id":0}]`), r, newSpaceConverter())
		if err != nil || len(spaces.elements) != 1 || !reflect.DeepEqual(spaces.elements[0], s) {
			t.Errorf("as a list: %+v, %v", spaces, err)
		}
	})
}

// Credits and costs are numbers that can be added and compared.
func FuzzDecodeCredits(f *testing.F) {
	for _, seed := range []string{
		`{"availableCredits": 1250.75, "retrievedAt": "2026-03-01T10:00:00Z"}`, `{"availableCredits": "1e400"}`, `{"availableCredits": "NaN", "runId": 7, "cost": "-Inf"}`, `{"AVAILABLECREDITS": -0.0}`,
		`{"runId": 7, "cost": 0.1, "billingType": "cpu", "date": "2026-03-01"}`, `{"runId": "7", "cost": null}`, `{}`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		credits, err := decodeObject(bytes.NewReader(data), newRedactor(), (*wireCredits).toCredits)
		if err != nil {
			checkRefused(t, err)
		} else if checkUTC(t, credits.RetrievedAt); math.IsNaN(credits.Available) || math.IsInf(credits.Available, 0) {
			t.Errorf("%v credits", credits.Available)
		}
		cost, err := decodeObject(bytes.NewReader(data), newRedactor(), (*wireRunCost).toRunCost)
		if err != nil {
			checkRefused(t, err)
			return
		}
		if cost.runID <= 0 || cost.cost != nil && (math.IsNaN(*cost.cost) || math.IsInf(*cost.cost, 0)) {
			t.Errorf("run %d has cost %v", cost.runID, cost.cost)
		}
	})
}

func FuzzDecodeDiagnostics(f *testing.F) {
	for _, seed := range []string{
		`{"errorMessage": "no such element", "possibleCauses": ["a", "", null], "suggestedActions": "b"}`, `{"possibleCauses": [[1], {"a": 1}, 2.5]}`, `{"errorMessage": "\u001b[2J\u202e"}`, `{}`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := decodeObject(bytes.NewReader(data), newRedactor(testKey), (*wireDiagnostics).toDiagnostics)
		if err != nil {
			checkRefused(t, err)
			return
		}
		if len(d.Message) > maxKept || d.Message != harmless(d.Message) || len(d.PossibleCauses) > maxTexts || len(d.SuggestedActions) > maxTexts {
			t.Errorf("%+v", d)
		}
		checkShown(t, d.PossibleCauses...)
		checkShown(t, d.SuggestedActions...)
	})
}

// An answer to a change of a schedule is accepted unless it is no JSON, or about another schedule.
func FuzzScheduleAnswer(f *testing.F) {
	for _, seed := range []string{``, ` `, `null`, `true`, `{"id": 5}`, `{"id": 6}`, `{"id": "6"}`, `{"id": {}}`, `[{"id": 6}]`, `{"id": 5} x`, `<html>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := checkScheduleAnswer(bytes.NewReader(data), 5)
		if err != nil {
			checkRefused(t, err)
		}
		trimmed := bytes.TrimSpace(data)
		if len(trimmed) > 0 && !json.Valid(trimmed) && err == nil {
			t.Errorf("%q is accepted", data)
		}
		var object struct{ ID *json.Number }
		if json.Unmarshal(data, &object) == nil && object.ID != nil && *object.ID == "6" && err == nil {
			t.Errorf("%q is taken for an answer about schedule 5", data)
		}
	})
}

// A listed agent has the parameters that it was read with, in one spelling.
func FuzzDecodeAgent(f *testing.F) {
	for _, seed := range []string{
		`{"id": 4711, "name": "shop", "inputParameters": "{\"b\": 9007199254740993, \"a\": \"\u003c\"}", "status": 99, "configType": 7}`,
		`{"id": 4711, "inputParameters": {"a": {"z": 1e400}}, "spaceId": 0, "validationStatus": "VALID", "version": "3"}`, `{"id": 4712}`, `{"id": 4711, "inputParameters": []}`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, keys := newRedactor(testKey), newRedactor(testKey)
		a, err := decodeObject(bytes.NewReader(data), r, func(w *wireAgent, r *redactor) (Agent, error) { return w.toAgent(4711, r, keys) })
		if err != nil {
			checkRefused(t, err)
			return
		}
		if a.ID != 4711 || a.SpaceID != nil && *a.SpaceID == 0 || len(a.Description) > maxKept || len(a.StartURL) > maxKept {
			t.Errorf("%+v", a)
		}
		checkShown(t, a.Name, a.Type, a.ValidationStatus)
		checkUTC(t, a.LastActivityAt, a.CreatedAt, a.UpdatedAt)
		var again jsonObject
		if a.InputParameters != "" && (again.UnmarshalJSON([]byte(a.InputParameters)) != nil || string(again) != a.InputParameters) {
			t.Errorf("the parameters %q are read back as %q", a.InputParameters, again)
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// fullSettings has every field of a request that is about a cron schedule.
func fullSettings() ScheduleSettings {
	return ScheduleSettings{
		Name: "Nightly", Type: ScheduleCron, Enabled: new(true), Cron: "0 3 * * *", Timezone: "Europe/Berlin",
		InputParameters: `{"a":1}`, Parallelism: new(int64(4)), ParallelMaxConcurrency: new(int64(2)), ParallelExport: "Separated",
		ProxyPoolID: new(int64(8)), ServerGroupID: new(int64(9)), Exclusive: new(true), LogLevel: "Error", LogMode: "Text",
		LocalSchedule: json.RawMessage(`{"a": [1]}`), WaitOnFailure: new(true), Tag: "new",
	}
}

const fullScheduleBody = `{"name": "Nightly", "scheduleType": 3, "cronExpression": "0 3 * * *", "startTime": null, "runEveryCount": null,
	"runEveryPeriod": null, "timezone": "Europe/Berlin", "localSchedule": {"a": [1]}, "inputParameters": "{\"a\":1}", "isEnabled": true,
	"parallelism": 4, "parallelMaxConcurrency": 2, "parallelExport": "Separated", "proxyPoolId": 8, "serverGroupId": 9,
	"logLevel": "Error", "logMode": "Text", "isExclusive": true, "isWaitOnFailure": true, "tag": "new"}`

const fullSchedule = `{"id": 9007199254740993, "configId": 4711, "name": "Nightly", "scheduleType": 3, "schedule": "0 3 * * *",
	"timezone": "Europe/Berlin", "localSchedule": {"a": [1]}, "inputParameters": "{\"a\":1}", "isEnabled": true, "parallelism": 4,
	"parallelMaxConcurrency": 2, "parallelExport": "Separated", "proxyPoolId": 8, "serverGroupId": 9, "logLevel": "Error",
	"logMode": "Text", "isExclusive": true, "isWaitOnFailure": true, "nextRunTime": "2026-03-02T02:00:00", "created": "2026-03-01T10:00:00Z",
	"tag": "new", "updated": null}`

func wantFullSchedule() Schedule {
	return Schedule{
		ID: 9007199254740993, AgentID: 4711, ScheduleSettings: fullSettings(),
		NextRunAt: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC), CreatedAt: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
	}
}

// nulls are the fields of a request that has nothing but a name and a type, without these two.
const nulls = `"cronExpression": null, "timezone": null, "localSchedule": null, "inputParameters": null, "isEnabled": null,
	"parallelism": null, "parallelMaxConcurrency": null, "parallelExport": null, "proxyPoolId": null, "serverGroupId": null,
	"logLevel": null, "logMode": null, "isExclusive": null, "isWaitOnFailure": null`

func TestScheduleMethodsSendAndReadTheirCalls(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 30, 0, 0, time.FixedZone("", 3600))
	for _, test := range []struct {
		name     string
		exchange exchange
		call     func(context.Context, *Client) (any, error)
		want     any
	}{
		{
			"create with everything",
			exchange{method: "POST", path: "/agent/4711/schedules", status: 201, body: fullScheduleBody, answer: fullSchedule},
			func(ctx context.Context, c *Client) (any, error) {
				s, err := c.CreateSchedule(ctx, 4711, fullSettings())
				return *s, err
			},
			wantFullSchedule(),
		},
		{
			"create with as little as possible",
			exchange{method: "POST", path: "/agent/4711/schedules", answer: `{"id": "7", "configId": "4711", "nextRunTime": null}`,
				body: `{"name": "Once", "scheduleType": 1, "startTime": "2026-03-01T11:30:00Z", "runEveryCount": null, "runEveryPeriod": null, ` + nulls + `}`},
			func(ctx context.Context, c *Client) (any, error) {
				s, err := c.CreateSchedule(ctx, 4711, ScheduleSettings{Name: "Once", Type: ScheduleOnce, StartAt: start})
				return *s, err
			},
			Schedule{ID: 7, AgentID: 4711},
		},
		{
			"change",
			exchange{method: "PUT", path: "/agent/4711/schedules/7", status: 204,
				body: `{"name": "Every", "scheduleType": 2, "startTime": null, "runEveryCount": 2, "runEveryPeriod": 5, ` + nulls + `}`},
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.UpdateSchedule(ctx, 4711, 7, ScheduleSettings{Name: "Every", Type: ScheduleEvery, Count: new(int64(2)), Period: "months"})
			},
			nil,
		},
		{
			"read",
			exchange{method: "GET", path: "/agent/4711/schedules/7", answer: `{"id": 7, "configId": 4711, "name": null, "scheduleType": 0, "schedule": "not shown"}`},
			func(ctx context.Context, c *Client) (any, error) {
				s, err := c.Schedule(ctx, 4711, 7)
				return *s, err
			},
			Schedule{ID: 7, AgentID: 4711, ScheduleSettings: ScheduleSettings{Type: ScheduleNone}},
		},
		{
			"list, with elements that cannot be used",
			exchange{method: "GET", path: "/agent/4711/schedules", answer: `[null, {"name": "no id"}, {"id": 0}, {"id": 7}, {"id": 8, "configId": 5}, "x"]`},
			func(ctx context.Context, c *Client) (any, error) { return c.Schedules(ctx, 4711) },
			&ScheduleList{Schedules: []Schedule{{ID: 7, AgentID: 4711}}, Skipped: 5},
		},
		{
			"list without an element that can be used",
			exchange{method: "GET", path: "/agent/4711/schedules", answer: `[null, {"id": 0}]`},
			func(ctx context.Context, c *Client) (any, error) { return c.Schedules(ctx, 4711) },
			&ScheduleList{Skipped: 2},
		},
		{
			"list of nothing",
			exchange{method: "GET", path: "/agent/4711/schedules", answer: `null`},
			func(ctx context.Context, c *Client) (any, error) { return c.Schedules(ctx, 4711) },
			&ScheduleList{},
		},
		{
			"enable",
			exchange{method: "POST", path: "/agent/4711/schedules/7/enable", body: `{}`, status: 204},
			func(ctx context.Context, c *Client) (any, error) { return nil, c.EnableSchedule(ctx, 4711, 7) },
			nil,
		},
		{
			"disable",
			exchange{method: "POST", path: "/agent/4711/schedules/7/disable", body: `{}`, answer: `{"id": 7, "isEnabled": false}`},
			func(ctx context.Context, c *Client) (any, error) { return nil, c.DisableSchedule(ctx, 4711, 7) },
			nil,
		},
		{
			"delete",
			exchange{method: "DELETE", path: "/agent/4711/schedules/7", status: 204},
			func(ctx context.Context, c *Client) (any, error) { return nil, c.DeleteSchedule(ctx, 4711, 7) },
			nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := newTestClient(t, newScript(t, test.exchange))
			got, err := test.call(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, expected %+v", got, test.want)
			}
		})
	}
}

// Each spelling of a field that is known to occur, and some that are not.
func TestScheduleIsReadInEverySpelling(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for answer, want := range map[string]ScheduleSettings{
		`"scheduleType": "cron", "schedule": "0 3 * * *"`:                       {Type: ScheduleCron, Cron: "0 3 * * *"},
		`"scheduleType": "3", "cronExpression": "0 3 * * *"`:                    {Type: ScheduleCron, Cron: "0 3 * * *"},
		`"scheduleType": null, "schedule": "0 3 * * *", "runEveryCount": 0`:     {Type: ScheduleCron, Cron: "0 3 * * *"},
		`"scheduleType": "RunEvery", "runEveryCount": "2", "runEveryPeriod": 1`: {Type: ScheduleEvery, Count: new(int64(2)), Period: "minutes"},
		`"runEveryCount": 2, "runEveryPeriod": "Weeks"`:                         {Type: ScheduleEvery, Count: new(int64(2)), Period: "weeks"},
		`"scheduleType": 2, "runEveryCount": 2, "runEveryPeriod": 6`:            {Type: ScheduleEvery, Count: new(int64(2)), Period: "6"},
		`"scheduleType": 2, "runEveryCount": 0, "runEveryPeriod": 0`:            {Type: ScheduleEvery, Period: "0"},
		`"scheduleType": "RunOnce", "startTime": "2026-03-01T12:00:00"`:         {Type: ScheduleOnce, StartAt: noon},
		`"startTime": "2026-03-01T14:00:00.000+02:00"`:                          {Type: ScheduleOnce, StartAt: noon},
		`"scheduleType": "None", "localSchedule": null`:                         {Type: ScheduleNone},
		`"scheduleType": 4`:                                   {Type: "4"},
		`"scheduleType": "Sometimes"`:                         {Type: "Sometimes"},
		`"scheduleType": {}, "name": 7, "isEnabled": "False"`: {Name: "7", Enabled: new(false)},
		`"parallelExport": "Separate", "logLevel": "Verbose", "logMode": "Everything"`:                              {ParallelExport: "Separate", LogLevel: "Verbose", LogMode: "Everything"},
		`"parallelism": 0, "parallelMaxConcurrency": 0, "proxyPoolId": 0, "serverGroupId": 0, "isExclusive": false`: {Exclusive: new(false)},
		`"inputParameters": {"a": 1}`: {InputParameters: `{"a": 1}`},
		`"inputParameters": [1]`:      {},
		`"inputParameters": ""`:       {},
	} {
		c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/agent/1/schedules/2", answer: `{"id": 2, ` + answer + `}`}))
		got, err := c.Schedule(t.Context(), 1, 2)
		if err != nil {
			t.Errorf("%s: %v", answer, err)
			continue
		}
		if !reflect.DeepEqual(got.ScheduleSettings, want) {
			t.Errorf("%s: got %+v, expected %+v", answer, got.ScheduleSettings, want)
		}
	}
}

// A key in a name or in input must not reach state. Anything else in them is data, and stays as it is.
func TestScheduleHidesTheKeyOnly(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/agent/1/schedules/2",
		answer: `{"id": 2, "name": "a\u0007` + testKey + `", "timezone": "Europe/Berlin", "logLevel": "Warning", "logMode": "shoes-2026", "parallelExport": "Separate", "scheduleType": "shoes-2026", "runEveryPeriod": "shoes-2026", "inputParameters": "{\"key\": \"` + testKey + `\", \"category\": \"shoes-2026\"}"}`}))
	c.HideInput(`{"category": "shoes-2026", "zone": "Europe/Berlin", "level": "Warning", "export": "Separate"}`)
	got, err := c.Schedule(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "a\a(redacted)" || got.InputParameters != `{"key": "(redacted)", "category": "shoes-2026"}` {
		t.Errorf("got %q and %q", got.Name, got.InputParameters)
	}
	if texts := []string{got.Timezone, got.LogLevel, got.LogMode, got.ParallelExport, string(got.Type), got.Period}; slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "redacted") }) {
		t.Errorf("got %q", texts) // a change would send it back
	}
}

// A list whose names and input would fill the memory is an error.
func TestScheduleListOfEndlessInputIsAnError(t *testing.T) {
	convert := new(Client{keys: newRedactor()}).newScheduleConverter(1)
	element := &wireSchedule{ID: 1, InputParameters: jsonText(make([]byte, maxScheduleTexts/2))}
	for want, name := range []string{"the first", "the second", "one more"} {
		if _, err := convert(element, newRedactor()); (err != nil) != (want == 2) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The answer to a change of a schedule that breaks off says nothing.
func TestScheduleAnswerThatBreaksOff(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(`{"id": 7`), iotest.ErrReader(io.ErrUnexpectedEOF))
	if err := checkScheduleAnswer(broken, 7); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

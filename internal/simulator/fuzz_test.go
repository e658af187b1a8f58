// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// An agents file that is accepted makes a cloud in which each of its agents answers.
func FuzzAgentsFile(f *testing.F) {
	example, err := os.ReadFile("testdata/agents.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(example), `[{"id": 1}]`, `[{"id": 1}, {"id": 1}]`, `{"agents": [{"id": 1, "stop_takes": "x"}]}`, `{"agents": [{"id": 1}], "credits": 1e400, "variants": {"id_servers": 3, "schedules": {}}}`,
		`{"agents": [{"id": 1, "phases": [{"status": 99, "duration": "-1s"}]}]}`, `{"faults": [{"kind": "start", "action": "reset"}]}`, `{"nothing": 1}`, `{"agents": [null]}`, ``, `null`, `[{"id": 1}] x`, "{\n\n\"a",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		config, err := parseConfig(text)
		if err != nil {
			if err.Error() == "" || !utf8.ValidString(err.Error()) {
				t.Errorf("the error is %q", err)
			}
			return
		}
		if !json.Valid(text) {
			t.Errorf("%q is accepted, but it is no JSON", text)
		}
		config.Faults = nil // they change answers, as they should
		config.Variants.AccessToken, config.Variants.Scopes = "", nil
		var o Options
		config.Apply(&o)
		tc := newTestCloud(t, New(o))
		for _, a := range config.Agents {
			if r := tc.send(http.MethodGet, fmt.Sprintf("/agent/%d", a.ID), ""); r.code != http.StatusOK || !json.Valid([]byte(r.text)) {
				t.Errorf("agent %d: %d %s", a.ID, r.code, r.text)
			}
		}
	})
}

// Any body of a request is answered with JSON, and a refused one with an error of the API's own.
func FuzzRequestBody(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"inputParameters": "{\"a\": 1}", "parallelism": 2}`, `{"inputParameters": "[]"}`, `{"parallelism": -1}`, `{"nothing": 1}`, `null`, `[]`, ` `, ``, `{"parallelism": 1e400}`,
		`{"name": "n", "scheduleType": 3, "cronExpression": "* * * * *", "timezone": "UTC"}`, `{"name": "n", "scheduleType": 2, "runEveryCount": 1, "runEveryPeriod": 5, "startTime": "2026-01-31T00:00:00Z"}`,
		`{"name": "n", "scheduleType": 3, "cronExpression": "0 6 * 11-2 *", "timezone": "UTC"}`, `{"name": "n", "scheduleType": 1, "startTime": "9999-12-31T23:59:59Z"}`, `{"name": "n", "scheduleType": 2, "runEveryCount": 10000, "runEveryPeriod": 1, "timezone": "x"}`, `{"name": "\u0000", "scheduleType": 0, "localSchedule": {}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		tc := newTestCloud(t, New(Options{Agents: []Agent{{ID: 4711}}, RateLimit: -1}))
		for _, path := range []string{"/agent/4711/start", "/agent/4711/schedules"} {
			r := tc.send(http.MethodPost, path, body)
			if r.code >= http.StatusInternalServerError || r.text != "" && !json.Valid([]byte(r.text)) {
				t.Errorf("%s with %q: %d %q", path, body, r.code, r.text)
			}
		}
		if trimmed := strings.TrimSpace(body); trimmed != "" && !json.Valid([]byte(trimmed)) && len(tc.Runs(4711)) > 0 {
			t.Errorf("%q is no JSON, and it started a run", body)
		}
	})
}

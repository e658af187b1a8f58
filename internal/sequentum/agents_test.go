// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const firstAgentPage = "/agent/all?pageIndex=1&recordsPerPage=1000&sortColumn=created&sortOrder=0"

const fullAgent = `{"id": 4711, "name": "Shoes\u001b", "description": "All\r\nshoes", "documentation": "x", "configType": 1,
	"inputParameters": {"page": 9007199254740993, "category": "boots", "more": {"b": null, "a": [1.50]}}, "spaceId": 12, "startUrl": "https://shop.example.test",
	"status": 10, "validationStatus": 3, "version": 7, "proxyPoolId": 5, "userId": "u", "isActive": true,
	"lastActivity": "2026-03-03T10:00:00Z", "created": "2026-03-01T10:00:00", "updated": "2026-03-02T10:00:00.5Z", "new": {}}`

func wantFullAgent() *Agent {
	return &Agent{
		ID: 4711, Name: "Shoes\ufffd", Description: "All\nshoes", Type: "Agent", SpaceID: new(int64(12)), StartURL: "https://shop.example.test",
		InputParameters: `{"category":"boots","more":{"a":[1.50],"b":null},"page":9007199254740993}`, ProxyPoolID: new(int64(5)),
		LastRunStatus: new(StatusSuccess), ValidationStatus: "Valid", Version: new(int64(7)), IsActive: new(true),
		LastActivityAt: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC),
		CreatedAt:      time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 3, 2, 10, 0, 0, 5e8, time.UTC),
	}
}

// An agent of a list is read as one that was asked for by its id.
func TestListedAgentIsTheAgent(t *testing.T) {
	c, _ := newTestClient(t, &agentPages{override: map[int]exchange{1: {answer: "[" + fullAgent + "]"}}})
	got, err := c.Agents(t.Context())
	if err != nil || !reflect.DeepEqual(got, []Agent{*wantFullAgent()}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOddFieldsOfAnAgent(t *testing.T) {
	for field, test := range map[string]struct {
		read func(*Agent) any
		of   map[string]any
	}{
		"configType": {func(a *Agent) any { return a.Type }, map[string]any{
			"1": "Agent", `"4"`: "Command", `"sharedfile"`: "SharedFile", "0": "Unknown(0)", "7": "Unknown(7)", `"Bot\u001b"`: "Bot\ufffd", "null": "", "[1]": "",
		}},
		"validationStatus": {func(a *Agent) any { return a.ValidationStatus }, map[string]any{"1": "Unknown", `"VALID"`: "Valid", "2": "Invalid", "4": "Unknown(4)"}},
		"status": {func(a *Agent) any { return fmt.Sprint(a.LastRunStatus) }, map[string]any{
			"6": "Failure", `"Queued"`: "Queuing", "99": "Unknown(99)", "null": "<nil>", `""`: "<nil>", "0": "Invalid",
		}},
		"inputParameters": {func(a *Agent) any { return a.InputParameters }, map[string]any{
			`{}`: "", `null`: "", `[{"name": "a"}]`: "", `"{\"b\": 1, \"a\": 2}"`: `{"a":2,"b":1}`, `"text"`: "", `{"a": "` + testKey + `"}`: `{"a":"(redacted)"}`,
			`{"a": "<&\u2028"}`: `{"a":"\u003c\u0026\u2028"}`, `{"a": 1, "a": 2}`: `{"a":2}`, `"[1]"`: "", `7`: "",
		}},
		"startUrl": {func(a *Agent) any { return a.StartURL }, map[string]any{`null`: "", `"https://x.test/?key=` + testKey + `"`: "https://x.test/?key=(redacted)", "7": "7"}},
	} {
		for value, want := range test.of {
			c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/agent/1", answer: fmt.Sprintf(`{"id": 1, %q: %s}`, field, value)}))
			got, err := c.Agent(t.Context(), 1)
			if err != nil || test.read(got) != want {
				t.Errorf("%s %s: got %q, %v, want %q", field, value, test.read(got), err, want)
			}
		}
	}
}

// Names and prose hide write-only input. Parameters and URLs are data, which must be the same in every process.
func TestParametersOfAnAgentKeepTheInput(t *testing.T) {
	agent := `{"id": 1, "name": "about shoes-2026", "description": "about shoes-2026", "startUrl": "https://x.test/shoes-2026", "inputParameters": {"search": "shoes-2026"}}`
	c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/agent/1", answer: agent}, exchange{method: "GET", path: firstAgentPage, answer: "[" + agent + "]"},
		exchange{method: "GET", path: strings.Replace(firstAgentPage, "pageIndex=1", "pageIndex=2", 1), answer: "[]"}))
	c.HideInput(`{"search": "shoes-2026"}`)
	one, err := c.Agent(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Agents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []Agent{*one, all[0]} {
		if a.Name != "about (redacted)" || a.Description != a.Name || a.StartURL != "https://x.test/shoes-2026" || a.InputParameters != `{"search":"shoes-2026"}` {
			t.Errorf("got %+v", a)
		}
	}
}

func TestSpacesThatAreTooLarge(t *testing.T) {
	var spaces []string
	for i := range maxListText/maxKept + 1 {
		spaces = append(spaces, fmt.Sprintf(`{"id": %d, "description": %q}`, i+1, strings.Repeat("d", maxKept)))
	}
	c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/spaces", answer: "[" + strings.Join(spaces, ",") + "]"}), noRetries)
	got, err := c.Spaces(t.Context())
	if err == nil {
		t.Fatalf("got %d spaces", len(got))
	}
	mustContain(t, err.Error(), "it has too many elements")
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestPersonalSpaceIsNullOrZero(t *testing.T) {
	for zero, want := range map[bool]any{false: nil, true: 0.0} {
		o := withAgents(products(), Agent{ID: 1, SpaceID: new(int64(7))})
		o.PersonalSpaceZero = zero
		inBubble(t, o, func(tc *testCloud) {
			run, agent := tc.runStatus(tc.startRun()), tc.jsonObject(tc.send("GET", "/agent/4711", ""))
			if run["spaceId"] != want || agent["spaceId"] != want {
				tc.t.Errorf("the spaces are %v and %v", run["spaceId"], agent["spaceId"])
			}
			if got := tc.jsonObject(tc.send("GET", "/agent/1", ""))["spaceId"]; got != 7.0 {
				tc.t.Errorf("another space is %v", got)
			}
		})
	}
}

func TestMessageIsFilledUpToItsSize(t *testing.T) {
	a := failing(products())
	a.MessageSize = 1 << 20
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		if got := tc.runStatus(id)["message"].(string); len(got) != 1<<20 {
			tc.t.Errorf("the message has %d bytes", len(got))
		}
		time.Sleep(time.Minute)
		if got := tc.runStatus(id)["message"].(string); len(got) != 1<<20 || got[:17] != "The site refused." {
			tc.t.Errorf("the message is %.30s, %d bytes", got, len(got))
		}
		a.MessageSize = 5 // shorter than the message
		tc.SetAgent(a)
		tc.startRun()
		time.Sleep(time.Minute)
		if got := tc.runStatus(tc.Runs(4711)[0].ID)["message"]; got != "The site refused." {
			tc.t.Errorf("the message is %s", got)
		}
	})
}

func TestNullFieldsLeavesOutOptionalFields(t *testing.T) {
	a := products()
	a.NullFields = true
	o := withAgents(a)
	o.StartAnswersRunID = true
	inBubble(t, o, func(tc *testCloud) {
		for range 2 {
			answered := tc.jsonObject(tc.send("POST", "/agent/4711/start", "{}"))
			if answered["id"] != nil || answered["runId"] == nil {
				tc.t.Errorf("the start answered %v", answered)
			}
		}
		list := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))
		if want := (map[string]any{"id": 100002.0, "configId": 4711.0, "status": 4.0}); !reflect.DeepEqual(list[0], want) {
			tc.t.Errorf("the even run is %v, want %v", list[0], want)
		}
		if _, present := list[1]["created"]; !present || list[1]["created"] != nil || len(list[1]) < 20 {
			tc.t.Errorf("the odd run is %v, want nulls", list[1])
		}
	})
}

func TestStatusesAndFileTypesCanGoByOlderNames(t *testing.T) {
	a := products()
	a.Phases = []Phase{phase(Queuing, 1), phase(Waiting, 1), phase(Running, 1), phase(17, 1)}
	a.Outcomes = []Outcome{{Status: CompletedWithErrors}}
	a.Files = []File{{Type: LogText}, {Type: "csv"}, {Type: "42"}, {}}
	for _, legacy := range []bool{false, true} {
		want := []any{4.0, 12.0, 1.0, 17.0, "CompletedWithErrors"}
		types := []any{6.0, "csv", 42.0, nil}
		if legacy {
			want = []any{"Queued", "WaitingOnFailure", "Running", 17.0, "CompletedWithErrors"}
			types[0] = "LogText"
		}
		t.Run(map[bool]string{false: "codes", true: "older names"}[legacy], func(t *testing.T) {
			o := withAgents(a)
			o.LegacyStatusNames = legacy
			inBubble(t, o, func(tc *testCloud) {
				id := tc.jsonObject(tc.send("POST", "/agent/4711/start", ""))["id"].(float64)
				for _, status := range want {
					if got := tc.runStatus(int64(id))["status"]; got != status {
						tc.t.Errorf("status %v, want %v", got, status)
					}
					time.Sleep(time.Second)
				}
				for i, f := range tc.jsonList(tc.send("GET", runPathOf(int64(id), "/files"), "")) {
					if f["fileType"] != types[i] {
						tc.t.Errorf("file type %v, want %v", f["fileType"], types[i])
					}
				}
			})
		})
	}
}

func TestTimesHaveFourSpellings(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		time.Sleep(120 * time.Millisecond)
		var got []string
		for range 4 {
			got = append(got, tc.runStatus(tc.startRun())["created"].(string))
		}
		want := []string{
			"2000-01-01T00:00:00.12Z", "2000-01-01T00:00:00.12",
			"2000-01-01T00:00:00.120+00:00", "2000-01-01T00:00:00.1200000Z",
		}
		if !slices.Equal(got, want) {
			tc.t.Errorf("times %q, want %q", got, want)
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"
)

// shops are two spaces with an agent each, and a third agent in the personal space.
func shops() Options {
	o := withAgents(Agent{ID: 1, Name: "Shoes", Description: "All shoes.", SpaceID: new(int64(7))}, Agent{ID: 2, SpaceID: new(int64(8))}, Agent{ID: 3})
	o.Spaces = []Space{
		{
			ID: 7, Name: "Shop", Description: "All shops.", IsDefaultAccess: true, RunRetentionHours: new(int64(24)), Scope: "Team",
			Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		{ID: 5, Name: "Old shop"},
	}
	return o
}

func TestSpacesHaveTheFieldsOfTheirServer(t *testing.T) {
	common := map[string]any{"id": 7.0, "name": "Shop", "organizationId": 1.0, "isDefaultAccess": true, "created": "2026-01-02T03:04:05Z"}
	for fields, more := range map[SpaceFields]map[string]any{
		NewerSpaceFields: {"runRetentionHours": 24.0, "scope": "Team"},
		OlderSpaceFields: {"description": "All shops.", "updated": "2000-01-01T00:00:00Z"},
	} {
		o := shops()
		o.SpaceFields = fields
		inBubble(t, o, func(tc *testCloud) {
			want := maps.Clone(common)
			maps.Copy(want, more)
			if got := tc.jsonObject(tc.send("GET", "/spaces/7", "")); !reflect.DeepEqual(got, want) {
				tc.t.Errorf("%q: the space is %v, want %v", fields, got, want)
			}
			if got := idsOf(tc.jsonList(tc.send("GET", "/spaces", ""))); !reflect.DeepEqual(got, []int{5, 7, 8}) {
				tc.t.Errorf("the spaces are %v", got)
			}
			if got := tc.jsonObject(tc.send("GET", "/spaces/8", "")); got["name"] != "Space 8" || len(got) != len(want) {
				tc.t.Errorf("a space that is not described is %v", got)
			}
			tc.wantCode(tc.send("GET", "/spaces/9", ""), http.StatusNotFound)
			tc.wantCode(tc.send("GET", "/spaces/0", ""), http.StatusNotFound)
		})
	}
	o := shops()
	o.SpaceFields = NoSpaceFields
	inBubble(t, o, func(tc *testCloud) {
		if got := tc.send("GET", "/spaces/7", "").text; got != `{"id":7,"name":"Shop"}` {
			tc.t.Errorf("the space is %s", got)
		}
	})
}

func TestSearchForASpaceFindsPartsOfNames(t *testing.T) {
	inBubble(t, shops(), func(tc *testCloud) {
		for name, want := range map[string]float64{"shop": 7, "SHOP": 7, "old": 5, "o": 5, "Space%208": 8} {
			if got := tc.jsonObject(tc.send("GET", "/spaces/search?name="+name, ""))["id"]; got != want {
				tc.t.Errorf("%q finds the space %v, want %v", name, got, want)
			}
		}
		tc.wantCode(tc.send("GET", "/spaces/search?name=none", ""), http.StatusNotFound)
		tc.wantCode(tc.send("GET", "/spaces/search", ""), http.StatusBadRequest)
	})
	o := shops()
	o.SpaceSearchArray = true
	inBubble(t, o, func(tc *testCloud) {
		for name, want := range map[string][]int{"shop": {5, 7}, "none": {}} {
			if got := idsOf(tc.jsonList(tc.send("GET", "/spaces/search?name="+name, ""))); !reflect.DeepEqual(got, want) {
				tc.t.Errorf("%q finds the spaces %v, want %v", name, got, want)
			}
		}
	})
}

func TestSpaceListsItsAgentsWithFewerFields(t *testing.T) {
	inBubble(t, shops(), func(tc *testCloud) {
		tc.StartRun(1)
		list := tc.jsonList(tc.send("GET", "/spaces/7/agents", ""))
		fields := []string{"configType", "description", "id", "lastActivity", "name", "status", "validationStatus"}
		if len(list) != 1 || !slices.Equal(slices.Sorted(maps.Keys(list[0])), fields) || list[0]["id"] != 1.0 || list[0]["name"] != "Shoes" ||
			list[0]["description"] != "All shoes." || list[0]["status"] != 9.0 || list[0]["lastActivity"] == nil {
			tc.t.Errorf("the agents are %v", list)
		}
		tc.DeleteAgent(1)
		if got := tc.send("GET", "/spaces/7/agents", "").text; got != "[]" {
			tc.t.Errorf("a space without agents answers %s", got)
		}
		tc.wantCode(tc.send("GET", "/spaces/9/agents", ""), http.StatusNotFound)
	})
}

func TestSpacesChangeAndGo(t *testing.T) {
	o := shops()
	o.SpaceFields = OlderSpaceFields
	inBubble(t, o, func(tc *testCloud) {
		before := tc.jsonObject(tc.send("GET", "/spaces/5", ""))
		time.Sleep(time.Second)
		tc.SetSpace(Space{ID: 5, Name: "New shop"})
		after := tc.jsonObject(tc.send("GET", "/spaces/5", ""))
		if after["name"] != "New shop" || after["created"] != before["created"] || after["updated"] == before["updated"] {
			tc.t.Errorf("the space was %v and is %v", before, after)
		}
		tc.DeleteSpace(7)
		tc.wantCode(tc.send("GET", "/spaces/7", ""), http.StatusNotFound)
		tc.wantCode(tc.send("POST", "/spaces/7/run-all", "{}"), http.StatusNotFound)
		tc.wantCode(tc.send("GET", "/agent/1", ""), http.StatusOK)
		tc.SetAgent(Agent{ID: 3, SpaceID: new(int64(9))})
		if got := idsOf(tc.jsonList(tc.send("GET", "/spaces", ""))); !reflect.DeepEqual(got, []int{5, 8, 9}) {
			tc.t.Errorf("the spaces are %v", got)
		}
	})
}

func TestFaultsHitEachKindOfSpaceRequests(t *testing.T) {
	for kind, call := range map[Kind][2]string{
		KindSpaces: {"GET", "/spaces"}, KindSpace: {"GET", "/spaces/7"}, KindSpaceSearch: {"GET", "/spaces/search?name=Shop"},
		KindSpaceAgents: {"GET", "/spaces/7/agents"}, KindRunAll: {"POST", "/spaces/7/run-all"},
	} {
		inBubble(t, shops(), func(tc *testCloud) {
			tc.Inject(Fault{Kind: kind, Action: StatusCode, Code: http.StatusTeapot})
			tc.wantCode(tc.send(call[0], call[1], ""), http.StatusTeapot)
			tc.wantCode(tc.send(call[0], call[1], ""), http.StatusOK)
			if got := tc.Requests(); !reflect.DeepEqual(got, map[Kind]int{kind: 2}) {
				tc.t.Errorf("%s is of the kinds %v", call, got)
			}
		})
	}
}

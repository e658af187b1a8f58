// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"
)

// many are n agents of one name, with the ids from 1.
func many(n int) []Agent {
	agents := make([]Agent, n)
	for i := range agents {
		agents[i] = Agent{ID: int64(i + 1), Name: "Many"}
	}
	return agents
}

// agentIDs are the ids of the agents that the path lists.
func (tc *testCloud) agentIDs(path string) []int {
	tc.t.Helper()
	return idsOf(tc.jsonList(tc.send("GET", path, "")))
}

func idsOf(list []map[string]any) []int {
	ids := []int{}
	for _, element := range list {
		ids = append(ids, int(element["id"].(float64)))
	}
	return ids
}

// pageOfAgents is a page of the list of agents, by the field that has its elements.
func (tc *testCloud) pageOfAgents(field, query string) (ids []int, total float64) {
	tc.t.Helper()
	r := tc.send("GET", "/agent/all?"+query, "")
	var page map[string]json.RawMessage
	var list []map[string]any
	if json.Unmarshal([]byte(r.text), &page) != nil || json.Unmarshal(page[field], &list) != nil ||
		json.Unmarshal(page["totalRecordCount"], &total) != nil || len(page) != 2 {
		tc.t.Fatalf("%s is no page of %s: %d %s", query, field, r.code, r.text)
	}
	return idsOf(list), total
}

func TestListOfAgentsIsFilteredAndSorted(t *testing.T) {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	agents := []Agent{
		{ID: 1, Name: "Zoo shoes", SpaceID: new(int64(7)), Created: made.Add(2 * time.Hour)},
		{ID: 2, Name: "Hats", Type: CommandType, Created: made},
		failing(Agent{ID: 3, Name: "shoes", SpaceID: new(int64(7)), Type: TemplateType, Created: made.Add(time.Hour)}),
		{ID: 4, Name: "Hats", SpaceID: new(int64(8)), Type: SharedFile, Created: made.Add(3 * time.Hour)},
	}
	inBubble(t, withAgents(agents...), func(tc *testCloud) {
		time.Sleep(time.Second)
		tc.StartRun(3)
		time.Sleep(time.Second)
		tc.AddFinishedRuns(2, 1, Success)
		tc.SetAgent(agents[0])
		for query, want := range map[string][]int{
			"":                                   {1, 2, 3, 4},
			"name=SHOES":                         {1, 3},
			"name=hats&spaceId=8":                {4},
			"spaceId=7":                          {1, 3},
			"spaceId=0":                          {2},
			"spaceId=9":                          {},
			"status=10":                          {2},
			"status=failure":                     {3},
			"status=Success":                     {2},
			"configType=1":                       {1},
			"configType=Template":                {3},
			"configType=Shared":                  {4},
			"configType=Api":                     {},
			"configType=99":                      {},
			"sortColumn=name":                    {2, 4, 1, 3},
			"sortColumn=created":                 {2, 3, 1, 4},
			"sortColumn=created&sortOrder=1":     {4, 1, 3, 2},
			"sortColumn=updated&sortOrder=1":     {1, 2, 3, 4},
			"sortColumn=lastActivity":            {1, 4, 2, 3},
			"sortColumn=status&sortOrder=1":      {2, 3, 1, 4},
			"sortColumn=configType":              {1, 4, 3, 2},
			"sortOrder=1":                        {1, 2, 3, 4},
			"pageIndex=2":                        {1, 2, 3, 4},
			"recordsPerPage=2":                   {1, 2, 3, 4},
			"name=" + url.QueryEscape("o s"):     {1},
			"sortColumn=NAME&sortOrder=0&name=o": {1, 3},
		} {
			if got := tc.agentIDs("/agent/all?" + query); !reflect.DeepEqual(got, want) {
				tc.t.Errorf("%q lists %v, want %v", query, got, want)
			}
		}
		for _, query := range []string{
			"spaceId=x", "status=odd", "configType=odd", "sortColumn=odd", "sortColumn=name&sortOrder=2", "sortOrder=up",
			"pageIndex=0&recordsPerPage=5", "pageIndex=x&recordsPerPage=5", "pageIndex=1&recordsPerPage=0", "pageIndex=1&recordsPerPage=x",
		} {
			tc.wantCode(tc.send("GET", "/agent/all?"+query, ""), http.StatusBadRequest)
		}
	})
}

func TestPagesOfAgentsKeepToTheServersSize(t *testing.T) {
	o := withAgents(many(250)...)
	o.AgentsPerPage = 100
	inBubble(t, o, func(tc *testCloud) {
		for query, want := range map[string][]int{
			"pageIndex=1&recordsPerPage=1000": {1, 100}, "pageIndex=3&recordsPerPage=1000": {201, 250},
			"pageIndex=2&recordsPerPage=30": {31, 60}, "pageIndex=4&recordsPerPage=100": nil,
			"pageIndex=9223372036854775807&recordsPerPage=9223372036854775807": nil,
		} {
			ids, total := tc.pageOfAgents("agents", query)
			if total != 250 || len(ids) > 0 != (want != nil) || want != nil && (ids[0] != want[0] || ids[len(ids)-1] != want[1]) {
				tc.t.Errorf("%s: %v of %v, want %v", query, ids, total, want)
			}
		}
		if got := tc.agentIDs("/agent/all"); len(got) != 250 {
			tc.t.Errorf("the whole list has %d agents", len(got))
		}
	})
}

func TestPagesOfAgentsComeInOtherForms(t *testing.T) {
	const second = "pageIndex=2&recordsPerPage=2"
	o := withAgents(many(5)...)
	o.Paging = PagingItems
	inBubble(t, o, func(tc *testCloud) {
		if ids, total := tc.pageOfAgents("items", second); total != 5 || !reflect.DeepEqual(ids, []int{3, 4}) {
			tc.t.Errorf("%v of %v", ids, total)
		}
	})
	o.Paging = PagingFirst
	inBubble(t, o, func(tc *testCloud) {
		if ids, total := tc.pageOfAgents("agents", second); total != 5 || !reflect.DeepEqual(ids, []int{1, 2}) {
			tc.t.Errorf("%v of %v", ids, total)
		}
	})
	o.Paging = PagingIgnored
	inBubble(t, o, func(tc *testCloud) {
		if got := tc.agentIDs("/agent/all?" + second); len(got) != 5 {
			tc.t.Errorf("the list has %v", got)
		}
	})
}

func TestStrictServerRefusesPagesBehindTheEndAndTooLargeOnes(t *testing.T) {
	o := withAgents(many(5)...)
	o.Paging, o.AgentsPerPage = PagingStrict, 3
	inBubble(t, o, func(tc *testCloud) {
		tc.AddFinishedRuns(1, 3, Success)
		for path, want := range map[string]int{
			"/agent/all?pageIndex=2&recordsPerPage=3":           200,
			"/agent/all?pageIndex=3&recordsPerPage=3":           404,
			"/agent/all?pageIndex=1&recordsPerPage=4":           400,
			"/agent/all?name=none&pageIndex=1&recordsPerPage=3": 200,
			"/agent/all": 200,
			"/billing/agents/1/runs?startDate=1999-12-31&endDate=2001-01-01&recordsPerPage=3":             200,
			"/billing/agents/1/runs?startDate=1999-12-31&endDate=2001-01-01&recordsPerPage=3&pageIndex=2": 404,
		} {
			if r := tc.send("GET", path, ""); r.code != want {
				tc.t.Errorf("%s answers %d %s, want %d", path, r.code, r.text, want)
			}
		}
	})
}

func TestPagesCanLackTheirTotal(t *testing.T) {
	o := withAgents(many(5)...)
	o.Paging = PagingNoTotal
	inBubble(t, o, func(tc *testCloud) {
		for _, path := range []string{"/agent/all?pageIndex=1&recordsPerPage=3", "/billing/agents/1/runs" + thisYear} {
			got := tc.jsonObject(tc.send("GET", path, ""))
			if total, has := got["totalRecordCount"]; total != nil || !has {
				tc.t.Errorf("%s: %v", path, got)
			}
		}
	})
}

func TestAgentsComeAndGoBetweenPages(t *testing.T) {
	var tc *testCloud
	o := withAgents(many(4)...)
	o.OnRequest = func(r Request) {
		if r.Kind == KindAgents && r.Query == "pageIndex=1&recordsPerPage=2" {
			tc.DeleteAgent(1)
			tc.SetAgent(Agent{ID: 9})
		}
	}
	inBubble(t, o, func(c *testCloud) {
		tc = c
		if ids, total := tc.pageOfAgents("agents", "pageIndex=1&recordsPerPage=2"); total != 4 || !reflect.DeepEqual(ids, []int{1, 2}) {
			tc.t.Errorf("the first page is %v of %v", ids, total)
		}
		if ids, total := tc.pageOfAgents("agents", "pageIndex=2&recordsPerPage=2"); total != 4 || !reflect.DeepEqual(ids, []int{4, 9}) {
			tc.t.Errorf("the second page is %v of %v", ids, total)
		}
	})
}

func TestOddElementsStandInListsAndPagesOfAgents(t *testing.T) {
	for _, element := range OddAgents() {
		for path, field := range map[string]string{"/agent/all": "", "/agent/all?pageIndex=1&recordsPerPage=2": "agents"} {
			inBubble(t, withAgents(many(3)...), func(tc *testCloud) {
				tc.Inject(Fault{Kind: KindAgents, Insert: []Element{element}, InsertAt: 1})
				r := tc.send("GET", path, "")
				body := []byte(r.text)
				if field != "" {
					var page map[string]json.RawMessage
					if err := json.Unmarshal(body, &page); err != nil || string(page["totalRecordCount"]) != "3" {
						tc.t.Fatalf("%s: %v", r.text, err)
					}
					body = page[field]
				}
				var list []json.RawMessage
				if err := json.Unmarshal(body, &list); err != nil || len(list) < 3 || string(list[1]) != string(element) {
					tc.t.Errorf("%s: %s, %v", path, r.text, err)
				}
			})
		}
	}
}

func TestOddElementsStandInEveryKindOfPage(t *testing.T) {
	a := products()
	a.SpaceID = new(int64(7))
	for _, test := range []struct {
		kind                Kind
		paging              Paging
		method, path, field string
	}{
		{KindAgents, PagingItems, "GET", "/agent/all?pageIndex=1&recordsPerPage=2", "items"},
		{KindCosts, PagingAgents, "GET", "/billing/agents/4711/runs" + thisYear, "runs"},
		{KindRunAll, PagingAgents, "POST", "/spaces/7/run-all", "results"},
		{KindUsage, PagingAgents, "GET", "/billing/agents" + thisYear, "agents"},
	} {
		o := withAgents(a)
		o.Paging = test.paging
		inBubble(t, o, func(tc *testCloud) {
			tc.StartRun(4711)
			tc.Inject(Fault{Kind: test.kind, Insert: []Element{"null"}, Repeat: 2})
			list, _ := tc.jsonObject(tc.send(test.method, test.path, ""))[test.field].([]any)
			if len(list) != 3 || list[0] != nil || list[1] != nil || list[2] == nil {
				tc.t.Errorf("%s: %v", test.path, list)
			}
		})
	}
}

func TestAgentsHaveNoNameOrOneNameOrNoSpace(t *testing.T) {
	agents := many(2)
	agents[0].NullName = true
	inBubble(t, withAgents(agents...), func(tc *testCloud) {
		list := tc.jsonList(tc.send("GET", "/agent/all", ""))
		if list[0]["name"] != nil || list[1]["name"] != "Many" || list[0]["spaceId"] != nil {
			tc.t.Errorf("the agents are %v", list)
		}
		if got := tc.jsonObject(tc.send("POST", "/agent/1/start", "")); got["configName"] != nil {
			tc.t.Errorf("its run has the name %v", got["configName"])
		}
		tc.HideAgent(2, true)
		if got := tc.agentIDs("/agent/all"); !reflect.DeepEqual(got, []int{1}) {
			tc.t.Errorf("the agents are %v", got)
		}
	})
	o := withAgents(agents...)
	o.PersonalSpaceZero = true
	inBubble(t, o, func(tc *testCloud) {
		if got := tc.jsonList(tc.send("GET", "/agent/all", ""))[0]["spaceId"]; got != 0.0 {
			tc.t.Errorf("the space is %v", got)
		}
	})
}

func TestSearchFindsNamesAndDescriptions(t *testing.T) {
	agents := append(many(60), Agent{ID: 100, Name: "Hats", Description: "Many hats."}, Agent{ID: 101, Name: "Shoes"})
	inBubble(t, withAgents(agents...), func(tc *testCloud) {
		for query, want := range map[string]int{
			"query=many": 50, "query=MANY&maxRecords=1000": 61, "query=many&maxRecords=3": 3, "query=hats": 1, "query=none": 0,
		} {
			if got := tc.agentIDs("/agent/search?" + query); len(got) != want {
				tc.t.Errorf("%s finds %v, want %d", query, got, want)
			}
		}
		for _, query := range []string{"", "query=", "query=many&maxRecords=0", "query=many&maxRecords=1001"} {
			tc.wantCode(tc.send("GET", "/agent/search?"+query, ""), http.StatusBadRequest)
		}
	})
}

func TestFaultsHitEachKindOfAgentRequests(t *testing.T) {
	for kind, path := range map[Kind]string{
		KindAgents: "/agent/all", KindAgentSearch: "/agent/search?query=p", KindVersions: "/agent/4711/versions", KindAgent: "/agent/4711",
	} {
		inBubble(t, withAgents(products()), func(tc *testCloud) {
			tc.Inject(Fault{Kind: kind, Action: StatusCode, Code: http.StatusTeapot})
			tc.wantCode(tc.send("GET", path, ""), http.StatusTeapot)
			tc.wantCode(tc.send("GET", path, ""), http.StatusOK)
			if got := tc.Requests(); !reflect.DeepEqual(got, map[Kind]int{kind: 2}) {
				tc.t.Errorf("%s is of the kinds %v", path, got)
			}
		})
	}
}

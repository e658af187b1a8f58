// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"reflect"
	"testing"
	"time"
)

// spenders are two agents: 4711 with two runs that cost 1.5 each, and 8 with one of 20.25 on the next day.
func spenders(t *testing.T, test func(tc *testCloud)) {
	t.Helper()
	first, second := products(), products()
	first.Cost, second.Cost = "1.5", "20.25"
	second.ID, second.Name, second.SpaceID = 8, "Hats", new(int64(7))
	o := withAgents(first, second)
	o.Credits = "100"
	inBubble(t, o, func(tc *testCloud) {
		tc.StartRun(4711)
		tc.StartRun(4711)
		time.Sleep(24 * time.Hour)
		tc.StartRun(8)
		time.Sleep(time.Minute)
		test(tc)
	})
}

func TestSpendingIsThatOfThePeriod(t *testing.T) {
	spenders(t, func(tc *testCloud) {
		for query, want := range map[string]float64{"": 20.25, thisYear: 23.25, "?endDate=2000-01-01": 0, "?startDate=2000-01-01&endDate=2000-01-02": 23.25} {
			got := tc.jsonObject(tc.send("GET", "/billing/spending"+query, ""))
			if got["totalSpent"] != want || got["currentBalance"] != 100.0 || got["organizationId"] != 1.0 || got["startDate"] == nil || got["endDate"] == nil {
				tc.t.Errorf("%q: %v, want %v", query, got, want)
			}
		}
		tc.wantCode(tc.send("GET", "/billing/spending?startDate=x", ""), http.StatusBadRequest)
	})
}

func TestCreditHistoryLeadsToTheBalance(t *testing.T) {
	spenders(t, func(tc *testCloud) {
		history := func(query string) (list []any, total any) {
			got := tc.jsonObject(tc.send("GET", "/billing/history"+query, ""))
			return got["transactions"].([]any), got["totalCount"]
		}
		all, total := history("")
		var amounts [][2]any
		for _, element := range all {
			one := element.(map[string]any)
			amounts = append(amounts, [2]any{one["amount"], one["balance"]})
		}
		if want := [][2]any{{-20.25, 100.0}, {-1.5, 120.25}, {-1.5, 121.75}}; total != 3.0 || !reflect.DeepEqual(amounts, want) {
			tc.t.Errorf("the transactions are %v, want %v", amounts, want)
		}
		if second, total := history("?pageIndex=2&recordsPerPage=2"); total != 3.0 || !reflect.DeepEqual(second, all[2:]) {
			tc.t.Errorf("the second page is %v", second)
		}
		tc.wantCode(tc.send("GET", "/billing/history?recordsPerPage=101", ""), http.StatusBadRequest)
	})
}

func TestUsageOfAgentsIsSortedAndPaged(t *testing.T) {
	spenders(t, func(tc *testCloud) {
		for query, want := range map[string][]float64{
			"": {8, 4711}, "&sortOrder=1": {4711, 8}, "&sortColumn=cost": {4711, 8}, "&name=prod": {4711},
			"&pageIndex=2&recordsPerPage=1": {4711}, "&name=none": nil,
		} {
			got := tc.jsonObject(tc.send("GET", "/billing/agents"+thisYear+query, ""))
			var ids []float64
			for _, element := range got["agents"].([]any) {
				ids = append(ids, element.(map[string]any)["agentId"].(float64))
			}
			if !reflect.DeepEqual(ids, want) {
				tc.t.Errorf("%q: %v, want %v", query, got, want)
			}
		}
		got := tc.jsonObject(tc.send("GET", "/billing/agents"+thisYear, ""))
		hats := map[string]any{"agentId": 8.0, "agentName": "Hats", "cost": 20.25, "spaceId": 7.0}
		if got["totalRecordCount"] != 2.0 || got["totalCost"] != 23.25 || !reflect.DeepEqual(got["agents"].([]any)[0], hats) {
			tc.t.Errorf("the usage is %v", got)
		}
		for _, query := range []string{"", thisYear + "&sortColumn=odd", thisYear + "&recordsPerPage=0"} {
			tc.wantCode(tc.send("GET", "/billing/agents"+query, ""), http.StatusBadRequest)
		}
	})
}

func TestCostsOfAnAgentAreBrokenDown(t *testing.T) {
	spenders(t, func(tc *testCloud) {
		tc.StartRun(4711)
		tc.Finish(tc.Runs(4711)[0].ID, Success)
		for unit, want := range map[string]struct{ labels, data []any }{
			"":                {[]any{"2000-01-01", "2000-01-02"}, []any{3.0, 1.5}},
			"&timeUnit=month": {[]any{"2000-01"}, []any{4.5}},
			"&usageTypes=X":   {[]any{"2000-01-01", "2000-01-02"}, []any{0.0, 0.0}},
		} {
			got := tc.jsonObject(tc.send("GET", "/billing/agents/4711"+thisYear+unit, ""))
			types := got["usageTypes"].([]any)[0].(map[string]any)
			if !reflect.DeepEqual(got["labels"], want.labels) || !reflect.DeepEqual(types["data"], want.data) || types["type"] != "Server Time" ||
				types["totalCost"] != got["totalCost"] {
				tc.t.Errorf("%q: %v", unit, got)
			}
		}
		tc.wantCode(tc.send("GET", "/billing/agents/4711"+thisYear+"&timeUnit=year", ""), http.StatusBadRequest)
		tc.wantCode(tc.send("GET", "/billing/agents/4711", ""), http.StatusBadRequest)
		tc.wantCode(tc.send("GET", "/billing/agents/1"+thisYear, ""), http.StatusNotFound)
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestCreditsStandAsTheyWereSet(t *testing.T) {
	inBubble(t, Options{}, func(tc *testCloud) {
		wants := func(amount string) {
			tc.t.Helper()
			want := `{"availableCredits":` + amount + `,"organizationId":1,"retrievedAt":"2000-01-01T00:00:00Z"}`
			if got := tc.send("GET", "/billing/credits", "").text; got != want {
				tc.t.Errorf("the credits are %s, want %s", got, want)
			}
		}
		wants("1000.25")
		for _, amount := range []string{"0", "-3.5", "1250.5000", "12345678901234567890.123456789", "1e3"} {
			tc.SetCredits(Amount(amount))
			wants(amount)
		}
	})
	inBubble(t, Options{Credits: "7"}, func(tc *testCloud) {
		if got := tc.send("GET", "/billing/credits", "").text; !strings.Contains(got, `:7,`) {
			tc.t.Errorf("the credits are %s", got)
		}
	})
}

const thisYear = "?startDate=2000-01-01&endDate=2000-12-31T23:59:59.999Z"

// costs are the costs of agent 4711, and the text of their total.
func (tc *testCloud) costs(query string) (page map[string]any, runs []map[string]any, total string) {
	tc.t.Helper()
	r := tc.send("GET", "/billing/agents/4711/runs"+query, "")
	page = tc.jsonObject(r)
	for _, element := range page["runs"].([]any) {
		runs = append(runs, element.(map[string]any))
	}
	_, total, _ = strings.Cut(r.text, `"totalCost":`)
	total, _, _ = strings.Cut(total, ",")
	return page, runs, total
}

func TestRunIsBilledATimeAfterItsEnd(t *testing.T) {
	a := products()
	a.Cost, a.BilledAfter = "0.10", Duration(time.Hour)
	a.Outcomes = []Outcome{{Status: Success}, {Status: Success}, {Status: Failure, Cost: "2.005"}, {Status: Success}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		odd := tc.startRun()
		tc.startRun()
		for _, wait := range []time.Duration{0, time.Minute, time.Hour - time.Minute} {
			time.Sleep(wait)
			page, runs, total := tc.costs(thisYear)
			if len(runs) != 1 || runs[0]["runId"] != float64(odd) || runs[0]["cost"] != nil || runs[0]["billingType"] != nil ||
				page["totalRecordCount"] != 1.0 || total != "0" {
				tc.t.Errorf("%s later the costs are %v, %s", wait, runs, total)
			}
		}
		third := tc.startRun()
		time.Sleep(time.Minute)
		page, runs, total := tc.costs(thisYear)
		if len(runs) != 3 || runs[2]["runId"] != float64(third) || runs[2]["cost"] != nil || runs[0]["cost"] != 0.1 || total != "0.2" ||
			page["agentId"] != 4711.0 || page["agentName"] != "Products" || page["totalRecordCount"] != 3.0 {
			tc.t.Errorf("the costs are %v, %v, %s", page, runs, total)
		}
		if r := runs[0]; r["date"] != "2000-01-01T00:00:00Z" || r["startTime"] == nil || r["endTime"] == nil || r["billingType"] != "Server Time" {
			tc.t.Errorf("a billed run is %v", r)
		}
		time.Sleep(time.Hour)
		tc.Expire(odd)
		if _, runs, total := tc.costs(thisYear); len(runs) != 3 || runs[2]["cost"] != 2.005 || total != "2.205" {
			tc.t.Errorf("the costs are %v, %s", runs, total)
		}
	})
}

func TestCostsArePagedWithinTheirPeriod(t *testing.T) {
	a := products()
	a.Cost, a.NullName = "0.5", true
	for _, ofPage := range []bool{false, true} {
		o := withAgents(a)
		o.TotalCostOfPage = ofPage
		inBubble(t, o, func(tc *testCloud) {
			time.Sleep(24 * time.Hour)
			ids := tc.AddFinishedRuns(4711, 60, Success) // from 23:00 to 23:59 on the first of January
			page, runs, total := tc.costs(thisYear + "&pageIndex=2&recordsPerPage=25")
			want := map[bool]string{false: "30", true: "12.5"}[ofPage]
			if len(runs) != 25 || runs[0]["runId"] != float64(ids[25]) || page["totalRecordCount"] != 60.0 || total != want || page["agentName"] != nil {
				tc.t.Errorf("the second page is %v: %d runs, the total %s", page, len(runs), total)
			}
			for query, want := range map[string]int{
				thisYear: 50, thisYear + "&recordsPerPage=1000": 60, thisYear + "&pageIndex=3": 0,
				"?startDate=2000-01-01T23:59:00Z&endDate=2000-01-02":                  1,
				"?startDate=2000-01-01&endDate=2000-01-01":                            0,
				"?startDate=2000-01-01T23:00:00&endDate=2000-01-01T23:01:00.0":        2,
				"?startDate=2000-01-01T23:00:00%2B01:00&endDate=2000-01-01T23:00:00Z": 1,
			} {
				if page, runs, _ := tc.costs(query); len(runs) != want || page["runs"] == nil {
					tc.t.Errorf("%s has %d runs, want %d", query, len(runs), want)
				}
			}
			for _, query := range []string{
				"", "?startDate=2000-01-01", "?endDate=2000-01-01", "?startDate=today&endDate=2000-01-01", "?startDate=2000-01-02&endDate=2000-01-01",
				thisYear + "&recordsPerPage=1001", thisYear + "&recordsPerPage=0", thisYear + "&pageIndex=0",
				thisYear + "&sortColumn=odd", thisYear + "&sortOrder=2",
			} {
				tc.wantCode(tc.send("GET", "/billing/agents/4711/runs"+query, ""), http.StatusBadRequest)
			}
			tc.wantCode(tc.send("GET", "/billing/agents/1/runs"+thisYear, ""), http.StatusNotFound)
		})
	}
}

func TestCostsAreSorted(t *testing.T) {
	a := products()
	a.Outcomes = []Outcome{{Status: Success, Cost: "2.5"}, {Status: Success, Cost: "10"}, {Status: Success, Cost: "1"}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		tc.startRun()
		tc.Finish(tc.startRun(), Success) // at once, so that it is the shortest
		time.Sleep(time.Minute)
		third := tc.startRun()
		time.Sleep(5 * time.Second)
		tc.Finish(third, Success)
		for query, want := range map[string][]float64{
			"": {2.5, 10, 1}, "&sortOrder=1": {1, 2.5, 10}, "&sortColumn=date": {2.5, 10, 1},
			"&sortColumn=cost": {1, 2.5, 10}, "&sortColumn=COST&sortOrder=1": {10, 2.5, 1}, "&sortColumn=duration": {10, 1, 2.5},
		} {
			_, runs, _ := tc.costs(thisYear + query)
			var got []float64
			for _, r := range runs {
				got = append(got, r["cost"].(float64))
			}
			if !reflect.DeepEqual(got, want) {
				tc.t.Errorf("%q: the costs are %v, want %v", query, got, want)
			}
		}
		for types, want := range map[string]string{"Export%20GB,Proxy%20Data": "0", "Proxy%20Data,Server%20Time": "13.5"} {
			if _, _, total := tc.costs(thisYear + "&usageTypes=" + types); total != want {
				tc.t.Errorf("%s cost %s, want %s", types, total, want)
			}
		}
	})
}

func TestCostsCanRepeatTheirFirstPage(t *testing.T) {
	o := withAgents(products())
	o.Paging = PagingFirst
	inBubble(t, o, func(tc *testCloud) {
		tc.AddFinishedRuns(4711, 3, Success)
		_, first, _ := tc.costs("?startDate=1999-01-01&endDate=2001-01-01&recordsPerPage=2")
		_, second, _ := tc.costs("?startDate=1999-01-01&endDate=2001-01-01&recordsPerPage=2&pageIndex=2")
		if len(first) != 2 || !reflect.DeepEqual(first, second) {
			tc.t.Errorf("the pages are %v and %v", first, second)
		}
	})
}

func TestFaultsHitEachKindOfBillingRequests(t *testing.T) {
	for kind, path := range map[Kind]string{KindCredits: "/billing/credits", KindCosts: "/billing/agents/4711/runs" + thisYear} {
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

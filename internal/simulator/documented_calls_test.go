// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// documentedCalls are all calls of the API's description, with a run, a file and a schedule that exist.
var documentedCalls = []string{
	"POST /agent/4711/start", "GET /agent/4711/run/{run}/status", "GET /agent/4711/runs?maxRecords=5",
	"POST /agent/4711/run/{run}/stop", "POST /agent/4711/run/{run}/kill", "DELETE /agent/4711/run/{run}?removeMethod=RemoveAllFiles",
	"GET /analytics/agents/4711/runs/{run}/diagnostics", "GET /analytics/agents/4711/latest-failure",
	"GET /agent/4711/run/{run}/files", "GET /agent/4711/run/{run}/file/{file}/download",
	"GET /agent/all", "GET /agent/all?pageIndex=1&recordsPerPage=50", "GET /agent/4711", "GET /agent/search?query=products&maxRecords=5",
	"GET /agent/4711/versions", "POST /agent/4711/version/1/restore",
	"GET /agent/4711/schedules", "POST /agent/4711/schedules", "GET /agent/4711/schedules/{schedule}", "PUT /agent/4711/schedules/{schedule}",
	"DELETE /agent/4711/schedules/{schedule}", "POST /agent/4711/schedules/{schedule}/enable", "POST /agent/4711/schedules/{schedule}/disable",
	"GET /analytics/schedules/upcoming",
	"GET /spaces", "GET /spaces/7", "GET /spaces/search?name=Space", "GET /spaces/7/agents", "POST /spaces/7/run-all",
	"GET /billing/credits", "GET /billing/agents/4711/runs" + thisYear + "&pageIndex=1&recordsPerPage=1000",
}

// sequentumsOwnCalls are the calls of Sequentum's own client that the description does not have.
var sequentumsOwnCalls = []string{
	"GET /billing/spending", "GET /billing/history", "GET /billing/agents" + thisYear, "GET /billing/agents/4711" + thisYear,
	"GET /analytics/runs/summary", "GET /analytics/records/summary",
}

func TestEveryDocumentedCallIsServed(t *testing.T) {
	bodies := map[string]string{
		"POST /agent/4711/schedules":           `{"name":"Nightly","scheduleType":3,"cronExpression":"0 2 * * *"}`,
		"PUT /agent/4711/schedules/{schedule}": `{"name":"Nightly","scheduleType":3,"cronExpression":"0 3 * * *"}`,
	}
	a := failing(products())
	a.SpaceID = new(int64(7))
	for _, call := range slices.Concat(documentedCalls, sequentumsOwnCalls) {
		inBubble(t, withAgents(a), func(tc *testCloud) {
			run := tc.StartRun(4711).ID
			if !strings.HasSuffix(call, "/stop") && !strings.HasSuffix(call, "/kill") {
				time.Sleep(time.Minute)
			}
			schedule := tc.jsonObject(tc.send("POST", "/agent/4711/schedules", bodies["POST /agent/4711/schedules"]))["id"]
			tc.ResetCounts()
			method, path, _ := strings.Cut(strings.NewReplacer(
				"{run}", number(float64(run)), "{file}", number(float64(firstFile)), "{schedule}", number(schedule),
			).Replace(call), " ")
			r := tc.send(method, path, bodies[call])
			if r.code >= http.StatusBadRequest || tc.Count(KindOther) > 0 {
				tc.t.Errorf("%s answers %d %s", call, r.code, r.text)
			}
		})
	}
}

// A route that is no documented call would let a client use what the API does not have.
func TestEveryRouteIsADocumentedCall(t *testing.T) {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.pattern, http.NotFoundHandler())
	}
	used := make(map[string]bool)
	for _, call := range slices.Concat(documentedCalls, sequentumsOwnCalls) {
		method, path, _ := strings.Cut(call, " ")
		request, err := http.NewRequestWithContext(t.Context(), method, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, pattern := mux.Handler(request)
		used[pattern] = true
	}
	for _, r := range routes {
		if !used[r.pattern] {
			t.Errorf("%s is no documented call", r.pattern)
		}
		if r.scope == "" {
			t.Errorf("%s needs no scope", r.pattern)
		}
	}
}

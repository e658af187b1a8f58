// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestRunsAreSummedUpByStatus(t *testing.T) {
	a := failing(products())
	a.SpaceID = new(int64(7))
	inBubble(t, withAgents(a), func(tc *testCloud) {
		tc.StartRun(4711)
		time.Sleep(25 * time.Hour)
		for _, status := range []Status{Failure, Failed, Completed, Success, Stopped, CompletedWithErrors, Skipped} {
			tc.Finish(tc.StartRun(4711).ID, status)
		}
		tc.Expire(tc.StartRun(4711).ID)
		running := tc.StartRun(4711).ID
		time.Sleep(5 * time.Second)
		tc.StartRun(4711)
		got := tc.jsonObject(tc.send("GET", "/analytics/runs/summary", ""))
		for field, want := range map[string]float64{
			"totalRuns": 9, "completedRuns": 2, "failedRuns": 2, "completedWithErrorsRuns": 1, "runningRuns": 1, "queuedRuns": 1, "stoppedRuns": 1,
		} {
			if got[field] != want {
				tc.t.Errorf("%s is %v, want %v", field, got[field], want)
			}
		}
		details := got["failedRunDetails"].([]any)
		if one := details[0].(map[string]any); len(details) != 3 || one["agentId"] != 4711.0 || one["agentName"] != "Products" ||
			one["errorMessage"] != "The site refused." || one["status"] != "Failure" || one["spaceId"] != 7.0 || one["spaceName"] != "Space 7" {
			tc.t.Errorf("the failures are %v", details)
		}
		short := tc.jsonObject(tc.send("GET", "/analytics/runs/summary?status=failure&includeDetails=false&startDate=2000-01-01", ""))
		if _, has := short["failedRunDetails"]; has || short["totalRuns"] != 2.0 || short["failedRuns"] != 2.0 {
			tc.t.Errorf("the failures of both days are %v", short)
		}
		tc.wantCode(tc.send("GET", "/analytics/runs/summary?endDate=x", ""), http.StatusBadRequest)
		if run, _ := tc.Run(running); run.Status != Running {
			tc.t.Errorf("the run that counts as running is %s", run.Status)
		}
	})
}

func TestRecordsAreSummedUp(t *testing.T) {
	other := products()
	other.ID = 8
	inBubble(t, withAgents(products(), other), func(tc *testCloud) {
		for _, id := range []int64{4711, 4711, 8} {
			tc.StartRun(id)
		}
		time.Sleep(time.Minute)
		for query, runs := range map[string]float64{"": 3, "?agentId=4711": 2, "?agentId=1": 0} {
			got := tc.jsonObject(tc.send("GET", "/analytics/records/summary"+query, ""))
			if got["runCount"] != runs || got["totalRecordsExtracted"] != 100*runs || got["totalRecordsExported"] != 50*runs ||
				got["totalErrors"] != 10*runs || got["totalPageLoads"] != 20*runs || (got["agentId"] == nil) != (query == "") {
				tc.t.Errorf("%q: %v", query, got)
			}
		}
		for _, query := range []string{"?agentId=x", "?startDate=x"} {
			tc.wantCode(tc.send("GET", "/analytics/records/summary"+query, ""), http.StatusBadRequest)
		}
	})
}

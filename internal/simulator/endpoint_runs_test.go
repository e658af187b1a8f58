// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestListHasAtMostMaxRecordsRuns(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.AddFinishedRuns(4711, 60, Completed)
		for query, want := range map[string]int{"": 50, "?maxRecords=1": 1, "?maxRecords=1000": 60} {
			if got := tc.jsonList(tc.send("GET", "/agent/4711/runs"+query, "")); len(got) != want {
				tc.t.Errorf("%q lists %d runs, want %d", query, len(got), want)
			}
		}
		for _, query := range []string{"0", "1001", "-1", "all"} {
			tc.wantCode(tc.send("GET", "/agent/4711/runs?maxRecords="+query, ""), http.StatusBadRequest)
		}
	})
}

func TestDeleteRunRemovesWhatItsMethodSays(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		r := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"inputParameters":"{\"name\":\"Ada\"}"}`))
		id := int64(r["id"].(float64))
		tc.wantCode(tc.send("DELETE", runPathOf(id, ""), ""), http.StatusConflict)
		time.Sleep(time.Minute)
		tc.wantCode(tc.send("DELETE", runPathOf(id, "?removeMethod=Everything"), ""), http.StatusBadRequest)
		files := func() int { return len(tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))) }
		if files() != 2 {
			tc.t.Fatal("the files are gone too early")
		}
		tc.wantCode(tc.send("DELETE", runPathOf(id, "?removeMethod=RemoveAllFiles"), ""), http.StatusOK)
		if run, _ := tc.Run(id); files() != 0 || run.InputParameters == "" {
			tc.t.Errorf("RemoveAllFiles left %d files and the input %q", files(), run.InputParameters)
		}
		tc.wantCode(tc.send("DELETE", runPathOf(id, "?removeMethod=RemoveAllFilesAndAgentInput"), ""), http.StatusNoContent)
		if run, _ := tc.Run(id); run.InputParameters != "" {
			tc.t.Errorf("the input %q is still there", run.InputParameters)
		}
		tc.wantCode(tc.send("DELETE", runPathOf(id, "?removeMethod=RemoveEntireRun"), ""), http.StatusOK)
		tc.wantCode(tc.send("GET", runPathOf(id, "/status"), ""), http.StatusNotFound)
		tc.wantCode(tc.send("DELETE", runPathOf(id, ""), ""), http.StatusNotFound)
	})
}

func TestDeleteRunWorksOnHistoryAndEndsItsLinks(t *testing.T) {
	for method, gone := range map[string]bool{"RemoveEntireRun": true, "RemoveAllFiles": false, "RemoveAllFilesAndAgentInput": false} {
		inBubble(t, withAgents(products()), func(tc *testCloud) {
			r := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"inputParameters":"{\"name\":\"Ada\"}"}`))
			id := int64(r["id"].(float64))
			remove := func() reply { return tc.send("DELETE", runPathOf(id, "?removeMethod="+method), "") }
			for _, active := range []Status{Queuing, Running, Exporting} {
				for tc.runStatus(id)["status"] != float64(active) {
					time.Sleep(time.Second)
				}
				tc.wantCode(remove(), http.StatusConflict)
			}
			time.Sleep(time.Minute)
			tc.Archive(id)
			files := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))
			link := tc.linkToFile(id, files[0])
			tc.wantCode(tc.fetchLink(link, ""), http.StatusOK)
			if code := remove().code; code != http.StatusOK && code != http.StatusNoContent {
				tc.t.Errorf("%s answers %d", method, code)
			}
			tc.wantCode(tc.fetchLink(link, ""), http.StatusNotFound)
			tc.wantCode(tc.send("GET", runPathOf(id, "/file/"+number(files[0]["id"])+"/download"), ""), http.StatusNotFound)
			if tc.FileContent(int64(files[0]["id"].(float64))) != nil {
				tc.t.Errorf("%s leaves the content of a file", method)
			}
			if listed := len(tc.listedIDs()); listed == 1 == gone {
				tc.t.Errorf("%s leaves %d runs in the list", method, listed)
			}
			if !gone {
				if got := tc.runStatus(id); got["tableType"] != "history" || got["dataCount"] != 100.0 {
					tc.t.Errorf("%s leaves the run %v", method, got)
				}
			}
			run, _ := tc.Run(id)
			if run.Gone != gone || (run.InputParameters == "") == (method == "RemoveAllFiles") {
				tc.t.Errorf("%s leaves %+v", method, run)
			}
			again := remove().code
			if again == http.StatusNotFound != gone {
				tc.t.Errorf("%s, once more, answers %d", method, again)
			}
		})
	}
}

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

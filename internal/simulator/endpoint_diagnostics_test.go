// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestDiagnosticsExistForFailedAndStoppedRuns(t *testing.T) {
	inBubble(t, withAgents(failing(products())), func(tc *testCloud) {
		failed := tc.startRun()
		time.Sleep(time.Minute)
		diagnosis := func(runID string) reply {
			return tc.send("GET", "/analytics/agents/4711/"+runID, "")
		}
		got := tc.jsonObject(diagnosis("runs/100001/diagnostics"))
		stats := got["stats"].(map[string]any)
		if got["runId"] != float64(failed) || got["agentName"] != "Products" || got["errorMessage"] != "The site refused." ||
			got["runtimeSeconds"] != 15.0 || stats["dataCount"] != 100.0 || stats["errorCount"] != 10.0 ||
			got["possibleCauses"].([]any)[0] != "Blocked" || got["suggestedActions"].([]any)[0] != "Use a proxy" {
			tc.t.Errorf("the diagnosis is %v", got)
		}
		stopped := tc.startRun()
		tc.wantCode(diagnosis("runs/100002/diagnostics"), http.StatusNotFound)
		tc.Finish(stopped, Stopped)
		tc.wantCode(diagnosis("runs/100002/diagnostics"), http.StatusOK)
		tc.Archive(failed)
		if got := tc.jsonObject(diagnosis("latest-failure")); got["runId"] != float64(failed) || got["status"] != 7.0 {
			tc.t.Errorf("the latest failure is %v", got)
		}
		tc.Expire(failed)
		tc.wantCode(diagnosis("latest-failure"), http.StatusNotFound)
		if got := tc.Count(KindDiagnostics); got != 5 {
			tc.t.Errorf("%d diagnostics were counted, want 5", got)
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strings"
	"testing"
)

func TestUnknownPathAgentOrRunAnswers404(t *testing.T) {
	other := Agent{ID: 1}
	inBubble(t, withAgents(products(), other), func(tc *testCloud) {
		foreign := tc.StartRun(1).ID
		for _, call := range []string{
			"GET /agent/2", "GET /agent/x", "GET /agent/2/runs", "GET " + runPathOf(foreign, "/status"),
			"POST " + runPathOf(foreign, "/stop"), "POST " + runPathOf(foreign, "/kill"), "DELETE " + runPathOf(foreign, ""),
			"GET " + runPathOf(foreign, "/files"), "GET " + runPathOf(foreign, "/file/1/download"), "POST " + runPathOf(foreign, "/status"),
			"GET /analytics/agents/4711/runs/1/diagnostics", "GET /analytics/agents/4711/latest-failure",
			"GET /analytics/agents/2/latest-failure",
		} {
			method, path, _ := strings.Cut(call, " ")
			if r := tc.send(method, path, ""); r.code != http.StatusNotFound {
				tc.t.Errorf("%s answers %d", call, r.code)
			} else {
				tc.jsonObject(r)
			}
		}
		if r, _ := tc.Run(foreign); r.Stops != 0 {
			tc.t.Error("the run of another agent was stopped")
		}
	})
}

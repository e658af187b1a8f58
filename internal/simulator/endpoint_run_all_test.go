// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
)

func TestRunAllStartsEachAgentThatCanStart(t *testing.T) {
	in := func(id int64, change func(a *Agent)) Agent {
		a := products()
		a.ID, a.Name, a.SpaceID = id, "", new(int64(7))
		change(&a)
		return a
	}
	o := withAgents(
		in(1, func(*Agent) {}),
		in(2, func(a *Agent) { a.Exclusive = ExclusiveRefuse }),
		in(3, func(a *Agent) { a.Exclusive = ExclusiveAnswer }),
		in(4, func(a *Agent) { a.Archived = true }),
		in(5, func(a *Agent) { a.Type = SharedFile }),
		in(6, func(a *Agent) { a.Exclusive = ExclusiveQueue }),
		in(7, func(a *Agent) { a.SpaceID = nil }),
		in(8, func(a *Agent) { a.NullName = true }),
	)
	inBubble(t, o, func(tc *testCloud) {
		for _, id := range []int64{1, 2, 3, 6} {
			tc.StartRun(id)
		}
		got := tc.jsonObject(tc.send("POST", "/spaces/7/run-all", `{"InputParameters":"{\"category\":\"hats\"}"}`))
		if got["spaceId"] != 7.0 || got["spaceName"] != "Space 7" || got["totalAgents"] != 6.0 || got["agentsStarted"] != 3.0 || got["agentsFailed"] != 3.0 {
			tc.t.Errorf("the answer is %v", got)
		}
		says := map[float64]any{2: alreadyRunning, 3: alreadyRunning, 4: "The agent is archived."}
		for _, element := range got["results"].([]any) {
			result := element.(map[string]any)
			id := result["agentId"].(float64)
			if message := says[id]; message != nil {
				if result["success"] != false || result["runId"] != nil || result["errorMessage"] != message {
					tc.t.Errorf("agent %v: %v", id, result)
				}
				continue
			}
			run, ok := tc.Run(int64(result["runId"].(float64)))
			if !ok || result["success"] != true || result["errorMessage"] != nil || float64(run.AgentID) != id ||
				run.InputParameters != `{"category":"hats"}` || (result["agentName"] == nil) != (id == 8) {
				tc.t.Errorf("agent %v: %v, %+v", id, result, run)
			}
		}
		for id, want := range map[int64]int{1: 2, 2: 1, 3: 1, 4: 0, 5: 0, 6: 2, 7: 0, 8: 1} {
			if runs := tc.Runs(id); len(runs) != want {
				tc.t.Errorf("agent %d has %d runs, want %d", id, len(runs), want)
			}
		}
		for _, body := range []string{`{"inputParameters":"[]"}`, `{"inputParameters":{}}`, `[]`} {
			tc.wantCode(tc.send("POST", "/spaces/7/run-all", body), http.StatusBadRequest)
		}
	})
}

func TestRunAllOfASpaceWithoutAgentsStartsNothing(t *testing.T) {
	o := Options{Spaces: []Space{{ID: 7}}}
	inBubble(t, o, func(tc *testCloud) {
		want := `{"spaceId":7,"spaceName":"Space 7","totalAgents":0,"agentsStarted":0,"agentsFailed":0,"results":[]}`
		if got := tc.send("POST", "/spaces/7/run-all", "").text; got != want {
			tc.t.Errorf("the answer is %s", got)
		}
	})
}

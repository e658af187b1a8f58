// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestRestoreMakesANewVersion(t *testing.T) {
	a := products()
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a.Versions = []AgentVersion{{Version: 1, UserName: "ada", Comments: "First.", FileSize: 9, Created: made}, {Version: 2}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		versions := func() []map[string]any { return tc.jsonList(tc.send("GET", "/agent/4711/versions", "")) }
		before := tc.startRun()
		if v := versions()[0]; len(versions()) != 2 || v["userName"] != "ada" || v["version"] != 1.0 || v["comments"] != "First." ||
			v["fileSize"] != 9.0 || v["created"] != "2026-01-02T03:04:05Z" {
			tc.t.Errorf("the first of %d versions is %v", len(versions()), v)
		}
		time.Sleep(time.Second)
		tc.wantCode(tc.send("POST", "/agent/4711/version/1/restore", `{"content":"As it was."}`), http.StatusOK)
		if v := versions()[2]; v["version"] != 3.0 || v["comments"] != "As it was." || v["userName"] != "ada" || v["created"] == versions()[0]["created"] {
			tc.t.Errorf("the restored version is %v", v)
		}
		agent := tc.jsonObject(tc.send("GET", "/agent/4711", ""))
		if agent["version"] != 3.0 || agent["updated"] == agent["created"] {
			tc.t.Errorf("the agent is %v", agent)
		}
		if got := tc.runStatus(before)["configVersion"]; got != 2.0 {
			tc.t.Errorf("a run that started before has the version %v", got)
		}
		if got := tc.runStatus(tc.startRun())["configVersion"]; got != 3.0 {
			tc.t.Errorf("a run that started afterwards has the version %v", got)
		}
		tc.wantCode(tc.send("POST", "/agent/4711/version/3/restore", ""), http.StatusNoContent)
		tc.wantCode(tc.send("POST", "/agent/4711/version/9/restore", "{}"), http.StatusNotFound)
		tc.wantCode(tc.send("POST", "/agent/4711/version/x/restore", "{}"), http.StatusNotFound)
		tc.wantCode(tc.send("POST", "/agent/4711/version/1/restore", `{"content":1}`), http.StatusBadRequest)
		tc.wantCode(tc.send("POST", "/agent/1/version/1/restore", "{}"), http.StatusNotFound)
		if len(versions()) != 4 {
			tc.t.Errorf("there are %d versions", len(versions()))
		}
	})
}

func TestAgentWithoutDescribedVersionsHasItsOwn(t *testing.T) {
	a := products()
	a.Version = 3
	inBubble(t, withAgents(a), func(tc *testCloud) {
		got := tc.jsonList(tc.send("GET", "/agent/4711/versions", ""))
		if len(got) != 1 || got[0]["version"] != 3.0 || got[0]["userName"] != nil || got[0]["comments"] != nil {
			tc.t.Errorf("the versions are %v", got)
		}
	})
}

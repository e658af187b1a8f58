// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestOnlyTheCurrentCredentialsAreAccepted(t *testing.T) {
	o := withAgents(products())
	o.AccessToken = "token"
	inBubble(t, o, func(tc *testCloud) {
		for key, want := range map[string]int{
			"": 401, "ApiKey": 401, "ApiKey ": 401, "ApiKey wrong": 401, "Bearer sk-simulator": 401, "ApiKey token": 401,
			"ApiKey sk-simulator": 200, "Bearer token": 200, "apikey sk-simulator": 200,
		} {
			tc.key = key
			r := tc.send("GET", "/agent/4711", "")
			if tc.wantCode(r, want); r.header.Get("X-RateLimit-Limit") != "100" || r.header.Get("X-RateLimit-Window-Seconds") != "60" {
				tc.t.Errorf("the answer to %q has the headers %v", key, r.header)
			}
		}
		tc.key = "ApiKey sk-simulator"
		tc.SetCredentials("new", "")
		tc.wantCode(tc.send("GET", "/agent/4711", ""), http.StatusUnauthorized)
		for _, key := range []string{"Bearer token", "Bearer "} {
			tc.key = key
			tc.wantCode(tc.send("GET", "/agent/4711", ""), http.StatusUnauthorized)
		}
		tc.key = "ApiKey new"
		tc.wantCode(tc.send("GET", "/agent/4711", ""), http.StatusOK)
	})
}

func TestForbidRefusesEveryRequestWith403(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.Forbid(true)
		r := tc.send("POST", "/agent/4711/start", "{}")
		if tc.wantCode(r, http.StatusForbidden); !strings.Contains(r.header.Get("WWW-Authenticate"), "insufficient_scope") {
			tc.t.Errorf("the first refusal has the headers %v", r.header)
		}
		r = tc.send("POST", "/agent/4711/start", "{}")
		if tc.wantCode(r, http.StatusForbidden); tc.jsonObject(r)["errorCode"] != "insufficient_scope" {
			tc.t.Errorf("the second refusal is %s", r.text)
		}
		tc.Forbid(false)
		if tc.startRun(); len(tc.Runs(4711)) != 1 {
			tc.t.Error("a forbidden start took effect")
		}
	})
}

func TestOutageAnswersEveryRequestWithAProxysPage(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.Outage(true)
		r := tc.send("POST", "/agent/4711/start", "{}")
		tc.wantCode(r, http.StatusServiceUnavailable)
		if !strings.HasPrefix(r.text, "<html>") || r.header.Get("X-RateLimit-Limit") != "" {
			tc.t.Errorf("a proxy answered %v %s", r.header, r.text)
		}
		tc.Outage(false)
		if tc.startRun(); len(tc.Runs(4711)) != 1 {
			tc.t.Error("a start in an outage took effect")
		}
	})
}

func TestAccessTokenNeedsTheScopeOfTheCall(t *testing.T) {
	o := withAgents(products())
	o.AccessToken, o.Scopes, o.ErrorShapes = "token", []string{"agents:write", "agents:read"}, AllErrorShapes()
	inBubble(t, o, func(tc *testCloud) {
		tc.key = "Bearer token"
		id := tc.startRun()
		tc.wantCode(tc.send("GET", "/agent/4711", ""), http.StatusOK)
		reads := []string{"/agent/4711/runs", runPathOf(id, "/status"), runPathOf(id, "/files"), runPathOf(id, "/file/1/download"),
			"/analytics/agents/4711/latest-failure", runPathOf(id, "/status")}
		for i, of := range reads {
			r := tc.send("GET", of, "")
			tc.wantCode(r, http.StatusForbidden)
			if got := r.header.Get("WWW-Authenticate"); got != `Bearer error="insufficient_scope", scope="runs:read"` {
				tc.t.Errorf("%s: WWW-Authenticate is %s", of, got)
			}
			var status struct{ ErrorCode string }
			if _ = json.Unmarshal([]byte(r.text), &status); (status.ErrorCode == "insufficient_scope") != (AllErrorShapes()[i] == ShapeStatus) {
				tc.t.Errorf("%s: %s", of, r.text)
			}
		}
		tc.key = "ApiKey sk-simulator"
		tc.wantStatus(id, Queuing)
		tc.key = "Bearer token"
		tc.SetScopes([]string{"runs:read"})
		tc.wantStatus(id, Queuing)
		for _, call := range []string{"POST /agent/4711/start", "POST " + runPathOf(id, "/stop"), "POST " + runPathOf(id, "/kill"), "DELETE " + runPathOf(id, "")} {
			method, of, _ := strings.Cut(call, " ")
			if r := tc.send(method, of, ""); r.code != http.StatusForbidden || !strings.HasSuffix(r.header.Get("WWW-Authenticate"), `scope="agents:write"`) {
				tc.t.Errorf("%s: %d %v", call, r.code, r.header)
			}
		}
		if r := tc.send("GET", "/agent/4711", ""); !strings.HasSuffix(r.header.Get("WWW-Authenticate"), `scope="agents:read"`) {
			tc.t.Errorf("the agent: %d %v", r.code, r.header)
		}
		tc.SetScopes(nil)
		tc.wantCode(tc.send("POST", runPathOf(id, "/stop"), ""), http.StatusOK)
	})
}

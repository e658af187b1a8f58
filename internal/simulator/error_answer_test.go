package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestThinErrors(t *testing.T) {
	bodies := map[ErrorShape]string{
		ShapeMessage: `{"message":"Run 1 was not found."}`, ShapeString: `"Run 1 was not found."`,
		ShapeText: "Run 1 was not found.", ShapeEmpty: "",
	}
	types := map[ErrorShape]string{
		ShapeProblem: "application/problem+json", ShapeText: "text/plain; charset=utf-8", ShapeEmpty: "",
	}
	o := withAgents(products())
	o.ErrorShapes = AllErrorShapes()
	inBubble(t, o, func(tc *testCloud) {
		for range 2 {
			for _, shape := range AllErrorShapes() {
				r := tc.send("GET", runPathOf(1, "/status"), "")
				tc.wantCode(r, http.StatusNotFound)
				if body, thin := bodies[shape]; thin && r.text != body || !thin && !strings.Contains(r.text, "Run 1 was not found.") {
					tc.t.Errorf("%s is %q", shape, r.text)
				}
				want, ok := types[shape]
				if !ok {
					want = "application/json; charset=utf-8"
				}
				if got := r.header.Get("Content-Type"); got != want || r.header.Get("X-RateLimit-Limit") != "100" {
					tc.t.Errorf("%s has the headers %v", shape, r.header)
				}
			}
		}
		id := tc.startRun()
		tc.Finish(id, Stopped)
		tc.send("GET", runPathOf(1, "/status"), "")
		if r := tc.send("POST", runPathOf(id, "/stop"), ""); r.code != http.StatusConflict || !strings.HasPrefix(r.text, `{"statusCode"`) {
			tc.t.Errorf("the stop of a finished run is no turn: %d %s", r.code, r.text)
		}
	})
	inBubble(t, withAgents(products()), func(tc *testCloud) { // one fault's own
		for shape, body := range bodies {
			body = strings.Replace(body, "Run 1 was not found.", "Simulated fault: Forbidden.", 1)
			tc.Inject(Fault{Action: StatusCode, Code: http.StatusForbidden, Shape: shape})
			if r := tc.send("GET", "/agent/4711", ""); r.code != http.StatusForbidden || r.text != body || r.header.Get("X-RateLimit-Limit") != "100" {
				tc.t.Errorf("%s is %d %q %v", shape, r.code, r.text, r.header)
			}
		}
	})
}

// A firewall refuses in its own words, before the effect or after it.
func TestAFirewall(t *testing.T) {
	for _, code := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		inBubble(t, withAgents(products()), func(tc *testCloud) {
			for runs, after := range []bool{false, true} {
				tc.Inject(Fault{Kind: KindStart, After: after, Action: HTML, Code: code})
				r := tc.send("POST", "/agent/4711/start", "{}")
				if tc.wantCode(r, code); !strings.HasPrefix(r.text, "<html>") || r.header.Get("X-RateLimit-Limit") != "" ||
					r.header.Get("X-RateLimit-Window-Seconds") != "" || len(tc.Runs(4711)) != runs {
					tc.t.Errorf("%d runs after %s %v", len(tc.Runs(4711)), r.text, r.header)
				}
			}
		})
	}
}

func TestScopes(t *testing.T) {
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

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strings"
	"testing"
)

func TestErrorShapesTakeTurns(t *testing.T) {
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
	inBubble(t, withAgents(products()), func(tc *testCloud) { // the shape of one fault
		for shape, body := range bodies {
			body = strings.Replace(body, "Run 1 was not found.", "Simulated fault: Forbidden.", 1)
			tc.Inject(Fault{Action: StatusCode, Code: http.StatusForbidden, Shape: shape})
			if r := tc.send("GET", "/agent/4711", ""); r.code != http.StatusForbidden || r.text != body || r.header.Get("X-RateLimit-Limit") != "100" {
				tc.t.Errorf("%s is %d %q %v", shape, r.code, r.text, r.header)
			}
		}
	})
}

// A firewall refuses without the headers of the API, before the effect or after it.
func TestFirewallRefusesBeforeOrAfterTheEffect(t *testing.T) {
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

func TestRefusalsAlternateBetweenTheDocumentedShapes(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		first := tc.send("GET", runPathOf(1, "/status"), "")
		problem := tc.jsonObject(first)
		if first.header.Get("Content-Type") != "application/problem+json" || problem["status"] != 404.0 ||
			problem["detail"] != "Run 1 was not found." || problem["title"] != "Not Found" {
			tc.t.Errorf("the first refusal is %s", first.text)
		}
		second := tc.jsonObject(tc.send("GET", "/nowhere", ""))
		if second["statusCode"] != 404.0 || second["statusDescription"] != "Not Found" ||
			second["message"] != "No such endpoint: GET /api/v1/nowhere." {
			tc.t.Errorf("the second refusal is %v", second)
		}
	})
}

func TestEchoKeyPutsTheKeyIntoEveryError(t *testing.T) {
	o := withAgents(products())
	o.EchoKey = true
	inBubble(t, o, func(tc *testCloud) {
		id := tc.startRun()
		tc.Finish(id, Success)
		tc.Inject(
			Fault{Kind: KindAgent, Action: HTML}, Fault{Kind: KindAgent, Action: HTML, Body: "<p>"},
			Fault{Kind: KindAgent, Action: Garbage}, Fault{Kind: KindAgent, Action: StatusCode},
			Fault{Kind: KindAgent, Action: StatusCode, Body: "{}"},
		)
		for range 5 {
			if r := tc.send("GET", "/agent/4711", ""); !strings.Contains(r.text, "ApiKey sk-simulator") {
				tc.t.Errorf("%d %s does not echo the key", r.code, r.text)
			}
		}
		for range 2 {
			if r := tc.send("GET", runPathOf(1, "/status"), ""); !strings.Contains(r.text, "ApiKey sk-simulator") {
				tc.t.Errorf("%d %s does not echo the key", r.code, r.text)
			}
		}
		if r := tc.send("POST", runPathOf(id, "/stop"), ""); !strings.Contains(r.text, "ApiKey sk-simulator") {
			tc.t.Errorf("%d %s does not echo the key", r.code, r.text)
		}
		if r := tc.send("GET", "/agent/4711", ""); strings.Contains(r.text, "sk-simulator") {
			tc.t.Errorf("a success echoes the key: %s", r.text)
		}
	})
}

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
	o := cloudOf(products())
	o.ErrorShapes = AllErrorShapes()
	inLab(t, o, func(l *lab) {
		for range 2 {
			for _, shape := range AllErrorShapes() {
				r := l.send("GET", path(1, "/status"), "")
				l.wantCode(r, http.StatusNotFound)
				if body, thin := bodies[shape]; thin && r.text != body || !thin && !strings.Contains(r.text, "Run 1 was not found.") {
					l.t.Errorf("%s is %q", shape, r.text)
				}
				want, ok := types[shape]
				if !ok {
					want = "application/json; charset=utf-8"
				}
				if got := r.header.Get("Content-Type"); got != want || r.header.Get("X-RateLimit-Limit") != "100" {
					l.t.Errorf("%s has the headers %v", shape, r.header)
				}
			}
		}
		id := l.start()
		l.Finish(id, Stopped)
		l.send("GET", path(1, "/status"), "")
		if r := l.send("POST", path(id, "/stop"), ""); r.code != http.StatusConflict || !strings.HasPrefix(r.text, `{"statusCode"`) {
			l.t.Errorf("the stop of a finished run is no turn: %d %s", r.code, r.text)
		}
	})
	inLab(t, cloudOf(products()), func(l *lab) { // one fault's own
		for shape, body := range bodies {
			body = strings.Replace(body, "Run 1 was not found.", "Simulated fault: Forbidden.", 1)
			l.Inject(Fault{Action: StatusCode, Code: http.StatusForbidden, Shape: shape})
			if r := l.send("GET", "/agent/4711", ""); r.code != http.StatusForbidden || r.text != body || r.header.Get("X-RateLimit-Limit") != "100" {
				l.t.Errorf("%s is %d %q %v", shape, r.code, r.text, r.header)
			}
		}
	})
}

// A firewall refuses in its own words, before the effect or after it.
func TestAFirewall(t *testing.T) {
	for _, code := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		inLab(t, cloudOf(products()), func(l *lab) {
			for runs, after := range []bool{false, true} {
				l.Inject(Fault{Kind: KindStart, After: after, Action: HTML, Code: code})
				r := l.send("POST", "/agent/4711/start", "{}")
				if l.wantCode(r, code); !strings.HasPrefix(r.text, "<html>") || r.header.Get("X-RateLimit-Limit") != "" ||
					r.header.Get("X-RateLimit-Window-Seconds") != "" || len(l.Runs(4711)) != runs {
					l.t.Errorf("%d runs after %s %v", len(l.Runs(4711)), r.text, r.header)
				}
			}
		})
	}
}

func TestScopes(t *testing.T) {
	o := cloudOf(products())
	o.AccessToken, o.Scopes, o.ErrorShapes = "token", []string{"agents:write", "agents:read"}, AllErrorShapes()
	inLab(t, o, func(l *lab) {
		l.key = "Bearer token"
		id := l.start()
		l.wantCode(l.send("GET", "/agent/4711", ""), http.StatusOK)
		reads := []string{"/agent/4711/runs", path(id, "/status"), path(id, "/files"), path(id, "/file/1/download"),
			"/analytics/agents/4711/latest-failure", path(id, "/status")}
		for i, of := range reads {
			r := l.send("GET", of, "")
			l.wantCode(r, http.StatusForbidden)
			if got := r.header.Get("WWW-Authenticate"); got != `Bearer error="insufficient_scope", scope="runs:read"` {
				l.t.Errorf("%s: WWW-Authenticate is %s", of, got)
			}
			var status struct{ ErrorCode string }
			if _ = json.Unmarshal([]byte(r.text), &status); (status.ErrorCode == "insufficient_scope") != (AllErrorShapes()[i] == ShapeStatus) {
				l.t.Errorf("%s: %s", of, r.text)
			}
		}
		l.key = "ApiKey sk-simulator"
		l.wantStatus(id, Queuing)
		l.key = "Bearer token"
		l.SetScopes([]string{"runs:read"})
		l.wantStatus(id, Queuing)
		for _, call := range []string{"POST /agent/4711/start", "POST " + path(id, "/stop"), "POST " + path(id, "/kill"), "DELETE " + path(id, "")} {
			method, of, _ := strings.Cut(call, " ")
			if r := l.send(method, of, ""); r.code != http.StatusForbidden || !strings.HasSuffix(r.header.Get("WWW-Authenticate"), `scope="agents:write"`) {
				l.t.Errorf("%s: %d %v", call, r.code, r.header)
			}
		}
		if r := l.send("GET", "/agent/4711", ""); !strings.HasSuffix(r.header.Get("WWW-Authenticate"), `scope="agents:read"`) {
			l.t.Errorf("the agent: %d %v", r.code, r.header)
		}
		l.SetScopes(nil)
		l.wantCode(l.send("POST", path(id, "/stop"), ""), http.StatusOK)
	})
}

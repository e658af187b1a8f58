package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBothErrorShapesOccur(t *testing.T) {
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

func TestWhatIsNotFound(t *testing.T) {
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

func TestCredentials(t *testing.T) {
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

func TestForbid(t *testing.T) {
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

func TestOutage(t *testing.T) {
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

func TestErrorsEchoTheKey(t *testing.T) {
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

func TestTheAgent(t *testing.T) {
	a := products()
	a.Description, a.StartURL, a.SpaceID, a.Version = "Shoes.", "https://example.com", new(int64(7)), 3
	a.InputParameters = map[string]any{"category": "shoes"}
	o := withAgents(a)
	inBubble(t, o, func(tc *testCloud) {
		got := tc.jsonObject(tc.send("GET", "/agent/4711", ""))
		if got["id"] != 4711.0 || got["name"] != "Products" || got["spaceId"] != 7.0 || got["version"] != 3.0 ||
			got["configType"] != 1.0 || got["isActive"] != true || got["status"] != nil || got["lastActivity"] != nil {
			tc.t.Errorf("the agent is %v", got)
		}
		tc.startRun()
		a.Disabled = true
		tc.SetAgent(a)
		if got = tc.jsonObject(tc.send("GET", "/agent/4711", "")); got["status"] != 4.0 || got["lastActivity"] == nil || got["isActive"] != false {
			tc.t.Errorf("the agent is %v", got)
		}
	})
	o.LegacyStatusNames = true
	inBubble(t, o, func(tc *testCloud) {
		if got := tc.jsonObject(tc.send("GET", "/agent/4711", "")); got["configType"] != "Agent" {
			tc.t.Errorf("the agent is %v", got)
		}
	})
}

func TestDiagnostics(t *testing.T) {
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

func TestListsHaveALength(t *testing.T) {
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

func TestTimesComeInSeveralSpellings(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		time.Sleep(120 * time.Millisecond)
		var got []string
		for range 4 {
			got = append(got, tc.runStatus(tc.startRun())["created"].(string))
		}
		want := []string{
			"2000-01-01T00:00:00.12Z", "2000-01-01T00:00:00.12",
			"2000-01-01T00:00:00.120+00:00", "2000-01-01T00:00:00.1200000Z",
		}
		if !slices.Equal(got, want) {
			tc.t.Errorf("times %q, want %q", got, want)
		}
	})
}

func TestDeleteRun(t *testing.T) {
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

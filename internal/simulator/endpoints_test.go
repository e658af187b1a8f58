package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBothErrorShapesOccur(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		first := l.send("GET", path(1, "/status"), "")
		problem := l.object(first)
		if first.header.Get("Content-Type") != "application/problem+json" || problem["status"] != 404.0 ||
			problem["detail"] != "Run 1 was not found." || problem["title"] != "Not Found" {
			l.t.Errorf("the first refusal is %s", first.text)
		}
		second := l.object(l.send("GET", "/nowhere", ""))
		if second["statusCode"] != 404.0 || second["statusDescription"] != "Not Found" ||
			second["message"] != "No such endpoint: GET /api/v1/nowhere." {
			l.t.Errorf("the second refusal is %v", second)
		}
	})
}

func TestWhatIsNotFound(t *testing.T) {
	other := Agent{ID: 1}
	inLab(t, cloudOf(products(), other), func(l *lab) {
		foreign := l.StartRun(1).ID
		for _, call := range []string{
			"GET /agent/2", "GET /agent/x", "GET /agent/2/runs", "GET " + path(foreign, "/status"),
			"POST " + path(foreign, "/stop"), "POST " + path(foreign, "/kill"), "DELETE " + path(foreign, ""),
			"GET " + path(foreign, "/files"), "GET " + path(foreign, "/file/1/download"), "POST " + path(foreign, "/status"),
			"GET /analytics/agents/4711/runs/1/diagnostics", "GET /analytics/agents/4711/latest-failure",
			"GET /analytics/agents/2/latest-failure",
		} {
			method, path, _ := strings.Cut(call, " ")
			if r := l.send(method, path, ""); r.code != http.StatusNotFound {
				l.t.Errorf("%s answers %d", call, r.code)
			} else {
				l.object(r)
			}
		}
		if r, _ := l.Run(foreign); r.Stops != 0 {
			l.t.Error("the run of another agent was stopped")
		}
	})
}

func TestCredentials(t *testing.T) {
	o := cloudOf(products())
	o.AccessToken = "token"
	inLab(t, o, func(l *lab) {
		for key, want := range map[string]int{
			"": 401, "ApiKey": 401, "ApiKey ": 401, "ApiKey wrong": 401, "Bearer sk-simulator": 401, "ApiKey token": 401,
			"ApiKey sk-simulator": 200, "Bearer token": 200, "apikey sk-simulator": 200,
		} {
			l.key = key
			r := l.send("GET", "/agent/4711", "")
			if l.wantCode(r, want); r.header.Get("X-RateLimit-Limit") != "100" || r.header.Get("X-RateLimit-Window-Seconds") != "60" {
				l.t.Errorf("the answer to %q has the headers %v", key, r.header)
			}
		}
		l.key = "ApiKey sk-simulator"
		l.SetCredentials("new", "")
		l.wantCode(l.send("GET", "/agent/4711", ""), http.StatusUnauthorized)
		for _, key := range []string{"Bearer token", "Bearer "} {
			l.key = key
			l.wantCode(l.send("GET", "/agent/4711", ""), http.StatusUnauthorized)
		}
		l.key = "ApiKey new"
		l.wantCode(l.send("GET", "/agent/4711", ""), http.StatusOK)
	})
}

func TestForbid(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.Forbid(true)
		r := l.send("POST", "/agent/4711/start", "{}")
		if l.wantCode(r, http.StatusForbidden); !strings.Contains(r.header.Get("WWW-Authenticate"), "insufficient_scope") {
			l.t.Errorf("the first refusal has the headers %v", r.header)
		}
		r = l.send("POST", "/agent/4711/start", "{}")
		if l.wantCode(r, http.StatusForbidden); l.object(r)["errorCode"] != "insufficient_scope" {
			l.t.Errorf("the second refusal is %s", r.text)
		}
		l.Forbid(false)
		if l.start(); len(l.Runs(4711)) != 1 {
			l.t.Error("a forbidden start took effect")
		}
	})
}

func TestOutage(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.Outage(true)
		r := l.send("POST", "/agent/4711/start", "{}")
		l.wantCode(r, http.StatusServiceUnavailable)
		if !strings.HasPrefix(r.text, "<html>") || r.header.Get("X-RateLimit-Limit") != "" {
			l.t.Errorf("a proxy answered %v %s", r.header, r.text)
		}
		l.Outage(false)
		if l.start(); len(l.Runs(4711)) != 1 {
			l.t.Error("a start in an outage took effect")
		}
	})
}

func TestErrorsEchoTheKey(t *testing.T) {
	o := cloudOf(products())
	o.EchoKey = true
	inLab(t, o, func(l *lab) {
		id := l.start()
		l.Finish(id, Success)
		l.Inject(
			Fault{Kind: KindAgent, Action: HTML}, Fault{Kind: KindAgent, Action: HTML, Body: "<p>"},
			Fault{Kind: KindAgent, Action: Garbage}, Fault{Kind: KindAgent, Action: StatusCode},
			Fault{Kind: KindAgent, Action: StatusCode, Body: "{}"},
		)
		for range 5 {
			if r := l.send("GET", "/agent/4711", ""); !strings.Contains(r.text, "ApiKey sk-simulator") {
				l.t.Errorf("%d %s does not echo the key", r.code, r.text)
			}
		}
		for range 2 {
			if r := l.send("GET", path(1, "/status"), ""); !strings.Contains(r.text, "ApiKey sk-simulator") {
				l.t.Errorf("%d %s does not echo the key", r.code, r.text)
			}
		}
		if r := l.send("POST", path(id, "/stop"), ""); !strings.Contains(r.text, "ApiKey sk-simulator") {
			l.t.Errorf("%d %s does not echo the key", r.code, r.text)
		}
		if r := l.send("GET", "/agent/4711", ""); strings.Contains(r.text, "sk-simulator") {
			l.t.Errorf("a success echoes the key: %s", r.text)
		}
	})
}

func TestTheAgent(t *testing.T) {
	a := products()
	a.Description, a.StartURL, a.SpaceID, a.Version = "Shoes.", "https://example.com", new(int64(7)), 3
	a.InputParameters = map[string]any{"category": "shoes"}
	o := cloudOf(a)
	inLab(t, o, func(l *lab) {
		got := l.object(l.send("GET", "/agent/4711", ""))
		if got["id"] != 4711.0 || got["name"] != "Products" || got["spaceId"] != 7.0 || got["version"] != 3.0 ||
			got["configType"] != 1.0 || got["isActive"] != true || got["status"] != nil || got["lastActivity"] != nil {
			l.t.Errorf("the agent is %v", got)
		}
		l.start()
		a.Disabled = true
		l.SetAgent(a)
		if got = l.object(l.send("GET", "/agent/4711", "")); got["status"] != 4.0 || got["lastActivity"] == nil || got["isActive"] != false {
			l.t.Errorf("the agent is %v", got)
		}
	})
	o.LegacyStatusNames = true
	inLab(t, o, func(l *lab) {
		if got := l.object(l.send("GET", "/agent/4711", "")); got["configType"] != "Agent" {
			l.t.Errorf("the agent is %v", got)
		}
	})
}

func TestDiagnostics(t *testing.T) {
	inLab(t, cloudOf(failing(products())), func(l *lab) {
		failed := l.start()
		time.Sleep(time.Minute)
		diagnosis := func(runID string) reply {
			return l.send("GET", "/analytics/agents/4711/"+runID, "")
		}
		got := l.object(diagnosis("runs/100001/diagnostics"))
		stats := got["stats"].(map[string]any)
		if got["runId"] != float64(failed) || got["agentName"] != "Products" || got["errorMessage"] != "The site refused." ||
			got["runtimeSeconds"] != 15.0 || stats["dataCount"] != 100.0 || stats["errorCount"] != 10.0 ||
			got["possibleCauses"].([]any)[0] != "Blocked" || got["suggestedActions"].([]any)[0] != "Use a proxy" {
			l.t.Errorf("the diagnosis is %v", got)
		}
		stopped := l.start()
		l.wantCode(diagnosis("runs/100002/diagnostics"), http.StatusNotFound)
		l.Finish(stopped, Stopped)
		l.wantCode(diagnosis("runs/100002/diagnostics"), http.StatusOK)
		l.Archive(failed)
		if got := l.object(diagnosis("latest-failure")); got["runId"] != float64(failed) || got["status"] != 7.0 {
			l.t.Errorf("the latest failure is %v", got)
		}
		l.Expire(failed)
		l.wantCode(diagnosis("latest-failure"), http.StatusNotFound)
		if got := l.Count(KindDiagnostics); got != 5 {
			l.t.Errorf("%d diagnostics were counted, want 5", got)
		}
	})
}

func TestListsHaveALength(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.AddFinishedRuns(4711, 60, Completed)
		for query, want := range map[string]int{"": 50, "?maxRecords=1": 1, "?maxRecords=1000": 60} {
			if got := l.list(l.send("GET", "/agent/4711/runs"+query, "")); len(got) != want {
				l.t.Errorf("%q lists %d runs, want %d", query, len(got), want)
			}
		}
		for _, query := range []string{"0", "1001", "-1", "all"} {
			l.wantCode(l.send("GET", "/agent/4711/runs?maxRecords="+query, ""), http.StatusBadRequest)
		}
	})
}

func TestTimesComeInSeveralSpellings(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		time.Sleep(120 * time.Millisecond)
		var got []string
		for range 4 {
			got = append(got, l.status(l.start())["created"].(string))
		}
		want := []string{
			"2000-01-01T00:00:00.12Z", "2000-01-01T00:00:00.12",
			"2000-01-01T00:00:00.120+00:00", "2000-01-01T00:00:00.1200000Z",
		}
		if !slices.Equal(got, want) {
			l.t.Errorf("times %q, want %q", got, want)
		}
	})
}

func TestDeleteRun(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		r := l.object(l.send("POST", "/agent/4711/start", `{"inputParameters":"{\"name\":\"Ada\"}"}`))
		id := int64(r["id"].(float64))
		l.wantCode(l.send("DELETE", path(id, ""), ""), http.StatusConflict)
		time.Sleep(time.Minute)
		l.wantCode(l.send("DELETE", path(id, "?removeMethod=Everything"), ""), http.StatusBadRequest)
		files := func() int { return len(l.list(l.send("GET", path(id, "/files"), ""))) }
		if files() != 2 {
			l.t.Fatal("the files are gone too early")
		}
		l.wantCode(l.send("DELETE", path(id, "?removeMethod=RemoveAllFiles"), ""), http.StatusOK)
		if run, _ := l.Run(id); files() != 0 || run.InputParameters == "" {
			l.t.Errorf("RemoveAllFiles left %d files and the input %q", files(), run.InputParameters)
		}
		l.wantCode(l.send("DELETE", path(id, "?removeMethod=RemoveAllFilesAndAgentInput"), ""), http.StatusNoContent)
		if run, _ := l.Run(id); run.InputParameters != "" {
			l.t.Errorf("the input %q is still there", run.InputParameters)
		}
		l.wantCode(l.send("DELETE", path(id, "?removeMethod=RemoveEntireRun"), ""), http.StatusOK)
		l.wantCode(l.send("GET", path(id, "/status"), ""), http.StatusNotFound)
		l.wantCode(l.send("DELETE", path(id, ""), ""), http.StatusNotFound)
	})
}

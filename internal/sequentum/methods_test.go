// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

const fullRun = `{"id": 9007199254740993, "configId": 4711, "configName": "Shoes", "spaceId": 3, "organizationId": 1,
	"status": 10, "message": "done", "configVersion": 7, "parallelism": 4, "parallelMaxConcurrency": 2,
	"parallelExport": "Combined", "parallelSet": 5, "created": "2026-03-01T10:00:00.1234567Z",
	"startTime": "2026-03-01T10:00:01", "endTime": "2026-03-01T12:00:02+02:00", "runTimeSec": 12.75,
	"dataCount": 100, "exportCount": 99, "pageCount": 10, "errorCount": 1, "traffic": 123456789012,
	"tableType": "run", "somethingNew": {"a": [1]}}`

func wantFullRun() Run {
	return Run{
		ID: 9007199254740993, AgentID: 4711, AgentName: "Shoes", SpaceID: new(int64(3)),
		Status: StatusSuccess, Message: "done", AgentVersion: new(int64(7)),
		Parallelism: new(int64(4)), ParallelMaxConcurrency: new(int64(2)), ParallelExport: "Combined", ParallelSet: new(int64(5)),
		CreatedAt:      time.Date(2026, 3, 1, 10, 0, 0, 123456700, time.UTC),
		StartedAt:      time.Date(2026, 3, 1, 10, 0, 1, 0, time.UTC),
		FinishedAt:     time.Date(2026, 3, 1, 10, 0, 2, 0, time.UTC),
		RunTimeSeconds: new(int64(12)), RecordsExtracted: new(int64(100)), RecordsExported: new(int64(99)), PageCount: new(int64(10)),
		ErrorCount: new(int64(1)), TrafficBytes: new(int64(123456789012)), TableType: "run",
	}
}

func TestMethodsSendAndReadTheirCalls(t *testing.T) {
	run := func(id int64, status Status) Run { return Run{ID: id, AgentID: 4711, Status: status} }
	tests := []struct {
		name     string
		exchange exchange
		call     func(context.Context, *Client) (any, error)
		want     any
	}{
		{
			"start with everything",
			exchange{method: "POST", path: "/agent/4711/start", status: 202, answer: fullRun, body: `{
				"inputParameters": "{\"a\":1}", "parallelism": 4, "parallelMaxConcurrency": 2, "parallelExport": "Combined",
				"proxyPoolId": 8, "isExclusive": false, "logLevel": "Error", "logMode": "Text"}`},
			func(ctx context.Context, c *Client) (any, error) {
				r, err := c.StartRun(ctx, 4711, StartRequest{
					InputParameters: `{"a":1}`, Parallelism: new(int64(4)), ParallelMaxConcurrency: new(int64(2)),
					ParallelExport: "Combined", ProxyPoolID: new(int64(8)), Exclusive: new(false), LogLevel: "Error", LogMode: "Text",
				})
				return *r, err
			},
			wantFullRun(),
		},
		{
			"start with nothing, answered with runId",
			exchange{method: "POST", path: "/agent/4711/start", body: `{}`, answer: `{"runId": 7, "status": "Queued"}`},
			func(ctx context.Context, c *Client) (any, error) {
				r, err := c.StartRun(ctx, 4711, StartRequest{})
				return *r, err
			},
			run(7, StatusQueuing),
		},
		{
			"status",
			exchange{method: "GET", path: "/agent/4711/run/7/status", answer: `{"id": 7, "configId": 4711, "status": 1}`},
			func(ctx context.Context, c *Client) (any, error) {
				r, err := c.RunStatus(ctx, 4711, 7)
				return *r, err
			},
			run(7, StatusRunning),
		},
		{
			"list, in the API's default length and its order, a run twice while it is archived",
			exchange{method: "GET", path: "/agent/4711/runs", answer: `[{"id": 6, "status": 6, "tableType": "run"}, {"id": 8, "status": 4},
				{"id": 6, "status": 7, "tableType": "history"}]`},
			func(ctx context.Context, c *Client) (any, error) { return c.ListRuns(ctx, 4711, 0) },
			&RunList{Runs: []Run{{ID: 6, AgentID: 4711, Status: StatusFailure, TableType: "run"}, run(8, StatusQueuing), {ID: 6, AgentID: 4711, Status: StatusFailed, TableType: "history"}}},
		},
		{
			"list, too long",
			exchange{method: "GET", path: "/agent/4711/runs?maxRecords=1000", answer: `null`},
			func(ctx context.Context, c *Client) (any, error) { return c.ListRuns(ctx, 4711, 5000) },
			&RunList{},
		},
		{
			"stop",
			exchange{method: "POST", path: "/agent/4711/run/7/stop", body: `{}`, status: 204},
			func(ctx context.Context, c *Client) (any, error) { return nil, c.StopRun(ctx, 4711, 7) },
			nil,
		},
		{
			"kill",
			exchange{method: "POST", path: "/agent/4711/run/7/kill", body: `{}`, answer: "whatever"},
			func(ctx context.Context, c *Client) (any, error) { return nil, c.KillRun(ctx, 4711, 7) },
			nil,
		},
		{
			"delete",
			exchange{method: "DELETE", path: "/agent/4711/run/7", status: 204},
			func(ctx context.Context, c *Client) (any, error) { return nil, c.DeleteRun(ctx, 4711, 7, "") },
			nil,
		},
		{
			"delete files",
			exchange{method: "DELETE", path: "/agent/4711/run/7?removeMethod=RemoveAllFiles", status: 204},
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.DeleteRun(ctx, 4711, 7, RemoveAllFiles)
			},
			nil,
		},
		{
			"diagnostics",
			exchange{method: "GET", path: "/analytics/agents/4711/runs/7/diagnostics",
				answer: `{"errorMessage": "no rows", "possibleCauses": ["blocked", null, ""], "suggestedActions": "use a proxy"}`},
			func(ctx context.Context, c *Client) (any, error) { return c.RunDiagnostics(ctx, 4711, 7) },
			&Diagnostics{Message: "no rows", PossibleCauses: []string{"blocked"}, SuggestedActions: []string{"use a proxy"}},
		},
		{
			"files",
			exchange{method: "GET", path: "/agent/4711/run/7/files", answer: `[
				{"id": "12", "name": null, "fileType": null, "fileSize": null, "created": null},
				{"id": 11, "name": "a.csv", "fileType": "csv", "fileSize": 5, "created": "2026-03-01T10:00:00", "regionId": 2}]`},
			func(ctx context.Context, c *Client) (any, error) { return c.RunFiles(ctx, 4711, 7) },
			[]File{
				{ID: 11, Name: new("a.csv"), Type: FileType{name: "csv"}, SizeBytes: new(int64(5)), CreatedAt: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)},
				{ID: 12},
			},
		},
		{
			"link",
			exchange{method: "GET", path: "/agent/4711/run/7/file/11/download", status: 302,
				header: map[string]string{"Location": "https://files.example.test/x?sig=%2F"}},
			func(ctx context.Context, c *Client) (any, error) { return c.FileLink(ctx, 4711, 7, 11) },
			&Link{URL: "https://files.example.test/x?sig=%2F", Size: -1},
		},
		{
			"link, relative",
			exchange{method: "GET", path: "/agent/4711/run/7/file/11/download", status: 307, header: map[string]string{"Location": "/blob/1"}},
			func(ctx context.Context, c *Client) (any, error) { return c.FileLink(ctx, 4711, 7, 11) },
			&Link{URL: testURL + "/blob/1", Size: -1},
		},
		{
			"agent",
			exchange{method: "GET", path: "/agent/4711", answer: fullAgent},
			func(ctx context.Context, c *Client) (any, error) { return c.Agent(ctx, 4711) },
			wantFullAgent(),
		},
		{
			"agent with little in it",
			exchange{method: "GET", path: "/agent/4711", answer: `{"id": 4711, "name": null, "spaceId": 0, "version": "12", "status": null, "inputParameters": [1]}`},
			func(ctx context.Context, c *Client) (any, error) { return c.Agent(ctx, 4711) },
			&Agent{ID: 4711, Version: new(int64(12))},
		},
		{
			"space",
			exchange{method: "GET", path: "/spaces/12", answer: `{"id": 12, "name": "Shop\u202e", "description": "All shops", "organizationId": 7, "isDefaultAccess": false,
				"created": "2026-03-01T10:00:00", "updated": "2026-03-02T10:00:00Z", "runRetentionHours": 720, "scope": "Organization", "new": 1}`},
			func(ctx context.Context, c *Client) (any, error) { return c.Space(ctx, 12) },
			&Space{
				ID: 12, Name: "Shop\ufffd", Description: "All shops", OrganizationID: "7", IsDefaultAccess: new(false), RunRetentionHours: new(int64(720)),
				Scope: "Organization", CreatedAt: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC),
			},
		},
		{
			"spaces, one of them twice",
			exchange{method: "GET", path: "/spaces", answer: `[{"id": 13, "name": "B"}, null, {"id": "12", "name": null}, {"id": 0, "name": "Personal"}, {"id": 13, "name": "B"}]`},
			func(ctx context.Context, c *Client) (any, error) { return c.Spaces(ctx) },
			[]Space{{ID: 12}, {ID: 13, Name: "B"}},
		},
		{
			"credits",
			exchange{method: "GET", path: "/billing/credits", answer: `{"availableCredits": "1250.5", "organizationId": 1, "retrievedAt": "2026-03-01T10:00:00.5"}`},
			func(ctx context.Context, c *Client) (any, error) { return c.Credits(ctx) },
			&Credits{Available: 1250.5, RetrievedAt: time.Date(2026, 3, 1, 10, 0, 0, 5e8, time.UTC)},
		},
		{
			"credits, spent",
			exchange{method: "GET", path: "/billing/credits", answer: `{"availableCredits": -0.25}`},
			func(ctx context.Context, c *Client) (any, error) { return c.Credits(ctx) },
			&Credits{Available: -0.25},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScript(t, test.exchange)
			c, _ := newTestClient(t, s)
			got, err := test.call(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, expected %+v", got, test.want)
			}
			header := s.requests[0].Header
			if header.Get("Authorization") != "ApiKey "+testKey || header.Get("User-Agent") != "test/1" {
				t.Errorf("the request's header is %v", header)
			}
			_, isLink := got.(*Link)
			if (header.Get("Accept") == "application/json") == isLink {
				t.Errorf("Accept is %q", header.Get("Accept"))
			}
			if (header.Get("Content-Type") == "application/json") != (test.exchange.body != "") {
				t.Errorf("Content-Type is %q", header.Get("Content-Type"))
			}
		})
	}
}

func TestLinkCanHoldTheContent(t *testing.T) {
	c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: "/agent/1/run/2/file/3/download", answer: "a,b\n" + testKey}))
	link, err := c.FileLink(t.Context(), 1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(link.Body)
	if err != nil || string(data) != "a,b\n"+testKey || link.URL != "" || link.Size != int64(len(data)) {
		t.Errorf("got %q, %v, %+v", data, err, link)
	}
	if err := link.Body.Close(); err != nil {
		t.Error(err)
	}
}

func TestAccessTokenIsSentAsBearer(t *testing.T) {
	s := newScript(t, exchange{method: "GET", path: "/agent/1", answer: `{"id": 1}`})
	c, _ := newTestClient(t, s, func(c *Config) { c.APIKey, c.AccessToken = "", "token" })
	if _, err := c.Agent(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if got := s.requests[0].Header.Get("Authorization"); got != "Bearer token" {
		t.Errorf("Authorization is %q", got)
	}
}

// After an answer that cannot be used the call is sent again if that is allowed. Otherwise its outcome is unknown.
func TestUnusableAnswerIsAnError(t *testing.T) {
	status := func(ctx context.Context, c *Client) error { _, err := c.RunStatus(ctx, 4711, 7); return err }
	list := func(ctx context.Context, c *Client) error { _, err := c.ListRuns(ctx, 4711, 10); return err }
	files := func(ctx context.Context, c *Client) error { _, err := c.RunFiles(ctx, 4711, 7); return err }
	agent := func(ctx context.Context, c *Client) error { _, err := c.Agent(ctx, 4711); return err }
	diagnostics := func(ctx context.Context, c *Client) error { _, err := c.RunDiagnostics(ctx, 4711, 7); return err }
	space := func(ctx context.Context, c *Client) error { _, err := c.Space(ctx, 12); return err }
	spaces := func(ctx context.Context, c *Client) error { _, err := c.Spaces(ctx); return err }
	credits := func(ctx context.Context, c *Client) error { _, err := c.Credits(ctx); return err }
	start := func(ctx context.Context, c *Client) error {
		_, err := c.StartRun(ctx, 4711, StartRequest{})
		return err
	}
	schedule := func(ctx context.Context, c *Client) error { _, err := c.Schedule(ctx, 4711, 7); return err }
	enable := func(ctx context.Context, c *Client) error { return c.EnableSchedule(ctx, 4711, 7) }
	create := func(ctx context.Context, c *Client) error {
		_, err := c.CreateSchedule(ctx, 4711, fullSettings())
		return err
	}
	tests := []struct {
		name, method, path, answer string
		call                       func(context.Context, *Client) error
		want                       string
	}{
		{"another run", "GET", "/agent/4711/run/7/status", `{"id": 8}`, status, "it is about run 8"},
		{"another agent", "GET", "/agent/4711/run/7/status", `{"id": 7, "configId": 5}`, status, "it is about run 7 of agent 5"},
		{"no id", "GET", "/agent/4711/run/7/status", `{"id": null, "status": 1}`, status, "it has no run id"},
		{"truncated", "GET", "/agent/4711/run/7/status", `{"id": 7, "sta`, status, "unexpected end of JSON"},
		{"empty", "GET", "/agent/4711/run/7/status", ``, status, "it is empty"},
		{"HTML", "GET", "/agent/4711/run/7/status", "<html>\n<body>", status, `it is not a JSON object: "<html>"`},
		{"list without an element that has an id", "GET", "/agent/4711/runs?maxRecords=10", `[{"id": 0}, {}]`, list, "none of the 2 elements of the list can be used: it has no run id"},
		{"list that is an object", "GET", "/agent/4711/runs?maxRecords=10", `{"id": 7}`, list, "it is not a JSON array"},
		{"list of something else", "GET", "/agent/4711/runs?maxRecords=10", `["a"]`, list, "none of the 1 elements of the list can be used: it is not an object"},
		{"file without id", "GET", "/agent/4711/run/7/files", `[{}]`, files, "it has no file id"},
		{"files that are no list", "GET", "/agent/4711/run/7/files", `7`, files, "it is not a JSON array"},
		{"another agent's agent", "GET", "/agent/4711", `{"id": 4}`, agent, "it is about agent 4"},
		{"no agent", "GET", "/agent/4711", `null`, agent, "it is not a JSON object"},
		{"another schedule", "GET", "/agent/4711/schedules/7", `{"id": 8}`, schedule, "it is about schedule 8"},
		{"another agent's schedule", "GET", "/agent/4711/schedules/7", `{"id": 7, "configId": 5}`, schedule, "it is about schedule 7 of agent 5"},
		{"a new schedule without id", "POST", "/agent/4711/schedules", `{"name": "x"}`, create, "it has no schedule id"},
		{"a new schedule that is not one", "POST", "/agent/4711/schedules", `{"id": 424242}`, create, "it has no agent and no name"},
		{"enabling, answered with a page", "POST", "/agent/4711/schedules/7/enable", "<html>", enable, "it is not JSON"},
		{"enabling, answered with another", "POST", "/agent/4711/schedules/7/enable", `{"id": 8}`, enable, "it is about schedule 8"},
		{"no diagnostics", "GET", "/analytics/agents/4711/runs/7/diagnostics", `[]`, diagnostics, "it is not a JSON object"},
		{"another space", "GET", "/spaces/12", `{"id": 13}`, space, "it is about space 13"},
		{"spaces without id", "GET", "/spaces", `[{"name": "x"}]`, spaces, "it has no space id"},
		{"spaces in a page", "GET", "/spaces", `{"items": []}`, spaces, "it is not a JSON array"},
		{"credits without the number", "GET", "/billing/credits", `{"availableCredits": null}`, credits, "it does not say how many credits are available"},
		{"credits that are no number", "GET", "/billing/credits", `{"availableCredits": "NaN"}`, credits, "it does not say how many credits are available"},
		{"a synchronous start's answer", "POST", "/agent/4711/start", `[{"price": 1}]`, start, "it is not a JSON object"},
		{"a start's answer without id", "POST", "/agent/4711/start", `{"status": 4}`, start, "it has no run id"},
	}
	bodies := map[string]string{"/agent/4711/start": `{}`, "/agent/4711/schedules": fullScheduleBody, "/agent/4711/schedules/7/enable": `{}`}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := exchange{method: test.method, path: test.path, answer: test.answer}
			exchanges := []exchange{e}
			if test.method == "GET" {
				exchanges = []exchange{e, e, e, e}
			} else {
				exchanges[0].body = bodies[test.path]
			}
			c, _ := newTestClient(t, newScript(t, exchanges...))
			err := test.call(t.Context(), c)
			if err == nil {
				t.Fatal("no error")
			}
			mustContain(t, err.Error(), test.method+" /api/v1/", ": 200 OK: the answer cannot be used: ", test.want)
			if !OutcomeUnknown(err) || NotSent(err) {
				t.Errorf("%v: the outcome is not unknown", err)
			}
		})
	}
}

func TestUnusableLinkIsAnError(t *testing.T) {
	for _, location := range []string{"", "ftp://files.example.test/secret", "http:///secret", "http://[secret"} {
		t.Run(location, func(t *testing.T) {
			c, _ := newTestClient(t, newScript(t, exchange{
				method: "GET", path: "/agent/1/run/2/file/3/download", status: 302, header: map[string]string{"Location": location},
			}), noRetries)
			link, err := c.FileLink(t.Context(), 1, 2, 3)
			if link != nil || err == nil || strings.Contains(err.Error(), "secret") || !OutcomeUnknown(err) {
				t.Fatalf("got %v, %v", link, err)
			}
			mustContain(t, err.Error(), "GET /api/v1/agent/1/run/2/file/3/download", "redirect")
		})
	}
}

// A proxy's page with a 200 is not the content of a file. A page from the API itself is.
func TestProxysPageIsNotContent(t *testing.T) {
	page := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	own := map[string]string{"Content-Type": "text/html", "X-RateLimit-Limit": "100", "X-RateLimit-Window-Seconds": "60"}
	link := func(header map[string]string) exchange {
		return exchange{method: "GET", path: "/agent/1/run/2/file/3/download", answer: "<html>", header: header}
	}
	c, _ := newTestClient(t, newScript(t, link(page), link(own)))
	got, err := c.FileLink(t.Context(), 1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if text, err := io.ReadAll(got.Body); err != nil || string(text) != "<html>" {
		t.Errorf("got %q, %v", text, err)
	}
}

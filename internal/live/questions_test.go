// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// notKnown is the table at the end of API.md.
var notKnown = regexp.MustCompile(`(?s)## Not known\n.*?\n\| question \| .*?\n\| --- \| --- \|\n(.*)`)

// What API.md does not know and what is asked must not part.
func TestQuestionsAreTheRowsOfTheTable(t *testing.T) {
	content, err := os.ReadFile("../sequentum/API.md")
	if err != nil {
		t.Fatal(err)
	}
	table := notKnown.FindStringSubmatch(string(content))
	if table == nil {
		t.Fatal("API.md has no table under Not known")
	}
	var rows, asked []string
	for line := range strings.Lines(table[1]) {
		row, _, isRow := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if isRow {
			rows = append(rows, row)
		}
	}
	for _, q := range questions {
		asked = append(asked, q.text)
	}
	if !slices.Equal(rows, asked) {
		t.Errorf("the rows of API.md:\n%s\nthe questions:\n%s", strings.Join(rows, "\n"), strings.Join(asked, "\n"))
	}
}

// told is a story of exchanges, a second apart.
func told(t *testing.T, lines ...string) facts {
	t.Helper()
	var f facts
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, line := range lines {
		var method, path, request, content string
		var status int
		if _, err := fmt.Sscan(line, &method, &path, &request, &status, &content); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		path, query, _ := strings.Cut(path, "?")
		e := exchange{sent: now, answered: now.Add(500 * time.Millisecond), status: status, body: bodyJSON, answer: parsed(t, content), request: parsed(t, request)}
		e.call, e.ids = matchCall(method, apiPath+path)
		if req, err := http.NewRequest(method, "http://x?"+query, nil); err == nil {
			e.query = req.URL.Query()
		}
		if content == "null" {
			e.body = bodyEmpty
		}
		if e.call == "" {
			t.Fatalf("%s is no call", line)
		}
		f.exchanges = append(f.exchanges, e)
		now = now.Add(time.Second)
	}
	return f
}

// The account of TestMakeLive answers in one way. A real one can answer in others.
func TestAnswers(t *testing.T) {
	const (
		first   = `POST /agent/1/start {} 200 {"id":10,"status":1}`
		active  = `GET /agent/1/run/10/status null 200 {"id":10,"status":1}`
		done    = `GET /agent/1/run/10/status null 200 {"id":10,"status":9}`
		busy    = `POST /agent/1/start {"isExclusive":true} `
		twofold = `POST /agent/1/start {"parallelism":2} 200 {"id":20,"status":4}`
		tagged  = `POST /agent/1/start {"tag":"make-live"} 202 {"id":30,"status":4}`
	)
	for _, c := range []struct {
		name  string
		ask   func(facts) answer
		story []string
		want  string
	}{
		{"a busy agent refuses", facts.exclusiveStart, []string{first, busy + `409 {}`, active}, "It is refused."},
		{"a busy agent answers with the active run", facts.exclusiveStart, []string{first, busy + `200 {"id":10,"status":1}`, active}, "with the run that is active"},
		{"a busy agent queues", facts.exclusiveStart, []string{first, busy + `202 {"id":11,"status":4}`, active}, "another run that is Queuing at first"},
		{"the first run was too quick", facts.exclusiveStart, []string{first, busy + `202 {"id":11,"status":4}`, done}, "not answered: the first run had finished"},
		{"others had a run", func(f facts) answer { f.othersWhileBusy = true; return f.exclusiveStart() }, []string{first, busy + `409 {}`, active}, "not answered: another run was started at the same time"},
		{"nobody asked a busy agent", facts.exclusiveStart, []string{first}, "not answered"},
		{"a parallel start is one run", facts.parallelRuns, []string{twofold, `GET /agent/1/runs null 200 [{"id":20,"status":4}]`}, "is one run"},
		{"a parallel start is two runs without a set", facts.parallelRuns, []string{twofold, `GET /agent/1/runs null 200 [{"id":20,"status":4,"parallelSet":0},{"id":21,"status":4}]`}, "brought 2 new runs, without a parallelSet"},
		{"a parallel start answers with a parent", facts.parallelReports, []string{twofold, `GET /agent/1/runs null 200 [{"id":21,"status":4,"parallelism":1},{"id":22,"status":4}]`}, "not in the list. The list's runs report a parallelism of 1, null"},
		{"a parallel start is refused", facts.parallelReports, []string{`POST /agent/1/start {"parallelism":2} 422 {}`}, "not answered: the start was answered with status 422"},
		{"the list lacks the run", facts.listLag, []string{first, `GET /agent/1/runs null 200 [{"id":9,"status":9}]`}, "behind in 1 of 1"},
		{"the list has an old status", facts.listLag, []string{first, done, `GET /agent/1/runs null 200 [{"id":10,"status":1}]`}, "behind in 1 of 1"},
		{"the list is up to date", facts.listLag, []string{first, done, `GET /agent/1/runs null 200 [{"id":10,"status":9}]`}, "not behind in 1 comparisons"},
		{"a removed run is not missing", facts.listLag, []string{first, done, `DELETE /agent/1/run/10 null 204 null`, `GET /agent/1/runs null 200 [{"id":9,"status":9}]`}, "not answered"},
		{"a tag is kept", facts.tag, []string{tagged, `GET /agent/1/run/30/status null 200 {"id":30,"status":4,"tag":"make-live"}`}, "Yes"},
		{"a tag is ignored", facts.tag, []string{tagged, `GET /agent/1/run/30/status null 200 {"id":30,"status":4,"tag":null}`}, "does not show it"},
		{"a page is shorter than was asked for", facts.pageSize, []string{`GET /agent/all?recordsPerPage=1000 null 200 {"agents":[{"id":1},{"id":2}],"totalRecordCount":5}`}, "2 agents: 1000 were requested, and there are 5"},
		{"diagnostics of a good run", facts.diagnostics, []string{first, done, `GET /analytics/agents/1/runs/10/diagnostics null 200 {"possibleCauses":[],"suggestedActions":["x"]}`}, "An object with no error message, 0 possible causes and 1 suggested actions."},
		{"diagnostics of a failure only", facts.diagnostics, []string{`GET /agent/1/run/10/status null 200 {"id":10,"status":6}`, `GET /analytics/agents/1/runs/10/diagnostics null 200 {}`}, "not answered"},
		{"no link", facts.linkLife, nil, "not answered: no signed link"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.ask(told(t, c.story...)).text; !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	ended := facts{link: &link{ages: []linkAge{{time.Second, 206}, {300 * time.Second, 403}}}}
	if got := ended.linkLife().text; !strings.Contains(got, "Less than 300 s: at this age it was refused with status 403. After 1 s it still worked.") {
		t.Errorf("%q", got)
	}
}

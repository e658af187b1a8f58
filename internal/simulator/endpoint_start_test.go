// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestStartKeepsTheBodyThatWasSent(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		r := tc.send("POST", "/agent/4711/start", `{"InputParameters":"{\"a\":1}","PARALLELISM":4,"parallelMaxConcurrency":2,`+
			`"parallelExport":"Separated","proxyPoolId":9,"isExclusive":false,"logLevel":"Info","logMode":"TextAndHtml","timeout":null}`)
		tc.wantCode(r, http.StatusAccepted)
		run := tc.jsonObject(r)
		if run["parallelism"] != 4.0 || run["parallelMaxConcurrency"] != 2.0 || run["parallelExport"] != "Separated" {
			tc.t.Errorf("the run is %v", run)
		}
		if run["tableType"] != nil {
			tc.t.Errorf("a start's answer has the tableType %v", run["tableType"])
		}
		got, _ := tc.Run(int64(run["id"].(float64)))
		if got.InputParameters != `{"a":1}` || got.Body["PARALLELISM"] != 4.0 || got.Sequence != 1 {
			tc.t.Errorf("the cloud kept %+v", got)
		}
		tc.wantCode(tc.send("POST", "/agent/4711/start", ""), http.StatusOK) // no body, and the other code
		if got := tc.Runs(4711)[0]; got.Body != nil || got.Sequence != 2 {
			tc.t.Errorf("a start without a body kept %+v", got)
		}
	})
}

func TestStartIsRefusedFor(t *testing.T) {
	for name, test := range map[string]struct {
		agent func(*Agent)
		body  string
		code  int
		says  string
	}{
		"inputParameters as an object":       {nil, `{"inputParameters":{}}`, 400, "inputParameters cannot be object"},
		"inputParameters that hold an array": {nil, `{"inputParameters":"[]"}`, 400, "inputParameters must be a string that holds"},
		"inputParameters that hold null":     {nil, `{"inputParameters":"null"}`, 400, "inputParameters must be a string that holds"},
		"inputParameters that are no JSON":   {nil, `{"inputParameters":"{"}`, 400, "inputParameters must be a string that holds"},
		"parallelism of 0":                   {nil, `{"parallelism":0}`, 400, "parallelism must be from 1 to 50"},
		"parallelism of 51":                  {nil, `{"parallelism":51}`, 400, "parallelism must be from 1 to 50"},
		"parallelMaxConcurrency of 0":        {nil, `{"parallelMaxConcurrency":0}`, 400, "parallelMaxConcurrency must"},
		"unknown parallelExport":             {nil, `{"parallelExport":"combined"}`, 400, "parallelExport must be one of"},
		"proxyPoolId as text":                {nil, `{"proxyPoolId":"9"}`, 400, "proxyPoolId cannot be string"},
		"timeout above an hour":              {nil, `{"timeout":3601}`, 400, "timeout must be from 1 to 3600"},
		"unknown logLevel":                   {nil, `{"logLevel":"Debug"}`, 400, "logLevel must be one of"},
		"unknown logMode":                    {nil, `{"logMode":"Html"}`, 400, "logMode must be one of"},
		"isExclusive as a number":            {nil, `{"isExclusive":1}`, 400, "isExclusive cannot be number"},
		"unknown field":                      {nil, `{"inputs":"{}"}`, 400, "unknown field"},
		"array instead of an object":         {nil, `[]`, 400, "cannot be read"},
		"two objects in a row":               {nil, `{} {}`, 400, "cannot be read"},
		"object that is cut off":             {nil, `{"logMode":`, 400, "cannot be read"},
		"synchronous start":                  {nil, `{"isRunSynchronously":true}`, 422, "synchronous"},
		"synchronous start in parallel":      {nil, `{"isRunSynchronously":true,"parallelism":2}`, 400, "no parallelism"},
		"archived agent":                     {func(a *Agent) { a.Archived = true }, `{}`, 409, "archived"},
		"disabled agent":                     {func(a *Agent) { a.Disabled = true }, `{}`, 400, "disabled"},
		"agent out of credits":               {func(a *Agent) { a.OutOfCredits = true }, `{}`, 422, "credits"},
		"unknown agent":                      {func(a *Agent) { a.ID = 1 }, `{}`, 404, "Agent 4711 was not found"},
	} {
		t.Run(name, func(t *testing.T) {
			a := products()
			if test.agent != nil {
				test.agent(&a)
			}
			inBubble(t, withAgents(a), func(tc *testCloud) {
				r := tc.send("POST", "/agent/4711/start", test.body)
				if tc.wantCode(r, test.code); !strings.Contains(r.text, test.says) {
					tc.t.Errorf("the refusal %s does not say %q", r.text, test.says)
				}
				if got := tc.Runs(4711); len(got) != 0 {
					tc.t.Errorf("it started %v", got)
				}
			})
		})
	}
}

func TestStartWithABodyNeedsAContentType(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		req := tc.newRequest(tc.t.Context(), http.MethodPost, "/agent/4711/start", strings.NewReader("{}"))
		r, err := tc.doRequest(req)
		if err != nil {
			tc.t.Fatal(err)
		}
		tc.wantCode(r, http.StatusBadRequest)
	})
}

func TestTooLongBodyIsRefused(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.wantCode(tc.send("POST", "/agent/4711/start", strings.Repeat(" ", maxBody+1)), http.StatusBadRequest)
	})
}

func TestRunsOfOneStartShareAParallelSet(t *testing.T) {
	a := products()
	a.ParallelSet = true
	inBubble(t, withAgents(a), func(tc *testCloud) {
		answered := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"parallelism":3}`))
		list := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))
		if len(list) != 3 {
			tc.t.Fatalf("the start shows as %d runs, want 3", len(list))
		}
		for _, r := range list {
			if r["parallelSet"] != answered["id"] || r["parallelism"] != 3.0 {
				tc.t.Errorf("a run of the set is %v", r)
			}
		}
		tc.startRun()
		tc.startRun()
		list = tc.jsonList(tc.send("GET", "/agent/4711/runs?maxRecords=2", ""))
		if list[0]["parallelSet"] != nil || list[1]["parallelSet"] != 0.0 {
			tc.t.Errorf("ordinary runs have the sets %v and %v, want null and 0", list[0]["parallelSet"], list[1]["parallelSet"])
		}
	})
}

func TestSiblingsReportTheParallelismOfTheirSetting(t *testing.T) {
	for siblings, want := range map[Siblings]any{SiblingsAsStarted: 3.0, SiblingsOne: 1.0, SiblingsNull: nil} {
		a := products()
		a.ParallelSet, a.Siblings = true, siblings
		inBubble(t, withAgents(a), func(tc *testCloud) {
			first := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"parallelism":3}`))
			list := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))
			for i, r := range list {
				parallelism := want
				if i == 2 {
					parallelism = 3.0
				}
				if r["parallelism"] != parallelism || r["parallelSet"] != first["id"] {
					tc.t.Errorf("%q: run %d of three is %v", siblings, i, r)
				}
			}
			tc.startRun()
			if r := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))[0]; r["parallelism"] != 1.0 {
				tc.t.Errorf("%q: an ordinary run is %v", siblings, r)
			}
		})
	}
}

func TestExclusiveAgentCanAnswerWithItsActiveRun(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveAnswer
	inBubble(t, withAgents(a), func(tc *testCloud) {
		first := tc.startRun()
		time.Sleep(5 * time.Second)
		again := tc.jsonObject(tc.send("POST", "/agent/4711/start", "{}"))
		if int64(again["id"].(float64)) != first || again["status"] != 1.0 || len(tc.Runs(4711)) != 1 {
			tc.t.Errorf("the answer is %v", again)
		}
		if r := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"isExclusive":false}`)); int64(r["id"].(float64)) == first {
			tc.t.Errorf("a start that need not be exclusive is answered with %v", r)
		}
		time.Sleep(time.Minute)
		if third := tc.startRun(); third == first || len(tc.Runs(4711)) != 3 {
			tc.t.Errorf("after its end run %d starts", third)
		}
	})
}

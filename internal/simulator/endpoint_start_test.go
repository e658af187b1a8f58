package simulator

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAStartKeepsWhatItWasSent(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		r := l.send("POST", "/agent/4711/start", `{"InputParameters":"{\"a\":1}","PARALLELISM":4,"parallelMaxConcurrency":2,`+
			`"parallelExport":"Separated","proxyPoolId":9,"isExclusive":false,"logLevel":"Info","logMode":"TextAndHtml","timeout":null}`)
		l.wantCode(r, http.StatusAccepted)
		run := l.object(r)
		if run["parallelism"] != 4.0 || run["parallelMaxConcurrency"] != 2.0 || run["parallelExport"] != "Separated" {
			l.t.Errorf("the run is %v", run)
		}
		if run["tableType"] != nil {
			l.t.Errorf("a start's answer has the tableType %v", run["tableType"])
		}
		got, _ := l.Run(int64(run["id"].(float64)))
		if got.InputParameters != `{"a":1}` || got.Body["PARALLELISM"] != 4.0 || got.Sequence != 1 {
			l.t.Errorf("the cloud kept %+v", got)
		}
		l.wantCode(l.send("POST", "/agent/4711/start", ""), http.StatusOK) // no body, and the other code
		if got := l.Runs(4711)[0]; got.Body != nil || got.Sequence != 2 {
			l.t.Errorf("a start without a body kept %+v", got)
		}
	})
}

func TestStartIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		agent func(*Agent)
		body  string
		code  int
		says  string
	}{
		"inputParameters an object": {nil, `{"inputParameters":{}}`, 400, "inputParameters cannot be object"},
		"inputParameters an array":  {nil, `{"inputParameters":"[]"}`, 400, "inputParameters must be a string that holds"},
		"inputParameters null":      {nil, `{"inputParameters":"null"}`, 400, "inputParameters must be a string that holds"},
		"inputParameters no JSON":   {nil, `{"inputParameters":"{"}`, 400, "inputParameters must be a string that holds"},
		"parallelism 0":             {nil, `{"parallelism":0}`, 400, "parallelism must be from 1 to 50"},
		"parallelism 51":            {nil, `{"parallelism":51}`, 400, "parallelism must be from 1 to 50"},
		"parallelMaxConcurrency 0":  {nil, `{"parallelMaxConcurrency":0}`, 400, "parallelMaxConcurrency must"},
		"parallelExport":            {nil, `{"parallelExport":"combined"}`, 400, "parallelExport must be one of"},
		"proxyPoolId":               {nil, `{"proxyPoolId":"9"}`, 400, "proxyPoolId cannot be string"},
		"timeout":                   {nil, `{"timeout":3601}`, 400, "timeout must be from 1 to 3600"},
		"logLevel":                  {nil, `{"logLevel":"Debug"}`, 400, "logLevel must be one of"},
		"logMode":                   {nil, `{"logMode":"Html"}`, 400, "logMode must be one of"},
		"isExclusive":               {nil, `{"isExclusive":1}`, 400, "isExclusive cannot be number"},
		"unknown field":             {nil, `{"inputs":"{}"}`, 400, "unknown field"},
		"no object":                 {nil, `[]`, 400, "cannot be read"},
		"two objects":               {nil, `{} {}`, 400, "cannot be read"},
		"cut off":                   {nil, `{"logMode":`, 400, "cannot be read"},
		"synchronous":               {nil, `{"isRunSynchronously":true}`, 422, "synchronous"},
		"synchronous and parallel":  {nil, `{"isRunSynchronously":true,"parallelism":2}`, 400, "no parallelism"},
		"archived":                  {func(a *Agent) { a.Archived = true }, `{}`, 409, "archived"},
		"disabled":                  {func(a *Agent) { a.Disabled = true }, `{}`, 400, "disabled"},
		"out of credits":            {func(a *Agent) { a.OutOfCredits = true }, `{}`, 422, "credits"},
		"unknown agent":             {func(a *Agent) { a.ID = 1 }, `{}`, 404, "Agent 4711 was not found"},
	} {
		t.Run(name, func(t *testing.T) {
			a := products()
			if test.agent != nil {
				test.agent(&a)
			}
			inLab(t, cloudOf(a), func(l *lab) {
				r := l.send("POST", "/agent/4711/start", test.body)
				if l.wantCode(r, test.code); !strings.Contains(r.text, test.says) {
					l.t.Errorf("the refusal %s does not say %q", r.text, test.says)
				}
				if got := l.Runs(4711); len(got) != 0 {
					l.t.Errorf("it started %v", got)
				}
			})
		})
	}
}

func TestAStartNeedsAContentType(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		req, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, "http://api.invalid/api/v1/agent/4711/start", strings.NewReader("{}"))
		if err != nil {
			l.t.Fatal(err)
		}
		req.Header.Set("Authorization", l.key)
		r, err := l.do(req)
		if err != nil {
			l.t.Fatal(err)
		}
		l.wantCode(r, http.StatusBadRequest)
	})
}

func TestABodyHasALimit(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.wantCode(l.send("POST", "/agent/4711/start", strings.Repeat(" ", maxBody+1)), http.StatusBadRequest)
	})
}

func TestParallelRunsShareASet(t *testing.T) {
	a := products()
	a.ParallelSet = true
	inLab(t, cloudOf(a), func(l *lab) {
		answered := l.object(l.send("POST", "/agent/4711/start", `{"parallelism":3}`))
		list := l.list(l.send("GET", "/agent/4711/runs", ""))
		if len(list) != 3 {
			l.t.Fatalf("the start shows as %d runs, want 3", len(list))
		}
		for _, r := range list {
			if r["parallelSet"] != answered["id"] || r["parallelism"] != 3.0 {
				l.t.Errorf("a run of the set is %v", r)
			}
		}
		l.start()
		l.start()
		list = l.list(l.send("GET", "/agent/4711/runs?maxRecords=2", ""))
		if list[0]["parallelSet"] != nil || list[1]["parallelSet"] != 0.0 {
			l.t.Errorf("ordinary runs have the sets %v and %v, want null and 0", list[0]["parallelSet"], list[1]["parallelSet"])
		}
	})
}

func TestRunObjectsWithoutWhatMayBeAbsent(t *testing.T) {
	a := products()
	a.NullFields = true
	o := cloudOf(a)
	o.StartAnswersRunID = true
	inLab(t, o, func(l *lab) {
		for range 2 {
			answered := l.object(l.send("POST", "/agent/4711/start", "{}"))
			if answered["id"] != nil || answered["runId"] == nil {
				l.t.Errorf("the start answered %v", answered)
			}
		}
		list := l.list(l.send("GET", "/agent/4711/runs", ""))
		if want := (map[string]any{"id": 100002.0, "configId": 4711.0, "status": 4.0}); !reflect.DeepEqual(list[0], want) {
			l.t.Errorf("the even run is %v, want %v", list[0], want)
		}
		if _, present := list[1]["created"]; !present || list[1]["created"] != nil || len(list[1]) < 20 {
			l.t.Errorf("the odd run is %v, want nulls", list[1])
		}
	})
}

func TestOlderNames(t *testing.T) {
	a := products()
	a.Phases = []Phase{phase(Queuing, 1), phase(Waiting, 1), phase(Running, 1), phase(17, 1)}
	a.Outcomes = []Outcome{{Status: CompletedWithErrors}}
	a.Files = []File{{Type: LogText}, {Type: "csv"}, {Type: "42"}, {}}
	for _, legacy := range []bool{false, true} {
		want := []any{4.0, 12.0, 1.0, 17.0, "CompletedWithErrors"}
		types := []any{6.0, "csv", 42.0, nil}
		if legacy {
			want = []any{"Queued", "WaitingOnFailure", "Running", 17.0, "CompletedWithErrors"}
			types[0] = "LogText"
		}
		t.Run(fmt.Sprint(legacy), func(t *testing.T) {
			o := cloudOf(a)
			o.LegacyStatusNames = legacy
			inLab(t, o, func(l *lab) {
				id := l.object(l.send("POST", "/agent/4711/start", ""))["id"].(float64)
				for _, status := range want {
					if got := l.status(int64(id))["status"]; got != status {
						l.t.Errorf("status %v, want %v", got, status)
					}
					time.Sleep(time.Second)
				}
				for i, f := range l.list(l.send("GET", path(int64(id), "/files"), "")) {
					if f["fileType"] != types[i] {
						l.t.Errorf("file type %v, want %v", f["fileType"], types[i])
					}
				}
			})
		})
	}
}

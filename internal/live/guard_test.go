// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// proxied is a proxy in front of a simulated account.
type proxied struct {
	t     *testing.T
	cloud *simulator.Cloud
	*proxy
}

func newProxied(t *testing.T) *proxied {
	t.Helper()
	phases := []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(1e12)}}
	cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{
		{ID: 4711, Phases: phases, ParallelSet: true, Schedules: []simulator.Schedule{{ID: 77, Name: "A stranger's", Type: simulator.ScheduleCRON, Cron: "0 9 * * *"}}},
		{ID: 4712, Phases: phases},
	}})
	server := httptest.NewServer(cloud.API())
	t.Cleanup(server.Close)
	p, err := startProxy(t.Context(), server.URL+"/api/v1", newGuard(4711))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return &proxied{t, cloud, p}
}

// send sends a call through the proxy, and returns the status and the body.
func (p *proxied) send(call, body string) (int, string) {
	p.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+apiPath+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey sk-simulator")
	req.Header.Set("Content-Type", "application/json")
	resp, err := sequentum.NewTransport().RoundTrip(req) // it follows no redirect
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (p *proxied) wantSent(call, body string) {
	p.t.Helper()
	if status, text := p.send(call, body); status >= 300 {
		p.t.Errorf("%s was answered with %d %s", call, status, text)
	}
}

// wantNotSent fails the test unless the proxy refuses, and the account sees nothing.
func (p *proxied) wantNotSent(call, body string) {
	p.t.Helper()
	before := p.cloud.Count(simulator.AnyKind)
	if status, text := p.send(call, body); status != http.StatusForbidden || !strings.Contains(text, "make live does not send this") {
		p.t.Errorf("%s was answered with %d %s", call, status, text)
	}
	if p.cloud.Count(simulator.AnyKind) != before {
		p.t.Errorf("%s reached the account", call)
	}
}

const newSchedule = `{"name":"n","scheduleType":3,"cronExpression":"0 2 * * *"}`

// Whatever a story or the provider does: the account sees no more runs than were agreed on.
func TestNoMoreRunsThanAgreed(t *testing.T) {
	p := newProxied(t)
	p.wantNotSent("POST /agent/4711/start", "{}")
	p.guard.allow(3, 1)
	if status, _ := p.send("POST /agent/4711/start", `{"parallelism":99}`); status != http.StatusForbidden {
		t.Errorf("a start of 99 was answered with %d", status)
	}
	if status, _ := p.send("POST /agent/4711/start", `{"logLevel":"wrong"}`); status != http.StatusBadRequest {
		t.Errorf("a wrong start was answered with %d", status)
	}
	p.wantSent("POST /agent/4711/start", "{}") // the refused one started nothing, so it does not count
	p.wantSent("POST /agent/4711/start", `{"parallelism":2}`)
	p.wantNotSent("POST /agent/4711/start", "{}")
	p.wantSent("POST /agent/4711/schedules", newSchedule)
	p.wantNotSent("POST /agent/4711/schedules", newSchedule)
	if runs := len(p.cloud.Runs(4711)); runs != 3 {
		t.Errorf("%d runs were started, want 3", runs)
	}
	if got := len(p.guard.violations()); got != 4 {
		t.Errorf("%d requests were noted as not sent, want 4: %q", got, p.guard.violations())
	}
}

// A request whose answer is lost may have started a run or created a schedule. It counts, and it is named. So does one that a
// proxy answers for the API.
func TestALostAnswerCounts(t *testing.T) {
	for what, c := range map[string]struct {
		kind              simulator.Kind
		call, body, named string
	}{
		"start":    {simulator.KindStart, "POST /agent/4711/start", "{}", "look for its run in Control Center, and stop it"},
		"schedule": {simulator.KindScheduleCreate, "POST /agent/4711/schedules", newSchedule, `look for the schedule "n" in Control Center, and delete it`},
	} {
		for name, fault := range map[string]simulator.Fault{
			"a server in trouble":     {Action: simulator.StatusCode, Code: 502},
			"a proxy's 403":           {Action: simulator.HTML, Code: 403},
			"a proxy's redirect":      {Action: simulator.Redirect},
			"a connection that ended": {Action: simulator.StatusCode, Code: 408},
		} {
			t.Run(what+", "+name, func(t *testing.T) {
				p := newProxied(t)
				p.guard.allow(1, 1)
				fault.Kind, fault.After = c.kind, true
				p.cloud.Inject(fault)
				if status, _ := p.send(c.call, c.body); status < 300 {
					t.Errorf("answered with %d", status)
				}
				p.wantNotSent(c.call, c.body)
				if lost := lostAnswers(p.recorded()); len(lost) != 1 || !strings.Contains(lost[0], c.named) {
					t.Errorf("the lost answers are %q", lost)
				}
				p.guard.allow(1, 1)
				p.wantSent(c.call, c.body)
				if lost := lostAnswers(p.recorded()); len(lost) != 1 {
					t.Errorf("the lost answers are %q", lost)
				}
			})
		}
	}
}

// What is refused created nothing, so nothing is lost.
func TestARefusalIsNoLostAnswer(t *testing.T) {
	p := newProxied(t)
	p.guard.allow(1, 1)
	for _, call := range []string{"POST /agent/4711/start", "POST /agent/4711/schedules"} {
		if status, _ := p.send(call, `{"logLevel":"wrong"}`); status != http.StatusBadRequest {
			t.Errorf("%s was answered with %d", call, status)
		}
	}
	if lost := lostAnswers(p.recorded()); len(lost) > 0 || p.guard.awaitsAnswer() {
		t.Errorf("the lost answers are %q", lost)
	}
}

// What is a stranger's can be read, and nothing else.
func TestStrangersAreNotTouched(t *testing.T) {
	p := newProxied(t)
	p.guard.allow(5, 1)
	stranger := p.cloud.StartRun(4711).ID
	if stranger != 100001 {
		t.Fatalf("the stranger's run is %d", stranger)
	}
	p.wantSent("GET /agent/4711/runs", "")
	p.wantSent("POST /agent/4711/start", `{"parallelism":2}`)
	p.wantSent("GET /agent/4711/runs", "") // it shows the second run of the start
	for _, call := range []string{
		"POST /agent/4711/run/100001/stop", "POST /agent/4711/run/100001/kill", "DELETE /agent/4711/run/100001",
		"PUT /agent/4711/schedules/77", "DELETE /agent/4711/schedules/77", "POST /agent/4711/schedules/77/disable", "POST /agent/4711/schedules/77/enable",
		"POST /agent/4712/start", "POST /agent/4712/schedules", "POST /spaces/7/run-all", "POST /agent/4711/version/1/restore", "GET /billing/history",
		"DELETE /agent/4711", "POST /agent/4711/run/100002/stop/../../100001/stop",
	} {
		p.wantNotSent(call, "{}")
	}
	p.wantSent("POST /agent/4711/run/100002/stop", "{}")
	p.wantSent("POST /agent/4711/run/100003/stop", "{}")
	p.wantSent("GET /agent/4711/schedules/77", "")
	p.wantSent("POST /agent/4711/schedules", newSchedule)
	if _, created := p.guard.left(); len(created) != 1 {
		t.Errorf("the schedules created are %v", created)
	} else {
		p.wantSent("DELETE /agent/4711/schedules/6000000001", "")
	}
	if _, created := p.guard.left(); len(created) != 0 {
		t.Errorf("the schedules left are %v", created)
	}
}

// An agent that runs exclusively can answer a start with a stranger's run.
func TestAStrangersRunIsNotOurs(t *testing.T) {
	p := newProxied(t)
	p.cloud.SetAgent(simulator.Agent{ID: 4711, Exclusive: simulator.ExclusiveAnswer, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(1e12)}}})
	p.cloud.StartRun(4711)
	p.guard.allow(1, 0)
	p.wantSent("GET /agent/4711/runs", "")
	p.wantSent("POST /agent/4711/start", "{}")
	p.wantNotSent("POST /agent/4711/run/100001/stop", "{}")
}

// The answer to a parallel start can lack the set (API: The run object). A list shows it later, perhaps not at once.
func TestTheRunsOfAParallelStartAreOurs(t *testing.T) {
	g := newGuard(1)
	g.allow(2, 0)
	lists := []string{`[{"id":10,"parallelSet":0}]`, `[{"id":21},{"id":20},{"id":10,"parallelSet":0}]`, `[{"id":21,"parallelSet":5},{"id":20,"parallelSet":5},{"id":10,"parallelSet":0}]`}
	exchangeOf := func(call, answer string) exchange {
		return exchange{call: call, ids: ids{"agentId": "1"}, status: 200, answer: parsed(t, answer)}
	}
	g.note(exchangeOf(callRuns, lists[0]))
	g.note(exchangeOf(callStart, `{"id":20,"status":4}`))
	for _, list := range lists {
		g.note(exchangeOf(callRuns, list))
	}
	if runs, _ := g.left(); !slices.Equal(runs, []int64{20, 21}) {
		t.Errorf("the runs that are ours are %v, want 20 and 21", runs)
	}
	for id, want := range map[string]bool{"10": false, "20": true, "21": true} {
		if refusal := g.admit(callStop, ids{"agentId": "1", "runId": id}, nil); (refusal == "") != want {
			t.Errorf("the stop of run %s: %q", id, refusal)
		}
	}
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// reference is what the simulator answers, as snapshots.
type reference struct {
	byCall map[string]*Snapshot
	errors *Snapshot // all refusals together: their shape does not depend on the call
}

// simulatorsAnswers is the reference, which is always the same.
var simulatorsAnswers = sync.OnceValue(newReference)

// newReference asks a simulator every call, in such states that each field shows all that it can be.
func newReference() *reference {
	s := newSimulated()
	s.playLookUps() // before any run
	s.playRuns()
	s.playSchedules()
	s.playLookUps()
	s.playRefusals()
	r := &reference{byCall: map[string]*Snapshot{}, errors: &Snapshot{Headers: map[string]string{}}}
	for _, e := range s.recorded() {
		if e.status >= 400 {
			r.errors.add(e, allNames{})
		}
	}
	objects := map[string]*Shape{} // a call answers with the same object, whatever its 2xx
	for _, snapshot := range snapshots(s.recorded(), allNames{}) {
		r.byCall[snapshot.key()] = &snapshot
		if snapshot.Status < 300 {
			objects[snapshot.Call] = merge(objects[snapshot.Call], snapshot.Answer)
		}
	}
	for _, snapshot := range r.byCall {
		if snapshot.Answer != nil && snapshot.Status < 300 {
			snapshot.Answer = objects[snapshot.Call]
		}
	}
	return r
}

// allNames keeps every name: the simulator has no secrets.
type allNames struct{}

func (allNames) keep(string, bool) (kept, documented bool) { return true, true }

// documented are all names of fields and parameters that the simulator and its calls have.
func (r *reference) documented() map[string]bool {
	found := map[string]bool{}
	for _, s := range r.byCall {
		for _, name := range s.Query {
			found[name] = true
		}
		s.Request.addNames(found)
		s.Answer.addNames(found)
	}
	r.errors.Answer.addNames(found)
	return found
}

func (s *Shape) addNames(to map[string]bool) {
	if s == nil {
		return
	}
	for name, field := range s.Fields {
		to[name] = true
		field.addNames(to)
	}
	s.Elements.addNames(to)
}

// simulated is a simulator in memory, under a clock that the script sets.
type simulated struct {
	*recorder
	client        *http.Client
	clock         *scriptClock
	authorization string
}

// scriptClock stands still until it is moved.
type scriptClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *scriptClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After is over at once: the script has no fault that waits.
func (c *scriptClock) After(time.Duration) <-chan time.Time {
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

func (c *scriptClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const (
	simulatedAgent = 1 // everything is set
	plainAgent     = 2 // nothing is set
	parallelAgent  = 3 // a parallel start makes several runs
	runningAgent   = 4 // a start is answered with a run that runs already
	quickAgent     = 5 // a start is answered with a run that has finished already
	phase          = simulator.Duration(time.Minute)
)

// newSimulated is a simulator with an agent for each way in which runs begin and end.
func newSimulated() *simulated {
	phases := []simulator.Phase{
		{Status: simulator.Queuing, Duration: phase}, {Status: simulator.Running, Duration: phase}, {Status: simulator.Exporting, Duration: phase},
	}
	outcomes := []simulator.Outcome{
		{}, {Status: simulator.Failure, Message: "The page is blocked.", PossibleCauses: []string{"Blocked"}, SuggestedActions: []string{"Use a proxy"}},
	}
	return simulate(
		simulator.Agent{
			ID: simulatedAgent, Description: "Everything", Documentation: "Read me", StartURL: "https://shop.example", SpaceID: new(int64(7)),
			ProxyPoolID: new(int64(3)), InputParameters: map[string]any{"category": "shoes"}, Phases: phases, Cost: "0.75", Outcomes: outcomes,
			Files: []simulator.File{
				{Name: new("a.csv"), Type: simulator.DeliveredFile, Content: "a,b\n1,2\n", RegionID: new(int64(1))},
				{Type: simulator.LogText, Content: "log", ListedSize: new(int64(-1))},
			},
			BilledAfter: simulator.Duration(time.Second), HistoryAfter: simulator.Duration(time.Hour),
		},
		simulator.Agent{ID: plainAgent, NullName: true, Phases: phases},
		simulator.Agent{ID: parallelAgent, ParallelSet: true, Phases: phases},
		simulator.Agent{ID: runningAgent, Phases: phases[1:]},
		simulator.Agent{ID: quickAgent, Outcomes: outcomes},
	)
}

// simulate is a simulator with these agents.
func simulate(agents ...simulator.Agent) *simulated {
	clock := &scriptClock{now: time.Date(2031, 1, 2, 3, 4, 5, 678e6, time.UTC)}
	cloud := simulator.New(simulator.Options{
		RateLimit: -1, Clock: clock, Credits: "1000.25", AccessToken: "token", Scopes: []string{}, Agents: agents,
		Spaces: []simulator.Space{{ID: 7, Name: "Shops", Description: "All shops", RunRetentionHours: new(int64(48)), Scope: "Organization"}, {ID: 8, Name: "Bare"}},
	})
	r := &recorder{next: cloud.Transport()}
	return &simulated{recorder: r, clock: clock, authorization: "ApiKey sk-simulator", client: &http.Client{
		Transport: r, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// ask sends a call with an optional body, and returns its exchange.
func (s *simulated) ask(call, body string, a ...any) exchange {
	method, path, _ := strings.Cut(fmt.Sprintf(call, a...), " ")
	req, err := http.NewRequest(method, "http://simulator"+apiPath+path, strings.NewReader(body)) //nolint:noctx // it is answered in memory
	if err == nil {
		req.Header.Set("Authorization", s.authorization)
		req.Header.Set("Content-Type", "application/json")
		var resp *http.Response
		if resp, err = s.client.Do(req); err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close() // it was read
		}
	}
	if err != nil {
		panic("live: the simulator does not answer: " + err.Error())
	}
	all := s.recorded()
	return all[len(all)-1]
}

// playRuns plays the runs of each agent twice, because some answers alternate: to the end, and to a stop and a kill.
func (s *simulated) playRuns() {
	for _, start := range []string{
		"{}", `{"inputParameters":"{}","parallelism":2,"parallelMaxConcurrency":2,"parallelExport":"Combined","logLevel":"Info","logMode":"Text","proxyPoolId":3,"isExclusive":false}`,
	} {
		for _, agent := range []int{simulatedAgent, plainAgent, parallelAgent, runningAgent, quickAgent} {
			for range 2 {
				s.playRun(agent, start)
				s.playStop(agent, start)
			}
		}
	}
	s.ask("GET /agent/%d/run/1/status", "", simulatedAgent)
	s.ask("GET /agent/999", "")
}

func (s *simulated) playRun(agent int, start string) {
	id := s.ask("POST /agent/%d/start", start, agent).runID()
	for range 5 {
		s.ask("GET /agent/%d/run/%s/status", "", agent, id)
		s.ask("GET /agent/%d/runs?maxRecords=1000", "", agent)
		s.ask("GET /agent/%d/run/%s/files", "", agent, id)
		s.ask("GET /billing/agents/%d/runs?startDate=2031-01-01&endDate=2031-02-01&pageIndex=1&recordsPerPage=100", "", agent)
		s.clock.pass(time.Duration(phase))
	}
	files, _ := s.ask("GET /agent/%d/run/%s/files", "", agent, id).answer.([]any)
	for _, file := range files {
		s.ask("GET /agent/%d/run/%s/file/%s/download", "", agent, id, text(field(file, "id")))
	}
	s.ask("GET /analytics/agents/%d/runs/%s/diagnostics", "", agent, id)
	s.ask("POST /agent/%d/run/%s/stop", "{}", agent, id)
	s.clock.pass(2 * time.Hour) // it moves to history
	s.ask("GET /agent/%d/runs", "", agent)
	for _, method := range []string{"RemoveAllFiles", "RemoveAllFilesAndAgentInput", "RemoveEntireRun", "RemoveEntireRun"} {
		s.ask("DELETE /agent/%d/run/%s?removeMethod=%s", "", agent, id, method)
	}
}

func (s *simulated) playStop(agent int, start string) {
	for _, end := range []string{"stop", "stop", "kill", "kill"} {
		for _, late := range []time.Duration{0, 0, time.Duration(phase) + time.Second} {
			id := s.ask("POST /agent/%d/start", start, agent).runID()
			s.clock.pass(late)
			s.ask("POST /agent/%d/run/%s/%s", "{}", agent, id, end)
			s.ask("GET /agent/%d/run/%s/status", "", agent, id)
			s.clock.pass(time.Minute)
			s.ask("GET /analytics/agents/%d/runs/%s/diagnostics", "", agent, id)
			if end == "stop" { // the others stay: an agent shows the status of its last run
				s.ask("DELETE /agent/%d/run/%s", "", agent, id)
			}
		}
	}
}

// playSchedules creates, changes and deletes schedules of every type, with everything set and with nothing. Each request is
// sent twice, because the answers alternate.
func (s *simulated) playSchedules() {
	const everything = `"timezone":"UTC","inputParameters":"{}","parallelism":2,"parallelMaxConcurrency":2,"parallelExport":"Combined",` +
		`"proxyPoolId":3,"serverGroupId":4,"logLevel":"Info","logMode":"Text","isExclusive":true,"isWaitOnFailure":false,"localSchedule":null,"tag":"t"`
	for _, body := range []string{
		`{"name":"n","scheduleType":1,"startTime":"2032-01-01T00:00:00Z","isEnabled":false}`,
		`{"name":"n","scheduleType":2,"runEveryCount":1,"runEveryPeriod":2,"isEnabled":true}`,
		`{"name":"n","scheduleType":3,"cronExpression":"0 2 * * *",` + everything + `}`,
	} {
		for range 3 {
			id := text(field(s.ask("POST /agent/%d/schedules", body, simulatedAgent).answer, "id"))
			for range 3 { // an odd number: the one after it then alternates, too
				for _, call := range []string{"PUT /agent/%d/schedules/%s", "POST /agent/%d/schedules/%s/enable", "POST /agent/%d/schedules/%s/disable"} {
					s.ask(call, body, simulatedAgent, id)
					s.ask("GET /agent/%d/schedules/%s", "", simulatedAgent, id)
					s.ask("GET /agent/%d/schedules", "", simulatedAgent)
				}
			}
			other := text(field(s.ask("POST /agent/%d/schedules", body, simulatedAgent).answer, "id"))
			for _, deleted := range []string{id, other, id} { // the two deletes have different answers, and the third one finds nothing
				s.ask("DELETE /agent/%d/schedules/%s", "", simulatedAgent, deleted)
			}
		}
	}
}

func (s *simulated) playLookUps() {
	for _, call := range []string{
		"GET /agent/1", "GET /agent/2", "GET /agent/all", "GET /agent/all?pageIndex=1&recordsPerPage=100&sortColumn=created&sortOrder=0",
		"GET /spaces", "GET /spaces/7", "GET /spaces/8", "GET /spaces/999", "GET /billing/credits",
	} {
		s.ask(call, "")
	}
}

// playRefusals asks without the scope, in both shapes of an error.
func (s *simulated) playRefusals() {
	s.authorization = "Bearer token" // it has no scope
	for range 2 {
		s.ask("GET /billing/credits", "")
	}
}

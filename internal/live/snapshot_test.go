// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// accountFolder has the snapshots of a real account, when somebody has recorded some.
const accountFolder = "testdata/account"

// The simulator is held to what a real account has answered. Without snapshots this proves nothing: the tests below prove
// that it would.
func TestSimulatorAnswersAsTheAccount(t *testing.T) {
	list, err := ReadSnapshots(accountFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range Deviations(list) {
		t.Error(d)
	}
}

// accountsExchanges are those with a simulator that plays the account.
var accountsExchanges = sync.OnceValue(func() []exchange {
	s := newSimulated()
	s.playRun(plainAgent, `{"parallelism":1}`)
	s.playRun(simulatedAgent, "{}")
	s.playSchedules()
	s.playLookUps()
	return s.recorded()
})

// recordedSnapshots are those of that account, with a change of each answer.
func recordedSnapshots(t *testing.T, change func(*exchange)) []Snapshot {
	t.Helper()
	all := slices.Clone(accountsExchanges())
	for i := range all {
		all[i].answer = decoded(t, all[i].answer) // a copy
		change(&all[i])
	}
	folder := t.TempDir()
	if err := writeSnapshots(folder, snapshots(all, accountNames{documented: simulatorsAnswers().documented()})); err != nil {
		t.Fatal(err)
	}
	list, err := ReadSnapshots(folder)
	if err != nil || len(list) < 15 {
		t.Fatalf("%d snapshots: %v", len(list), err)
	}
	return list
}

func TestNoDeviation(t *testing.T) {
	if got := Deviations(recordedSnapshots(t, func(*exchange) {})); len(got) > 0 {
		t.Errorf("the simulator deviates from itself:\n%s", strings.Join(got, "\n"))
	}
}

// An account that works as the simulator does never deviates: whichever of its answers that alternate comes first, and in
// whichever status a start answers with its run.
func TestNoDeviationWhateverTheTurnAndThePhases(t *testing.T) {
	lasting := func(statuses ...simulator.Status) (phases []simulator.Phase) {
		for _, status := range statuses {
			phases = append(phases, simulator.Phase{Status: status, Duration: phase})
		}
		return phases
	}
	for name, phases := range map[string][]simulator.Phase{
		"finished at once":   nil,
		"queuing":            lasting(simulator.Queuing),
		"starting":           lasting(simulator.Starting, simulator.Running),
		"running":            lasting(simulator.Running),
		"running, exporting": lasting(simulator.Running, simulator.Exporting),
		"exporting":          lasting(simulator.Exporting),
	} {
		for turns := range 2 {
			t.Run(fmt.Sprintf("%s, turn %d", name, turns), func(t *testing.T) {
				s := simulate(simulator.Agent{ID: simulatedAgent, Phases: phases, Outcomes: []simulator.Outcome{{}, {Status: simulator.Failure, Message: "Blocked"}}})
				s.oneSchedule(turns) // one answer more or less puts all later ones in the other turn
				for range 2 {
					s.playRun(simulatedAgent, "{}")
					s.playStop(simulatedAgent, "{}")
					s.oneSchedule(1)
				}
				if got := Deviations(snapshots(s.recorded(), allNames{})); len(got) > 0 {
					t.Errorf("the simulator deviates from itself:\n%s", strings.Join(got, "\n"))
				}
			})
		}
	}
}

// oneSchedule creates, enables, changes some times, reads and deletes a schedule.
func (s *simulated) oneSchedule(changes int) {
	const body = `{"name":"n","scheduleType":1,"startTime":"2032-01-01T00:00:00Z","isEnabled":false}`
	id := text(field(s.ask("POST /agent/%d/schedules", body, simulatedAgent).answer, "id"))
	for range changes {
		s.ask("PUT /agent/%d/schedules/%s", body, simulatedAgent, id)
	}
	for _, call := range []string{"POST /agent/%d/schedules/%s/enable", "GET /agent/%d/schedules/%s", "DELETE /agent/%d/schedules/%s"} {
		s.ask(call, "", simulatedAgent, id)
	}
}

// Each way in which an account can differ is reported with its name, and nothing else is.
func TestDeviationsAreReported(t *testing.T) {
	const credits, runs, spaces, missing = "GET /billing/credits", callRuns, "GET /spaces", "GET /spaces/{spaceId}"
	answer := func(call string, status int, change func(object map[string]any)) func(*exchange) {
		return func(e *exchange) {
			if e.call != call || e.status != status {
				return
			}
			list, isList := e.answer.([]any)
			if !isList {
				list = []any{e.answer}
			}
			for _, object := range list {
				change(object.(map[string]any))
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*exchange)
		want   string
	}{
		{"a field of another type", answer(runs, 200, func(o map[string]any) { o["status"] = "Completed" }), runs + ", status 200: [].status is a string; the simulator has an integer"},
		{"a fraction", answer(runs, 200, func(o map[string]any) { o["sequence"] = json.Number("1.5") }), runs + ", status 200: [].sequence is a number; the simulator has an integer"},
		{"a time that is none", answer(credits, 200, func(o map[string]any) { o["retrievedAt"] = "yesterday" }), credits + ", status 200: retrievedAt is a string; the simulator has a time"},
		{"a null", answer(credits, 200, func(o map[string]any) { o["organizationId"] = nil }), credits + ", status 200: organizationId is null; the simulator has an integer"},
		{"a field that is missing", answer(runs, 200, func(o map[string]any) { delete(o, "dataCount") }), runs + ", status 200: [].dataCount is missing; the simulator has it"},
		{"a field that is sometimes missing", answer(spaces, 200, func(o map[string]any) {
			if text(o["id"]) == "8" {
				delete(o, "created")
			}
		}), spaces + ", status 200: [].created is missing in some objects; the simulator always has it"},
		{"a new field", answer(spaces, 200, func(o map[string]any) { o["color"] = "red" }), spaces + ", status 200: [].color is unknown to the simulator (a string)"},
		{"a new code", answer(runs, 200, func(o map[string]any) { o["status"] = json.Number("14") }), runs + ", status 200: [].status has the value 14, which API.md does not have"},
		{"an error in another shape", answer(missing, 404, func(o map[string]any) { o["reason"] = "gone" }), missing + ", status 404: reason is unknown to the simulator (a string)"},
		{"an array instead of an object", func(e *exchange) {
			if e.call == credits && e.status == 200 {
				e.answer = []any{e.answer}
			}
		}, credits + ", status 200: the answer is an array; the simulator has an object"},
		{"another status", func(e *exchange) {
			if e.call == credits && e.status == 200 {
				e.status = 206
			}
		}, credits + ", status 206: the simulator never answers with this status"},
		{"another content type", func(e *exchange) {
			if e.call == credits && e.status == 200 {
				e.mediaType = "text/plain"
			}
		}, credits + ", status 200: the content type text/plain; the simulator has application/json"},
		{"no body", func(e *exchange) {
			if e.call == credits && e.status == 200 {
				e.answer, e.body = nil, bodyEmpty
			}
		}, credits + ", status 200: a body that is empty; the simulator's is json"},
		{"no rate limit", func(e *exchange) {
			if e.call == credits && e.status == 200 {
				e.header = e.header.Clone()
				e.header.Del("X-RateLimit-Limit")
			}
		}, credits + ", status 200: no header X-RateLimit-Limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Deviations(recordedSnapshots(t, c.change)); !slices.Equal(got, []string{c.want}) {
				t.Errorf("reported:\n%s\nwant:\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

// Secrets stand in every place of requests and answers: no snapshot has any of them.
func TestSnapshotsHaveNoSecret(t *testing.T) {
	const key, input, agent, other = "skSecretKey123456", "inputSecret", "agentSecret", "otherAgentName"
	const signed = "https://files.example/a?signature=abcdef123456"
	// Any of them can be a value, and the name of a field where names are data, or where the API is odd.
	odd := map[string]any{}
	for _, secret := range []string{key, input, agent, other, signed, "a name with spaces", "8f14e45f-ceea-467f"} {
		odd[secret] = map[string]any{secret: secret}
	}
	odd["prefix"+key] = 1 // only as a name
	object := map[string]any{
		"id": 123456789, "name": agent, "configName": other, "status": agent, "tableType": key, "message": signed, "created": input,
		"inputParameters": map[string]any{input: input, "category": agent, key: 1, "parameterOfTheUser": 2}, "stats": odd, "unknownField": map[string]any{"deepField": odd, other: 1},
		"fileType": signed, "logLevel": key, "parallelSet": key, "list": []any{odd, key, signed},
	}
	maps.Copy(object, odd)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range append(slices.Clone(noted), "Set-Cookie", "Server", "X-Request-Id") {
			w.Header().Set(name, signed+key)
		}
		w.Header().Set("Content-Type", "application/json; name="+key)
		switch {
		case strings.Contains(r.URL.Path, "/download"):
			w.Header().Set("Location", signed)
			w.WriteHeader(http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/credits"):
			w.Header().Set("Content-Type", "application/"+agent)
			_, _ = fmt.Fprint(w, key+signed)
		case strings.HasSuffix(r.URL.Path, "/status"):
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(object)
		default:
			_ = json.NewEncoder(w).Encode([]any{object, key, map[string]any{"results": object}})
		}
	}))
	defer server.Close()
	p := &proxied{t: t}
	var err error
	if p.proxy, err = startProxy(t.Context(), server.URL, newGuard(4711)); err != nil {
		t.Fatal(err)
	}
	defer p.close()
	p.guard.allow(1, 1)
	body := fmt.Sprintf(`{"inputParameters":"{\"p\":\"%[1]s\"}","%[1]s":"%[1]s","tag":"%[2]s","logLevel":"%[2]s"}`, input, key)
	for _, call := range []string{
		"POST /agent/4711/start", "POST /agent/4711/schedules", "GET /agent/4711", "GET /agent/all?name=" + agent + "&" + key + "=1", "GET /agent/4711/runs",
		"GET /agent/4711/run/987654321/status", "GET /agent/4711/run/987654321/file/5/download", "GET /billing/credits", "GET /spaces",
	} {
		p.send(call, body)
	}
	names := namesFor(p.recorded(), key, `{"p":"`+input+`"}`, agent)
	folder := t.TempDir()
	if err := writeSnapshots(folder, snapshots(p.recorded(), names)); err != nil {
		t.Fatal(err)
	}
	content := readFolder(t, folder)
	if !strings.Contains(content, "unknownField") || !strings.Contains(content, "parallelSet") || strings.Count(content, `"call"`) < 9 {
		t.Fatalf("the snapshots lack what they should have:\n%s", content)
	}
	wantNotIn(t, "the snapshots", strings.ReplaceAll(content, folder, ""), key, input, agent, other, "signature", "abcdef", "files.example",
		"a name with", "8f14e45f", "123456789", "987654321", "4711", "deepField", "parameterOfTheUser", "Authorization", "Cookie", "Server\"")
}

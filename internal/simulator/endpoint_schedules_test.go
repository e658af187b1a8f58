// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	dailyBody = `{"name":"Daily","scheduleType":3,"cronExpression":"0 9 * * *"}`
	everyBody = `{"name":"Every","scheduleType":2,"runEveryCount":2,"runEveryPeriod":2}`
)

// onceBody asks for a RunOnce schedule at t.
func onceBody(t time.Time) string {
	return fmt.Sprintf(`{"name":"Once","scheduleType":1,"startTime":%q}`, t.UTC().Format(time.RFC3339))
}

// createSchedule makes a schedule of agent 4711 over HTTP and returns its object and path.
func (tc *testCloud) createSchedule(body string) (object map[string]any, path string) {
	tc.t.Helper()
	r := tc.send("POST", "/agent/4711/schedules", body)
	if r.code != http.StatusCreated && r.code != http.StatusOK {
		tc.t.Fatalf("the creation of %s answered %d %s", body, r.code, r.text)
	}
	object = tc.jsonObject(r)
	return object, "/agent/4711/schedules/" + number(object["id"])
}

// scheduleAt is the object of the schedule with that path.
func (tc *testCloud) scheduleAt(path string) map[string]any {
	tc.t.Helper()
	r := tc.send("GET", path, "")
	if r.code != http.StatusOK {
		tc.t.Fatalf("%s answered %d %s", path, r.code, r.text)
	}
	return tc.jsonObject(r)
}

// wantTime checks a time of an answer.
func (tc *testCloud) wantTime(what string, got any, want time.Time) {
	tc.t.Helper()
	text, _ := got.(string)
	if t, err := parseTime(text); err != nil || !t.Equal(want) {
		tc.t.Errorf("%s is %v, want %s", what, got, want.UTC())
	}
}

func TestScheduleIsCreatedReadListedAndDeleted(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		if list := tc.jsonList(tc.send("GET", "/agent/4711/schedules", "")); len(list) != 0 {
			tc.t.Errorf("a new agent has %v", list)
		}
		created, path := tc.createSchedule(dailyBody)
		if created["schedule"] != "0 9 * * *" || created["cronExpression"] != nil || created["configId"] != 4711.0 ||
			created["scheduleType"] != 3.0 || created["isEnabled"] != true || created["isExclusive"] != false {
			tc.t.Errorf("the new schedule is %v", created)
		}
		tc.wantTime("nextRunTime", created["nextRunTime"], time.Date(2000, 1, 1, 9, 0, 0, 0, time.UTC))
		tc.wantTime("created", created["created"], time.Now())
		if got := tc.scheduleAt(path); fmt.Sprint(got) != fmt.Sprint(created) {
			tc.t.Errorf("it reads as %v, want %v", got, created)
		}
		tc.createSchedule(dailyBody) // not idempotent
		list := tc.jsonList(tc.send("GET", "/agent/4711/schedules", ""))
		if len(list) != 2 || list[0]["id"] != created["id"] || list[1]["id"] == created["id"] {
			tc.t.Errorf("the list is %v", list)
		}
		if r := tc.send("DELETE", path, ""); r.code != http.StatusOK && r.code != http.StatusNoContent {
			tc.t.Errorf("the deletion answered %d", r.code)
		}
		tc.wantCode(tc.send("GET", path, ""), http.StatusNotFound)
		if list := tc.jsonList(tc.send("GET", "/agent/4711/schedules", "")); len(list) != 1 {
			tc.t.Errorf("after the deletion the list is %v", list)
		}
	})
}

func TestScheduleCreationAnswers201And200AndChanges200And204(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.wantCode(tc.send("POST", "/agent/4711/schedules", dailyBody), http.StatusCreated)
		tc.wantCode(tc.send("POST", "/agent/4711/schedules", dailyBody), http.StatusOK)
		_, path := tc.createSchedule(dailyBody)
		for _, call := range []string{"PUT ", "POST /disable", "POST /enable", "DELETE "} {
			method, rest, _ := strings.Cut(call, " ")
			body := ""
			if method == "PUT" {
				body = dailyBody
			}
			r := tc.send(method, path+rest, body)
			want := map[string]int{"PUT ": 200, "POST /disable": 204, "POST /enable": 200, "DELETE ": 204}[call]
			tc.wantCode(r, want)
		}
	})
}

func TestUnknownScheduleAnswers404(t *testing.T) {
	inBubble(t, withAgents(products(), Agent{ID: 1}), func(tc *testCloud) {
		foreign := tc.AddSchedule(1, Schedule{Name: "Foreign", Type: ScheduleCRON, Cron: "0 9 * * *"})
		for _, id := range []string{"7", "x", fmt.Sprint(foreign.ID)} {
			for _, call := range []string{"GET ", "PUT ", "DELETE ", "POST /enable", "POST /disable"} {
				method, rest, _ := strings.Cut(call, " ")
				tc.wantCode(tc.send(method, "/agent/4711/schedules/"+id+rest, ""), http.StatusNotFound)
			}
		}
		for _, call := range []string{"GET", "POST"} {
			tc.wantCode(tc.send(call, "/agent/2/schedules", ""), http.StatusNotFound)
		}
		if all := tc.Schedules(1); len(all) != 1 || all[0].Disabled {
			tc.t.Errorf("the other agent has %v", all)
		}
	})
}

func TestPutReplacesTheWholeSchedule(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, path := tc.createSchedule(`{"name":"Full","scheduleType":3,"cronExpression":"0 9 * * *","timezone":"Europe/Berlin",
			"localSchedule":"x","inputParameters":"{\"a\":1}","isEnabled":false,"parallelism":3,"parallelMaxConcurrency":2,
			"parallelExport":"Separated","proxyPoolId":4,"serverGroupId":5,"logLevel":"Error","logMode":"TextAndHtml",
			"isExclusive":true,"isWaitOnFailure":true,"tag":"t"}`)
		before := tc.scheduleAt(path)
		for field, want := range map[string]any{
			"timezone": "Europe/Berlin", "localSchedule": "x", "inputParameters": `{"a":1}`, "isEnabled": false, "parallelism": 3.0,
			"parallelMaxConcurrency": 2.0, "parallelExport": "Separated", "proxyPoolId": 4.0, "serverGroupId": 5.0,
			"logLevel": "Error", "logMode": "TextAndHtml", "isExclusive": true, "isWaitOnFailure": true, "tag": "t", "nextRunTime": nil,
		} {
			if before[field] != want {
				tc.t.Errorf("%s is %v, want %v", field, before[field], want)
			}
		}
		tc.send("PUT", path, `{"NAME":"Thin","scheduletype":2,"RunEveryCount":1,"runeveryperiod":1,"isEnabled":null}`)
		after := tc.scheduleAt(path)
		for field, want := range map[string]any{
			"id": before["id"], "created": before["created"], "name": "Thin", "scheduleType": 2.0, "schedule": nil,
			"runEveryCount": 1.0, "runEveryPeriod": 1.0, "timezone": "UTC", "localSchedule": nil, "inputParameters": nil,
			"isEnabled": true, "parallelism": nil, "parallelMaxConcurrency": nil, "parallelExport": nil, "proxyPoolId": nil,
			"serverGroupId": nil, "logLevel": nil, "logMode": nil, "isExclusive": false, "isWaitOnFailure": false, "tag": nil,
		} {
			if after[field] != want {
				tc.t.Errorf("after the PUT, %s is %v, want %v", field, after[field], want)
			}
		}
	})
}

func TestScheduleWithBadInputIsRefused(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, path := tc.createSchedule(dailyBody)
		soon := time.Now().Add(59 * time.Second)
		for body, says := range map[string]string{
			``:   "name is required",
			`{}`: "scheduleType must be",
			`{"name":" ","scheduleType":3,"cronExpression":"0 9 * * *"}`:                           "name is required",
			`{"name":"a","scheduleType":0}`:                                                        "scheduleType must be",
			`{"name":"a","scheduleType":"CRON","cronExpression":"0 9 * * *"}`:                      "scheduleType cannot be string",
			`{"name":"a","scheduleType":3}`:                                                        "five fields",
			`{"name":"a","scheduleType":3,"schedule":"0 9 * * *"}`:                                 "unknown field",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * * *"}`:                         "five fields, not 6",
			`{"name":"a","scheduleType":3,"cronExpression":"0 25 * * *"}`:                          "hour",
			`{"name":"a","scheduleType":3,"cronExpression":"0 0 30 2 *"}`:                          "never fires",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","timezone":"Europe/Rome2"}`: "Europe/Rome2",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","timezone":"Local"}`:        "Local",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","timezone":""}`:             "timezone",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","inputParameters":"[1]"}`:   "inputParameters",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","inputParameters":{"a":1}}`: "inputParameters",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","parallelism":0}`:           "parallelism",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","proxyPoolId":-1}`:          "proxyPoolId",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","serverGroupId":-1}`:        "serverGroupId",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","logLevel":"info"}`:         "logLevel",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","logMode":"Html"}`:          "logMode",
			`{"name":"a","scheduleType":3,"cronExpression":"0 9 * * *","parallelExport":"Both"}`:   "parallelExport",
			`{"name":"a","scheduleType":1}`:                                                        "startTime is required",
			`{"name":"a","scheduleType":1,"startTime":"tomorrow"}`:                                 "startTime",
			onceBody(soon): "one minute ahead",
			`{"name":"a","scheduleType":2,"runEveryPeriod":1}`:                                            "runEveryCount",
			`{"name":"a","scheduleType":2,"runEveryCount":0,"runEveryPeriod":1}`:                          "runEveryCount",
			`{"name":"a","scheduleType":2,"runEveryCount":1}`:                                             "runEveryPeriod",
			`{"name":"a","scheduleType":2,"runEveryCount":1,"runEveryPeriod":6}`:                          "runEveryPeriod",
			`{"name":"a","scheduleType":2,"runEveryCount":1,"runEveryPeriod":0}`:                          "runEveryPeriod",
			`{"name":"a","scheduleType":2,"runEveryCount":1,"runEveryPeriod":1,"startTime":"1999-12-31"}`: "in the future",
		} {
			for _, call := range []string{"POST /agent/4711/schedules", "PUT " + path} {
				method, target, _ := strings.Cut(call, " ")
				r := tc.send(method, target, body)
				if r.code != http.StatusBadRequest || !strings.Contains(r.text, says) {
					tc.t.Errorf("%s of %s answers %d %s, want %q", method, body, r.code, r.text, says)
				}
			}
		}
		if all := tc.Schedules(4711); len(all) != 1 || all[0].Name != "Daily" {
			tc.t.Errorf("the schedules are %v", all)
		}
	})
}

func TestScheduleNeedsScopes(t *testing.T) {
	o := withAgents(products())
	o.AccessToken, o.Scopes = "token", []string{"agents:read"}
	inBubble(t, o, func(tc *testCloud) {
		_, path := tc.createSchedule(dailyBody)
		tc.key = "Bearer token"
		for call, want := range map[string]string{
			"GET /agent/4711/schedules": "", "GET " + path: "", "GET /analytics/schedules/upcoming": "",
			"POST /agent/4711/schedules": "agents:write", "PUT " + path: "agents:write", "DELETE " + path: "agents:write",
			"POST " + path + "/enable": "agents:write", "POST " + path + "/disable": "agents:write",
		} {
			method, target, _ := strings.Cut(call, " ")
			r := tc.send(method, target, "")
			if refused := r.code == http.StatusForbidden; refused != (want != "") ||
				!strings.Contains(r.header.Get("WWW-Authenticate"), want) {
				tc.t.Errorf("%s answers %d %s", call, r.code, r.header)
			}
		}
		tc.SetScopes([]string{"agents:write"})
		for _, target := range []string{"/agent/4711/schedules", path, "/analytics/schedules/upcoming"} {
			r := tc.send("GET", target, "")
			tc.wantCode(r, http.StatusForbidden)
			if !strings.Contains(r.header.Get("WWW-Authenticate"), `scope="agents:read"`) {
				tc.t.Errorf("%s misses %s", target, r.header)
			}
		}
	})
}

func TestDeletedAgentLosesItsSchedulesAndHiddenAgentKeepsThem(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, path := tc.createSchedule(everyBody)
		tc.HideAgent(4711, true)
		tc.wantCode(tc.send("GET", path, ""), http.StatusNotFound)
		if list := tc.jsonList(tc.send("GET", "/analytics/schedules/upcoming", "")); len(list) != 0 {
			tc.t.Errorf("upcoming shows a hidden agent: %v", list)
		}
		tc.HideAgent(4711, false)
		tc.wantCode(tc.send("GET", path, ""), http.StatusOK)
		tc.DeleteAgent(4711)
		tc.wantCode(tc.send("GET", path, ""), http.StatusNotFound)
		time.Sleep(24 * time.Hour)
		tc.SetAgent(products())
		tc.wantCode(tc.send("GET", path, ""), http.StatusNotFound)
		if runs := tc.Runs(4711); len(runs) != 0 {
			tc.t.Errorf("the deleted agent ran: %v", runs)
		}
	})
}

func TestUpcomingShowsTheEnabledSchedulesOfARange(t *testing.T) {
	inSpace := Agent{ID: 2, Name: "Two", SpaceID: new(int64(7))}
	inBubble(t, withAgents(products(), inSpace), func(tc *testCloud) {
		midnight := time.Now().UTC()
		everyHour := Schedule{Name: "Hourly", Type: ScheduleRunEvery, RunEveryCount: 1, RunEveryPeriod: everyHours}
		weekly := tc.AddSchedule(4711, Schedule{Name: "Weekly", Type: ScheduleCRON, Cron: "0 9 * * 1"})
		daily := tc.AddSchedule(4711, Schedule{Name: "Daily", Type: ScheduleCRON, Cron: "0 9 * * *"})
		hourly := tc.AddSchedule(2, everyHour)
		everyHour.Disabled = true
		tc.AddSchedule(2, everyHour)
		time.Sleep(90 * time.Minute)

		all := tc.jsonList(tc.send("GET", "/analytics/schedules/upcoming", ""))
		if len(all) != 3 || all[0]["scheduleId"] != float64(hourly.ID) || all[1]["scheduleId"] != float64(daily.ID) ||
			all[2]["scheduleId"] != float64(weekly.ID) {
			tc.t.Fatalf("upcoming is %v", all)
		}
		run := tc.Runs(2)[0]
		if e := all[0]; e["agentId"] != 2.0 || e["agentName"] != "Two" || e["spaceId"] != 7.0 || e["lastRunId"] != float64(run.ID) {
			tc.t.Errorf("the hourly one is %v", e)
		}
		tc.wantTime("nextRunTime", all[0]["nextRunTime"], midnight.Add(2*time.Hour))
		if all[1]["spaceId"] != 0.0 || all[1]["lastRunId"] != 0.0 || all[2]["lastRunId"] != -1.0 {
			tc.t.Errorf("those without a run are %v", all[1:])
		}
		for query, want := range map[string]int{
			"?startDate=2000-01-01T00:00:00Z&endDate=2000-01-01T09:00:00Z": 2, "?startDate=2000-01-01T02:00:01": 2,
			"?endDate=2000-01-01T02:00:00.000%2B00:00": 1, "?startDate=2000-01-02&endDate=2000-02-01": 1, "?startDate=2001-01-01": 0,
		} {
			if list := tc.jsonList(tc.send("GET", "/analytics/schedules/upcoming"+query, "")); len(list) != want {
				tc.t.Errorf("%s shows %v, want %d", query, list, want)
			}
		}
		for _, query := range []string{"?startDate=x", "?endDate=x", "?startDate=2000-01-02&endDate=2000-01-01"} {
			tc.wantCode(tc.send("GET", "/analytics/schedules/upcoming"+query, ""), http.StatusBadRequest)
		}
	})
}

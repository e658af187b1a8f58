// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// inScheduleBubble runs a test with agent 4711 and variants of schedules.
func inScheduleBubble(t *testing.T, v ScheduleVariants, test func(tc *testCloud)) {
	t.Helper()
	o := withAgents(products())
	o.Schedules = v
	inBubble(t, o, test)
}

func TestScheduleShowsWhatIsNotSetInThreeWays(t *testing.T) {
	const missing = "missing"
	optional := []string{"runEveryCount", "runEveryPeriod", "parallelism", "proxyPoolId", "serverGroupId", "logLevel", "parallelExport"}
	for unset, want := range map[UnsetFields][]any{
		UnsetNull:   {nil, nil, nil, nil, nil, nil, nil, "UTC"},
		UnsetAbsent: {missing, missing, missing, missing, missing, missing, missing, missing},
		UnsetFilled: {0.0, 0.0, 1.0, 0.0, 0.0, "Info", "Combined", "UTC"},
	} {
		t.Run(string(unset), func(t *testing.T) {
			inScheduleBubble(t, ScheduleVariants{Unset: unset}, func(tc *testCloud) {
				_, path := tc.createSchedule(`{"name":"Daily","scheduleType":3,"cronExpression":"0 9 * * *","proxyPoolId":0,"serverGroupId":0}`)
				object := tc.scheduleAt(path)
				for i, field := range append(optional, "timezone") {
					got, ok := object[field]
					if !ok {
						got = missing
					}
					if got != want[i] {
						tc.t.Errorf("%s is %v, want %v", field, got, want[i])
					}
				}
			})
		})
	}
}

func TestScheduleOfAnOlderServerHasUpdatedAndNoTag(t *testing.T) {
	const body = `{"name":"Daily","scheduleType":3,"cronExpression":"0 9 * * *","tag":"t"}`
	for _, older := range []bool{false, true} {
		inScheduleBubble(t, ScheduleVariants{OlderServer: older}, func(tc *testCloud) {
			_, path := tc.createSchedule(body)
			time.Sleep(time.Minute)
			tc.send("PUT", path, body)
			object := tc.scheduleAt(path)
			if s := tc.Schedules(4711)[0]; (s.Tag == nil) != older {
				tc.t.Errorf("the tag of the schedule is %v", s.Tag)
			}
			tag, hasTag := object["tag"]
			updated, hasUpdated := object["updated"]
			if hasTag == older || hasUpdated != older || !older && tag != "t" {
				tc.t.Errorf("older server %v: %v", older, object)
			}
			if older {
				tc.wantTime("updated", updated, time.Now())
			}
			tc.wantTime("created", object["created"], time.Now().Add(-time.Minute))
		})
	}
}

func TestScheduleTypeAndExportHaveOtherSpellings(t *testing.T) {
	inScheduleBubble(t, ScheduleVariants{TypeNames: true, OtherSpellings: true}, func(tc *testCloud) {
		_, path := tc.createSchedule(`{"name":"Daily","scheduleType":3,"cronExpression":"0 9 * * *","parallelExport":"Separated"}`)
		if s := tc.scheduleAt(path); s["scheduleType"] != "CRON" || s["parallelExport"] != "Separate" {
			tc.t.Errorf("the schedule is %v", s)
		}
		tc.send("PUT", path, `{"name":"Daily","scheduleType":2,"runEveryCount":1,"runEveryPeriod":4,"parallelExport":"Combined"}`)
		if s := tc.scheduleAt(path); s["scheduleType"] != "RunEvery" || s["parallelExport"] != "Combine" {
			tc.t.Errorf("the schedule is %v", s)
		}
	})
}

func TestAbsentEnabledMeansEnabledDisabledOrUnchanged(t *testing.T) {
	for absent, want := range map[AbsentEnabled][2]bool{
		AbsentIsEnabled: {true, true}, AbsentIsDisabled: {false, false}, AbsentIsKept: {true, false},
	} {
		t.Run(string(absent), func(t *testing.T) {
			inScheduleBubble(t, ScheduleVariants{AbsentEnabled: absent}, func(tc *testCloud) {
				created, path := tc.createSchedule(dailyBody)
				tc.send("POST", path+"/disable", "")
				tc.send("PUT", path, dailyBody)
				if after := tc.scheduleAt(path); created["isEnabled"] != want[0] || after["isEnabled"] != want[1] {
					tc.t.Errorf("after the POST it is %v, after the PUT %v", created["isEnabled"], after["isEnabled"])
				}
			})
		})
	}
}

func TestPutWithoutStartTimeClearsOrKeepsIt(t *testing.T) {
	for _, keeps := range []bool{false, true} {
		inScheduleBubble(t, ScheduleVariants{PutKeepsStartTime: keeps}, func(tc *testCloud) {
			start := time.Now().Add(time.Hour)
			_, once := tc.createSchedule(onceBody(start))
			_, every := tc.createSchedule(`{"name":"a","scheduleType":2,"runEveryCount":2,"runEveryPeriod":2,"startTime":"2000-01-01T01:00:00"}`)
			time.Sleep(2 * time.Hour) // both have fired
			r := tc.send("PUT", once, `{"name":"New","scheduleType":1}`)
			if refused := r.code == http.StatusBadRequest; refused == keeps {
				tc.t.Errorf("the PUT of RunOnce answers %d %s", r.code, r.text)
			}
			tc.send("PUT", every, everyBody)
			want := time.Now().Add(2 * time.Hour)
			if keeps {
				want = start.Add(2 * time.Hour)
				tc.wantTime("startTime", tc.scheduleAt(once)["startTime"], start)
				tc.wantTime("startTime", tc.scheduleAt(every)["startTime"], start)
			} else if got := tc.scheduleAt(every)["startTime"]; got != nil {
				tc.t.Errorf("startTime is %v", got)
			}
			tc.wantTime("nextRunTime", tc.scheduleAt(every)["nextRunTime"], want)
			tc.wantCode(tc.send("POST", "/agent/4711/schedules", `{"name":"a","scheduleType":1}`), http.StatusBadRequest)
		})
	}
}

func TestServersOwnZoneIsShownAndUsed(t *testing.T) {
	inScheduleBubble(t, ScheduleVariants{DefaultTimezone: "America/New_York"}, func(tc *testCloud) {
		object, _ := tc.createSchedule(dailyBody)
		if object["timezone"] != "America/New_York" {
			tc.t.Errorf("timezone is %v", object["timezone"])
		}
		tc.wantTime("nextRunTime", object["nextRunTime"], time.Date(2000, 1, 1, 14, 0, 0, 0, time.UTC))
	})
}

func TestScheduleTimesHaveFourSpellings(t *testing.T) {
	inScheduleBubble(t, ScheduleVariants{OlderServer: true}, func(tc *testCloud) {
		spellings := make(map[int]bool)
		for range 4 {
			object, _ := tc.createSchedule(dailyBody)
			for _, field := range []string{"created", "updated"} {
				tc.wantTime(field, object[field], time.Now())
				spellings[len(object[field].(string))] = true
			}
		}
		if len(spellings) != 4 {
			tc.t.Errorf("the lengths of the spellings are %v", spellings)
		}
	})
}

func TestStartTimeOfAScheduleLosesWhatIsFinerThanMilliseconds(t *testing.T) {
	inScheduleBubble(t, ScheduleVariants{}, func(tc *testCloud) {
		object, _ := tc.createSchedule(`{"name":"Once","scheduleType":1,"startTime":"2000-01-01T09:00:00.1239999Z"}`)
		want := time.Date(2000, 1, 1, 9, 0, 0, 123_000_000, time.UTC)
		tc.wantTime("startTime", object["startTime"], want)
		if s := tc.Schedules(4711)[0]; !s.NextRunTime.Equal(want) {
			tc.t.Errorf("it fires at %s", s.NextRunTime)
		}
	})
}

func TestScheduleAcceptsAgainWhatAPersonHasSet(t *testing.T) {
	inScheduleBubble(t, ScheduleVariants{}, func(tc *testCloud) {
		s := tc.AddSchedule(4711, Schedule{Name: "a", Type: ScheduleCRON, Cron: "0 9 * * *", LogLevel: new("Debug"), LogMode: new("None")})
		path := "/agent/4711/schedules/" + number(float64(s.ID))
		object := tc.scheduleAt(path)
		if object["logLevel"] != "Debug" || object["logMode"] != "None" {
			tc.t.Errorf("the schedule is %v", object)
		}
		const body = `{"name":"b","scheduleType":3,"cronExpression":"0 9 * * *","logLevel":"Debug","logMode":"None"}`
		if r := tc.send("PUT", path, body); r.code >= 300 {
			tc.t.Errorf("the PUT answers %d %s", r.code, r.text)
		}
		tc.wantCode(tc.send("POST", "/agent/4711/schedules", body), http.StatusBadRequest)
	})
}

func TestOddSchedulesStandInTheListAsTheyAre(t *testing.T) {
	inScheduleBubble(t, ScheduleVariants{}, func(tc *testCloud) {
		tc.createSchedule(dailyBody)
		odd := OddSchedules(4711)
		tc.Inject(Fault{Kind: KindSchedules, Insert: odd}, Fault{Kind: KindUpcoming, Insert: odd, InsertAt: -1})
		for _, path := range []string{"/agent/4711/schedules", "/analytics/schedules/upcoming"} {
			var list []json.RawMessage
			if err := json.Unmarshal([]byte(tc.send("GET", path, "").text), &list); err != nil || len(list) != len(odd)+1 {
				tc.t.Errorf("%s has %d elements, %v", path, len(list), err)
			}
		}
	})
}

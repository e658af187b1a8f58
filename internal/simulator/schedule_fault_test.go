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

// scheduleChanges are the calls that change agent 4711's schedule 7 or add another, with what tells that one took effect.
var scheduleChanges = map[Kind]struct {
	call, body string
	tookEffect func(all []Schedule) bool
}{
	KindScheduleCreate:  {"POST /agent/4711/schedules", dailyBody, func(all []Schedule) bool { return len(all) == 2 }},
	KindScheduleUpdate:  {"PUT /agent/4711/schedules/7", everyBody, func(all []Schedule) bool { return all[0].Name == "Every" }},
	KindScheduleDelete:  {"DELETE /agent/4711/schedules/7", "", func(all []Schedule) bool { return len(all) == 0 }},
	KindScheduleEnable:  {"POST /agent/4711/schedules/7/enable", "", func(all []Schedule) bool { return !all[0].Disabled }},
	KindScheduleDisable: {"POST /agent/4711/schedules/7/disable", "", func(all []Schedule) bool { return all[0].Disabled }},
}

func TestChangeOfAScheduleIsLostOrOnlyItsAnswer(t *testing.T) {
	lost := map[string]Fault{
		"reset of the connection": {Action: Reset}, "RST_STREAM": {Action: ResetStream, StreamError: StreamCancel},
		"GOAWAY": {Action: GoAwayCut}, "page of a proxy": {Action: HTML}, "error": {Action: StatusCode},
		"half an answer": {Action: TruncateBody, Bytes: 7}, "half a text": {Action: TruncateJSON},
	}
	for transport, connect := range allTransports {
		for kind, change := range scheduleChanges {
			for name, f := range lost {
				for _, f.After = range []bool{false, true} {
					f.Kind = kind
					t.Run(fmt.Sprintf("%s, %s: %s, after %v", transport, kind, name, f.After), func(t *testing.T) {
						inBubbleOver(t, withAgents(products()), connect, func(tc *testCloud, _ *PipeTransport) {
							tc.AddSchedule(4711, Schedule{
								ID: 7, Name: "Daily", Type: ScheduleCRON, Cron: "0 9 * * *", Disabled: kind == KindScheduleEnable,
							})
							tc.scheduleAt("/agent/4711/schedules/7") // so that the connection is used again
							tc.Inject(f)
							method, path, _ := strings.Cut(change.call, " ")
							_, _ = tc.trySend(method, path, change.body)
							if got := change.tookEffect(tc.Schedules(4711)); got != f.After {
								tc.t.Errorf("it took effect: %v", got)
							}
							if n := tc.Count(kind); n != 1 {
								tc.t.Errorf("it was sent %d times", n)
							}
						})
					})
				}
			}
		}
	}
}

func TestFaultHitsOnlyItsSchedule(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		_, first := tc.createSchedule(dailyBody)
		object, second := tc.createSchedule(dailyBody)
		tc.Inject(Fault{Kind: KindSchedule, ScheduleID: int64(object["id"].(float64)), Action: StatusCode, Code: 503})
		tc.wantCode(tc.send("GET", first, ""), http.StatusOK)
		tc.wantCode(tc.send("GET", second, ""), http.StatusServiceUnavailable)
		tc.wantCode(tc.send("GET", second, ""), http.StatusOK)
	})
}

func TestScheduleThatIsCreatedLateCountsFromThen(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.Inject(Fault{Kind: KindScheduleCreate, Delay: 90 * time.Second})
		made := time.Now()
		tc.wantCode(tc.send("POST", "/agent/4711/schedules", onceBody(made.Add(2*time.Minute))), http.StatusBadRequest)
		object, _ := tc.createSchedule(everyBody)
		tc.wantTime("created", object["created"], made.Add(90*time.Second))
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogHasEveryRequestAndItsStatus(t *testing.T) {
	var seen []Request
	o := withAgents(products())
	o.OnRequest = func(r Request) { seen = append(seen, r) }
	inBubble(t, o, func(tc *testCloud) {
		tc.startRun()
		tc.key = ""
		time.Sleep(time.Second)
		req := tc.newRequest(tc.t.Context(), http.MethodGet, runPathOf(firstRun, "/status?x=1"), nil)
		req.Header.Set("User-Agent", "tester/1")
		req.Header.Set("Cookie", "a=b")
		req.Header.Set("Referer", "http://elsewhere.invalid/")
		if _, err := tc.doRequest(req); err != nil {
			tc.t.Fatal(err)
		}
		tc.Inject(Fault{Action: Reset})
		tc.key = "ApiKey sk-simulator"
		if _, err := tc.trySend("GET", "/agent/4711", ""); err == nil {
			tc.t.Error("the reset was answered")
		}
		synctest.Wait()
		log := tc.Log()
		if len(log) != 3 || len(seen) != 3 || log[0] != seen[0] || log[1] != seen[1] || log[2] != seen[2] {
			tc.t.Fatalf("the log has %v, and reported were %v", log, seen)
		}
		if r := log[0]; r.Kind != KindStart || r.Method != http.MethodPost || r.Path != "/api/v1/agent/4711/start" || r.Status != 202 ||
			r.AgentID != 4711 || r.RunID != 0 || !r.Authorized || !r.HasAuthorization || r.HasCookie || r.HasReferer {
			tc.t.Errorf("the start is logged as %+v", r)
		}
		if r := log[1]; r.Kind != KindStatus || r.RunID != firstRun || r.Query != "x=1" || r.Status != 401 || r.UserAgent != "tester/1" ||
			r.Authorized || r.HasAuthorization || !r.HasCookie || !r.HasReferer || r.Time.Sub(log[0].Time) != time.Second {
			tc.t.Errorf("the status is logged as %+v", r)
		}
		if r := log[2]; r.Status != 0 || r.Kind != KindAgent {
			tc.t.Errorf("a request without an answer is logged as %+v", r)
		}
		if tc.Count(KindStart) != 1 || tc.Count(AnyKind) != 3 || tc.Requests()[KindStatus] != 1 {
			tc.t.Errorf("the counts are %v", tc.Requests())
		}
	})
}

func TestWithoutALogRequestsAreStillCounted(t *testing.T) {
	var seen []Request
	o := withAgents(products())
	o.NoLog, o.OnRequest = true, func(r Request) { seen = append(seen, r) }
	inBubble(t, o, func(tc *testCloud) {
		tc.startRun()
		synctest.Wait()
		if len(tc.Log()) != 0 || tc.Count(KindStart) != 1 || len(seen) != 1 || !seen[0].Authorized || seen[0].Status != 202 {
			tc.t.Errorf("the log has %v, the counts are %v, and reported were %+v", tc.Log(), tc.Requests(), seen)
		}
	})
}

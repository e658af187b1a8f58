// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// synchronous is an agent whose synchronous start answers after 17 s with records.
func synchronous() Agent {
	a := products()
	a.Synchronous = true
	a.Files = []File{{Name: new("run.log"), Type: LogText, Content: "log"}, {Name: new("a.json"), Type: DeliveredFile, Content: `[{"sku":"A"}]`}}
	return a
}

func TestSynchronousStartAnswersWithTheRecords(t *testing.T) {
	const body = `{"isRunSynchronously":true}`
	inBubble(t, withAgents(synchronous()), func(tc *testCloud) {
		begin := time.Now()
		r := tc.send("POST", "/agent/4711/start", body)
		took := time.Since(begin)
		if r.code != http.StatusOK || r.text != `[{"sku":"A"}]` || !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") ||
			took < 17*time.Second || took > 19*time.Second {
			tc.t.Errorf("after %s the answer is %d %s", took, r.code, r.text)
		}
		tc.wantCode(tc.send("POST", "/agent/4711/start", `{"isRunSynchronously":true,"timeout":5}`), http.StatusRequestTimeout)
		if runs := tc.Runs(4711); len(runs) != 2 || runs[0].Status != Running {
			tc.t.Errorf("the runs are %+v", runs)
		}
		tc.wantCode(tc.send("POST", "/agent/4711/start", `{"isRunSynchronously":true,"parallelism":2}`), http.StatusBadRequest)
	})
	a := synchronous()
	a.Files = nil
	inBubble(t, withAgents(a), func(tc *testCloud) {
		if r := tc.send("POST", "/agent/4711/start", body); r.text != "[]" {
			tc.t.Errorf("a run without a delivered file answers %s", r.text)
		}
	})
	inBubble(t, withAgents(failing(synchronous())), func(tc *testCloud) {
		r := tc.send("POST", "/agent/4711/start", body)
		if r.code != http.StatusUnprocessableEntity || !strings.Contains(r.text, "The site refused.") {
			tc.t.Errorf("a run that fails answers %d %s", r.code, r.text)
		}
	})
}

func TestSynchronousStartOutlivesItsClient(t *testing.T) {
	for name, connect := range pipeTransports {
		t.Run(name, func(t *testing.T) {
			inBubbleOver(t, withAgents(synchronous()), connect, func(tc *testCloud, _ *PipeTransport) {
				ctx, cancel := context.WithTimeout(tc.t.Context(), 5*time.Second)
				defer cancel()
				req := tc.newRequest(ctx, http.MethodPost, "/agent/4711/start", strings.NewReader(`{"isRunSynchronously":true}`))
				req.Header.Set("Content-Type", "application/json")
				if r, err := tc.doRequest(req); !errors.Is(err, context.DeadlineExceeded) {
					tc.t.Errorf("the answer is %+v, %v", r, err)
				}
				time.Sleep(time.Minute)
				if runs := tc.Runs(4711); len(runs) != 1 || runs[0].Status != Completed {
					tc.t.Errorf("the runs are %+v", runs)
				}
			})
		})
	}
}

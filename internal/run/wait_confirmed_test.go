// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// refusals are answers that say, each in its own way, that a wait cannot go on.
var refusals = map[string]simulator.Fault{
	"status 401":                    {Action: simulator.StatusCode, Code: 401},
	"status 403":                    {Action: simulator.StatusCode, Code: 403},
	"status 404":                    {Action: simulator.StatusCode, Code: 404},
	"a firewall's 403":              {Action: simulator.HTML, Code: 403},
	"a proxy's 404":                 {Action: simulator.HTML, Code: 404},
	"status 400":                    {Action: simulator.StatusCode, Code: 400},
	"status 410":                    {Action: simulator.StatusCode, Code: 410},
	"status 422":                    {Action: simulator.StatusCode, Code: 422},
	"a redirect":                    {Action: simulator.Redirect, Location: "https://login.example.test/"},
	"an answer that cannot be read": {Action: simulator.Garbage},
	"a list that is an error":       {Kind: simulator.KindRuns, Action: simulator.Garbage, Body: `{"message": "later"}`},
}

// waitAll waits for as many runs of the agent as asked for, each from its start's answer.
func (w *workbench) waitAll(n int) (runs []*sequentum.Run, errs []error) {
	runs, errs = make([]*sequentum.Run, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		started := w.start()
		all.Go(func() { runs[i], errs[i] = w.wait(w.t.Context(), started) })
	}
	all.Wait()
	return runs, errs
}

// A single odd answer, and even two in a row, end no wait: also when they come as the very first look.
func TestWaitDespiteOddAnswers(t *testing.T) {
	for name, fault := range refusals {
		for how, waits := range map[string]int{"alone": 1, "shared": 2} {
			for _, skip := range []int{0, 5} {
				t.Run(fmt.Sprintf("%s/%s/after %d looks", name, how, skip), func(t *testing.T) {
					inBubble(t, with(lasting(5*time.Minute)), func(t *testing.T, w *workbench) {
						time.AfterFunc(time.Second, func() { // the list before the start has been answered
							for _, kind := range []simulator.Kind{simulator.KindStatus, simulator.KindRuns} {
								f := fault
								f.Kind, f.Skip, f.Times = kind, skip, 2
								w.cloud.Inject(f)
							}
						})
						runs, errs := w.waitAll(waits)
						for i := range waits {
							if errs[i] != nil {
								t.Fatal(errs[i])
							}
							wantStatus(t, runs[i], sequentum.StatusCompleted)
						}
					})
				})
			}
		}
	}
}

// A wait whose every look is answered with something that no retry fixes ends within minutes, with the reason.
func TestWaitWithoutHope(t *testing.T) {
	for _, code := range []int{301, 400, 405, 410, 422} {
		for how, waits := range map[string]int{"alone": 1, "shared": 2} {
			t.Run(fmt.Sprintf("status %d/%s", code, how), func(t *testing.T) {
				inBubble(t, with(lasting(24*time.Hour)), func(t *testing.T, w *workbench) {
					begin := time.Now()
					time.AfterFunc(time.Minute, func() {
						fault := simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: code}
						if code == http.StatusMovedPermanently {
							fault = simulator.Fault{Times: -1, Action: simulator.Redirect, Code: code, Location: "https://example.test/"}
						}
						w.cloud.Inject(fault)
					})
					_, errs := w.waitAll(waits)
					for _, err := range errs {
						if as[*run.WaitError](t, err); !sequentum.IsPermanent(err) {
							t.Error(err)
						}
					}
					wantWithin(t, begin, 3*time.Minute, 4*time.Minute)
				})
			})
		}
	}
}

// "Not found" must be what all the answers say: with a refusal among them it may be the key that has lost its access.
func TestWaitRefusedAndNotFoundInTurn(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		for skip := range 40 {
			code := 404
			if skip == 1 {
				code = 401
			}
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: code})
		}
		_, errs := w.waitAll(1)
		if as[*run.WaitError](t, errs[0]); !sequentum.IsUnauthorized(errs[0]) {
			t.Error(errs[0])
		}
	})
}

// A run that the list shows twice, finished and active, is asked for by itself.
func TestWaitForRunThatIsListedTwice(t *testing.T) {
	for name, statuses := range map[string][2]simulator.Status{
		"the finished entry comes first": {simulator.Stopped, simulator.Running}, "the active entry comes first": {simulator.Running, simulator.Stopped},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
				body := fmt.Sprintf(`[{"id": 100001, "configId": %[1]d, "status": %[2]d, "endTime": "2026-01-01T00:00:00Z"}, {"id": 100001, "configId": %[1]d, "status": %[3]d},
					{"id": 100002, "configId": %[1]d, "status": 1}]`, agentID, statuses[0], statuses[1])
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Skip: 1, Times: 5, Action: simulator.Garbage, Body: body})
				runs, errs := w.waitAll(2)
				for i, r := range runs {
					if errs[i] != nil {
						t.Fatal(errs[i])
					}
					wantStatus(t, r, sequentum.StatusCompleted)
				}
			})
		})
	}
}

// A question about one run that hangs does not delay the other waits for runs of its agent.
func TestWaitBesideAQuestionThatHangs(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		hanging, other := w.start(), w.start()
		w.cloud.Inject(
			simulator.Fault{Kind: simulator.KindStatus, RunID: hanging.ID, Times: -1, Action: simulator.Hang},
			simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.Garbage, Body: fmt.Sprintf(`[{"id": %d, "status": 1}]`, other.ID)},
		)
		ctx := w.cancelAfter(10 * time.Minute)
		var all sync.WaitGroup
		all.Go(func() { _, _ = w.resume(ctx, hanging.ID) })
		time.Sleep(time.Minute)
		all.Go(func() {
			begin := time.Now()
			time.AfterFunc(30*time.Second, func() {
				w.cloud.Finish(other.ID, simulator.Success)
				w.cloud.ClearFaults()
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, RunID: hanging.ID, Times: -1, Action: simulator.Hang})
			})
			if _, err := w.wait(ctx, other); err != nil {
				t.Error(err)
			}
			wantWithin(t, begin, 30*time.Second, 45*time.Second)
		})
		all.Wait()
	})
}

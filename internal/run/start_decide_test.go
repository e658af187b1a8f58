// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Only answers that agree say that the API does not know the run that a list has shown: anything else leaves it ours.
func TestLostAnswerAndTheRunsOwnStatus(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"the run's status is not found once":  {Action: simulator.StatusCode, Code: 404},
		"the run's status is not found twice": {Times: 2, Action: simulator.StatusCode, Code: 404},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				fault.Kind = simulator.KindStatus
				w.cloud.Inject(lose(losses["connection reset"], true), fault)
				started, err := w.runs.Start(t.Context(), w.startRequest())
				if err != nil || started.Run.ID != 100001 || started.Lost == nil {
					t.Errorf("%+v, %v", started, err)
				}
				w.wantCount(simulator.KindStart, 1)
			})
		})
	}
}

// Runs of two sets have not come of one start.
func TestLostAnswerAndTwoSets(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		after := forever(listed(`{"id": 8, "status": 1, "parallelism": 3, "parallelSet": 9}`, `{"id": 7, "status": 1, "parallelism": 3, "parallelSet": 10}`))
		after.Skip = 1
		w.cloud.Inject(lose(losses["connection reset"], false), after)
		_, err := w.runs.Start(t.Context(), w.startRequest())
		wantIDs(t, as[*run.LostStartError](t, err).Candidates, 8, 7)
	})
}

// What was known before the first start is no late run of it.
func TestLateRunsBesideOlderRuns(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.StartRun(agentID)
		w.cloud.Inject(lose(losses["connection reset"], false), lose(losses["connection reset"], true))
		started, err := w.runs.Start(t.Context(), w.startRequest())
		if err != nil || started.Run.ID != 100002 || started.Again == nil || started.Lost == nil {
			t.Fatalf("%+v, %v", started, err)
		}
		late, err := w.runs.LateRuns(t.Context(), started)
		if err != nil {
			t.Error(err)
		}
		wantIDs(t, late)
	})
}

// After two lost answers, too, what shows at the very last look is looked at once more.
func TestBothAnswersLostBesideStrangerAtLastLook(t *testing.T) {
	o := with(lasting(time.Hour))
	o.ListLag = 29500 * time.Millisecond
	inBubble(t, o, func(t *testing.T, w *workbench) {
		w.cloud.Inject(lose(losses["connection reset"], false), lose(losses["connection reset"], true))
		time.AfterFunc(31*time.Second, func() { w.cloud.StartRun(agentID) })
		_, err := w.runs.Start(t.Context(), w.startRequest())
		wantIDs(t, as[*run.LostStartError](t, err).Candidates, 100002, 100001)
	})
}

// The end of a look says which end it was: the caller's time, or its interrupt.
func TestLookThatEndsWithItsCaller(t *testing.T) {
	for name, want := range map[string]error{"interrupted": context.Canceled, "out of time": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				hang := forever(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.Hang})
				hang.Skip = 1
				w.cloud.Inject(lose(losses["connection reset"], true), hang)
				ctx, cancel := sequentum.WithTimeout(t.Context(), w.client.Clock(), 10*time.Minute)
				defer cancel()
				if want == context.Canceled {
					ctx = w.cancelAfter(10 * time.Minute)
				}
				_, err := w.runs.Start(ctx, w.startRequest())
				if lost := as[*run.LostStartError](t, err); !errors.Is(lost.Err, want) {
					t.Error(lost.Err)
				}
			})
		})
	}
}

// A refusal that comes when the knowledge of the agent's runs has grown too old is a refusal: nothing is sent again.
func TestLateRefusalOfAStart(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Delay: 12 * time.Second, Action: simulator.StatusCode, Code: 422})
		_, err := w.runs.Start(t.Context(), w.startRequest())
		if not := as[*run.NotStartedError](t, err); !not.Sent {
			t.Error("it says that the start was never sent")
		}
		w.wantCount(simulator.KindStart, 1)
	})
}

// A start may be parallel although nobody asked for that: its answer says so.
func TestKnowledgeAfterAStartThatTurnsOutParallel(t *testing.T) {
	for name, answer := range map[string]string{"parallelism": `"parallelism": 3`, "set": `"parallelSet": 9`} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				w.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, Action: simulator.Garbage, Body: fmt.Sprintf(`{"id": 7, "status": 1, %s}`, answer)})
				w.start()
				w.start()
				w.wantCount(simulator.KindRuns, 2)
			})
		})
	}
}

// In an outage that began before the interrupt, the search continues for two minutes more.
func TestLookAfterAnInterruptInAnOutage(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		down := forever(simulator.Fault{Kind: simulator.KindRuns, Action: simulator.StatusCode, Code: 410})
		down.Skip = 1
		w.cloud.Inject(lose(losses["connection reset"], true), down)
		time.AfterFunc(100*time.Second, w.cloud.ClearFaults)
		started, err := w.runs.Start(w.cancelAfter(10*time.Second), w.startRequest())
		if err != nil || started.Run.ID != 100001 || started.Lost == nil {
			t.Errorf("%+v, %v", started, err)
		}
	})
}

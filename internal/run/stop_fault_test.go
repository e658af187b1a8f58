// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// eachLostCommand tells a story once for each way in which the answer to a stop or kill is lost. Not every loss of a
// start's answer is one: what a stop answers does not matter when it is a 200.
func eachLostCommand(t *testing.T, kind simulator.Kind, agent simulator.Agent, story func(t *testing.T, w *workbench, loss simulator.Fault)) {
	faults := map[string]simulator.Fault{}
	for _, name := range []string{"connection reset", "no answer", "proxy's page", "status 500", "redirect", "status 408"} {
		faults[name] = losses[name]
	}
	eachLostCommandOf(t, faults, inBubble, kind, agent, story)
	t.Run("over HTTP/2", func(t *testing.T) {
		for _, name := range []string{"stream reset", "stream refused", "goaway", "goaway and cut"} {
			faults[name] = streamLosses[name]
		}
		eachLostCommandOf(t, faults, inBubbleOverHTTP2, kind, agent, story)
	})
}

func eachLostCommandOf(t *testing.T, losses map[string]simulator.Fault, in bubble, kind simulator.Kind, agent simulator.Agent, story func(t *testing.T, w *workbench, loss simulator.Fault)) {
	for name, loss := range losses {
		for _, after := range []bool{false, true} {
			for reading, forces := range map[string]simulator.KillReading{"second": simulator.SecondKillForces, "stopping": simulator.KillWhileStoppingForces} {
				t.Run(fmt.Sprintf("%s/%s/%s", name, effect(after), reading), func(t *testing.T) {
					loss.Kind, loss.After = kind, after
					o := with(agent)
					o.Kill = forces
					in(t, o, func(t *testing.T, w *workbench) { story(t, w, loss) })
				})
			}
		}
	}
}

// A stop whose answer is lost does not cost the grace period, and no kill follows it.
func TestStopAnswerLost(t *testing.T) {
	eachLostCommand(t, simulator.KindStop, lasting(time.Hour), func(t *testing.T, w *workbench, loss simulator.Fault) {
		w.start()
		w.cloud.Inject(loss)
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		wantWithin(t, begin, 0, 40*time.Second) // a hang takes 30 s
		w.wantCommands(1, 0, simulator.Stopped)
		requests := 2
		if loss.After {
			requests = 1 // it shows Stopping
		}
		w.wantCount(simulator.KindStop, requests)
	})
}

func TestKillAnswerLost(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	for _, skip := range []int{0, 1} {
		t.Run(fmt.Sprintf("the answer to kill %d is lost", skip+1), func(t *testing.T) {
			eachLostCommand(t, simulator.KindKill, agent, func(t *testing.T, w *workbench, loss simulator.Fault) {
				w.start()
				loss.Skip = skip
				w.cloud.Inject(loss)
				r, err := w.stop()
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, r, sequentum.StatusStopped)
				if got, _ := w.cloud.Run(100001); got.Kills > 3 {
					t.Errorf("%d kills", got.Kills)
				}
			})
		})
	}
}

// A command that is lost again and again is given up after three tries; a stop is then followed by kills.
func TestCommandsLostAgainAndAgain(t *testing.T) {
	t.Run("the stop is lost again and again", func(t *testing.T) {
		inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
			w.start()
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Times: -1, Action: simulator.HTML})
			r, err := w.stop()
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, sequentum.StatusStopped)
			w.wantCount(simulator.KindStop, 3)
			w.wantCommands(0, 1, simulator.Stopped) // the kill stops it gracefully
		})
	})
	t.Run("the kills are lost again and again", func(t *testing.T) {
		agent := lasting(time.Hour)
		agent.IgnoresStop = true
		inBubble(t, with(agent), func(t *testing.T, w *workbench) {
			w.start()
			w.cloud.Inject(simulator.Fault{Kind: simulator.KindKill, Times: -1, Action: simulator.HTML})
			_, err := w.stop()
			as[*run.StopError](t, err)
			w.wantCount(simulator.KindKill, 6)
		})
	})
}

func TestStopWithoutAccess(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	for step, kind := range map[string]simulator.Kind{
		"reading the run": simulator.KindRuns, "stop": simulator.KindStop, "reading the run after the kill": simulator.KindStatus, "kill": simulator.KindKill,
	} {
		t.Run("access is refused at: "+step, func(t *testing.T) {
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				w.start()
				w.cloud.Inject(simulator.Fault{Kind: kind, Times: -1, Action: simulator.StatusCode, Code: 403})
				w.cloud.ResetCounts()
				_, err := w.stop()
				if failed := as[*run.StopError](t, err); failed.Step != step || !sequentum.IsForbidden(err) {
					t.Errorf("%q: %v", failed.Step, err)
				}
				if kind == simulator.KindStatus { // it takes several looks to believe it
					if got := w.cloud.Count(kind); got < 3 {
						t.Errorf("%d looks", got)
					}
				} else {
					w.wantCount(kind, 1)
				}
			})
		})
	}
}

// In an outage there is no look either: an error, and the run may still be active.
func TestStopInOutage(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		if _, err := w.runs.Read(t.Context(), ref(100001)); err != nil {
			t.Fatal(err)
		}
		w.cloud.Outage(true)
		_, err := w.stop()
		failed := as[*run.StopError](t, err)
		if failed.Step != "stop" {
			t.Errorf("%q: %v", failed.Step, err)
		}
		wantStatus(t, failed.Run, sequentum.StatusRunning)
		w.cloud.Outage(false)
		if r, err := w.stop(); err != nil || r.Status != sequentum.StatusStopped {
			t.Errorf("the next destroy: %+v, %v", r, err)
		}
	})
}

// Stops side by side share their looks.
func TestCostOfManyStops(t *testing.T) {
	agent := lasting(time.Hour)
	agent.StopTakes = simulator.Duration(10 * time.Second)
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 40)
		ended := make(chan error)
		for _, ref := range refs {
			go func() {
				_, err := w.runs.Stop(t.Context(), w.stopRequest(ref, grace))
				ended <- err
			}()
		}
		for range refs {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		w.wantCount(simulator.KindStop, 40)
		w.wantAtMost(simulator.AnyKind, 60)
	})
}

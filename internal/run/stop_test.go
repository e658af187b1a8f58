// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const grace = 30 * time.Second

// stop stops the agent's first run with ten minutes' time.
func (w *workbench) stop() (*sequentum.Run, error) {
	ctx, cancel := sequentum.WithTimeout(w.t.Context(), w.client.Clock(), 10*time.Minute)
	defer cancel()
	ending, err := w.runs.Stop(ctx, w.stopRequest(ref(100001), grace))
	if err != nil {
		return nil, err
	}
	return ending.Run, nil
}

// wantCommands checks how often the agent's first run was told to stop and to end, and how it is.
func (w *workbench) wantCommands(stops, kills int, status simulator.Status) {
	w.t.Helper()
	r, _ := w.cloud.Run(100001)
	if r.Stops != stops || r.Kills != kills || r.Status != status {
		w.t.Errorf("%d stops, %d kills, and it is %s; expected %d, %d, %s", r.Stops, r.Kills, r.Status, stops, kills, status)
	}
}

func eachKillReading(t *testing.T, agent simulator.Agent, story func(t *testing.T, w *workbench, reading simulator.KillReading)) {
	for name, reading := range map[string]simulator.KillReading{
		"the second kill forces": simulator.SecondKillForces, "any kill while Stopping forces": simulator.KillWhileStoppingForces,
	} {
		t.Run(name, func(t *testing.T) {
			o := with(agent)
			o.Kill = reading
			inBubble(t, o, func(t *testing.T, w *workbench) { story(t, w, reading) })
		})
	}
}

func TestEnding(t *testing.T) {
	stubborn := lasting(time.Hour)
	stubborn.IgnoresStop = true
	for name, test := range map[string]struct {
		agent         simulator.Agent
		asked, killed bool
	}{
		"the run had finished":   {lasting(0, simulator.Stopped), false, false},
		"the stop ended the run": {lasting(time.Hour), true, false},
		"the kill ended the run": {stubborn, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(test.agent), func(t *testing.T, w *workbench) {
				w.start()
				ending, err := w.runs.Stop(t.Context(), w.stopRequest(ref(100001), grace))
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, ending.Run, sequentum.StatusStopped)
				if ending.StopSent != test.asked || ending.Killed != test.killed {
					t.Errorf("stop sent: %v, killed: %v", ending.StopSent, ending.Killed)
				}
			})
		})
	}
}

func TestStop(t *testing.T) {
	agent := lasting(time.Hour)
	agent.StopTakes = simulator.Duration(20 * time.Second)
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		w.start()
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		wantWithin(t, begin, 20*time.Second, 23*time.Second)
		w.wantCommands(1, 0, simulator.Stopped)
	})
}

func TestStopOfFinishedRun(t *testing.T) {
	for _, end := range []simulator.Status{simulator.Success, simulator.Failure, simulator.Stopped} {
		t.Run("the run has ended as "+end.String(), func(t *testing.T) {
			inBubble(t, with(lasting(time.Minute, end)), func(t *testing.T, w *workbench) {
				w.start()
				time.Sleep(time.Minute)
				r, err := w.stop()
				if err != nil || r.Status.Active() {
					t.Errorf("%+v, %v", r, err)
				}
				w.wantCommands(0, 0, end)
			})
		})
	}
}

func TestCostOfStoppingFinishedRuns(t *testing.T) {
	inBubble(t, with(lasting(time.Minute)), func(t *testing.T, w *workbench) {
		refs := w.strangers(agentID, 1000)
		time.Sleep(time.Minute)
		var all sync.WaitGroup
		for _, ref := range refs {
			all.Go(func() {
				if _, err := w.runs.Stop(t.Context(), w.stopRequest(ref, grace)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.wantAtMost(simulator.AnyKind, 3)
	})
}

// It ends within its grace period or is killed, and each step is in the log.
func TestStopIgnored(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	eachKillReading(t, agent, func(t *testing.T, w *workbench, reading simulator.KillReading) {
		w.start()
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		wantWithin(t, begin, grace+2*time.Second, grace+5*time.Second)
		steps := []string{"Run 4711/100001 is being stopped. It is Running", "did not stop within its grace period (", "Run 4711/100001 is being killed. It is Stopping.", "Run 4711/100001 finished as Stopped"}
		kills := 1
		if reading == simulator.SecondKillForces {
			kills = 2
			steps = append(steps, "a second time")
		}
		w.wantCommands(1, kills, simulator.Stopped)
		for _, step := range steps {
			if w.log.count(step) == 0 {
				t.Errorf("%q is not in the log: %q", step, w.log.lines)
			}
		}
	})
}

func TestStopAndFirstKillIgnored(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop, agent.IgnoresKills = true, 1
	eachKillReading(t, agent, func(t *testing.T, w *workbench, reading simulator.KillReading) {
		w.start()
		r, err := w.stop()
		if reading == simulator.KillWhileStoppingForces {
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, sequentum.StatusStopped)
			w.wantCommands(1, 2, simulator.Stopped)
			return
		}
		// Of two kills only one counted. The next destroy continues.
		failed := as[*run.StopError](t, err)
		if failed.Step != "waiting for the killed run to end" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q: %v", failed.Step, err)
		}
		wantStatus(t, failed.Run, sequentum.StatusStopping)
		w.wantCommands(1, 2, simulator.Stopping)
		if r, err = w.stop(); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
	})
}

// Nothing helps: an error that says how far it came.
func TestStopInVain(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop, agent.IgnoresKills = true, 1000
	eachKillReading(t, agent, func(t *testing.T, w *workbench, _ simulator.KillReading) {
		w.start()
		begin := time.Now()
		_, err := w.stop()
		failed := as[*run.StopError](t, err)
		wantStatus(t, failed.Run, sequentum.StatusStopping)
		wantWithin(t, begin, 10*time.Minute, 10*time.Minute)
		w.wantCommands(1, 2, simulator.Stopping)
	})
}

// A run that has just finished answers 409 to a stop and to a kill.
func TestStopOfRunThatHasJustFinished(t *testing.T) {
	agent := lasting(time.Minute, simulator.Success)
	t.Run("the run finishes before the stop", func(t *testing.T) {
		o := with(agent)
		o.ListLag = 5 * time.Second
		inBubble(t, o, func(t *testing.T, w *workbench) {
			w.start()
			time.Sleep(62 * time.Second)
			r, err := w.stop()
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, sequentum.StatusSuccess)
			w.wantCommands(1, 0, simulator.Success)
		})
	})
	t.Run("the run finishes before the kill", func(t *testing.T) {
		agent := lasting(time.Hour)
		agent.IgnoresStop = true
		inBubble(t, with(agent), func(t *testing.T, w *workbench) {
			w.start()
			w.transport.Latency = time.Second
			w.transport.Before = func(req *http.Request) {
				if strings.HasSuffix(req.URL.Path, "/kill") {
					w.cloud.Finish(100001, simulator.Stopped)
				}
			}
			r, err := w.stop()
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, r, sequentum.StatusStopped)
			w.wantCommands(1, 1, simulator.Stopped)
		})
	})
}

// An active run that the API will not stop is killed, without the grace period.
func TestStopRefused(t *testing.T) {
	eachKillReading(t, lasting(time.Hour), func(t *testing.T, w *workbench, _ simulator.KillReading) {
		w.start()
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 422, Times: -1})
		begin := time.Now()
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		wantWithin(t, begin, 0, 10*time.Second)
		if got, _ := w.cloud.Run(100001); got.Stops != 0 || got.Kills == 0 {
			t.Errorf("%d stops, %d kills", got.Stops, got.Kills)
		}
	})
}

func TestKillRefused(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindKill, Action: simulator.StatusCode, Code: 409, Times: -1})
		_, err := w.stop()
		if failed := as[*run.StopError](t, err); failed.Step != "waiting for the killed run to end" {
			t.Errorf("%q: %v", failed.Step, err)
		}
		w.wantCount(simulator.KindKill, 2)
	})
}

// Somebody restarted the failure: it is active again, whatever the list shows.
func TestStopOfRestartedFailure(t *testing.T) {
	o := with(lasting(time.Minute, simulator.Failure, simulator.Completed))
	o.ListLag = 30 * time.Second
	inBubble(t, o, func(t *testing.T, w *workbench) {
		w.start()
		time.Sleep(2 * time.Minute)
		w.cloud.Restart(100001)
		time.Sleep(time.Second)
		r, err := w.stop()
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusStopped)
		w.wantCommands(1, 0, simulator.Stopped)
	})
}

func TestStopOfUnknownRun(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop = true
	for gone, kind := range map[string]simulator.Kind{"before": "", "at the stop": simulator.KindStop, "at the kill": simulator.KindKill} {
		t.Run(gone, func(t *testing.T) {
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				w.start()
				if kind == "" {
					w.cloud.Expire(100001)
				}
				w.transport.Before = func(req *http.Request) {
					if kind != "" && strings.HasSuffix(req.URL.Path, "/"+string(kind)) {
						w.cloud.Expire(100001)
					}
				}
				_, err := w.stop()
				step := string(kind)
				if kind == "" {
					step = "stop" // it is sent although the run is not found
				}
				if failed := as[*run.StopError](t, err); failed.Step != step || !run.IsGone(err) {
					t.Errorf("%q: %v", failed.Step, err)
				}
				w.wantCount(simulator.KindStop, 1)
			})
		})
	}
}

// A command is refused for another reason, and then the look does not find the run: it is gone.
func TestStopRefusedAndThenGone(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.start()
		w.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Action: simulator.StatusCode, Code: 409})
		w.transport.After = func(req *http.Request) {
			if strings.HasSuffix(req.URL.Path, "/stop") {
				w.cloud.Expire(100001)
			}
		}
		_, err := w.stop()
		if as[*run.StopError](t, err); !run.IsGone(err) || !strings.Contains(err.Error(), "409") {
			t.Error(err)
		}
	})
}

func TestStopInterrupted(t *testing.T) {
	agent := lasting(time.Hour)
	agent.IgnoresStop, agent.IgnoresKills = true, 1000
	slow := func(k simulator.Kind, skip int) *simulator.Fault {
		return &simulator.Fault{Kind: k, Skip: skip, Delay: 5 * time.Second}
	}
	for step, test := range map[string]struct {
		fault *simulator.Fault
		after time.Duration
		stops int
		kills int
	}{
		"reading the run":                    {slow(simulator.KindRuns, 0), time.Second, 0, 0},
		"stop":                               {slow(simulator.KindStop, 0), time.Second, 1, 0}, // it has its effect nevertheless
		"waiting for the stopped run to end": {nil, time.Second, 1, 0},
		"kill":                               {slow(simulator.KindKill, 0), grace + time.Second, 1, 1},
		"waiting after the kill":             {nil, grace + time.Second, 1, 1},
		"second kill":                        {slow(simulator.KindKill, 1), grace + 3*time.Second, 1, 2},
		"waiting for the killed run to end":  {nil, grace + 3*time.Second, 1, 2},
	} {
		t.Run("interrupted at: "+step, func(t *testing.T) {
			inBubble(t, with(agent), func(t *testing.T, w *workbench) {
				w.start()
				if test.fault != nil {
					w.cloud.Inject(*test.fault)
				}
				begin := time.Now()
				_, err := w.runs.Stop(w.cancelAfter(test.after), w.stopRequest(ref(100001), grace))
				wantWithin(t, begin, test.after, test.after)
				if failed := as[*run.StopError](t, err); failed.Step != step || !errors.Is(err, context.Canceled) {
					t.Errorf("%q: %v", failed.Step, err)
				}
				time.Sleep(10 * time.Second)
				if r, _ := w.cloud.Run(100001); r.Stops != test.stops || r.Kills != test.kills {
					t.Errorf("%d stops, %d kills", r.Stops, r.Kills)
				}
				w.cloud.Finish(100001, simulator.Stopped)
				if r, err := w.stop(); err != nil || r.Status.Active() {
					t.Errorf("the next destroy: %+v, %v", r, err)
				}
			})
		})
	}
}

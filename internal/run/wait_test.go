// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// wait waits for a run as Create does, with what the start has answered.
func (w *workbench) wait(ctx context.Context, r *sequentum.Run) (*sequentum.Run, error) {
	return w.runs.Wait(ctx, run.WaitRequest{Ref: ref(r.ID), Known: r, Log: w.log.write})
}

// resume waits for a run as an update does, which knows nothing of it yet.
func (w *workbench) resume(ctx context.Context, runID int64) (*sequentum.Run, error) {
	return w.runs.Wait(ctx, run.WaitRequest{Ref: ref(runID), Log: w.log.write})
}

func TestWait(t *testing.T) {
	for end, want := range map[simulator.Status]sequentum.Status{
		simulator.Completed:           sequentum.StatusCompleted,
		simulator.Success:             sequentum.StatusSuccess,
		simulator.Failure:             sequentum.StatusFailure,
		simulator.Stopped:             sequentum.StatusStopped,
		simulator.Skipped:             sequentum.StatusSkipped,
		simulator.FailedToStart:       sequentum.StatusFailedToStart,
		simulator.CompletedWithErrors: sequentum.StatusCompletedWithErrors,
	} {
		t.Run("the run ends as "+end.String(), func(t *testing.T) {
			inBubble(t, with(lasting(30*time.Second, end)), func(t *testing.T, w *workbench) {
				begin := time.Now()
				r, err := w.wait(t.Context(), w.start())
				if err != nil {
					t.Fatal(err)
				}
				wantStatus(t, r, want)
				wantWithin(t, begin, 30*time.Second, 34*time.Second)
				polls := w.cloud.Count(simulator.KindStatus)
				if r, err = w.resume(t.Context(), r.ID); err != nil {
					t.Fatal(err)
				}
				wantStatus(t, r, want)
				if run.FinalStatus(want) {
					w.wantCount(simulator.KindStatus, polls) // a run that finished for good costs nothing ever after
				}
			})
		})
	}
}

func TestWaitThroughAllPhases(t *testing.T) {
	agent := simulator.Agent{ID: agentID}
	for _, s := range []simulator.Status{
		simulator.Queuing, simulator.Waiting, simulator.Starting, simulator.Running, simulator.Waiting, simulator.Running,
		simulator.Exporting, simulator.UpdatingDataSet, 77, // a code that nobody has heard of must not end a wait
	} {
		agent.Phases = append(agent.Phases, simulator.Phase{Status: s, Duration: simulator.Duration(10 * time.Second)})
	}
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		begin := time.Now()
		r, err := w.wait(t.Context(), w.start())
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusCompleted)
		wantWithin(t, begin, 90*time.Second, 101*time.Second)
		if w.log.count(" is now ") != 8 || w.log.count("is now Unknown(77)") != 1 || w.log.count("does not know this status") != 1 || w.log.count("finished as Completed after") != 1 {
			t.Errorf("the log says %q", w.log.lines)
		}
	})
}

func TestWaitUnknownStatus(t *testing.T) {
	agent := lasting(time.Hour)
	agent.Phases[0].Status = 77
	inBubble(t, with(agent), func(t *testing.T, w *workbench) {
		started := w.start()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		_, err := w.wait(ctx, started)
		if ended := as[*run.WaitError](t, err); !errors.Is(err, context.DeadlineExceeded) || ended.Run.Status.String() != "Unknown(77)" {
			t.Errorf("%v; the run is %+v", err, ended.Run)
		}
	})
}

func TestWaitCutShort(t *testing.T) {
	for name, test := range map[string]struct {
		context func(w *workbench) (context.Context, context.CancelFunc)
		want    error
	}{
		"a timeout": {func(w *workbench) (context.Context, context.CancelFunc) {
			return sequentum.WithTimeout(w.t.Context(), w.client.Clock(), time.Minute)
		}, context.DeadlineExceeded},
		"an interrupt": {func(w *workbench) (context.Context, context.CancelFunc) {
			return w.cancelAfter(time.Minute), func() {}
		}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
				started := w.start()
				begin := time.Now()
				ctx, cancel := test.context(w)
				defer cancel()
				_, err := w.wait(ctx, started)
				wantWithin(t, begin, time.Minute, time.Minute)
				ended := as[*run.WaitError](t, err)
				if !errors.Is(ended.Err, test.want) || ended.LastFailure != nil {
					t.Errorf("%v; last failure: %v", ended.Err, ended.LastFailure)
				}
				wantStatus(t, ended.Run, sequentum.StatusRunning)
				if r, _ := w.cloud.Run(started.ID); r.Stops+r.Kills > 0 || r.Status != simulator.Running {
					t.Errorf("the run was not left alone: %+v", r)
				}
			})
		})
	}
}

// Before any look has had an answer, nothing is known of a run whose wait was resumed.
func TestWaitCutShortAtOnce(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		w.transport.Latency = time.Second // else the look that begins at once could be answered at once
		started := w.start()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := w.resume(ctx, started.ID)
		if ended := as[*run.WaitError](t, err); ended.Run != nil {
			t.Errorf("the run is known: %+v", ended.Run)
		}
		w.cloud.Outage(true)
		_, err = w.resume(w.cancelAfter(10*time.Minute), started.ID)
		if ended := as[*run.WaitError](t, err); ended.Run != nil || ended.LastFailure == nil {
			t.Errorf("%+v; last failure: %v", ended.Run, ended.LastFailure)
		}
	})
}

func TestWaitRefused(t *testing.T) {
	for name, test := range map[string]struct {
		act func(w *workbench)
		is  func(error) bool
	}{
		"the key is no longer valid (401)":       {func(w *workbench) { w.cloud.SetCredentials("another key", "") }, sequentum.IsUnauthorized},
		"the key lacks access (403)":             {func(w *workbench) { w.cloud.Forbid(true) }, sequentum.IsForbidden},
		"the run has passed its retention (404)": {func(w *workbench) { w.cloud.Expire(100001); w.cloud.Expire(100002) }, run.IsGone},
		"the key cannot see the agent (404)":     {func(w *workbench) { w.cloud.HideAgent(agentID, true) }, run.IsGone},
		"the agent was deleted (404)":            {func(w *workbench) { w.cloud.DeleteAgent(agentID) }, run.IsGone},
	} {
		for how, waits := range map[string]int{"alone": 1, "shared": 2} {
			t.Run(name+"/"+how, func(t *testing.T) {
				inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
					errs := make(chan error)
					for range waits {
						started := w.start()
						go func() {
							_, err := w.wait(t.Context(), started)
							errs <- err
						}()
					}
					time.Sleep(time.Minute)
					begin := time.Now()
					test.act(w)
					for range waits {
						err := <-errs
						ended := as[*run.WaitError](t, err)
						if !test.is(err) || ended.LastFailure != nil {
							t.Errorf("%v; last failure: %v", err, ended.LastFailure)
						}
						wantStatus(t, ended.Run, sequentum.StatusRunning)
					}
					wantWithin(t, begin, 30*time.Second, time.Minute)
				})
			})
		}
	}
}

func TestWaitSitsOutageOut(t *testing.T) {
	for how, waits := range map[string]int{"alone": 1, "shared": 2} {
		t.Run(how, func(t *testing.T) {
			inBubble(t, with(lasting(30*time.Minute)), func(t *testing.T, w *workbench) {
				done := make(chan bool)
				for range waits {
					started := w.start()
					go func() {
						r, err := w.wait(t.Context(), started)
						if err != nil {
							t.Error(err)
						}
						wantStatus(t, r, sequentum.StatusCompleted)
						done <- true
					}()
				}
				time.Sleep(time.Minute)
				w.cloud.Outage(true)
				time.Sleep(10 * time.Minute)
				w.cloud.Outage(false)
				begin := time.Now()
				for range waits {
					<-done
				}
				wantWithin(t, begin, 19*time.Minute-time.Second, 20*time.Minute)
			})
		})
	}
}

// The wait that ends in an outage tells of it.
func TestWaitTimesOutInOutage(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		started := w.start()
		time.AfterFunc(time.Minute, func() { w.cloud.Outage(true) })
		_, err := w.wait(w.cancelAfter(10*time.Minute), started)
		ended := as[*run.WaitError](t, err)
		if ended.LastFailure == nil || !errors.Is(ended.Err, context.Canceled) {
			t.Errorf("%v; last failure: %v", err, ended.LastFailure)
		}
		wantStatus(t, ended.Run, sequentum.StatusRunning)
	})
}

func TestWaitForRestartedFailure(t *testing.T) {
	inBubble(t, with(lasting(20*time.Second, simulator.Failure, simulator.Completed)), func(t *testing.T, w *workbench) {
		failed, err := w.wait(t.Context(), w.start())
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, failed, sequentum.StatusFailure)
		w.cloud.Restart(failed.ID)
		again, err := w.runs.ReadOwn(t.Context(), ref(failed.ID))
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, again, sequentum.StatusRunning)
		r, err := w.wait(t.Context(), again)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusCompleted)
	})
}

// A resumed wait looks at once.
func TestResumedWait(t *testing.T) {
	inBubble(t, with(lasting(10*time.Second)), func(t *testing.T, w *workbench) {
		started := w.start()
		time.Sleep(time.Minute)
		begin := time.Now()
		r, err := w.resume(t.Context(), started.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, sequentum.StatusCompleted)
		wantWithin(t, begin, 0, 0)
		w.wantCount(simulator.KindStatus, 1)
	})
}

// A wait whose time is over says what its status request was waiting for, though nothing has failed yet.
func TestWaitEndsBehindTheLimit(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		want  string
	}{
		"each status is a 429":  {simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"}, "which the API asked for with a 429; the last try ended with 429 Too Many Requests"},
		"each status is a 503":  {simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 503, RetryAfter: "3600"}, "the last try ended with 503 Service Unavailable"},
		"no status is answered": {simulator.Fault{Times: -1, Action: simulator.Hang}, "answer"},
	} {
		for how, waits := range map[string]int{"alone": 1, "shared": 2} {
			t.Run(name+"/"+how, func(t *testing.T) {
				inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
					var all sync.WaitGroup
					ctx := w.cancelAfter(10 * time.Minute)
					for range waits {
						started := w.start()
						all.Go(func() {
							_, err := w.wait(ctx, started)
							if ended := as[*run.WaitError](t, err); !strings.Contains(ended.WaitingFor, test.want) {
								t.Errorf("it was waiting for %q", ended.WaitingFor)
							}
						})
					}
					time.Sleep(time.Minute)
					w.cloud.Inject(test.fault)
					all.Wait()
				})
			})
		}
	}
}

// So does a read that shares a list with others.
func TestReadEndsBehindTheLimit(t *testing.T) {
	inBubble(t, with(lasting(time.Hour)), func(t *testing.T, w *workbench) {
		started := w.start()
		w.cloud.Inject(simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"})
		ctx, cancel := sequentum.WithTimeout(t.Context(), w.client.Clock(), 2*time.Minute)
		defer cancel()
		time.Sleep(6 * time.Second) // what the start's list showed is too old
		_, err := w.runs.Read(ctx, ref(started.ID))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "which the API asked for with a 429") {
			t.Error(err)
		}
	})
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// StopError says that a run could not be brought to an end.
type StopError struct {
	// Run is the run as it was last seen; nil when no answer about it came at all.
	Run *sequentum.Run
	// Step is what was being done: "reading the run", "stop", "kill", …
	Step string
	// Sent are the commands that reached the run, or may have, in order: "stop", "kill", "second kill".
	Sent []string
	// Answers are the errors of the commands that failed, the latest of each, in order: "stop: … 409 Conflict: …".
	Answers []string
	Err     error
}

func (e *StopError) Error() string { return e.Step + ": " + e.Err.Error() }
func (e *StopError) Unwrap() error { return e.Err }

// Ending is how a run came to its end.
type Ending struct {
	Run *sequentum.Run // as it ended
	// StopSent: it was still active, and a stop was sent. Killed: the stop did not end it, and a kill was sent.
	StopSent, Killed bool
	// Siblings are the other runs of the same parallel start that were active, as they ended.
	Siblings []sequentum.Run
}

// StopRequest is one run that must come to its end.
type StopRequest struct {
	Ref   sequentum.RunRef
	Grace time.Duration // how long to wait for the run to end after the stop, before it is killed
	// Active: the run was active when the caller last saw it. If it is not found now, that is confirmed, and a stop is
	// sent nevertheless.
	Active bool
	// Log takes the lines about the stop, never after its end; nil: nobody reads them. Where several runs of a parallel
	// start are stopped side by side, it is called by several goroutines at once.
	Log sequentum.LogFunc
}

// Stop brings a run to its end: stop, wait the grace period, kill, look two seconds later, kill once more, wait until
// ctx ends. If a parallel start shows as several runs, the other runs are brought to their end before this one. Nothing
// is sent to a run that has finished already. Nothing is sent to its siblings either, unless the run was active when
// the caller last saw it. Every error is a [StopError], and there is no ending then. It wraps a [GoneError] when the
// run is not found any more. For a run that was not active, one such answer is enough.
func (m *Manager) Stop(ctx context.Context, r StopRequest) (*Ending, error) {
	s := &stopping{m: m, agent: m.agent(r.Ref.AgentID), ref: r.Ref, grace: r.Grace, wasActive: r.Active, log: orSilent(r.Log)}
	err := s.readRun(ctx)
	if r.Active && sequentum.IsNotFound(err) {
		err = s.stopUnseen(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	siblings, err := s.endSiblings(ctx)
	if err != nil {
		return nil, err
	}
	ending, err := s.endRun(ctx)
	if err == nil {
		ending.Siblings = siblings
	}
	return ending, err
}

// endRun brings the run to its end, from what was seen of it last.
func (s *stopping) endRun(ctx context.Context) (*Ending, error) {
	ending := &Ending{}
	for _, step := range []func(context.Context) error{s.stopGracefully, s.kill, s.killAgain, s.waitForEnd} {
		if s.run.Status.Finished() {
			break
		}
		ending.StopSent, ending.Killed = true, ending.StopSent
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if ending.Run = s.run; ending.StopSent {
		s.agent.history.recordEnd()
	}
	return ending, nil
}

// stopping is one run on its way to its end.
type stopping struct {
	m       *Manager
	agent   *agent
	ref     sequentum.RunRef
	grace   time.Duration
	run     *sequentum.Run
	sent    []string // commands that the API accepted, or may have
	answers []string
	// wasActive: the caller saw it active.
	wasActive bool
	log       sequentum.LogFunc
}

// logStep writes that a step begins, or how it ended.
func (s *stopping) logStep(ctx context.Context, sentence string) {
	s.log(ctx, sentence, runFields(s.run))
}

// stopError is an error of a step, with all that was sent before.
func (s *stopping) stopError(step string, err error) error {
	return &StopError{Run: s.run, Step: step, Sent: s.sent, Answers: s.answers, Err: err}
}

// readRun reads the run through the agent's shared list. A failure is asked for by itself: it may have been restarted.
func (s *stopping) readRun(ctx context.Context) error {
	r, err := s.m.Read(ctx, s.ref)
	if err == nil && r.Status.IsFailure() && !FinalStatus(r.Status) {
		r, err = s.agent.status(ctx, s.ref.RunID)
	}
	if sequentum.IsNotFound(err) && !s.wasActive {
		err = &GoneError{Err: err}
	}
	if err != nil {
		return s.stopError("reading the run", err)
	}
	s.run = r
	return nil
}

// stopUnseen stops a run that is not found, once that is confirmed: it may still be active. The error is a
// [GoneError] when the stop does not find it either.
func (s *stopping) stopUnseen(ctx context.Context, notFound error) error {
	r, err := s.m.ConfirmGone(ctx, s.ref, notFound)
	if err == nil {
		s.run = r
		return nil
	}
	if !IsGone(err) {
		return s.stopError("reading the run", err)
	}
	if err := s.sendOnce(ctx, command{name: "stop", send: s.m.client.StopRun}); err != nil {
		if sequentum.IsNotFound(err) {
			err = &GoneError{Err: err}
		}
		return s.stopError("stop", err)
	}
	if err := s.confirmRun(ctx); err != nil {
		// The error is not wrapped: a run that accepted a stop exists, although its status is not found.
		return s.stopError("reading the run after the stop", errors.New(err.Error()))
	}
	return nil
}

// confirmRun asks for the run by itself. An answer that denies access or does not find it is confirmed. The error is
// the API's.
func (s *stopping) confirmRun(ctx context.Context) error {
	r, err := s.agent.confirmStatus(sequentum.WithPriority(ctx, sequentum.PriorityControl), s.ref.RunID, endAtOutage)
	if err == nil {
		s.run = r
		if r.Status.Finished() {
			s.logStep(ctx, finishedSentence(r))
		}
	}
	return err
}

// stopGracefully asks for a graceful end and waits the grace period for it. A stop that was refused is not waited for.
func (s *stopping) stopGracefully(ctx context.Context) error {
	s.logStep(ctx, stoppingSentence(s.run, s.grace))
	refused, err := s.sendCommand(ctx, command{name: "stop", send: s.m.client.StopRun, effect: sequentum.StatusStopping})
	if err != nil || refused || s.run.Status.Finished() {
		return err
	}
	graceful, cancel := sequentum.WithTimeout(ctx, s.m.clock, s.grace)
	defer cancel()
	err = s.waitForRun(ctx, graceful, "waiting for the stopped run to end")
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.logStep(ctx, graceOverSentence(s.run, s.grace))
		return nil
	}
	return err
}

// kill asks for the end a first time, and looks whether that was enough.
func (s *stopping) kill(ctx context.Context) error {
	s.logStep(ctx, killingSentence(s.run))
	if _, err := s.sendCommand(ctx, command{name: "kill", send: s.m.client.KillRun}); err != nil || s.run.Status.Finished() {
		return err
	}
	if err := sequentum.Sleep(ctx, s.m.clock, lookAfterKill); err != nil {
		return s.stopError("waiting after the kill", err)
	}
	if err := s.confirmRun(ctx); err != nil {
		return s.stopError("reading the run after the kill", err)
	}
	return nil
}

// killAgain asks for the end a second time.
func (s *stopping) killAgain(ctx context.Context) error {
	s.logStep(ctx, killingAgainSentence(s.run))
	_, err := s.sendCommand(ctx, command{name: "second kill", send: s.m.client.KillRun})
	return err
}

// waitForEnd waits for the end after the last kill.
func (s *stopping) waitForEnd(ctx context.Context) error {
	return s.waitForRun(ctx, ctx, "waiting for the killed run to end")
}

// waitForRun waits until the run has finished or limited has ended. ctx is the context of the call, for its log. step
// is what an error says was being done.
func (s *stopping) waitForRun(ctx, limited context.Context, step string) error {
	log := func(_ context.Context, message string, fields map[string]any) { s.log(ctx, message, fields) }
	r, err := s.m.Wait(limited, WaitRequest{Ref: s.ref, Known: s.run, Log: log})
	if ended, ok := errors.AsType[*WaitError](err); ok {
		r = ended.Run // never nil: the wait began with what was known
	}
	s.run = r
	if err != nil {
		return s.stopError(step, err)
	}
	return nil
}

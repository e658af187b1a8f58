package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// lookAfterKill is how long after the first kill the run is looked at. Under one reading of the API any kill of a
// Stopping run terminates it, under the other the second call does: the look tells whether a second is needed.
const lookAfterKill = 2 * time.Second

// StopError says that a run could not be brought to an end.
type StopError struct {
	// Run is the run as it was last seen; nil when no answer about it came at all.
	Run *sequentum.Run
	// Step is what was being done: "looking at the run", "stop", "kill", …
	Step string
	Err  error
}

func (e *StopError) Error() string { return e.Step + ": " + e.Err.Error() }
func (e *StopError) Unwrap() error { return e.Err }

// Stop brings a run to its end: stop, wait the grace period, kill, look two seconds later, kill once more, wait until
// ctx ends. A run that has finished already is left alone. It returns the run as it ended; every error is a
// [StopError].
func (m *Manager) Stop(ctx context.Context, ref Ref, grace time.Duration) (*sequentum.Run, error) {
	s := &stopping{m: m, agent: m.agent(ref.AgentID), ref: ref, grace: grace}
	if err := s.look(ctx); err != nil || s.run.Status.Finished() {
		return s.run, err
	}
	for _, step := range []func(context.Context) error{s.stop, s.kill, s.killAgain} {
		if err := step(ctx); err != nil || s.run.Status.Finished() {
			return s.run, err
		}
	}
	return s.run, s.wait(ctx, "waiting for the killed run to end")
}

// stopping is one run on its way to its end.
type stopping struct {
	m     *Manager
	agent *agent
	ref   Ref
	grace time.Duration
	run   *sequentum.Run
}

func (s *stopping) log(ctx context.Context, message string) {
	s.m.log(ctx, message, map[string]any{"agent_id": s.ref.AgentID, "run_id": s.ref.RunID, "status": s.run.Status.String()})
}

func (s *stopping) fail(step string, err error) error {
	return &StopError{Run: s.run, Step: step, Err: err}
}

// look reads the run through the agent's shared list. A failure is asked for by itself: it may have been restarted.
func (s *stopping) look(ctx context.Context) error {
	r, err := s.m.Read(ctx, s.ref)
	if err == nil && r.Status.IsFailure() && !FinalStatus(r.Status) {
		r, err = s.agent.status(ctx, s.ref.RunID)
	}
	if err != nil {
		return s.fail("looking at the run", err)
	}
	s.run = r
	return nil
}

// lookAgain asks for the run by itself.
func (s *stopping) lookAgain(ctx context.Context, step string) error {
	r, err := s.agent.status(sequentum.WithPriority(ctx, sequentum.PriorityControl), s.ref.RunID)
	if err != nil {
		return s.fail(step, err)
	}
	s.run = r
	return nil
}

// stop asks for a graceful end and waits the grace period for it. A stop that was refused is not waited for.
func (s *stopping) stop(ctx context.Context) error {
	s.log(ctx, "stopping the run")
	refused, err := s.ask(ctx, "stop", s.m.client.StopRun)
	if err != nil || refused || s.run.Status.Finished() {
		return err
	}
	graceful, cancel := sequentum.WithTimeout(ctx, s.m.clock, s.grace)
	defer cancel()
	err = s.wait(graceful, "waiting for the stopped run to end")
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.log(ctx, "the run did not stop within its grace period")
		return nil
	}
	return err
}

// kill asks for the end a first time, and looks whether that was enough.
func (s *stopping) kill(ctx context.Context) error {
	s.log(ctx, "killing the run")
	if _, err := s.ask(ctx, "kill", s.m.client.KillRun); err != nil || s.run.Status.Finished() {
		return err
	}
	if err := sequentum.Sleep(ctx, s.m.clock, lookAfterKill); err != nil {
		return s.fail("waiting after the kill", err)
	}
	return s.lookAgain(ctx, "looking at the run after the kill")
}

func (s *stopping) killAgain(ctx context.Context) error {
	s.log(ctx, "killing the run a second time: it is still active")
	_, err := s.ask(ctx, "second kill", s.m.client.KillRun)
	return err
}

// ask sends a stop or a kill. A request that was refused, or whose outcome is unknown, is followed by a look: a run
// that has just finished refuses both. An active run that refuses goes on to the next step; no access is an error.
func (s *stopping) ask(ctx context.Context, step string, send func(context.Context, int64, int64) error) (refused bool, err error) {
	s.agent.noteChange(s.ref.RunID)
	err = send(ctx, s.ref.AgentID, s.ref.RunID)
	if err == nil {
		return false, nil
	}
	if ctx.Err() != nil || sequentum.IsRefused(err) {
		return false, s.fail(step, err)
	}
	if lookErr := s.lookAgain(ctx, step); lookErr != nil {
		return false, s.fail(step, fmt.Errorf("%w; a look at the run then had no answer: %w", err, errors.Unwrap(lookErr)))
	}
	s.log(ctx, "the "+step+" had no good answer: "+err.Error())
	return sequentum.IsClientError(err), nil
}

func (s *stopping) wait(ctx context.Context, step string) error {
	r, err := s.m.Wait(ctx, s.ref, s.run)
	if err != nil {
		return s.fail(step, err)
	}
	s.run = r
	return nil
}

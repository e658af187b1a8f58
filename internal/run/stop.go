package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// lookAfterKill is how long after the first kill the run is looked at. Under one reading of the API any kill of a
	// Stopping run terminates it, under the other the second call does: the look tells whether a second is needed.
	lookAfterKill = 2 * time.Second
	// askTries is how often a stop or kill is sent whose outcome is unknown each time.
	askTries = 3
	// askAgainAfter is the pause between them.
	askAgainAfter = 2 * time.Second
)

// StopError says that a run could not be brought to an end.
type StopError struct {
	// Run is the run as it was last seen; nil when no answer about it came at all.
	Run *sequentum.Run
	// Step is what was being done: "looking at the run", "stop", "kill", …
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
	// Asked: it was still active, and was told to stop. Killed: it was told so in vain, and killed.
	Asked, Killed bool
	// Siblings are the other runs of the same parallel start that were active, as they ended.
	Siblings []sequentum.Run
}

// StopRequest is one run that must come to its end.
type StopRequest struct {
	Ref   sequentum.RunRef
	Grace time.Duration // how long to wait for the run to end after the stop, before it is killed
	// Active: it was active when the caller last saw it. That it is not found is then confirmed, and it is stopped all
	// the same.
	Active bool
}

// Stop brings a run to its end: stop, wait the grace period, kill, look two seconds later, kill once more, wait until
// ctx ends. Where its start was a parallel one that shows as several runs, the others are brought to their end before
// it. A run that has finished already is left alone; its siblings are too, unless it was active when the caller last saw
// it. Every error is a [StopError], and goes without an ending.
func (m *Manager) Stop(ctx context.Context, r StopRequest) (*Ending, error) {
	s := &stopping{m: m, agent: m.agent(r.Ref.AgentID), ref: r.Ref, grace: r.Grace, wasActive: r.Active}
	err := s.look(ctx)
	if r.Active && sequentum.IsNotFound(err) {
		err = s.stopUnseen(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	siblings, err := s.stopSiblings(ctx)
	if err != nil {
		return nil, err
	}
	ending, err := s.end(ctx)
	if err == nil {
		ending.Siblings = siblings
	}
	return ending, err
}

// end brings the run to its end, from what was seen of it last.
func (s *stopping) end(ctx context.Context) (*Ending, error) {
	ending := &Ending{}
	for _, step := range []func(context.Context) error{s.stop, s.kill, s.killAgain, s.waitForEnd} {
		if s.run.Status.Finished() {
			break
		}
		ending.Asked, ending.Killed = true, ending.Asked
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if ending.Run = s.run; ending.Asked {
		s.agent.noteEnd()
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
}

func (s *stopping) log(ctx context.Context, message string) {
	s.m.log(ctx, message, map[string]any{"agent_id": s.ref.AgentID, "run_id": s.ref.RunID, "status": s.run.Status.String()})
}

func (s *stopping) fail(step string, err error) error {
	return &StopError{Run: s.run, Step: step, Sent: s.sent, Answers: s.answers, Err: err}
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

// stopUnseen stops a run that is not found, once that is confirmed: it may go on all the same. The error says that it is
// not found when the stop says so too.
func (s *stopping) stopUnseen(ctx context.Context, notFound error) error {
	r, err := s.m.ConfirmGone(ctx, s.ref, notFound)
	if err == nil {
		s.run = r
		return nil
	}
	if !sequentum.IsNotFound(err) {
		return s.fail("looking at the run", err)
	}
	if err := s.send(ctx, order{name: "stop", send: s.m.client.StopRun}); err != nil {
		return s.fail("stop", err)
	}
	if err := s.lookAgain(ctx); err != nil {
		// Not the error itself: a run that could be stopped is there, whatever its status says.
		return s.fail("looking at the run after the stop", errors.New(err.Error()))
	}
	return nil
}

// lookAgain asks for the run by itself; that it is not found, or access refused, is confirmed. The error is the API's.
func (s *stopping) lookAgain(ctx context.Context) error {
	r, err := s.agent.confirmedStatus(sequentum.WithPriority(ctx, sequentum.PriorityControl), s.ref.RunID)
	if err == nil {
		s.run = r
	}
	return err
}

// stop asks for a graceful end and waits the grace period for it. A stop that was refused is not waited for.
func (s *stopping) stop(ctx context.Context) error {
	s.log(ctx, "stopping the run")
	refused, err := s.ask(ctx, order{name: "stop", send: s.m.client.StopRun, taken: sequentum.StatusStopping})
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
	if _, err := s.ask(ctx, order{name: "kill", send: s.m.client.KillRun}); err != nil || s.run.Status.Finished() {
		return err
	}
	if err := sequentum.Sleep(ctx, s.m.clock, lookAfterKill); err != nil {
		return s.fail("waiting after the kill", err)
	}
	if err := s.lookAgain(ctx); err != nil {
		return s.fail("looking at the run after the kill", err)
	}
	return nil
}

func (s *stopping) killAgain(ctx context.Context) error {
	s.log(ctx, "killing the run a second time: it is still active")
	_, err := s.ask(ctx, order{name: "second kill", send: s.m.client.KillRun})
	return err
}

func (s *stopping) waitForEnd(ctx context.Context) error {
	return s.wait(ctx, "waiting for the killed run to end")
}

// order is a stop or a kill.
type order struct {
	name string
	send func(ctx context.Context, agentID, runID int64) error
	// taken is the status that shows that the order had its effect; the zero status: none does but the end.
	taken sequentum.Status
}

// ask sends an order. One without a good answer is followed by a look, since a run that has just finished refuses them
// all. One whose outcome is unknown is sent again while the run does not show its effect: neither does harm twice, and
// a stop that was lost would cost the whole grace period. refused: the run is active, and the API will not have it. No
// access is an error.
func (s *stopping) ask(ctx context.Context, o order) (refused bool, err error) {
	for try := 1; ; try++ {
		err := s.send(ctx, o)
		if err == nil {
			return false, nil
		}
		if ctx.Err() != nil || sequentum.IsAccessDenied(err) {
			return false, s.fail(o.name, err)
		}
		s.noteAnswer(o.name, err)
		s.log(ctx, "the "+o.name+" failed: "+err.Error())
		if lookErr := s.lookAgain(ctx); lookErr != nil {
			return false, s.fail(o.name, fmt.Errorf("the status request after it failed: %w; the command itself had failed: %w", lookErr, err))
		}
		refused := sequentum.IsClientError(err) && !sequentum.OutcomeUnknown(err)
		if refused || s.run.Status.Finished() || s.run.Status == o.taken || try == askTries {
			return refused, nil
		}
		if err := sequentum.Sleep(ctx, s.m.clock, askAgainAfter); err != nil {
			return false, s.fail(o.name, err)
		}
	}
}

// noteAnswer keeps the latest error of a command.
func (s *stopping) noteAnswer(command string, err error) {
	s.answers = slices.DeleteFunc(s.answers, func(a string) bool { return strings.HasPrefix(a, command+": ") })
	s.answers = append(s.answers, command+": "+err.Error())
}

// send has all that is known of the run from before or meanwhile count as old.
func (s *stopping) send(ctx context.Context, o order) error {
	s.agent.noteChange(s.ref.RunID)
	defer s.agent.noteChange(s.ref.RunID)
	err := o.send(ctx, s.ref.AgentID, s.ref.RunID)
	if !sequentum.NotAccepted(err) && !slices.Contains(s.sent, o.name) {
		s.sent = append(s.sent, o.name)
	}
	return err
}

func (s *stopping) wait(ctx context.Context, step string) error {
	r, err := s.m.Wait(ctx, s.ref, s.run)
	if ended, ok := errors.AsType[*WaitError](err); ok {
		r = ended.Run // never nil: the wait began with what was known
	}
	s.run = r
	if err != nil {
		return s.fail(step, err)
	}
	return nil
}

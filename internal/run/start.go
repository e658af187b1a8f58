package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// markLife is how old the newest known run id may be when a start is sent. A stranger's run that began later than
// that must not be taken for ours when the start's answer is lost.
const markLife = 10 * time.Second

// IfActive says what a start does when the agent already has active runs that this process did not start.
type IfActive int

const (
	// ActiveWarn starts, and tells of the active runs once per agent.
	ActiveWarn IfActive = iota
	// ActiveStart starts and says nothing.
	ActiveStart
	// ActiveFail does not start.
	ActiveFail
)

// StartRequest is one start that must lead to one run.
type StartRequest struct {
	AgentID  int64
	Settings sequentum.StartRequest
	IfActive IfActive
}

// Started is a run that was accepted.
type Started struct {
	Run *sequentum.Run
	// Lost is set when the start's answer was lost and the run was found by looking: what went wrong on the wire.
	Lost error
	// Others are the agent's active runs that this process did not start, told once per agent under [ActiveWarn].
	Others []sequentum.Run
}

// NotStartedError says that a start did not happen, and that no run came of it.
type NotStartedError struct {
	AgentID int64
	// Asked tells whether the start itself was sent and refused, rather than never sent.
	Asked bool
	Err   error
}

func (e *NotStartedError) Error() string { return "the run was not started: " + e.Err.Error() }
func (e *NotStartedError) Unwrap() error { return e.Err }

// ActiveError says that nothing was started because the agent already has active runs ([ActiveFail]).
type ActiveError struct {
	AgentID int64
	Runs    []sequentum.Run
}

func (e *ActiveError) Error() string { return "the agent already has active runs" }

// Start starts the agent once. Starts of one agent go one at a time, and an answer that is lost on the wire is looked
// for among the agent's runs before anything is sent again.
//
// An end of ctx before the request is sent is a [NotStartedError]; after that the request, and the look for a lost
// answer, run to their own end. Other errors: [NotStartedError] for a refusal, [ActiveError], [LostStartError].
func (m *Manager) Start(ctx context.Context, r StartRequest) (*Started, error) {
	a := m.agent(r.AgentID)
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, &NotStartedError{AgentID: a.id, Err: context.Cause(ctx)}
	}
	others, err := a.othersActive(ctx)
	if err != nil {
		return nil, &NotStartedError{AgentID: a.id, Err: err}
	}
	if r.IfActive == ActiveFail && len(others) > 0 {
		return nil, &ActiveError{AgentID: a.id, Runs: others}
	}
	started, err := a.startOnce(ctx, r.Settings)
	if err != nil {
		return nil, err
	}
	if r.IfActive == ActiveWarn && !a.othersTold {
		a.othersTold = true
		started.Others = others
	}
	return started, nil
}

// othersActive lists the agent's active runs before this process's first start. It is called by whoever has the turn.
func (a *agent) othersActive(ctx context.Context) ([]sequentum.Run, error) {
	if a.othersListed {
		return a.others, nil
	}
	l, err := a.list(ctx, largeList)
	if err != nil {
		return nil, err
	}
	for _, r := range a.above(l, 0) {
		if r.Status.Active() {
			a.others = append(a.others, r)
		}
	}
	a.othersListed = true
	return a.others, nil
}

// startOnce sends the start, and sends it a second time only when a look at the agent's runs shows that the first has
// led to nothing.
func (a *agent) startOnce(ctx context.Context, settings sequentum.StartRequest) (*Started, error) {
	run, mark, err := a.send(ctx, settings)
	if err == nil {
		return &Started{Run: run}, nil
	}
	if sequentum.NotAccepted(err) {
		return nil, err
	}
	lost := &lostStart{agent: a, mark: mark, settings: settings, cause: err}
	if run, err := lost.find(ctx); run != nil || err != nil {
		return lost.started(run), err
	}
	if ctx.Err() != nil {
		return nil, lost.failed(nil, context.Cause(ctx))
	}
	a.m.log(ctx, "no run came of a start whose answer was lost: starting once more", map[string]any{"agent_id": a.id})

	// The first start may still come to light, so the mark stays the first one's.
	run, _, err = a.send(ctx, settings)
	if err == nil {
		return &Started{Run: run}, nil
	}
	lost.cause = fmt.Errorf("%w; a second start ended with: %w", lost.cause, err)
	if sequentum.NotSent(err) {
		return nil, lost.failed(nil, context.Cause(ctx))
	}
	if run, err := lost.find(ctx); run != nil || err != nil {
		return lost.started(run), err
	}
	return nil, lost.failed(nil, nil)
}

// send sends one start while the newest known run id is fresh, and returns that id: the mark that new runs are told by.
// A [NotStartedError] is a start that was certainly not accepted.
func (a *agent) send(ctx context.Context, settings sequentum.StartRequest) (*sequentum.Run, int64, error) {
	for {
		mark, left, err := a.freshMark(ctx)
		if err != nil {
			return nil, 0, &NotStartedError{AgentID: a.id, Err: err}
		}
		order := a.next()
		turn, cancel := sequentum.WithTimeout(ctx, a.m.clock, left)
		run, err := a.m.client.StartRun(turn, a.id, settings)
		late := turn.Err() != nil
		cancel()
		if err == nil {
			a.noteStarted(run.ID, order)
			a.m.log(ctx, "the run was accepted", map[string]any{"agent_id": a.id, "run_id": run.ID})
			return run, mark, nil
		}
		if late && ctx.Err() == nil && neverTaken(err) {
			continue // its turn in the request budget did not come while the mark was fresh
		}
		if sequentum.NotAccepted(err) {
			return nil, 0, &NotStartedError{AgentID: a.id, Asked: !sequentum.NotSent(err), Err: err}
		}
		return nil, mark, err
	}
}

// neverTaken reports whether a start waited in vain for its turn or behind a 429, as opposed to being refused.
func neverTaken(err error) bool {
	var answer *sequentum.Error
	if errors.As(err, &answer) && answer.StatusCode != 0 {
		return answer.StatusCode == 429
	}
	return sequentum.NotSent(err)
}

// freshMark returns the newest run id of the agent, and for how much longer it may serve as a mark. It must be newer
// than any stop or kill by this process: a freed place may have let a stranger's run in.
func (a *agent) freshMark(ctx context.Context) (int64, time.Duration, error) {
	if id, left := a.knownMark(); left > 0 {
		return id, left, nil
	}
	if _, err := a.list(ctx, smallList); err != nil {
		return 0, 0, err
	}
	id, _ := a.knownMark()
	return id, markLife, nil
}

func (a *agent) knownMark() (int64, time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.newest.at.IsZero() || a.newest.order <= a.lastChange {
		return a.newest.id, 0
	}
	return a.newest.id, markLife - a.m.clock.Now().Sub(a.newest.at)
}

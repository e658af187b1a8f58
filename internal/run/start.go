package run

import (
	"context"
	"slices"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

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
	// Log takes the lines about the start; nil: nobody reads them.
	Log sequentum.LogFunc
}

// Started is a run that was accepted.
type Started struct {
	Run *sequentum.Run
	// Lost is set when the start's answer was lost and the run was found by looking: what went wrong on the wire.
	Lost error
	// Again is set when the answer to a first start was lost, none of its run showed, and a second start was sent: what
	// went wrong with the first. Its run may still come to light: see [Manager.LateRuns].
	Again error
	// Others are the agent's active runs that this process did not start, told once per agent under [ActiveWarn].
	Others []sequentum.Run

	before before // the first start, when there were two
}

// NotStartedError says that a start did not happen, and that it has begun no run.
type NotStartedError struct {
	AgentID int64
	// Sent tells whether the start itself was sent and refused, rather than never sent.
	Sent bool
	Err  error
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
// answer, run to their own end. Other errors: [NotStartedError] for a refusal, [ActiveError], [KnownRunError],
// [LostStartError].
func (m *Manager) Start(ctx context.Context, r StartRequest) (*Started, error) {
	a := m.agent(r.AgentID)
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, &NotStartedError{AgentID: a.id, Err: endedWhile(ctx, "an earlier start of the same agent")}
	}
	others, err := a.othersActive(ctx)
	if err != nil {
		return nil, &NotStartedError{AgentID: a.id, Err: err}
	}
	if r.IfActive == ActiveFail && len(others) > 0 {
		return nil, &ActiveError{AgentID: a.id, Runs: others}
	}
	started, err := a.startOnce(ctx, r.Settings, orSilent(r.Log))
	if err != nil {
		return nil, err
	}
	if r.IfActive == ActiveWarn && !a.othersTold {
		a.othersTold = true
		started.Others = others
	}
	return started, nil
}

// LateRuns lists the runs, newest first, that have come to light since a start that was sent twice ([Started.Again]),
// and that this process knows nothing else of: one of them may have come, late, of the first. It is worth a call when
// the wait for the second run has ended. For a start that was sent once it asks nothing. An interrupt does not end it;
// it takes the request timeout at most. Its errors are the API's.
func (m *Manager) LateRuns(ctx context.Context, s *Started) ([]sequentum.Run, error) {
	if s.Again == nil {
		return nil, nil
	}
	ctx, cancel := sequentum.WithTimeout(context.WithoutCancel(ctx), m.clock, m.client.RequestTimeout())
	defer cancel()
	a := m.agent(s.Run.AgentID)
	l, err := a.list(ctx, largeList)
	if err != nil {
		return nil, err
	}
	return a.newRuns(l, s.before), nil
}

// othersActive lists the agent's runs that were active before this process's first start, without those that it has
// seen finish since. It is called by whoever has the turn.
func (a *agent) othersActive(ctx context.Context) ([]sequentum.Run, error) {
	if !a.othersListed {
		l, err := a.list(ctx, largeList)
		if err != nil {
			return nil, err
		}
		for _, r := range l.runs {
			if r.Status.Active() {
				a.others = append(a.others, r)
			}
		}
		a.othersListed = true
	}
	a.others = slices.DeleteFunc(a.others, func(r sequentum.Run) bool { return a.finishedForGood(r.ID) != nil })
	return slices.Clone(a.others), nil
}

// startOnce sends the start, and sends it a second time only when a look at the agent's runs shows that the first has
// led to nothing.
func (a *agent) startOnce(ctx context.Context, settings sequentum.StartRequest, log sequentum.LogFunc) (*Started, error) {
	run, sent, err := a.send(ctx, settings, nil, log)
	switch {
	case err == nil:
		return &Started{Run: run}, nil
	case !outcomeUnknown(err):
		return nil, err
	}
	lost := &lostStart{agent: a, before: sent, settings: settings, cause: err, log: log}
	found, err := lost.find(ctx)
	switch {
	case err != nil:
		return nil, err
	case found != nil:
		return &Started{Run: found, Lost: lost.cause}, nil
	case ctx.Err() != nil:
		return nil, lost.failed(nil, context.Cause(ctx))
	}
	return lost.again(ctx)
}

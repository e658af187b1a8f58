// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// IfActive says what a start does when the agent already has active runs that this process did not start.
type IfActive int

const (
	// ActiveWarn starts, and reports the active runs once per agent.
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
	// Log takes the lines about the start. It is called in the goroutine of the call; nil: nobody reads them.
	Log sequentum.LogFunc
}

// Started is a run that was accepted.
type Started struct {
	Run *sequentum.Run
	// Lost is set when the start's answer was lost and the run was found by looking: what went wrong on the wire.
	Lost error
	// Again is set when the answer to a first start was lost, its run did not appear, and a second start was sent. It
	// says what went wrong with the first start. The run of the first start may still appear: see [Manager.LateRuns].
	Again error
	// Others are the agent's active runs that this process did not start, reported once per agent with [ActiveWarn].
	Others []sequentum.Run

	knownBefore knownBefore // the first start, when there were two
}

// Start starts the agent once. Starts of one agent go one at a time. If the answer is lost on the wire, Start looks
// for the run among the agent's runs before it sends the start again.
//
// An end of ctx before the request is sent is a [NotStartedError]; after that the request, and the search for a lost
// answer, run to their own end. Other errors: [NotStartedError] for a refusal, [ActiveError], [KnownRunError],
// [LostStartError].
//
// Its steps are in the files start_*.go, in this order: turn, others, known, send; and when the answer was
// lost: search, decide, again.
func (m *Manager) Start(ctx context.Context, r StartRequest) (*Started, error) {
	a := m.agent(r.AgentID)
	if err := a.turn.take(ctx); err != nil {
		return nil, &NotStartedError{AgentID: a.id, Err: err}
	}
	defer a.turn.giveBack()
	others, err := a.activeOthers(ctx)
	if err != nil {
		return nil, &NotStartedError{AgentID: a.id, Err: err}
	}
	if r.IfActive == ActiveFail && len(others) > 0 {
		return nil, &ActiveError{AgentID: a.id, Runs: others}
	}
	s := &start{agent: a, settings: r.Settings, log: orSilent(r.Log)}
	started, err := s.startOnce(ctx)
	if err != nil {
		return nil, err
	}
	if r.IfActive == ActiveWarn {
		started.Others = a.turn.others.untold(others)
	}
	return started, nil
}

// start is one start of an agent on its way to a run. Its caller has the agent's turn.
type start struct {
	agent    *agent
	settings sequentum.StartRequest
	log      sequentum.LogFunc
}

// startOnce sends the start, and sends it a second time only when a search among the agent's runs shows that the first
// started no run.
func (s *start) startOnce(ctx context.Context) (*Started, error) {
	run, known, err := s.send(ctx, nil)
	switch {
	case err == nil:
		return &Started{Run: run}, nil
	case !outcomeUnknown(err):
		return nil, err
	}
	lost := &lostStart{start: s, known: known, cause: err}
	found, err := lost.findRun(ctx)
	switch {
	case err != nil:
		return nil, err
	case found != nil:
		lost.logFound(ctx, found)
		return &Started{Run: found, Lost: lost.cause}, nil
	case ctx.Err() != nil:
		return nil, lost.lostError(nil, context.Cause(ctx))
	}
	return lost.startAgain(ctx)
}

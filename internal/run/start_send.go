// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// send sends one start while what is known of the agent's runs is fresh, and returns that knowledge. An error is a
// [NotStartedError] or a [KnownRunError], unless the start's outcome is unknown. A second start says what was known
// before the first: it is not sent, and the error is errShown, if a new run has appeared since then.
func (s *start) send(ctx context.Context, first *knownBefore) (*sequentum.Run, knownBefore, error) {
	a := s.agent
	for missed := 0; ; {
		known, err := a.knownFresh(ctx)
		if err == nil && first != nil && len(a.history.newRuns(nil, *first)) > 0 {
			err = errShown
		}
		if err != nil {
			return nil, known, &NotStartedError{AgentID: a.id, Err: err}
		}
		known.aged = missed >= missedTurns
		known.seq = a.history.nextSeq()
		run, turn, err := s.sendInTurn(ctx, known)
		switch {
		case err == nil && a.history.wasKnown(run.ID, known):
			return nil, known, &KnownRunError{Run: run}
		case err == nil:
			s.accept(ctx, run, known.seq)
			return run, known, nil
		case turn.gaveUp && ctx.Err() == nil && sequentum.NeverTaken(err):
			if turn.expired {
				missed++
			}
		case sequentum.NotAccepted(err):
			return nil, known, &NotStartedError{AgentID: a.id, Sent: !sequentum.NotSent(err), Err: err}
		default:
			return nil, known, err
		}
	}
}

// budgetTurn is how a start's turn in the request budget ended.
type budgetTurn struct {
	gaveUp  bool // what was known of the agent's runs became outdated, so the start was given up unless it was sent already
	expired bool // it became outdated with time, not by a stop or kill
}

// sendInTurn sends the start when its turn in the request budget comes.
func (s *start) sendInTurn(ctx context.Context, known knownBefore) (*sequentum.Run, budgetTurn, error) {
	turn, done := s.turnContext(ctx, known)
	defer done()
	run, err := s.agent.client.StartRun(turn, s.agent.id, s.settings)
	return run, budgetTurn{
		gaveUp:  turn.Err() != nil,
		expired: errors.Is(context.Cause(turn), context.DeadlineExceeded),
	}, err
}

// turnContext returns the context in which a start waits for its turn: it ends with what is known of the agent's runs,
// which expires, or is overtaken by a stop or kill. Aged knowledge has no such end.
func (s *start) turnContext(ctx context.Context, known knownBefore) (context.Context, context.CancelFunc) {
	if known.aged {
		return context.WithCancel(ctx)
	}
	turn, cancel := sequentum.WithTimeout(ctx, s.agent.clock, known.left)
	forget := s.agent.history.cancelAtChange(known, cancel)
	return turn, func() {
		forget()
		cancel()
	}
}

// accept remembers the run that answered a start whose request was numbered seq.
func (s *start) accept(ctx context.Context, r *sequentum.Run, seq uint64) {
	s.log(ctx, acceptedSentence(r), runFields(r))
	several := mayBeSeveral(s.settings.Parallelism) || mayBeSeveral(r.Parallelism) || setOf(r) != 0
	s.agent.history.recordAccepted(r, seq, several)
}

func mayBeSeveral(parallelism *int64) bool { return parallelism != nil && *parallelism > 1 }

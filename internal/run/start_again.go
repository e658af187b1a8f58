// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// startAgain sends the start a second time, after a search has shown no run of the first. The run of the first may
// still appear, so the same runs as before count as new.
func (s *lostStart) startAgain(ctx context.Context) (*Started, error) {
	s.log(ctx, startAgainSentence(s.agent.id), agentField(s.agent.id))
	run, second, err := s.send(ctx, &s.known)
	if err == nil {
		return &Started{Run: run, Again: s.cause, knownBefore: s.known}, nil
	}
	if !errors.Is(err, errShown) {
		s.cause = fmt.Errorf("%w; a second start ended with: %w", s.cause, err)
		not, certain := errors.AsType[*NotStartedError](err)
		if certain && !not.Sent {
			return nil, s.lostError(nil, cmp.Or(context.Cause(ctx), err))
		}
		s.twice = outcomeUnknown(err)
		s.known.aged = s.known.aged || s.twice && second.aged
	}
	found, err := s.findRun(ctx)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, s.lostError(nil, nil)
	}
	s.logFound(ctx, found)
	started := &Started{Run: found, Lost: s.cause}
	if s.twice {
		started.Again, started.knownBefore = s.cause, s.known
	}
	return started, nil
}

// LateRuns lists the runs, newest first, that have appeared since a start that was sent twice ([Started.Again]), and
// that this process knows nothing else about. One of them may be the late run of the first start. Call it when the wait
// for the second run has ended. For a start that was sent once it sends no request. An interrupt does not end it. It
// takes the request timeout at most. Its errors are the API's.
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
	return a.history.newRuns(l, s.knownBefore), nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// command is a stop or a kill.
type command struct {
	name string
	send func(ctx context.Context, agentID, runID int64) error
	// effect is the status that shows that the command had its effect. The zero status: only a finished status shows
	// it.
	effect sequentum.Status
}

// sendCommand sends a command until it has a good answer, or is known to have had its effect. After any other answer it
// looks at the run, since a run that has just finished refuses every command. A command whose outcome is unknown is
// sent again while the run does not show its effect: neither command does harm twice, and a lost stop would cost the
// whole grace period. refused: the run is active, and the API refuses the command. An answer that refuses access is an
// error.
func (s *stopping) sendCommand(ctx context.Context, c command) (refused bool, err error) {
	for try := 1; ; try++ {
		err := s.sendOnce(ctx, c)
		if err == nil {
			return false, nil
		}
		if ctx.Err() != nil || sequentum.IsAccessDenied(err) {
			return false, s.stopError(c.name, err)
		}
		s.recordAnswer(c.name, err)
		s.logStep(ctx, commandFailedSentence(s.ref, c.name, err))
		if lookErr := s.confirmRun(ctx); lookErr != nil {
			return false, s.stopError(c.name, fmt.Errorf("the status request after the command failed: %w; the command itself had failed before: %w", lookErr, err))
		}
		refused := sequentum.IsClientError(err) && !sequentum.OutcomeUnknown(err)
		if refused || s.run.Status.Finished() || s.run.Status == c.effect || try == commandTries {
			return refused, nil
		}
		if err := sequentum.Sleep(ctx, s.m.clock, commandPause); err != nil {
			return false, s.stopError(c.name, err)
		}
	}
}

// recordAnswer keeps the latest error of a command.
func (s *stopping) recordAnswer(command string, err error) {
	s.answers = slices.DeleteFunc(s.answers, func(a string) bool { return strings.HasPrefix(a, command+": ") })
	s.answers = append(s.answers, command+": "+err.Error())
}

// sendOnce sends a command. Answers about the run from before the command, or from while it was sent, count as old.
func (s *stopping) sendOnce(ctx context.Context, c command) error {
	s.agent.history.recordChange(s.ref.RunID)
	defer s.agent.history.recordChange(s.ref.RunID)
	err := c.send(ctx, s.ref.AgentID, s.ref.RunID)
	if !sequentum.NotAccepted(err) && !slices.Contains(s.sent, c.name) {
		s.sent = append(s.sent, c.name)
	}
	return err
}

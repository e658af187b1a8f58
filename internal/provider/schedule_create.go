// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// maxMissedTurns is how often a create gives up its turn in the request budget because what is known of the agent's
// schedules has grown too old. After that it is sent whenever its turn comes.
const maxMissedTurns = 2

// createdSchedule is a schedule that was created once.
type createdSchedule struct {
	schedule *sequentum.Schedule
	// lost is set when the answer was lost and the schedule was found by looking: what went wrong on the wire.
	lost error
	// again is set when the answer to a first create was lost, its schedule did not appear, and a second one was sent: what
	// went wrong with the first.
	again error
}

// notCreatedError says that a create did not happen.
type notCreatedError struct {
	sent bool // it was sent and refused; otherwise it was never sent
	err  error
}

func (e *notCreatedError) Error() string { return "the schedule was not created: " + e.err.Error() }
func (e *notCreatedError) Unwrap() error { return e.err }

// knownScheduleError says that a create was answered with a schedule that was there before: nothing was created.
type knownScheduleError struct{ schedule *sequentum.Schedule }

func (e *knownScheduleError) Error() string {
	return fmt.Sprintf("the API answered the create with schedule %d, which existed before", e.schedule.ID)
}

// lostCreateError says that a create was sent and its answer was lost, and that it is not certain which schedule it
// created, if any.
type lostCreateError struct {
	cause      error                // what went wrong on the wire
	candidates []sequentum.Schedule // all that may be ours
	doubt      string               // why the only candidate may not be ours; "": there are several, or none
	err        error                // why the search ended without an answer, or why nothing was sent again
	twice      bool                 // a second create was sent, and its outcome is unknown too
}

func (e *lostCreateError) Error() string {
	return "the answer to the create was lost: " + e.cause.Error()
}

// errScheduleShown says that a schedule has appeared just before a create was sent a second time.
var errScheduleShown = errors.New("a new schedule with this name has appeared")

// creation is one create of a schedule that must lead to one schedule.
type creation struct {
	book     *scheduleBook
	agentID  int64
	settings sequentum.ScheduleSettings
}

// create creates a schedule once. If the answer is lost on the wire, it looks for the schedule among the agent's schedules
// before it sends the create again. An end of ctx before the request is sent is a notCreatedError; after that the request
// and the search run to their own end. Other errors: notCreatedError for a refusal, knownScheduleError, lostCreateError.
func (b *scheduleBook) create(ctx context.Context, agentID int64, s sequentum.ScheduleSettings) (*createdSchedule, error) {
	giveBack, err := b.knownOf(agentID).takeTurn(ctx, s.Name)
	if err != nil {
		return nil, &notCreatedError{err: err}
	}
	defer giveBack()
	c := &creation{book: b, agentID: agentID, settings: s}
	schedule, known, err := c.send(ctx, nil)
	switch {
	case err == nil:
		return &createdSchedule{schedule: schedule}, nil
	case !createOutcomeUnknown(err):
		return nil, err
	}
	lost := &lostCreate{creation: c, known: known, cause: err}
	found, err := lost.find(ctx)
	switch {
	case err != nil:
		return nil, err
	case found != nil:
		return &createdSchedule{schedule: found, lost: lost.cause}, nil
	case ctx.Err() != nil:
		return nil, lost.failed(nil, "", context.Cause(ctx))
	}
	return lost.createAgain(ctx)
}

// createOutcomeUnknown reports whether a create that ended in err may have led to a schedule.
func createOutcomeUnknown(err error) bool {
	_, not := errors.AsType[*notCreatedError](err)
	_, known := errors.AsType[*knownScheduleError](err)
	return !not && !known
}

// send sends one create while what is known of the agent's schedules is fresh, and returns that knowledge. An error is a
// notCreatedError or a knownScheduleError, unless the outcome is unknown. A second create says what was known before the
// first: it is not sent, and the error is errScheduleShown, if a schedule of its name has appeared since then.
func (c *creation) send(ctx context.Context, first *knownScheduleNames) (*sequentum.Schedule, knownScheduleNames, error) {
	for missed := 0; ; missed++ {
		known, err := c.book.knownFresh(ctx, c.agentID)
		if err != nil {
			return nil, known, &notCreatedError{err: fmt.Errorf("listing the agent's schedules: %w", err)}
		}
		if first != nil && c.book.knownOf(c.agentID).hasNew(c.settings.Name, *first) {
			return nil, known, errScheduleShown
		}
		known.aged = missed >= maxMissedTurns
		s, gaveUp, err := c.sendInTurn(ctx, known)
		switch {
		case err == nil && known.has(s.ID):
			return nil, known, &knownScheduleError{s}
		case err == nil:
			c.book.knownOf(c.agentID).addOwn(s)
			return s, known, nil
		case gaveUp && ctx.Err() == nil && sequentum.NeverTaken(err):
		case sequentum.NotAccepted(err):
			return nil, known, &notCreatedError{sent: !sequentum.NotSent(err), err: err}
		default:
			return nil, known, err
		}
	}
}

// sendInTurn sends the create when its turn in the request budget comes. It gives up its turn when what is known has grown
// too old by then, unless it is aged anyhow.
func (c *creation) sendInTurn(ctx context.Context, known knownScheduleNames) (s *sequentum.Schedule, gaveUp bool, err error) {
	turn, done := context.WithCancel(ctx)
	if !known.aged {
		turn, done = sequentum.WithTimeout(ctx, c.book.clock, known.left)
	}
	defer done()
	defer c.book.changing(c.agentID)() // not earlier: creates at the same time share the list that they need before
	s, err = c.book.client.CreateSchedule(turn, c.agentID, c.settings)
	return s, turn.Err() != nil, err
}

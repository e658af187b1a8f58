// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"errors"
	"fmt"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// NotStartedError says that a start did not happen, and that it has begun no run.
type NotStartedError struct {
	AgentID int64
	// Sent: the start was sent and refused. Otherwise it was never sent.
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

// KnownRunError says that a start was answered with a run that was there before it: nothing was started. An agent that
// runs exclusively may answer so.
type KnownRunError struct {
	Run *sequentum.Run
}

func (e *KnownRunError) Error() string {
	return fmt.Sprintf("the API answered the start with run %s, which had begun before the start", e.Run.Ref())
}

// LostStartError says that a start was sent and its answer was lost, and that it is not certain which run it began,
// if any.
type LostStartError struct {
	AgentID int64
	// Cause is what went wrong on the wire.
	Cause error
	// Candidates are all runs that may be ours, newest first; none when no look has shown one.
	Candidates []sequentum.Run
	// Doubt says why it is not certain that the only candidate is ours; empty: there are several, or none.
	Doubt string
	// Err is why the search ended without an answer: the API's error, or the interrupt that forbids a second start.
	Err error
	// LastLook is why the latest look at the agent's runs failed; nil: it did not.
	LastLook error
	// Twice: a second start was sent, and its outcome is unknown too.
	Twice bool
}

func (e *LostStartError) Error() string {
	return "the answer to the start was lost: " + e.Cause.Error()
}

// Unwrap gives Cause, and Err if there is one.
func (e *LostStartError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Err}
}

// errShown says that a new run has appeared just before a start was sent a second time.
var errShown = errors.New("a new run of the agent has appeared")

// errUnreal is a run that only a list knows.
var errUnreal = errors.New("the API does not know the run that its list has shown")

// outcomeUnknown reports whether a start that ended in err may have led to a run.
func outcomeUnknown(err error) bool {
	_, not := errors.AsType[*NotStartedError](err)
	_, known := errors.AsType[*KnownRunError](err)
	return !not && !known
}

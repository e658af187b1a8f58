// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// WaitError says why a wait ended before its run had finished. The run itself is untouched.
type WaitError struct {
	// Run is the run as it was last seen; nil when no answer about it came at all.
	Run *sequentum.Run
	// Err is the context's error (an interrupt or a timeout), or what several looks in a row have confirmed: see
	// [sequentum.IsAccessDenied], [GoneError] and [sequentum.IsPermanent]. It can be a [sequentum.PanicError].
	Err error
	// LastFailure is why the latest look at the run failed; nil when it did not.
	LastFailure error
	// WaitingFor is what the latest status request was waiting for when ctx ended; empty: it had been answered.
	WaitingFor string
}

func (e *WaitError) Error() string { return "the wait ended before the run: " + e.Err.Error() }
func (e *WaitError) Unwrap() error { return e.Err }

// WaitRequest is one run that must finish.
type WaitRequest struct {
	Ref sequentum.RunRef
	// Known is the run as the caller has just seen it. With nil, as when a wait is resumed, the first look comes at once.
	Known *sequentum.Run
	// Log takes the lines about this run while it is waited for; nil: nobody reads them. It is called in the goroutine of
	// the call, and never after its end.
	Log sequentum.LogFunc
}

// Wait blocks until the run has finished, successfully or not, and returns it as it then is. All waits for runs of one
// agent share one watcher. An outage does not end a wait. It ends early when ctx ends, or when several looks confirm
// that access is denied, that the API does not know the run any more, or that each look gets an error that no retry
// fixes. Each of these is a [WaitError], which carries the run as last seen.
func (m *Manager) Wait(ctx context.Context, r WaitRequest) (*sequentum.Run, error) {
	a := m.agent(r.Ref.AgentID)
	if final := a.history.finalRun(r.Ref.RunID); final != nil {
		return final, nil
	}
	w := a.waits.join(ctx, r)
	for w.goesOn(ctx) {
		writeLines(ctx, r.Log, a.waits.takeLines(w))
	}
	finished, err := a.waits.leave(ctx, w)
	writeLines(ctx, r.Log, a.waits.takeLines(w))
	return finished, err
}

func writeLines(ctx context.Context, log sequentum.LogFunc, lines []logLine) {
	for _, l := range lines {
		orSilent(log)(ctx, l.message, l.fields)
	}
}

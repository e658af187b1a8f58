// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// waitEnd says how a wait for a run ended.
type waitEnd int

const (
	waitSucceeded   waitEnd = iota // finished, and its status counts as success
	waitFailed                     // finished otherwise
	waitInterrupted                // by the CLI
	waitTimedOut                   // its timeout passed
	waitRefused                    // the API no longer lets this key read the run
	waitNotFound                   // the API no longer knows the run
	waitStuck                      // every status request fails with an error that a retry cannot fix
	waitPanicked                   // a bug ended it
)

// waitResult is how a wait ended, and what is known of the run.
type waitResult struct {
	ref sequentum.RunRef
	run *sequentum.Run // as last seen; nil: no status request succeeded
	end waitEnd
	err *run.WaitError // set unless the run finished
}

// finished reports whether the run itself came to an end.
func (w waitResult) finished() bool { return w.end == waitSucceeded || w.end == waitFailed }

// waitForRun waits until the run has finished, ctx is interrupted, or the timeout of the context limited has passed. log
// takes the lines about the run.
func (d *providerData) waitForRun(ctx, limited context.Context, ref sequentum.RunRef, known *sequentum.Run, successStatuses []string, log sequentum.LogFunc) waitResult {
	r, err := d.runs.Wait(limited, run.WaitRequest{Ref: ref, Known: known, Log: log})
	w := waitResult{ref: ref, run: r}
	switch {
	case err == nil && succeeded(r.Status, successStatuses):
		w.end = waitSucceeded
		return w
	case err == nil:
		w.end = waitFailed
		return w
	case errors.As(err, &w.err):
		w.run = w.err.Run
	default:
		w.err = &run.WaitError{Err: err}
	}
	_, panicked := errors.AsType[*sequentum.PanicError](err)
	switch {
	case panicked:
		w.end = waitPanicked
	case run.IsGone(err):
		w.end = waitNotFound
	case sequentum.IsAccessDenied(err):
		w.end = waitRefused
	case sequentum.IsPermanent(err):
		w.end = waitStuck
	case ctx.Err() != nil:
		w.end = waitInterrupted
	default:
		w.end = waitTimedOut
	}
	return w
}

// reportWait puts the end of a wait into diagnostics; none for a run that succeeded.
func (d *providerData) reportWait(ctx context.Context, r waitReport) diag.Diagnostics {
	r.now = d.now()
	if r.end == waitFailed && r.run.Status.IsFailure() {
		r.diagnosis = d.runs.Diagnosis(ctx, r.ref, logInfo)
	}
	if r.end == waitFailed {
		r.log = d.failureLog(ctx, r.ref, r.logLines)
	}
	if r.end == waitPanicked {
		p, _ := errors.AsType[*sequentum.PanicError](r.err)
		r.bug = reportBug(ctx, d.version, fmt.Sprintf("waiting for run %s", r.ref), p)
	}
	var diags diag.Diagnostics
	if one := r.diagnostic(); one != nil {
		diags.Append(one)
	}
	return diags
}

// now is the time with which the age of a run is computed.
func (d *providerData) now() time.Time { return d.clock.Now() }

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// maxRecordedFiles keeps state from growing without bound.
const maxRecordedFiles = 500

// filesPatience bounds the listing of files after a wait, which timeouts.create no longer does.
const filesPatience = 2 * time.Minute

// waitEnd says how a wait for a run ended.
type waitEnd int

const (
	waitSucceeded   waitEnd = iota // finished, and its status counts as success
	waitFailed                     // finished otherwise
	waitInterrupted                // by the CLI
	waitTimedOut                   // timeouts.create passed
	waitRefused                    // the API no longer lets this key look
	waitNotFound                   // the API no longer knows the run
	waitStuck                      // each look is answered with something that no retry mends
	waitPanicked                   // a bug ended it
)

// waited is the outcome of a wait.
type waited struct {
	ref sequentum.RunRef
	run *sequentum.Run // as last seen; nil when no answer about it came at all
	end waitEnd
	err *run.WaitError // set unless the run finished
}

// finished reports whether the run itself came to an end.
func (w waited) finished() bool { return w.end == waitSucceeded || w.end == waitFailed }

// cutShort says whether an operation was ended from outside: by the CLI, or by its own timeout.
type cutShort struct {
	interrupted bool
	timedOut    bool
}

// howCut asks the operation's context, and the one that its timeout limits too.
func howCut(ctx, limited context.Context) cutShort {
	interrupted := ctx.Err() != nil
	return cutShort{interrupted: interrupted, timedOut: !interrupted && limited.Err() != nil}
}

// wait blocks until the run has finished, ctx is interrupted, or timeout has passed on the context limited.
func (d *providerData) wait(ctx, limited context.Context, ref sequentum.RunRef, known *sequentum.Run, successStatuses []string) waited {
	r, err := d.runs.Wait(limited, run.WaitRequest{Ref: ref, Known: known, Log: logInfo})
	w := waited{ref: ref, run: r}
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

// recordFiles lists the run's files once. A list that cannot be had, or is too long for state, is null with a warning:
// the run itself is not at fault.
func (d *providerData) recordFiles(ctx context.Context, ref sequentum.RunRef, diags *diag.Diagnostics) types.List {
	ctx, cancel := sequentum.WithTimeout(ctx, d.clock, filesPatience)
	defer cancel()
	files, err := d.downloads.Files(ctx, ref)
	switch {
	case err != nil:
		diags.AddWarning("The files of run "+ref.String()+" were not recorded",
			"Listing them failed, so files is null: "+err.Error()+"\n\nThe data source sequentum_run_files lists them as long as the platform keeps the run.")
	case len(files) > maxRecordedFiles:
		diags.AddWarning("The files of run "+ref.String()+" were not recorded",
			plural(int64(len(files)), "file")+" are more than the "+plural(maxRecordedFiles, "file")+" that state takes, so files is null. The data source sequentum_run_files lists them as long as the platform keeps the run.")
	default:
		return fileList(files)
	}
	return types.ListNull(fileObjectType)
}

// report puts the end of a wait into diagnostics; none for a run that succeeded.
func (d *providerData) report(ctx context.Context, r waitReport) diag.Diagnostics {
	r.now = d.now()
	if r.end == waitFailed && r.run.Status.IsFailure() {
		r.diagnosis = d.runs.Diagnosis(ctx, r.ref, logInfo)
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

// now is the time by which the age of a run is told.
func (d *providerData) now() time.Time { return d.clock.Now() }

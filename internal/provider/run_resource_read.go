// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Read refreshes a run that may have changed. It asks nothing about one that has finished for good, and never writes an
// argument other than agent_id.
func (r *runResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state runModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	unfinished := readUnfinishedWait(ctx, req.Private, &resp.Diagnostics)
	importing := importingFlag.isSet(ctx, req.Private, &resp.Diagnostics)
	if state.completeUnread(ctx, resp) {
		unfinished = nil
	}
	final := state.finishedForGood() || archivedFlag.isSet(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if final {
		if unfinished != nil && state.Succeeded.ValueBool() {
			writeUnfinishedWait(ctx, resp.Private, nil, &resp.Diagnostics)
		}
		return
	}
	if !r.data.isConfigured() {
		return // the key is not known yet: state stays as it is
	}
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	f := runRefresh{
		data: r.data, state: &state, unfinished: unfinished, secret: secretInputFlag.isSet(ctx, req.Private, &resp.Diagnostics),
		importing: importing, statuses: statusNames(state.SuccessStatuses), timeout: timeout, resp: resp,
	}
	f.refreshRun(limited)
}

// runRefresh is one refresh of a run that may have changed since it was last seen.
type runRefresh struct {
	data       *providerData
	state      *runModel
	unfinished *unfinishedWait
	// secret: the run was started with write-only input.
	secret bool
	// importing: the read follows an import, and a run that does not exist is an error.
	importing bool
	statuses  []string
	timeout   time.Duration
	resp      *resource.ReadResponse
}

// isFirstRead reports whether no refresh has read the run before: it was imported.
func (f *runRefresh) isFirstRead() bool { return f.state.neverRead() }

// refreshRun reads the run, and puts what it finds into state.
func (f *runRefresh) refreshRun(ctx context.Context) {
	read := f.data.runs.Read
	if f.isFirstRead() {
		read = f.data.runs.ReadOwn
	}
	r, err := read(ctx, f.state.ref())
	if sequentum.IsNotFound(err) && !f.state.Finished.ValueBool() {
		r, err = f.data.runs.ConfirmGone(ctx, f.state.ref(), err)
	}
	switch {
	case sequentum.IsNotFound(err):
		f.handleNotFound(ctx, err)
	case err != nil:
		f.resp.Diagnostics.AddError(fmt.Sprintf("Run %s could not be read", f.state.ref()),
			paragraphs(f.explainFailure(ctx, err), "State is unchanged."))
	case r.Status == sequentum.StatusFailed && f.state.lastSeen() == sequentum.StatusFailure:
		// Archiving rewrites the name and nothing else. State keeps the run as it is; there is nothing more to ask.
		archivedFlag.set(ctx, f.resp.Private, &f.resp.Diagnostics)
	default:
		f.saveRun(ctx, r)
	}
}

// explainFailure says why the run could not be read.
func (f *runRefresh) explainFailure(ctx context.Context, err error) string {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return "No answer came within timeouts.read (" + f.timeout.String() + "): " + err.Error()
	}
	return err.Error()
}

// saveRun puts the run, as the API shows it, into state.
func (f *runRefresh) saveRun(ctx context.Context, r *sequentum.Run) {
	if f.isFirstRead() {
		f.state.setRun(r.ID, []int64{r.ID})
		importingFlag.clear(ctx, f.resp.Private, &f.resp.Diagnostics)
	}
	before := f.state.runAttributes
	f.state.setFrom(r, f.statuses)
	if f.secret {
		f.state.Message = messageOfRefresh(&before, &f.state.runAttributes)
	}
	if f.unfinished != nil && r.Status.Finished() && f.state.RecordFiles.ValueBool() && f.state.Files.IsNull() {
		f.state.Files = f.data.recordFiles(ctx, f.state.ref(), &f.resp.Diagnostics)
	}
	switch {
	case f.unfinished != nil && f.state.Succeeded.ValueBool():
		writeUnfinishedWait(ctx, f.resp.Private, nil, &f.resp.Diagnostics)
	case f.unfinished != nil && f.unfinished.Tainted && r.Status.Active():
		f.resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s is still active", f.state.ref()),
			paragraphs(describeRun(r, f.data.now()), "An earlier apply ended with an error while it waited for this run, and Terraform then marked the resource as tainted. If it is still tainted, the next apply stops this run and starts another. To continue waiting for this run instead: run `terraform untaint ADDRESS`, and apply. After that command, the apply continues waiting for this run, also if it shows this warning."))
	}
	f.resp.Diagnostics.Append(f.resp.State.Set(ctx, f.state)...)
}

// handleNotFound decides what a 404 means. Retention removes what has finished; a key that lost its access sees the
// same answer. So a run is removed from state only if a wait still needs it, and only if its agent is there.
func (f *runRefresh) handleNotFound(ctx context.Context, err error) {
	ref, diags := f.state.ref(), &f.resp.Diagnostics
	switch {
	case f.isFirstRead() && !f.importing:
		diags.AddWarning(fmt.Sprintf("There is no run %s: it was removed from state", ref),
			paragraphs("The run was imported before the provider was configured, and no refresh has read it. The next apply starts a new run.", err.Error()))
		f.resp.State.RemoveResource(ctx)
	case f.isFirstRead():
		diags.AddError(fmt.Sprintf("There is no run %s to import", ref),
			paragraphs(err.Error(), "The run never existed, its retention time has passed, or this key cannot see it."))
		f.resp.State.RemoveResource(ctx)
	case f.state.Finished.ValueBool():
		return // a failure that has passed its retention
	case f.unfinished == nil:
		diags.AddWarning(fmt.Sprintf("Run %s is not found any more", ref),
			paragraphs("It was "+f.state.Status.ValueString()+" when it was last seen. No apply waits for it, so state is unchanged. The last error: "+err.Error(),
				"What you can do:\n"+
					"  - to start a new run: change `triggers`, or run `terraform apply -replace=ADDRESS`;\n"+
					"  - to remove this run from state: use a `removed` block, or run `terraform state rm ADDRESS`."))
	default:
		f.notFoundUnderWait(ctx, err)
	}
}

// notFoundUnderWait decides about a run that is not found any more, and that a wait still needs.
func (f *runRefresh) notFoundUnderWait(ctx context.Context, cause error) {
	const unchanged = "State is unchanged."
	diags := &f.resp.Diagnostics
	switch m := f.data.askForAgent(ctx, runObject(f.state.ref()), cause); m.agent {
	case agentUnknown:
		diags.Append(m.unknownDiagnostic("could not be read", unchanged))
	case agentGoneToo:
		diags.Append(m.goneTooDiagnostic(unchanged))
	default:
		diags.AddWarning(fmt.Sprintf("Run %s is gone: it was removed from state", f.state.ref()),
			"The wait for this run was interrupted. Its agent exists, but the API no longer knows the run. The next apply starts a new run.")
		f.resp.State.RemoveResource(ctx)
	}
}

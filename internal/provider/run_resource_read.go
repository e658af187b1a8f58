package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	mark := readMark(ctx, req.Private, &resp.Diagnostics)
	importing := isImporting(ctx, req.Private, &resp.Diagnostics)
	if state.heal(ctx, resp) {
		mark = nil
	}
	settled := state.finishedForGood() || archived(ctx, req.Private, &resp.Diagnostics)
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	statuses := statusNames(ctx, state.SuccessStatuses, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if settled {
		if mark != nil && state.Succeeded.ValueBool() {
			writeMark(ctx, resp.Private, nil, &resp.Diagnostics)
		}
		return
	}
	if r.data == nil || r.data.runs == nil {
		return // the key is not known yet: state stays as it is
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	f := runRefresh{
		data: r.data, state: &state, mark: mark, secret: hasSecretInput(ctx, req.Private, &resp.Diagnostics),
		importing: importing, statuses: statuses, timeout: timeout, resp: resp,
	}
	f.do(limited)
}

// runRefresh is one refresh of a run that may have changed since it was last seen.
type runRefresh struct {
	data  *providerData
	state *runModel
	mark  *waitMark
	// secret: the run was started with write-only input.
	secret bool
	// importing: the read follows an import, and a run that does not exist is an error.
	importing bool
	statuses  []string
	timeout   time.Duration
	resp      *resource.ReadResponse
}

func (f *runRefresh) imported() bool { return f.state.neverRead() }

func (f *runRefresh) do(ctx context.Context) {
	read := f.data.runs.Read
	if f.imported() {
		read = f.data.runs.ReadOwn
	}
	r, err := read(ctx, f.state.ref())
	if sequentum.IsNotFound(err) && !f.state.Finished.ValueBool() {
		r, err = f.data.runs.ConfirmGone(ctx, f.state.ref(), err)
	}
	switch {
	case sequentum.IsNotFound(err):
		f.notFound(ctx, err)
	case err != nil:
		f.resp.Diagnostics.AddError(fmt.Sprintf("Run %s could not be read", f.state.ref()),
			paragraphs(f.whyUnread(ctx, err), "State is unchanged."))
	case r.Status == sequentum.StatusFailed && f.state.lastSeen() == sequentum.StatusFailure:
		// Archiving rewrites the name and nothing else. State keeps the run as it is; there is nothing more to ask.
		setArchived(ctx, f.resp.Private, &f.resp.Diagnostics)
	default:
		f.seen(ctx, r)
	}
}

// whyUnread says what ended a look at the run.
func (f *runRefresh) whyUnread(ctx context.Context, err error) string {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return "timeouts.read (" + f.timeout.String() + ") passed before an answer came: " + err.Error()
	}
	return err.Error()
}

// seen takes the run as the API shows it.
func (f *runRefresh) seen(ctx context.Context, r *sequentum.Run) {
	if f.imported() {
		f.state.setRun(r.ID, []int64{r.ID})
		setImporting(ctx, f.resp.Private, false, &f.resp.Diagnostics)
	}
	before := f.state.runAttributes
	f.state.setFrom(r, f.statuses)
	if f.secret {
		f.state.Message = messageOfRefresh(&before, &f.state.runAttributes)
	}
	if f.mark != nil && r.Status.Finished() && f.state.RecordFiles.ValueBool() && f.state.Files.IsNull() {
		f.state.Files = f.data.recordFiles(ctx, f.state.ref(), &f.resp.Diagnostics)
	}
	switch {
	case f.mark != nil && f.state.Succeeded.ValueBool():
		writeMark(ctx, f.resp.Private, nil, &f.resp.Diagnostics)
	case f.mark != nil && f.mark.Tainted && r.Status.Active():
		f.resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s is still active", f.state.ref()),
			paragraphs(describeRun(r, f.data.now()), "An earlier apply ended with an error while it waited for this run, so Terraform marked the resource as tainted. If the plan replaces it, the apply stops this run and starts another. To continue waiting for this run instead: run `terraform untaint ADDRESS`, and apply."))
	}
	f.resp.Diagnostics.Append(f.resp.State.Set(ctx, f.state)...)
}

// notFound decides what a 404 means. Retention removes what has finished; a key that lost its access sees the same
// answer, so state is given up only for a run that a wait still needs, and only when its agent is there.
func (f *runRefresh) notFound(ctx context.Context, err error) {
	ref, diags := f.state.ref(), &f.resp.Diagnostics
	switch {
	case f.imported() && !f.importing:
		diags.AddWarning(fmt.Sprintf("There is no run %s: it was removed from state", ref),
			paragraphs("It was imported before the provider was configured, and it was never read. The next apply starts a new run.", err.Error()))
		f.resp.State.RemoveResource(ctx)
	case f.imported():
		diags.AddError(fmt.Sprintf("There is no run %s to import", ref),
			paragraphs(err.Error(), "The run does not exist, its retention has passed, or this key cannot see it."))
		f.resp.State.RemoveResource(ctx)
	case f.state.Finished.ValueBool():
		return // a failure that has passed its retention
	case f.mark == nil:
		diags.AddWarning(fmt.Sprintf("Run %s is not found any more", ref),
			paragraphs("It was "+f.state.Status.ValueString()+" when it was last seen. No apply waits for it, so state keeps it as it was. The last error: "+err.Error(),
				"What you can do:\n"+
					"  - to start a new run: change `triggers`, or `terraform apply -replace=ADDRESS`;\n"+
					"  - to forget this run: a `removed` block, or `terraform state rm ADDRESS`."))
	default:
		f.agentDecides(ctx, diags)
	}
}

// agentDecides asks for the agent of a run that a wait was interrupted on and that is not found any more.
func (f *runRefresh) agentDecides(ctx context.Context, diags *diag.Diagnostics) {
	ref := f.state.ref()
	exists, err := f.data.runs.AgentExists(ctx, ref.AgentID)
	switch {
	case err != nil:
		diags.AddError(fmt.Sprintf("Run %s could not be read", ref),
			paragraphs("The run is not found any more. The request for its agent failed: "+err.Error(), "State is unchanged."))
	case exists:
		diags.AddWarning(fmt.Sprintf("Run %s is gone: it was removed from state", ref),
			"The wait for it was interrupted, its agent exists, and the API no longer knows the run. The next apply starts a new one.")
		f.resp.State.RemoveResource(ctx)
	default:
		diags.AddError(fmt.Sprintf("Run %s and its agent are not found", ref),
			agentGone(ref)+" State is unchanged. If the run is really gone: `terraform state rm ADDRESS`.")
	}
}

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Delete leaves nothing running: it stops the run, kills it when stop is not enough, and keeps the state when even that
// fails. A run that has finished for good is only forgotten.
func (r *runResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state runModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.finishedForGood() {
		return
	}
	if state.leavesOnDestroy() {
		if !state.Finished.ValueBool() { // of a taint or -replace no plan has warned
			resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s is left active", state.ref()),
				`It was `+state.Status.ValueString()+` when it was last seen, and on_destroy is "leave": the run continues, and Terraform no longer manages it. To manage it again, import it with the id "`+state.ref().String()+`".`)
		}
		return
	}
	gone := archived(ctx, req.Private, &resp.Diagnostics)
	timeout, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if gone || resp.Diagnostics.HasError() || !r.data.known(&resp.Diagnostics) {
		return
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	ended, err := r.data.runs.Stop(limited, run.StopRequest{Ref: state.ref(), Grace: state.gracePeriod(), Active: !state.Finished.ValueBool(), Log: logInfo})
	switch {
	case err == nil:
		if ended.StopSent && ended.Run.Status == sequentum.StatusStopped {
			resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s was %s", state.ref(), howEnded(ended)), paragraphs(describeRun(ended.Run, r.data.now()), listed("The other runs of the same parallel start were stopped before it", describeRuns(ended.Siblings, r.data.now()))))
		}
	case run.IsGone(err):
		r.deleteNotFound(limited, &state, err, &resp.Diagnostics)
	default:
		resp.Diagnostics.Append(r.stopDiagnostic(&state, err, howCut(ctx, limited), timeout))
	}
}

func howEnded(ended *run.Ending) string {
	if ended.Killed {
		return "killed, because the stop had not ended it"
	}
	return "stopped"
}

// deleteNotFound decides what a 404 means for a run that is to be stopped.
func (r *runResource) deleteNotFound(ctx context.Context, state *runModel, cause error, diags *diag.Diagnostics) {
	ref := state.ref()
	if state.Finished.ValueBool() {
		return // a failure that has passed its retention: nothing is left to stop
	}
	exists, err := r.data.runs.AgentExists(ctx, ref.AgentID)
	switch {
	case err != nil:
		diags.AddError(fmt.Sprintf("Run %s could not be stopped", ref),
			paragraphs("The run is not found any more. The request for its agent failed: "+err.Error(), "State keeps the run."))
	case exists:
		diags.AddWarning(fmt.Sprintf("Run %s was gone before it could be stopped", ref),
			paragraphs("It was "+state.Status.ValueString()+" when it was last seen. Several requests did not find it. Its agent exists. If Control Center still shows the run as active, stop it there.", whatWasSent(cause), "Last error: "+cause.Error()))
	default:
		diags.AddError(fmt.Sprintf("Run %s and its agent are not found", ref),
			agentGone(ref)+" State keeps the run. If it is really gone: `terraform state rm ADDRESS`.")
	}
}

func agentGone(ref sequentum.RunRef) string {
	return fmt.Sprintf("Agent %d was deleted, or this API key cannot see it. If the key cannot see it, the run may still be active.", ref.AgentID)
}

// stopDiagnostic says how far the stop came. State keeps the run, so that the next destroy goes on.
func (r *runResource) stopDiagnostic(state *runModel, err error, cut cutShort, timeout time.Duration) diag.Diagnostic {
	ref := state.ref()
	facts, sent := "", ""
	last := "Last error: " + err.Error()
	if stop, ok := errors.AsType[*run.StopError](err); ok {
		sent = whatWasSent(stop)
		if stop.Run != nil {
			facts = describeRun(stop.Run, r.data.now())
		}
	}
	const next = "The run may still be active. State keeps it, and the next destroy tries again."
	if wait, ok := errors.AsType[*run.WaitError](err); ok {
		last = cmp.Or(describeLastLook(wait), last)
	}
	switch {
	case cut.interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Stopping run %s was interrupted", ref), paragraphs(sent, facts, last, next))
	case cut.timedOut:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s did not end within timeouts.delete (%s)", ref, timeout), paragraphs(sent, facts, last, next))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s could not be stopped", ref), paragraphs(last, sent, facts, next))
	}
}

// whatWasSent says which commands the API accepted before a stop failed with err, or may have.
func whatWasSent(err error) string {
	stop, ok := errors.AsType[*run.StopError](err)
	text := "The API accepted no stop of it."
	if ok && len(stop.Sent) > 0 {
		text = "Sent to it: " + strings.Join(stop.Sent, ", ") + "."
	}
	if ok {
		text = paragraphs(text, listed("Errors", stop.Answers))
	}
	return text
}

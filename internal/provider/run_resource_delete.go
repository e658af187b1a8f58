// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Delete leaves nothing running: it stops the run, kills it if the stop is not enough, and keeps the state if that fails
// too. For a run that has finished for good it sends no request.
func (r *runResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state runModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.finishedForGood() {
		return
	}
	if state.leavesOnDestroy() {
		if !state.Finished.ValueBool() { // after a taint or with -replace, no plan has warned of it
			resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s is left active", state.ref()),
				`It was `+state.Status.ValueString()+` when it was last seen, and on_destroy is "leave": the run continues, and Terraform no longer manages it. To manage it again, import it with the id "`+state.ref().String()+`".`)
		}
		return
	}
	archived := archivedFlag.isSet(ctx, req.Private, &resp.Diagnostics)
	timeout, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if archived || resp.Diagnostics.HasError() || !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, timeout)
	defer cancel()
	ended, err := r.data.runs.Stop(limited, run.StopRequest{Ref: state.ref(), Grace: state.gracePeriod(), Active: !state.Finished.ValueBool(), Log: logInfo})
	report := stopReport{
		ref: state.ref(), lastStatus: state.Status.ValueString(), inState: true,
		cut: howCut(ctx, limited), timeoutName: "timeouts.delete", timeout: timeout, now: r.data.now(),
	}
	switch {
	case err == nil:
		resp.Diagnostics.Append(report.stopped(ended)...)
	case run.IsGone(err) && state.Finished.ValueBool(): // a failure that has passed its retention
	case run.IsGone(err):
		resp.Diagnostics.Append(report.notFound(r.data.askForAgent(limited, runObject(state.ref()), err)))
	default:
		resp.Diagnostics.Append(report.failed(err))
	}
}

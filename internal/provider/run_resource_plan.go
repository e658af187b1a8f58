package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan decides between a new run, a wait that goes on, and nothing. Runs cost credits: only a change of what run
// it is, or an end without success under the eyes of a wait, plans a new one.
func (r *runResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		return // create: everything is the framework's own plan
	}
	var state runModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.warnOfStop(&state, "A destroy", &resp.Diagnostics)
		return
	}
	var plan runModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	mark := readMark(ctx, req.Private, &resp.Diagnostics)
	statuses := statusNames(ctx, plan.SuccessStatuses, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	p := runPlan{state: &state, plan: &plan, mark: mark, statuses: statuses}
	if changed := p.anotherRun(); len(changed) > 0 {
		resp.RequiresReplace = changed
		r.warnOfStop(&state, "The planned replacement", &resp.Diagnostics)
		return
	}
	plan.keep(&state)
	p.warnOfLateRecord(&resp.Diagnostics)
	switch {
	case p.failedUnderWait():
		plan.RunID = types.Int64Unknown()
		resp.RequiresReplace = path.Paths{path.Root("run_id")}
		resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s ended as %s: a new run is planned", state.ref(), state.Status.ValueString()),
			p.whyReplaced())
	case p.waitsOn():
		p.forgetWhatCanChange()
	case !statusesKnown(plan.SuccessStatuses):
		plan.Succeeded = types.BoolUnknown()
	default:
		plan.Succeeded = types.BoolValue(succeeded(state.lastSeen(), statuses))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// runPlan is the plan of a run that exists.
type runPlan struct {
	state, plan *runModel
	mark        *waitMark
	statuses    []string
}

// anotherRun lists the arguments whose change asks for a new run. After an import nothing but the agent does: the
// arguments of the run are not known to state, and the first apply adopts them.
func (p runPlan) anotherRun() path.Paths {
	decisive := []struct {
		name        string
		before, now attr.Value
	}{
		{"agent_id", p.state.AgentID, p.plan.AgentID},
		{"input_parameters", p.state.InputParameters, p.plan.InputParameters},
		{"input_parameters_wo_version", p.state.InputParametersWOVersion, p.plan.InputParametersWOVersion},
		{"triggers", p.state.Triggers, p.plan.Triggers},
	}
	if !p.state.adopted() {
		decisive = decisive[:1]
	}
	var changed path.Paths
	for _, a := range decisive {
		if !a.now.Equal(a.before) {
			changed = append(changed, path.Root(a.name))
		}
	}
	return changed
}

// failedUnderWait reports whether the run has finished without success, and a wait was still owed an end, or the
// configuration asks for a new run although nobody waited.
func (p runPlan) failedUnderWait() bool {
	if !p.state.Finished.ValueBool() || succeeded(p.state.lastSeen(), p.statuses) {
		return false
	}
	if !statusesKnown(p.plan.SuccessStatuses) {
		return false // it may turn out a success: a run is not paid for on a guess
	}
	return p.mark != nil || p.replacesUnwaited()
}

// warnOfLateRecord says that the files of a run which has finished are not listed any more.
func (p runPlan) warnOfLateRecord(diags *diag.Diagnostics) {
	if p.state.Finished.ValueBool() && p.plan.RecordFiles.ValueBool() && !p.state.RecordFiles.ValueBool() && p.state.Files.IsNull() {
		diags.AddAttributeWarning(path.Root("record_files"), fmt.Sprintf("record_files comes too late for run %s", p.state.ref()),
			"Files are recorded when a wait sees the run finish, and this one has: `files` stays null, and counts from the next run. The data source `sequentum_run_files` lists them as long as the platform keeps the run.")
	}
}

func (p runPlan) replacesUnwaited() bool {
	return p.state.adopted() && p.plan.ReplaceOnFailure.ValueBool() && isSet(p.plan.WaitForCompletion) && !p.plan.waits()
}

func (p runPlan) whyReplaced() string {
	why := "replace_on_failure is set, and nobody waited for the run."
	if p.mark != nil {
		why = "The wait for it was interrupted or failed, so its end was not accepted yet."
	}
	message := ""
	if !p.state.Message.IsNull() {
		message = "Its message: " + p.state.Message.ValueString()
	}
	return paragraphs(why+" The new run costs credits.", message,
		fmt.Sprintf("To accept this run instead, add %q to success_statuses.", p.state.Status.ValueString()))
}

// waitsOn reports whether the apply waits for the run: it is active, and the configuration says so or may.
func (p runPlan) waitsOn() bool {
	return !p.state.Finished.ValueBool() && (p.plan.WaitForCompletion.IsUnknown() || p.plan.waits())
}

// forgetWhatCanChange plans a wait. The ids stay known, or runs whose triggers name them would be replaced, unless the
// wait was Create's own: then nothing depends on the run yet, and what will, through a local or a module, must wait too.
func (p runPlan) forgetWhatCanChange() {
	files := p.plan.Files
	p.plan.forget()
	if !files.IsNull() {
		p.plan.Files = files // listed once, they stay
	}
	if p.mark != nil && p.mark.Own {
		p.plan.ID = types.StringUnknown()
		p.plan.RunID = types.Int64Unknown()
	}
}

// warnOfStop says which active run a planned destroy or replacement ends.
func (r *runResource) warnOfStop(state *runModel, what string, diags *diag.Diagnostics) {
	if state.Finished.ValueBool() {
		return
	}
	since := ""
	if !state.CreatedAt.IsNull() {
		since = " since " + state.CreatedAt.ValueString()
	}
	records := ""
	if !state.RecordsExtracted.IsNull() {
		records = ", with " + plural(state.RecordsExtracted.ValueInt64(), "record") + " extracted so far"
	}
	facts := fmt.Sprintf("It is %s%s%s.", state.Status.ValueString(), since, records)
	if state.leavesOnDestroy() {
		diags.AddWarning(fmt.Sprintf("%s leaves run %s active", what, state.ref()),
			facts+` on_destroy is "leave": the run goes on, and Terraform forgets it.`)
		return
	}
	diags.AddWarning(fmt.Sprintf("%s stops run %s, which is still active", what, state.ref()),
		facts+" What it has extracted is kept. "+graceText(state))
}

func graceText(state *runModel) string {
	return "If it has not ended " + state.gracePeriod().String() + " after the stop, it is killed."
}

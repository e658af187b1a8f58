// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// ModifyPlan decides between a new run, a wait that continues, and nothing. Runs cost credits. So only two things
// plan a new one: a changed argument of [runPlan.changesThatForceNewRun], or an end without success that
// [runPlan.failureForcesNewRun] describes.
func (r *runResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state, plan runModel
	create, destroy := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !create {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if !destroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		refuseZeroID("agent_id", plan.AgentID, &resp.Diagnostics)
		refuseEmptyStatuses(plan.SuccessStatuses, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case destroy:
		r.warnOfStop(&state, "A destroy", &resp.Diagnostics)
	case create:
		plan.warnOfArgumentsWithoutEffect(nil, &resp.Diagnostics) // the framework plans the rest
	default:
		plan.warnOfArgumentsWithoutEffect(&state, &resp.Diagnostics)
		r.planExisting(ctx, runPlan{state: &state, plan: &plan}, req, resp)
	}
}

// planExisting plans for a run that exists: a replacement, a wait or an update of state.
func (r *runResource) planExisting(ctx context.Context, p runPlan, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	p.unfinished = readUnfinishedWait(ctx, req.Private, &resp.Diagnostics)
	p.statuses = statusNames(p.plan.SuccessStatuses)
	if resp.Diagnostics.HasError() {
		return
	}
	if changed := p.changesThatForceNewRun(); len(changed) > 0 {
		resp.RequiresReplace = changed
		r.warnOfStop(p.state, "The planned replacement", &resp.Diagnostics)
		return
	}
	p.plan.copyComputed(p.state)
	p.warnOfLateRecordFiles(&resp.Diagnostics)
	replaced, undecided := p.failureForcesNewRun()
	switch {
	case len(undecided) > 0:
		p.addUndecidedErrors(undecided, &resp.Diagnostics)
		return
	case replaced:
		p.plan.RunID = types.Int64Unknown()
		resp.RequiresReplace = path.Paths{path.Root("run_id")}
		resp.Diagnostics.AddWarning(fmt.Sprintf("Run %s ended as %s: a new run is planned", p.state.ref(), p.state.Status.ValueString()),
			p.describeReplacement())
	case p.state.neverRead():
		p.plan.setAllUnknown()
	case p.continuesWaiting():
		p.planWait()
	case !statusesKnown(p.plan.SuccessStatuses):
		p.plan.Succeeded = types.BoolUnknown()
	default:
		p.plan.Succeeded = types.BoolValue(succeeded(p.state.lastSeen(), p.statuses))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.plan)...)
}

// runPlan is the plan of a run that exists.
type runPlan struct {
	state, plan *runModel
	unfinished  *unfinishedWait
	statuses    []string
}

// changesThatForceNewRun lists the changed arguments that force a new run. Another spelling is no change. After an
// import only the agent counts: state does not know the run's arguments, and the first apply adopts them.
func (p runPlan) changesThatForceNewRun() path.Paths {
	decisive := []struct {
		name string
		same bool
	}{
		{"agent_id", p.plan.AgentID.Equal(p.state.AgentID)},
		{"input_parameters", sameInput(p.state.InputParameters, p.plan.InputParameters)},
		{"input_parameters_wo_version", p.plan.InputParametersWOVersion.Equal(p.state.InputParametersWOVersion)},
		{"triggers", sameTriggers(p.state.Triggers, p.plan.Triggers)},
	}
	if !p.state.adopted() {
		decisive = decisive[:1]
	}
	var changed path.Paths
	for _, a := range decisive {
		if !a.same {
			changed = append(changed, path.Root(a.name))
		}
	}
	return changed
}

// failureForcesNewRun reports whether the run has finished without success and must be replaced: because the wait for
// it is unfinished, or because the configuration sets replace_on_failure and does not wait. undecided names the
// arguments that decide it and are known only after the apply.
func (p runPlan) failureForcesNewRun() (replaced bool, undecided []string) {
	statuses := p.plan.SuccessStatuses
	switch {
	case !p.state.Finished.ValueBool() || p.state.waitedUnread():
		return false, nil
	case statusesKnown(statuses) && succeeded(p.state.lastSeen(), p.statuses):
		return false, nil
	case !statusesKnown(statuses) && succeeded(p.state.lastSeen(), knownTexts(statuses.Elements())):
		return false, nil
	case !statusesKnown(statuses):
		undecided = append(undecided, "success_statuses")
	}
	if p.unfinished != nil {
		return true, undecided
	}
	// An import leaves both null: then replace_on_failure counts as false, and wait_for_completion as true.
	asked, waits := p.plan.ReplaceOnFailure, p.plan.WaitForCompletion
	if !p.state.adopted() || !asked.IsUnknown() && !asked.ValueBool() || !waits.IsUnknown() && p.plan.waits() {
		return false, nil
	}
	if asked.IsUnknown() {
		undecided = append(undecided, "replace_on_failure")
	}
	if waits.IsUnknown() {
		undecided = append(undecided, "wait_for_completion")
	}
	return true, undecided
}

// addUndecidedErrors adds an error on each argument that decides about a new run and is not known yet. During the apply
// Terraform plans again, from the same state and with the known values. If this plan said update, that one could say
// replacement, which Terraform reports as a bug of the provider. If this plan said replacement, it would buy a run on
// a guess.
func (p runPlan) addUndecidedErrors(undecided []string, diags *diag.Diagnostics) {
	for _, argument := range undecided {
		diags.AddAttributeError(path.Root(argument), fmt.Sprintf("The value of %s decides whether a new run is needed, and it is not known yet", argument),
			paragraphs(fmt.Sprintf("Run %s ended as %s. The value of %s is known only after the apply.", p.state.ref(), p.state.Status.ValueString(), argument),
				"First apply the resource that the value comes from, for example with `terraform apply -target=ADDRESS`. Or set a known value. To destroy instead: `terraform destroy -refresh=false`."))
	}
}

// warnOfLateRecordFiles warns when record_files is set after the run has finished.
func (p runPlan) warnOfLateRecordFiles(diags *diag.Diagnostics) {
	if p.state.Finished.ValueBool() && p.plan.waits() {
		warnOfLateRecordFiles(p.state.ref(), p.state.RecordFiles, p.plan.RecordFiles, p.state.Files, diags)
	}
}

// warnOfLateRecordFiles warns when record_files is set too late. The run ref must have finished.
func warnOfLateRecordFiles(ref sequentum.RunRef, before, after types.Bool, files types.List, diags *diag.Diagnostics) {
	if after.ValueBool() && !before.ValueBool() && files.IsNull() {
		diags.AddAttributeWarning(path.Root("record_files"), fmt.Sprintf("record_files comes too late for run %s", ref),
			"Files are recorded when a wait sees the run finish. This run has finished, so `files` stays null. The setting applies to the next run. The data source `sequentum_run_files` lists the files as long as the platform keeps the run.")
	}
}

// warnOfArgumentsWithoutEffect warns of arguments that need a wait when there is none. It warns when one is set, and
// not on every later plan. state is nil for a run that does not exist yet.
func (m *runModel) warnOfArgumentsWithoutEffect(state *runModel, diags *diag.Diagnostics) {
	if m.WaitForCompletion.IsUnknown() || m.waits() {
		return
	}
	unchanged := state != nil && m.WaitForCompletion.Equal(state.WaitForCompletion)
	if m.Retries.ValueInt64() > 0 && !(unchanged && m.Retries.Equal(state.Retries)) {
		diags.AddAttributeWarning(path.Root("retries"), "retries has no effect without a wait",
			"wait_for_completion is false. So the provider does not see how the run ends, and no retry is started. To get a new run after a failure, set wait_for_completion = true. Or set replace_on_failure = true: then the plan that finds the failure plans a new run.")
	}
	if m.FailureLogLines.ValueInt64() > 0 && !(unchanged && m.FailureLogLines.Equal(state.FailureLogLines)) {
		diags.AddAttributeWarning(path.Root("failure_log_lines"), "failure_log_lines has no effect without a wait",
			"wait_for_completion is false. So the provider does not see how the run ends, and no error shows its log. Set failure_log_lines on the sequentum_run_completion that waits for the run.")
	}
	if m.RecordFiles.ValueBool() && !(unchanged && m.RecordFiles.Equal(state.RecordFiles)) {
		diags.AddAttributeWarning(path.Root("record_files"), "record_files has no effect without a wait",
			"wait_for_completion is false. So the provider does not see the run finish, and `files` stays null. Set record_files on the sequentum_run_completion that waits for the run.")
	}
}

func (p runPlan) describeReplacement() string {
	why := "replace_on_failure is true, and no apply waited for the run."
	if p.unfinished != nil {
		why = "The wait for this run was interrupted or failed."
	}
	message := ""
	if !p.state.Message.IsNull() {
		message = "Its message: " + sequentum.Printable(p.state.Message.ValueString())
	}
	return paragraphs(why+" The new run costs credits.", message,
		fmt.Sprintf("To accept this run instead, add %q to success_statuses.", p.state.Status.ValueString()))
}

// continuesWaiting reports whether the apply waits for the run: the run is active, and wait_for_completion is true or
// not known yet.
func (p runPlan) continuesWaiting() bool {
	return !p.state.Finished.ValueBool() && (p.plan.WaitForCompletion.IsUnknown() || p.plan.waits())
}

// planWait plans a wait: what can still change is unknown. The ids stay known: if they were unknown, runs whose
// triggers contain them would be replaced. The exception is a wait that Create began: nothing depends on the run yet,
// and what will depend on it, through a local or a module, must wait too.
func (p runPlan) planWait() {
	p.plan.setUnknown()
	p.plan.copyFixedValues(&p.state.runFacts)
	if !p.state.Files.IsNull() {
		p.plan.Files = p.state.Files // once listed, they do not change
	}
	if p.unfinished != nil && p.unfinished.Own {
		p.plan.ID = types.StringUnknown()
		p.plan.RunID = types.Int64Unknown()
	}
}

// warnOfStop warns when a planned destroy or replacement ends an active run. what is its subject, such as "A destroy".
func (r *runResource) warnOfStop(state *runModel, what string, diags *diag.Diagnostics) {
	if state.Finished.ValueBool() {
		return
	}
	facts, active := "Its status is "+state.Status.ValueString()+".", "is still active"
	if state.neverRead() {
		facts, active = "It was imported and never read, so its status is not known.", "may still be active"
	}
	if !state.CreatedAt.IsNull() {
		facts += " It was accepted at " + state.CreatedAt.ValueString() + "."
	}
	if !state.RecordsExtracted.IsNull() {
		facts += " It has extracted " + plural(state.RecordsExtracted.ValueInt64(), "record") + " so far."
	}
	if state.leavesOnDestroy() {
		diags.AddWarning(fmt.Sprintf("%s leaves run %s active", what, state.ref()),
			facts+` on_destroy is "leave": the run continues, and Terraform no longer manages it.`)
		return
	}
	diags.AddWarning(fmt.Sprintf("%s stops run %s, which %s", what, state.ref(), active),
		facts+" The extracted records are kept. "+graceText(state))
}

func graceText(state *runModel) string {
	return "If the run is still active " + state.gracePeriod().String() + " after the stop, the provider kills it."
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// waiter says whose wait it was: what follows from an error differs.
type waiter int

const (
	createWaits     waiter = iota // an error taints the resource
	updateWaits                   // an error taints nothing; the note about the unfinished wait makes the next plan continue waiting
	completionWaits               // an error leaves no state
	actionWaits                   // there is no state
)

// waitReport puts the end of a wait into words: what ended it, what is known of the run, and what the user can do next.
type waitReport struct {
	waitResult
	waiter     waiter
	timeout    time.Duration
	attempts   []int64 // the runs of all attempts, where there can be several
	notRetried string  // why no retry was started, where one was due
	now        time.Time
	diagnosis  *sequentum.Diagnostics
	logLines   int64  // how many lines of the log of a failed run are asked for
	log        string // what there is to say of that log
	bug        string // after a panic: what asks the user for a report
}

// diagnostic returns nil for a run that succeeded. Only an interrupt of a resource that holds the run is a warning:
// Terraform then neither taints it nor continues with its dependents.
func (r waitReport) diagnostic() diag.Diagnostic {
	switch r.end {
	case waitSucceeded:
		return nil
	case waitFailed:
		return r.failed()
	case waitInterrupted:
		return r.interrupted()
	case waitTimedOut:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("Run %s did not finish within %s (%s)", r.ref, r.timeoutName(), r.timeout),
			paragraphs(r.facts(), r.lastFailure(), "The provider did not stop the run.", r.waysToContinue("raise "+r.timeoutName())))
	case waitRefused:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("The API refused access while waiting for run %s", r.ref),
			paragraphs("Several requests in a row were refused. The last error: "+r.err.Err.Error(), r.facts(), "The provider did not stop the run.", r.waysToContinue("renew the API key or access token")))
	case waitNotFound:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("Run %s is not found any more", r.ref),
			paragraphs("Several requests in a row did not find it. The last error: "+r.err.Err.Error(), r.facts(), r.afterNotFound()))
	case waitStuck:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("The provider could not get the status of run %s", r.ref),
			paragraphs("For two minutes every status request failed with an error that a retry cannot fix. The last error: "+r.err.Err.Error(), r.facts(), "The provider did not stop the run.",
				r.waysToContinue("fix the cause (a wrong api_url, a proxy, or a changed API)")))
	case waitPanicked:
		return diag.NewErrorDiagnostic(bugSummary,
			paragraphs(r.bug, r.facts(), "The provider did not stop the run.", r.waysToContinue("update the provider")))
	}
	return nil
}

func (r waitReport) timeoutName() string {
	if r.waiter == actionWaits {
		return actionStarts.timeoutName()
	}
	return resourceStarts.timeoutName()
}

func (r waitReport) failed() diag.Diagnostic {
	parts := []string{r.facts()}
	if r.run.Message != "" {
		parts = append(parts, "Its message: "+sequentum.Printable(r.run.Message))
	}
	if r.run.Status.IsFailure() {
		parts = append(parts, "This status can mean that the execution failed, or that the agent's success criteria were not met. The run may have left complete records and files.")
	}
	parts = append(parts, listedBriefly("Possible causes", r.causes()), listedBriefly("Suggested actions", r.actions()), r.log)
	if len(r.attempts) > 1 {
		parts = append(parts, fmt.Sprintf("This was attempt %d. The runs of all attempts: %s.", len(r.attempts), joinIDs(r.attempts)))
	}
	parts = append(parts, r.notRetried, r.afterFailure())
	return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s ended as %s", r.ref, r.run.Status), paragraphs(parts...))
}

func (r waitReport) causes() []string {
	if r.diagnosis == nil {
		return nil
	}
	return r.diagnosis.PossibleCauses
}

func (r waitReport) actions() []string {
	if r.diagnosis == nil {
		return nil
	}
	return r.diagnosis.SuggestedActions
}

func (r waitReport) afterFailure() string {
	accept := fmt.Sprintf("add %q to success_statuses", r.run.Status)
	switch r.waiter {
	case createWaits:
		return "Terraform marks the resource as tainted: the next apply starts a new run. To keep this run instead: `terraform untaint ADDRESS`. To count this status as success from now on: " + accept + "."
	case updateWaits:
		return "The next apply replaces it with a new run. To accept this one instead: " + accept + "."
	case actionWaits:
		return "To count this status as success: " + accept + ". To start another run: invoke the action again. That costs credits again."
	default:
		return "The completion is not in state. To start a new run: change the `triggers` of the sequentum_run, use `terraform apply -replace=ADDRESS` with its address, or set its `replace_on_failure = true`. To accept this run instead: " + accept + "."
	}
}

func (r waitReport) interrupted() diag.Diagnostic {
	summary := fmt.Sprintf("Interrupted while waiting; run %s is still running", r.ref)
	switch r.waiter {
	case completionWaits:
		return diag.NewErrorDiagnostic(summary, paragraphs(r.facts(), r.lastFailure(),
			"The next apply waits again. To stop the run: destroy its sequentum_run."))
	case actionWaits:
		return diag.NewErrorDiagnostic(summary, paragraphs(r.facts(), r.lastFailure(),
			"No state holds the run, and nothing waits for it now.", adviseToManage(r.ref)))
	}
	return diag.NewWarningDiagnostic(summary, paragraphs(r.facts(), r.lastFailure(),
		"State holds the run. The next apply continues waiting for it and starts no other run. If the run has ended without success by then, the plan says so and replaces it.",
		"If this resource has a provisioner, Terraform now marks the resource as tainted, and the next apply would replace the run. To prevent that, run `terraform untaint ADDRESS` first.",
		"To stop the run: `terraform destroy`."))
}

// waysToContinue says what a user can do after a wait that ended before the run did. fix is what has to be fixed first.
func (r waitReport) waysToContinue(fix string) string {
	switch r.waiter {
	case createWaits:
		return "Terraform marks the resource as tainted. To continue waiting for this run: " + fix + ", run `terraform untaint ADDRESS`, and apply. " +
			"To give up this run: apply without untaint. The apply then stops this run and starts another."
	case updateWaits:
		return "The resource is not tainted. To continue waiting for this run: " + fix + ", and apply."
	case actionWaits:
		return paragraphs("No state holds the run. If you invoke the action again, it starts another run. Before that: "+fix+".", adviseToManage(r.ref))
	default:
		return "The completion is not in state. To wait again for the same run: " + fix + ", and apply."
	}
}

func (r waitReport) afterNotFound() string {
	const cause = "It was removed from the platform, or this key can no longer see it. "
	switch r.waiter {
	case createWaits:
		return cause + "Terraform marks the resource as tainted: the next apply starts a new run."
	case updateWaits:
		return cause + "To start a new run: `terraform apply -replace=ADDRESS`."
	case actionWaits:
		return cause + "To start another run: invoke the action again."
	default:
		return cause + "To start a new run: `terraform apply -replace=ADDRESS` with the address of the sequentum_run."
	}
}

func (r waitReport) lastFailure() string {
	if r.err == nil {
		return ""
	}
	return describeLastFailure(r.err)
}

// describeLastFailure says what is wrong with the status requests of a wait; empty: nothing is.
func describeLastFailure(ended *run.WaitError) string {
	var parts []string
	if ended.LastFailure != nil {
		parts = append(parts, "The last status request failed: "+ended.LastFailure.Error())
	}
	if ended.WaitingFor != "" {
		parts = append(parts, "The provider was waiting for "+ended.WaitingFor+".")
	}
	return strings.Join(parts, "\n")
}

func (r waitReport) facts() string {
	if r.run == nil {
		return fmt.Sprintf("Agent %d, run %d: no status request has succeeded since the wait began.", r.ref.AgentID, r.ref.RunID)
	}
	return describeRun(r.run, r.now)
}

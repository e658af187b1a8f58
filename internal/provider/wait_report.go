package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// waiter is whose wait it was: what follows from a bad end differs.
type waiter int

const (
	createWaits     waiter = iota // an error taints the resource
	updateWaits                   // an error taints nothing; the mark makes the next plan go on
	completionWaits               // an error leaves no state
)

// waitReport puts the end of a wait into words: what was waited for, what is known of the run, what to do next.
type waitReport struct {
	waited
	waiter     waiter
	timeout    time.Duration
	attempts   []int64 // the runs of all attempts, where there can be several
	notRetried string  // why a further attempt that was asked for did not follow
	now        time.Time
	diagnosis  *sequentum.Diagnostics
	bug        string // what asks for a report, after a panic
}

// diagnostic returns nil for a run that succeeded. Only an interrupt of a resource that holds the run is a warning:
// Terraform then neither taints it nor goes on to its dependents.
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
			fmt.Sprintf("Run %s had not finished within timeouts.create (%s)", r.ref, r.timeout),
			paragraphs(r.facts(), r.lastFailure(), "The run was left running.", r.waysOn("raise timeouts.create")))
	case waitRefused:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("The API refused access while waiting for run %s", r.ref),
			paragraphs("Several requests in a row were refused. The last error: "+r.err.Err.Error(), r.facts(), "The run was left running.", r.waysOn("renew the API key or access token")))
	case waitNotFound:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("Run %s is not found any more", r.ref),
			paragraphs("Several requests in a row did not find it. The last error: "+r.err.Err.Error(), r.facts(), r.afterNotFound()))
	case waitStuck:
		return diag.NewErrorDiagnostic(
			fmt.Sprintf("The provider could not get the status of run %s", r.ref),
			paragraphs("For two minutes every status request failed with an error that a retry cannot fix. The last error: "+r.err.Err.Error(), r.facts(), "The run was left running.",
				r.waysOn("fix the cause (a wrong api_url, a proxy, or a changed API)")))
	case waitPanicked:
		return diag.NewErrorDiagnostic(bugSummary,
			paragraphs(r.bug, r.facts(), "The run was left running.", r.waysOn("update the provider")))
	}
	return nil
}

func (r waitReport) failed() diag.Diagnostic {
	parts := []string{r.facts()}
	if r.run.Message != "" {
		parts = append(parts, "Its message: "+sequentum.Printable(r.run.Message))
	}
	if r.run.Status.IsFailure() {
		parts = append(parts, "This status can mean that the execution failed, or that the agent's success criteria did not pass. The run may have left complete records and files.")
	}
	parts = append(parts, listedBriefly("Possible causes", r.causes()), listedBriefly("Suggested actions", r.actions()))
	if len(r.attempts) > 1 {
		parts = append(parts, fmt.Sprintf("It was attempt %d; the runs of all attempts: %s.", len(r.attempts), joinIDs(r.attempts)))
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
		return "Terraform marks the resource as tainted: the next apply starts a new run. To keep this run instead: `terraform untaint ADDRESS`. To count this status as success in future: " + accept + "."
	case updateWaits:
		return "The next apply replaces it with a new run. To accept this one instead: " + accept + "."
	default:
		return "The completion is not in state. To start a new run: change the `triggers` of the sequentum_run, use `terraform apply -replace=ADDRESS` with its address, or set its `replace_on_failure = true`. To accept this run instead: " + accept + "."
	}
}

func (r waitReport) interrupted() diag.Diagnostic {
	summary := fmt.Sprintf("Interrupted while waiting; run %s is still running", r.ref)
	if r.waiter == completionWaits {
		return diag.NewErrorDiagnostic(summary, paragraphs(r.facts(), r.lastFailure(),
			"The next apply waits again. To stop the run: destroy its sequentum_run."))
	}
	return diag.NewWarningDiagnostic(summary, paragraphs(r.facts(), r.lastFailure(),
		"State holds the run. The next apply continues waiting for it and starts no other run. If the run has ended without success by then, the plan says so and replaces it.",
		"If this resource has a provisioner, Terraform now marks the resource as tainted, and the next apply would replace the run. To prevent that, run `terraform untaint ADDRESS` first.",
		"To stop the run: `terraform destroy`."))
}

// waysOn names what can be done after a wait that could not go on.
func (r waitReport) waysOn(mend string) string {
	switch r.waiter {
	case createWaits:
		return "Terraform marks the resource as tainted. To continue waiting for this run: " + mend + ", run `terraform untaint ADDRESS`, and apply. " +
			"To give up this run: apply without untaint. The apply stops this run and starts another."
	case updateWaits:
		return "The resource is not tainted. To continue waiting for this run: " + mend + ", and apply."
	default:
		return "The completion is not in state. To wait again for the same run: " + mend + ", and apply."
	}
}

func (r waitReport) afterNotFound() string {
	const cause = "It was removed from the platform, or this key can no longer see it. "
	switch r.waiter {
	case createWaits:
		return cause + "Terraform marks the resource as tainted: the next apply starts a new run."
	case updateWaits:
		return cause + "To start a new run: `terraform apply -replace=ADDRESS`."
	default:
		return cause + "To start a new run: `terraform apply -replace=ADDRESS` with the address of the sequentum_run."
	}
}

func (r waitReport) lastFailure() string {
	if r.err == nil {
		return ""
	}
	return describeLastLook(r.err)
}

// describeLastLook says what is wrong with the status requests of a wait; empty: nothing is.
func describeLastLook(ended *run.WaitError) string {
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

// describeRun gives what a person wants to know of a run at a glance: whose it is, its status, how long it queued and
// executed, and its counts.
func describeRun(r *sequentum.Run, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Agent %d", r.AgentID)
	if r.AgentName != "" {
		fmt.Fprintf(&b, " (%s)", oneLine(r.AgentName))
	}
	fmt.Fprintf(&b, ", run %d: %s.", r.ID, oneLine(r.Status.String()))
	if !r.CreatedAt.IsZero() {
		b.WriteString(" " + describeTimes(r, now))
	}
	counts := []string{}
	for _, c := range []struct {
		n    *int64
		noun string
		verb string
	}{{r.RecordsExtracted, "record", " extracted"}, {r.RecordsExported, "record", " exported"}, {r.PageCount, "page", ""}, {r.ErrorCount, "error", ""}} {
		if c.n != nil {
			counts = append(counts, plural(*c.n, c.noun)+c.verb)
		}
	}
	if len(counts) > 0 {
		b.WriteString(" " + strings.Join(counts, ", ") + ".")
	}
	return b.String()
}

func describeTimes(r *sequentum.Run, now time.Time) string {
	end, tense := r.FinishedAt, "executed"
	if end.IsZero() {
		end, tense = now, "has been executing"
	}
	switch {
	case !r.StartedAt.IsZero():
	case !r.FinishedAt.IsZero(): // the platform need not say when it began to execute, if it did
		return fmt.Sprintf("It ended %s after it was accepted.", elapsed(r.CreatedAt, end))
	case r.Status == sequentum.StatusQueuing || r.Status == sequentum.StatusWaiting:
		return fmt.Sprintf("It has been queued for %s.", elapsed(r.CreatedAt, end))
	default:
		return fmt.Sprintf("It was accepted %s ago.", elapsed(r.CreatedAt, end))
	}
	return fmt.Sprintf("It queued for %s and %s for %s.", elapsed(r.CreatedAt, r.StartedAt), tense, elapsed(r.StartedAt, end))
}

// elapsed never goes below zero: the two ends can come from two clocks.
func elapsed(from, to time.Time) time.Duration {
	return max(0, to.Sub(from)).Round(time.Second)
}

func joinIDs(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ", ")
}

// importBlocks shows how each run can be taken into state.
func importBlocks(runs []sequentum.Run) string {
	blocks := make([]string, len(runs))
	for i := range runs {
		blocks[i] = fmt.Sprintf("import {\n  to = sequentum_run.NAME\n  id = %q\n}", runs[i].Ref().String())
	}
	return strings.Join(blocks, "\n\n")
}

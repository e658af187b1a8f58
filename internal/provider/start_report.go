package provider

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// startDiagnostic says why there is no run, or which runs may be ours.
func startDiagnostic(agentID int64, err error, cut cutShort, timeout time.Duration, now time.Time) diag.Diagnostic {
	var active *run.ActiveError
	var lost *run.LostStartError
	var not *run.NotStartedError
	switch {
	case errors.As(err, &active):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d already has active runs: nothing was started", agentID),
			paragraphs(describeActive(active.Runs, now), `if_active is "fail". Import the run that is yours, wait until they have finished, or allow the start with if_active = "start".`))
	case errors.As(err, &lost):
		return lostStartDiagnostic(lost, cut.interrupted, now)
	case errors.As(err, &not) && !not.Asked && cut.interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started: interrupted", agentID),
			"The interrupt came before the start was sent. No run came of it; apply again to start one.")
	case errors.As(err, &not) && cut.timedOut:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started within timeouts.create (%s)", agentID, timeout),
			paragraphs("The start did not have its turn: the request budget was spent, or earlier starts of the same agent were under way. No run came of it.", "The last word was: "+not.Err.Error()))
	case errors.As(err, &not) && !not.Asked:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started", agentID),
			paragraphs("Before a start the agent's runs are looked at, and the start itself was not sent: "+not.Err.Error(), "No run came of it."))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started", agentID),
			paragraphs("The start was refused: "+errors.Unwrap(err).Error(), "No run came of it.", exclusiveHint(err)))
	}
}

// exclusiveHint helps with the refusal of an agent that may have only one active run.
func exclusiveHint(err error) string {
	var answer *sequentum.Error
	if !errors.As(err, &answer) || answer.StatusCode != 409 && answer.StatusCode != 422 {
		return ""
	}
	return `If the agent is busy with another run: with if_active = "fail" the error shows the active runs and how to import them before a start is tried.`
}

func lostStartDiagnostic(lost *run.LostStartError, interrupted bool, now time.Time) diag.Diagnostic {
	what := "The answer to the start was lost on the way: " + lost.Cause.Error()
	look := fmt.Sprintf("Look at the agent's runs in Control Center. If there is one of this start, import it before the next apply, or that starts another:\n\n"+
		"import {\n  to = sequentum_run.NAME\n  id = \"%d/RUN_ID\"\n}", lost.AgentID)
	switch {
	case len(lost.Candidates) > 0:
		why := "Several runs have begun since, and which one came of the start cannot be told. None was taken."
		if lost.Doubt != "" {
			why = "A run has begun since, but whether it came of the start is in doubt: " + lost.Doubt + ". It was not taken."
		}
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: which run was started is not certain", lost.AgentID),
			paragraphs(what, why, describeRuns(lost.Candidates, now),
				"Import the one that is yours, or, when none is, apply again:", importBlocks(lost.Candidates)))
	case interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: a run may have been started", lost.AgentID),
			paragraphs(what, "No run of it has shown so far, and because of the interrupt no second start was sent.", look))
	case lost.Err != nil:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: a run may have been started", lost.AgentID),
			paragraphs(what, "Looking for its run had no answer either: "+lost.Err.Error(), look))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: a run may have been started", lost.AgentID),
			paragraphs(what, "No run of either start has shown.", look))
	}
}

// startedDiagnostics warns of what a person should know although the start went well.
func startedDiagnostics(s *run.Started, now time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.Lost != nil {
		diags.AddWarning(fmt.Sprintf("The answer to the start of run %s was lost, and the run was found", run.RefOf(s.Run)),
			paragraphs("What went wrong on the way: "+s.Lost.Error(), "It is the only run of the agent that began since. "+describeRun(s.Run, now)))
	}
	if len(s.Others) > 0 {
		diags.AddWarning(fmt.Sprintf("Agent %d already had active runs when run %d was started", s.Run.AgentID, s.Run.ID),
			paragraphs(describeActive(s.Others, now), `To have this as an error before a start, set if_active = "fail"; to start without a word, "start".`))
	}
	return diags
}

// maxDescribed keeps a warning readable where an agent has a thousand active runs.
const maxDescribed = 10

func describeActive(runs []sequentum.Run, now time.Time) string {
	shown := runs[:min(len(runs), maxDescribed)]
	more := ""
	if len(runs) > len(shown) {
		more = fmt.Sprintf("… and %d more.", len(runs)-len(shown))
	}
	return paragraphs("They were not started by this apply:", describeRuns(shown, now), more, "To manage one of them with Terraform:", importBlocks(shown))
}

func describeRuns(runs []sequentum.Run, now time.Time) string {
	lines := make([]string, len(runs))
	for i := range runs {
		lines[i] = describeRun(&runs[i], now)
		if !runs[i].Created.IsZero() {
			lines[i] += " Accepted at " + runs[i].Created.UTC().Format(time.RFC3339) + "."
		}
	}
	return listed("Runs", lines)
}

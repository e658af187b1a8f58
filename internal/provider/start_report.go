package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// startDiagnostic says why no run was started, or which runs this start may have begun.
func startDiagnostic(agentID int64, err error, cut cutShort, timeout time.Duration, now time.Time) diag.Diagnostic {
	var active *run.ActiveError
	var known *run.KnownRunError
	var lost *run.LostStartError
	var not *run.NotStartedError
	switch {
	case errors.As(err, &active):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d already has active runs: nothing was started", agentID),
			paragraphs(describeActive(active.Runs, now), `if_active is "fail", so no run was started. If one of the runs is yours and no Terraform state holds it, import it. Or wait until they have finished. Or set if_active = "start" to start a run now.`))
	case errors.As(err, &lost):
		return lostStartDiagnostic(lost, cut, timeout, now)
	case errors.As(err, &known):
		return knownRunDiagnostic(agentID, known.Run, now)
	case errors.As(err, &not) && !not.Sent && cut.interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started: interrupted", agentID),
			"The interrupt came before the start was sent. No run was started. Apply again to start one.")
	case errors.As(err, &not) && cut.timedOut:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started within timeouts.create (%s)", agentID, timeout),
			paragraphs("The start could not be sent in time. No run was started.", "Last error: "+not.Err.Error()))
	case errors.As(err, &not) && !not.Sent:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started", agentID),
			paragraphs("The provider lists the agent's runs before it starts one. The start was not sent: "+not.Err.Error(), "No run was started.", refusalHint(err)))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started", agentID),
			paragraphs("The start was refused: "+errors.Unwrap(err).Error(), "No run was started.", refusalHint(err)))
	}
}

// refusalHint says what a user can check after a refusal, beyond what the API says; "": nothing.
func refusalHint(err error) string {
	switch {
	case sequentum.IsNotFound(err):
		return "The agent does not exist, was deleted, or this API key cannot see it."
	case sequentum.IsUnauthorized(err):
		return "The credential comes from api_key or access_token in the provider block, or from " + envAPIKey + " or " + envAccessToken + "."
	case sequentum.IsConflict(err):
		return `The agent may be busy with another run. With if_active = "fail", the error lists the active runs and shows how to import them.`
	default:
		return ""
	}
}

func knownRunDiagnostic(agentID int64, r *sequentum.Run, now time.Time) diag.Diagnostic {
	runs := []sequentum.Run{*r}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started: it is busy with run %d", agentID, r.ID),
		paragraphs("The API answered the start with a run that had begun before the start. This can happen with an agent that runs exclusively. No run was started. State does not hold the earlier run.",
			listed("Runs", describeRuns(runs, now)), "Wait until it has finished and apply again. If it is yours, and no Terraform state holds it, import it:", importBlocks(runs)))
}

func lostStartDiagnostic(lost *run.LostStartError, cut cutShort, timeout time.Duration, now time.Time) diag.Diagnostic {
	what := "The start was sent, and its answer was lost: " + lost.Cause.Error()
	if len(lost.Candidates) > 0 {
		why := "Several runs have begun since then. It is not certain which of them this start began. State holds none of them."
		if lost.Doubt != "" {
			why = "A run has begun since then. It is not certain that this start began it: " + lost.Doubt + ". State does not hold it."
		}
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: it is not certain which run was started", lost.AgentID),
			paragraphs(what, why, listed("Runs", describeRuns(lost.Candidates, now)),
				"Import the one that is yours. If none is yours, apply again.", importBlocks(lost.Candidates)))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: a run may have been started", lost.AgentID),
		paragraphs(what, whyNoRunShows(lost, cut, timeout), adviseToLook(lost.AgentID)))
}

func whyNoRunShows(lost *run.LostStartError, cut cutShort, timeout time.Duration) string {
	ended := errors.Is(lost.Err, context.Canceled) || errors.Is(lost.Err, context.DeadlineExceeded)
	switch {
	case ended && lost.LastLook != nil:
		return "The search for its run failed too: " + lost.LastLook.Error()
	case ended && cut.interrupted:
		return "No run of this start has appeared so far. Because of the interrupt, no second start was sent."
	case ended && cut.timedOut:
		return "No run of this start has appeared so far. No second start was sent, because timeouts.create (" + timeout.String() + ") had passed."
	case isNotStarted(lost.Err):
		return "No run of this start has appeared so far. No second start was sent: " + lost.Err.Error()
	case lost.Err != nil:
		return "The search for its run failed too: " + lost.Err.Error()
	default:
		if lost.Twice {
			return "A second start failed too. No run of either start has appeared."
		}
		return "No run of this start has appeared. No second start was sent."
	}
}

func isNotStarted(err error) bool {
	_, ok := errors.AsType[*run.NotStartedError](err)
	return ok
}

func adviseToLook(agentID int64) string {
	return fmt.Sprintf("Look at the agent's runs in Control Center. If this start began a run, import that run before the next apply. If you do not import it, the next apply starts another run.\n\n"+
		"import {\n  to = sequentum_run.NAME\n  id = \"%d/RUN_ID\"\n}", agentID)
}

// lateRunsDiagnostics warns of a start that was sent twice: there may be a second run. late are the runs that have
// appeared since; err says why they could not be listed. It is a warning: an error would taint the run of the second
// start, and the next apply would pay for a third.
func lateRunsDiagnostics(s *run.Started, late []sequentum.Run, err error, now time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	what := "A first start was sent, and its answer was lost: " + s.Again.Error()
	switch {
	case err != nil:
		diags.AddWarning(fmt.Sprintf("Agent %d was started twice: there may be a second run", s.Run.AgentID),
			paragraphs(what, "The search for its run failed: "+err.Error(), adviseToLook(s.Run.AgentID)))
	case len(late) == 0:
		diags.AddWarning(fmt.Sprintf("Agent %d was started twice", s.Run.AgentID),
			paragraphs(what, fmt.Sprintf("No run of the first start has appeared, so the provider sent the start once more: run %d. A run of the first start can still appear later, and it is in no state.", s.Run.ID), adviseToLook(s.Run.AgentID)))
	default:
		diags.AddWarning(fmt.Sprintf("Agent %d was started twice: there may be a second run", s.Run.AgentID),
			paragraphs(what, fmt.Sprintf("State holds run %d. These runs have begun since the first start too:", s.Run.ID),
				listed("Runs", describeRuns(late, now)), "One of them may be the run of the first start. To stop it, import it and destroy it:", importBlocks(late)))
	}
	return diags
}

// startedDiagnostics warns of what a user should know although the start succeeded.
func startedDiagnostics(s *run.Started, now time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.Lost != nil {
		diags.AddWarning(fmt.Sprintf("The answer to the start of run %s was lost, and the run was found", s.Run.Ref()),
			paragraphs("What happened: "+s.Lost.Error(), "This is the only run of the agent that has begun since. "+describeRun(s.Run, now)))
	}
	if len(s.Others) > 0 {
		diags.AddWarning(fmt.Sprintf("Agent %d already had active runs when run %d was started", s.Run.AgentID, s.Run.ID),
			paragraphs(describeActive(s.Others, now), `To get an error before anything is started, set if_active = "fail". To start without this warning, set if_active = "start".`))
	}
	return diags
}

func describeActive(runs []sequentum.Run, now time.Time) string {
	return paragraphs("This apply did not start these runs.", listedBriefly("Runs", describeRuns(runs, now)),
		"If no Terraform state holds one of these runs yet, you can import it:", importBlocks(runs[:min(len(runs), maxListed)]))
}

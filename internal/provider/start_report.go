// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// starter says what starts a run: what a user can do next differs.
type starter int

const (
	resourceStarts starter = iota // state will hold the run
	actionStarts                  // no state will hold the run
)

// startReport puts into words how a start ended.
type startReport struct {
	by      starter
	agentID int64
	timeout time.Duration // of the start and what follows it
	now     time.Time
}

// failed says why no run was started, or which runs this start may have begun. cut says how the start was ended.
func (r startReport) failed(err error, cut cutShort) diag.Diagnostic {
	agentID := r.agentID
	var active *run.ActiveError
	var known *run.KnownRunError
	var lost *run.LostStartError
	var not *run.NotStartedError
	switch {
	case errors.As(err, &active):
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d already has active runs: nothing was started", agentID),
			paragraphs(r.describeActive(active.Runs), `if_active is "fail", so no run was started. If one of the runs is yours and no Terraform state holds it, import it. Or wait until they have finished. Or set if_active = "start" to start a run now.`))
	case errors.As(err, &lost):
		return r.lost(lost, cut)
	case errors.As(err, &known):
		return r.known(known.Run)
	case errors.As(err, &not) && !not.Sent && cut.interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started: interrupted", agentID),
			"The interrupt came before the start was sent. No run was started. To start one, "+r.by.startAgain()+".")
	case errors.As(err, &not) && cut.timedOut:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started within %s (%s)", agentID, r.by.timeoutName(), r.timeout),
			paragraphs("The start could not be sent in time. No run was started.", "Last error: "+not.Err.Error()))
	case errors.As(err, &not) && !not.Sent:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started", agentID),
			paragraphs("The provider lists the agent's runs before it starts one. The start was not sent: "+not.Err.Error(), "No run was started.", r.by.refusalHint(err)))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started", agentID),
			paragraphs("The start was refused: "+errors.Unwrap(err).Error(), "No run was started.", r.by.refusalHint(err)))
	}
}

// refusalHint says what a user can check after a refusal, beyond what the API says; "": nothing.
func (s starter) refusalHint(err error) string {
	switch {
	case sequentum.IsConflict(err) && s == actionStarts:
		return "The agent may be busy with another run. Wait until that run has finished, or stop it with the action sequentum_run_stop."
	case sequentum.IsConflict(err):
		return `The agent may be busy with another run. With if_active = "fail", the error lists the active runs and shows how to import them.`
	default:
		return agentHint(err)
	}
}

func (r startReport) known(busy *sequentum.Run) diag.Diagnostic {
	runs := []sequentum.Run{*busy}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d was not started: it is busy with run %d", r.agentID, busy.ID),
		paragraphs("The API answered the start with a run that had begun before the start. This can happen with an agent that runs exclusively. No run was started. State does not hold the earlier run.",
			listed("Runs", describeRuns(runs, r.now)), "Wait until it has finished and "+r.by.startAgain()+". If it is yours, and no Terraform state holds it, import it:", importBlocks(runs)))
}

func (r startReport) lost(lost *run.LostStartError, cut cutShort) diag.Diagnostic {
	what := "The start was sent, and its answer was lost: " + lost.Cause.Error()
	if len(lost.Candidates) > 0 {
		why := "Several runs have begun since then. It is not certain which of them this start began. State holds none of them."
		if lost.Doubt != "" {
			why = "A run has begun since then. It is not certain that this start began it: " + lost.Doubt + ". State does not hold it."
		}
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: it is not certain which run was started", lost.AgentID),
			paragraphs(what, why, listed("Runs", describeRuns(lost.Candidates, r.now)),
				r.by.adviseToChoose(), importBlocks(lost.Candidates)))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: a run may have been started", lost.AgentID),
		paragraphs(what, r.whyNoRunShows(lost, cut), r.by.adviseToLook(lost.AgentID)))
}

func (r startReport) whyNoRunShows(lost *run.LostStartError, cut cutShort) string {
	ended := errors.Is(lost.Err, context.Canceled) || errors.Is(lost.Err, context.DeadlineExceeded)
	switch {
	case ended && lost.LastLook != nil:
		return "The search for its run failed too: " + lost.LastLook.Error()
	case ended && cut.interrupted:
		return "No run of this start has appeared so far. Because of the interrupt, no second start was sent."
	case ended && cut.timedOut:
		return "No run of this start has appeared so far. No second start was sent, because " + r.by.timeoutName() + " (" + r.timeout.String() + ") had passed."
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

func (s starter) timeoutName() string {
	if s == actionStarts {
		return "timeouts.invoke"
	}
	return "timeouts.create"
}

// holds begins the sentence about the run that is followed.
func (s starter) holds() string {
	if s == actionStarts {
		return "The action followed run"
	}
	return "State holds run"
}

func (s starter) startAgain() string {
	if s == actionStarts {
		return "invoke the action again"
	}
	return "apply again"
}

func (s starter) adviseToChoose() string {
	if s == actionStarts {
		return "Find out which one is yours. To stop it, use the action sequentum_run_stop. To manage it with Terraform, import it. If none is yours, invoke the action again."
	}
	return "Import the one that is yours. If none is yours, apply again."
}

// adviseToLook says what to do about a run that may have been started.
func (s starter) adviseToLook(agentID int64) string {
	advice := "Look at the agent's runs in Control Center. If this start began a run, import that run before the next apply. If you do not import it, the next apply starts another run."
	if s == actionStarts {
		advice = "Look at the agent's runs in Control Center before you start the agent again. If this start began a run, no state holds it. To stop that run, use the action sequentum_run_stop. To manage it with Terraform, import it:"
	}
	return fmt.Sprintf("%s\n\nimport {\n  to = sequentum_run.NAME\n  id = \"%d/RUN_ID\"\n}", advice, agentID)
}

// adviseToManage says what to do about a run that no state holds.
func adviseToManage(ref sequentum.RunRef) string {
	return paragraphs(fmt.Sprintf("To stop the run, use the action sequentum_run_stop with agent_id = %d and run_id = %d, or stop it in Control Center. To wait for it with Terraform, import it:", ref.AgentID, ref.RunID),
		importBlocks([]sequentum.Run{{AgentID: ref.AgentID, ID: ref.RunID}}))
}

// late warns of a start that was sent twice: there may be a second run. late are the runs that have
// appeared since; err says why they could not be listed. It is a warning: an error would taint the run of the second
// start, and the next apply would pay for a third.
func (r startReport) late(s *run.Started, late []sequentum.Run, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	what := "A first start was sent, and its answer was lost: " + s.Again.Error()
	switch {
	case err != nil:
		diags.AddWarning(fmt.Sprintf("Agent %d was started twice: there may be a second run", s.Run.AgentID),
			paragraphs(what, "The search for its run failed: "+err.Error(), r.by.adviseToLook(s.Run.AgentID)))
	case len(late) == 0:
		diags.AddWarning(fmt.Sprintf("Agent %d was started twice", s.Run.AgentID),
			paragraphs(what, fmt.Sprintf("No run of the first start has appeared, so the provider sent the start once more: run %d. A run of the first start can still appear later, and it is in no state.", s.Run.ID), r.by.adviseToLook(s.Run.AgentID)))
	default:
		diags.AddWarning(fmt.Sprintf("Agent %d was started twice: there may be a second run", s.Run.AgentID),
			paragraphs(what, fmt.Sprintf("%s %d. These runs have begun since the first start too:", r.by.holds(), s.Run.ID),
				listed("Runs", describeRuns(late, r.now)), "One of them may be the run of the first start. To stop it, import it and destroy it:", importBlocks(late)))
	}
	return diags
}

// started warns of what a user should know although the start succeeded.
func (r startReport) started(s *run.Started) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.Lost != nil {
		diags.AddWarning(fmt.Sprintf("The answer to the start of run %s was lost, and the run was found", s.Run.Ref()),
			paragraphs("What happened: "+s.Lost.Error(), "This is the only run of the agent that has begun since. "+describeRun(s.Run, r.now)))
	}
	if len(s.Others) > 0 {
		diags.AddWarning(fmt.Sprintf("Agent %d already had active runs when run %d was started", s.Run.AgentID, s.Run.ID),
			paragraphs(r.describeActive(s.Others), r.by.adviseAboutOthers()))
	}
	return diags
}

func (s starter) adviseAboutOthers() string {
	if s == actionStarts {
		return "To start only if no other run is active, use the resource sequentum_run with if_active = \"fail\"."
	}
	return `To get an error before anything is started, set if_active = "fail". To start without this warning, set if_active = "start".`
}

func (r startReport) describeActive(runs []sequentum.Run) string {
	return paragraphs("This apply did not start these runs.", listedBriefly("Runs", describeRuns(runs, r.now)),
		"If no Terraform state holds one of these runs yet, you can import it:", importBlocks(runs[:min(len(runs), maxListed)]))
}

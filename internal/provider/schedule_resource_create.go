// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// Create creates the schedule once. State is what the answer shows: no further request is needed.
func (r *scheduleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan scheduleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultScheduleTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	plan.refusePast(r.data.now(), &resp.Diagnostics) // time has passed since the plan
	if resp.Diagnostics.HasError() {
		return
	}
	limit, limited, cancel := r.data.limitTime(ctx, "timeouts.create", timeout)
	defer cancel()
	defer r.data.recovered(ctx, fmt.Sprintf("creating a schedule of agent %d", plan.AgentID.ValueInt64()), &resp.Diagnostics, nil)
	created, err := r.data.schedules.create(limited, plan.AgentID.ValueInt64(), plan.settings())
	if err != nil {
		resp.Diagnostics.Append(createDiagnostic(plan.AgentID.ValueInt64(), err, limit))
		return
	}
	s := created.schedule
	plan.setRead(s)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	plan.filledBy(s).write(ctx, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(createdDiagnostics(created)...)
	if plan.Enabled.ValueBool() != isEnabled(s) {
		r.enableCreated(limited, &plan, resp)
	}
}

// enableCreated enables or disables a schedule that was created otherwise than asked for. That it could not is a warning:
// after an error Terraform would replace the schedule, and the next plan shows the difference anyhow.
func (r *scheduleResource) enableCreated(ctx context.Context, plan *scheduleModel, resp *resource.CreateResponse) {
	wanted := plan.Enabled.ValueBool()
	defer r.data.schedules.changing(plan.AgentID.ValueInt64())()
	s, err := r.data.schedules.setEnabled(ctx, plan.object(), wanted)
	if err != nil {
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s was created, but could not be %s", plan.object().title(), enabledWord(wanted)),
			paragraphs(err.Error(), "The next plan shows the difference, and its apply tries again."))
		return
	}
	plan.setRead(s)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// createDiagnostic says why no schedule was created, or which schedules this create may have made.
func createDiagnostic(agentID int64, err error, limit *timeLimit) diag.Diagnostic {
	var lost *lostCreateError
	var known *knownScheduleError
	var not *notCreatedError
	summary := fmt.Sprintf("The schedule of agent %d was not created", agentID)
	switch cut := limit.howCut(); {
	case errors.As(err, &lost):
		return lostCreateDiagnostic(agentID, lost, limit)
	case errors.As(err, &known):
		return diag.NewErrorDiagnostic(summary, paragraphs(
			fmt.Sprintf("The API answered the create with schedule %d, which existed before. No schedule was created, and state does not hold the earlier one.", known.schedule.ID),
			listed("Schedules", describeSchedules([]sequentum.Schedule{*known.schedule})), "If no Terraform state holds it, import it:", scheduleImportBlocks([]sequentum.Schedule{*known.schedule})))
	case errors.As(err, &not) && !not.sent && cut.interrupted:
		return diag.NewErrorDiagnostic(summary+": interrupted", "The interrupt came before the request was sent. No schedule was created. To create it, apply again.")
	case errors.As(err, &not) && cut.timedOut:
		return diag.NewErrorDiagnostic(summary, paragraphs(limit.explain(not.err), "No schedule was created."))
	case errors.As(err, &not) && !not.sent:
		return diag.NewErrorDiagnostic(summary, paragraphs("The request was not sent: "+not.err.Error(), "No schedule was created.", agentHint(err)))
	default:
		return diag.NewErrorDiagnostic(summary, paragraphs("The API refused it: "+errors.Unwrap(err).Error(), "No schedule was created.", agentHint(err)))
	}
}

func lostCreateDiagnostic(agentID int64, lost *lostCreateError, limit *timeLimit) diag.Diagnostic {
	what := "The create was sent, and its answer was lost: " + lost.cause.Error()
	if len(lost.candidates) > 0 {
		why := "Several new schedules with this name exist. It is not certain which of them this create made. State holds none of them."
		if lost.doubt != "" {
			why = "A new schedule with this name exists. It is not certain that this create made it: " + lost.doubt + ". State does not hold it."
		}
		return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: it is not certain which schedule was created", agentID),
			paragraphs(what, why, listedBriefly("Schedules", describeSchedules(lost.candidates)),
				"Import the one that is yours. If none is yours, apply again.", scheduleImportBlocks(lost.candidates)))
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Agent %d: a schedule may have been created", agentID),
		paragraphs(what, whyNoScheduleShows(lost, limit), fmt.Sprintf("Look at the agent's schedules in Control Center. If you find a schedule of this create, import it before the next apply. If you do not import it, the next apply creates another one.\n\n"+
			"import {\n  to = sequentum_schedule.NAME\n  id = \"%d/SCHEDULE_ID\"\n}", agentID)))
}

func whyNoScheduleShows(lost *lostCreateError, limit *timeLimit) string {
	cut := limit.howCut()
	switch {
	case lost.doubt != "":
		return "The provider looked for the schedule without a result: " + lost.doubt + "."
	case lost.err != nil && cut.interrupted:
		return "No schedule of this create has appeared so far. Because of the interrupt, the create was not sent again."
	case lost.err != nil && cut.timedOut:
		return "No schedule of this create has appeared so far. " + limit.timePassed() + " The create was not sent again."
	case lost.err != nil:
		return "The search for the schedule failed too: " + lost.err.Error()
	case lost.twice:
		return "A second create failed too. No schedule of either has appeared."
	}
	return "No schedule of this create has appeared."
}

// createdDiagnostics warns of what a user should know although the schedule was created.
func createdDiagnostics(c *createdSchedule) diag.Diagnostics {
	var diags diag.Diagnostics
	ref := objectRef{kind: scheduleKind, agentID: c.schedule.AgentID, id: c.schedule.ID}
	if c.again != nil {
		diags.AddWarning(fmt.Sprintf("The create of %s was sent twice", ref.String()),
			paragraphs("The answer to the first create was lost: "+c.again.Error(),
				fmt.Sprintf("No schedule of the first create has appeared, so it was sent once more. State holds schedule %d. If a second schedule named %s appears on the platform, delete it there.", c.schedule.ID, quoted(c.schedule.Name))))
	} else if c.lost != nil {
		diags.AddWarning(fmt.Sprintf("The answer to the create of %s was lost, and the schedule was found", ref.String()),
			paragraphs("What happened: "+c.lost.Error(), "It is the only new schedule of the agent with this name and these settings. "+describeSchedule(c.schedule)))
	}
	return diags
}

// describeSchedule says in one paragraph what a user wants to know of a schedule.
func describeSchedule(s *sequentum.Schedule) string {
	text := fmt.Sprintf("Agent %d, schedule %d: %s.", s.AgentID, s.ID, quoted(s.Name))
	if !s.CreatedAt.IsZero() {
		text += " Created at " + s.CreatedAt.Format(time.RFC3339) + "."
	}
	if !s.NextRunAt.IsZero() {
		text += " Next run at " + s.NextRunAt.Format(time.RFC3339) + "."
	}
	return text
}

func describeSchedules(schedules []sequentum.Schedule) []string {
	lines := make([]string, len(schedules))
	for i := range schedules {
		lines[i] = describeSchedule(&schedules[i])
	}
	return lines
}

// scheduleImportBlocks shows how each schedule can be imported.
func scheduleImportBlocks(schedules []sequentum.Schedule) string {
	blocks := make([]string, min(len(schedules), maxListed))
	for i := range blocks {
		ref := objectRef{kind: scheduleKind, agentID: schedules[i].AgentID, id: schedules[i].ID}
		blocks[i] = fmt.Sprintf("import {\n  to = sequentum_schedule.NAME\n  id = %q\n}", ref.String())
	}
	return paragraphs(blocks...)
}

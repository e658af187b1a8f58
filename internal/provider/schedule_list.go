// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// scheduleListResource is the list resource sequentum_schedule: the schedules of an agent or of all agents, for `terraform query`.
type scheduleListResource struct{ configuredResource }

var _ list.ListResourceWithConfigure = (*scheduleListResource)(nil)

func newScheduleListResource() list.ListResource { return &scheduleListResource{} }

type scheduleListModel struct {
	AgentID types.Int64 `tfsdk:"agent_id"`
}

func (l *scheduleListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_schedule"
}

func (l *scheduleListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the schedules of one agent or of all agents, for `terraform query` (Terraform 1.14 or later). The list includes disabled schedules. A query changes nothing.\n\n" +
			listBlockDescription("schedule") + " The apply does not change the schedules.\n\n" +
			"For one agent, the query costs one request. For all agents, it costs one request for each agent, and at least one for the list of agents. If the schedules of some agents cannot be listed, a warning names these agents. The schedules of the other agents are listed.\n\n" +
			"OAuth scope: `agents:read`.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{
				Optional: true, Validators: listedAgentValidators(),
				MarkdownDescription: "The id of the agent. Defaults to all agents that the key can see.",
			},
		},
	}
}

func (l *scheduleListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = func(push func(list.ListResult) bool) {
		l.sendSchedules(ctx, req, newListResults(req, push))
	}
}

func (l *scheduleListResource) sendSchedules(ctx context.Context, req list.ListRequest, results *listResults) {
	var config scheduleListModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.data.requireConfigured(&diags) || !results.wanted() {
		results.sendDiagnostics(diags...)
		return
	}
	collected := scheduleCollection{data: l.data, limit: req.Limit}
	var failure diag.Diagnostic
	if config.AgentID.IsNull() {
		failure = collected.addAllAgents(ctx)
	} else {
		failure = collected.addOneAgent(ctx, config.AgentID.ValueInt64())
	}
	if failure != nil {
		results.sendDiagnostics(failure)
		return
	}
	results.sendDiagnostics(collected.warnings()...)
	for i := range collected.schedules {
		if !results.wanted() {
			return
		}
		s := &collected.schedules[i]
		object := objectRef{kind: scheduleKind, agentID: s.AgentID, id: s.ID}
		results.sendObject(ctx, object, s.displayName(), func(resource *tfsdk.Resource) diag.Diagnostics {
			return fillListedSchedule(ctx, resource, &s.Schedule, l.data.now())
		})
	}
}

// listedSchedule is a schedule and the name of its agent. The name can be empty.
type listedSchedule struct {
	sequentum.Schedule
	agentName string
}

// displayName is what a person knows a schedule by: its agent, its name, and when it fires.
func (s *listedSchedule) displayName() string {
	agent := shortened(oneLine(s.agentName))
	if agent == "" {
		agent = fmt.Sprintf("Agent %d", s.AgentID)
	}
	name := shortened(oneLine(s.Name))
	if name == "" {
		name = fmt.Sprintf("schedule %d", s.ID)
	}
	name = strings.Join([]string{agent, name, describeTiming(&s.ScheduleSettings)}, ", ")
	if s.Enabled != nil && !*s.Enabled {
		name += ", disabled"
	}
	return name
}

// describeTiming says in some words when a schedule fires.
func describeTiming(s *sequentum.ScheduleSettings) string {
	switch {
	case s.Type == sequentum.ScheduleCron && s.Timezone != "":
		return shortened(oneLine("cron " + s.Cron + " " + s.Timezone))
	case s.Type == sequentum.ScheduleCron:
		return shortened(oneLine("cron " + s.Cron))
	case s.Type == sequentum.ScheduleEvery && s.Count != nil:
		return "every " + shortened(oneLine(plural(*s.Count, strings.TrimSuffix(s.Period, "s"))))
	case s.Type == sequentum.ScheduleOnce && !s.StartAt.IsZero():
		return "once at " + s.StartAt.UTC().Format(time.RFC3339)
	}
	return "of type " + quoted(string(s.Type))
}

// fillListedSchedule makes the resource what an import of the schedule and its first read make of it.
func fillListedSchedule(ctx context.Context, resource *tfsdk.Resource, s *sequentum.Schedule, now time.Time) diag.Diagnostics {
	var model scheduleModel
	diags := resource.Get(ctx, &model)
	refreshed(&model, s, nil, now)
	if model.hasUnknownTiming() {
		diags.Append(unknownTimingDiagnostic(model.object(), s))
	}
	diags.Append(resource.Set(ctx, &model)...)
	return diags
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runListResource is the list resource sequentum_run: the runs of an agent, for `terraform query`.
type runListResource struct{ configuredResource }

var _ list.ListResourceWithConfigure = (*runListResource)(nil)

func newRunListResource() list.ListResource { return &runListResource{} }

type runListModel struct {
	AgentID  types.Int64 `tfsdk:"agent_id"`
	Statuses types.List  `tfsdk:"statuses"`
}

func (l *runListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run"
}

func (l *runListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the newest runs of an agent, for `terraform query` (Terraform 1.14 or later). A query starts and stops nothing.\n\n" +
			listBlockDescription("run") + " The apply does not start a run. If a run is still active, the apply waits for it.\n\n" +
			"The API lists at most 1,000 runs of an agent. If the agent may have more runs, the query shows a warning.\n\n" +
			"OAuth scope: `runs:read`.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{
				Required: true, Validators: listedAgentValidators(),
				MarkdownDescription: "The id of the agent.",
			},
			"statuses": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.StatusNames()...)),
				},
				MarkdownDescription: "Lists only runs with one of these statuses, such as `Running` or `Completed`. " + statusFilterDescription,
			},
		},
	}
}

func (l *runListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	stream.Results = func(push func(list.ListResult) bool) {
		l.sendRuns(ctx, req, newListResults(req, push))
	}
}

func (l *runListResource) sendRuns(ctx context.Context, req list.ListRequest, results *listResults) {
	var config runListModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.data.requireConfigured(&diags) || !results.wanted() {
		results.sendDiagnostics(diags...)
		return
	}
	query := runsQuery{
		agentID: config.AgentID.ValueInt64(), statuses: knownTexts(config.Statuses.Elements()),
		limit: int(min(results.left, run.MostListed+1)), // one more than there can be: then a warning says so
	}
	found, failure := l.findRuns(ctx, query)
	if failure != nil {
		results.sendDiagnostics(failure)
		return
	}
	results.sendDiagnostics(found.warnings(query.agentID)...)
	for i := range found.runs {
		if !results.wanted() {
			return
		}
		r := &found.runs[i]
		results.sendObject(ctx, runObject(r.Ref()), listedRunName(r), func(resource *tfsdk.Resource) diag.Diagnostics {
			return fillListedRun(ctx, resource, r)
		})
	}
}

func (l *runListResource) findRuns(ctx context.Context, query runsQuery) (*foundRuns, diag.Diagnostic) {
	limit, limited, cancel := l.data.limitList(ctx)
	defer cancel()
	switch found, err := query.find(limited, l.data.runs); {
	case sequentum.IsNotFound(err):
		return nil, agentNotFound(query.agentID, err)
	case err != nil:
		return nil, diag.NewErrorDiagnostic(fmt.Sprintf("The runs of agent %d could not be listed", query.agentID), limit.explain(err))
	default:
		return found, nil
	}
}

// warnings says what the list may lack.
func (f *foundRuns) warnings(agentID int64) []diag.Diagnostic {
	var warnings []diag.Diagnostic
	if f.skipped > 0 {
		warnings = append(warnings, diag.NewWarningDiagnostic(
			fmt.Sprintf("The list of the runs of agent %d is not complete", agentID),
			fmt.Sprintf("The API's list contains %s that the provider cannot use, for example because the id is missing. They are left out. %s", plural(int64(f.skipped), "element"), seeLogOfSkipped)))
	}
	if f.more {
		warnings = append(warnings, diag.NewWarningDiagnostic(
			fmt.Sprintf("Agent %d may have more runs", agentID), f.describeReach()+" Older runs are left out. A run whose id you know can still be imported."))
	}
	return warnings
}

// fillListedRun makes the resource what an import of the run and its first read make of it.
func fillListedRun(ctx context.Context, resource *tfsdk.Resource, r *sequentum.Run) diag.Diagnostics {
	var model runModel
	diags := resource.Get(ctx, &model)
	model.setFirstRead(r, defaultSuccessStatuses())
	diags.Append(resource.Set(ctx, &model)...)
	return diags
}

// listedRunName is what a person knows a run by: its agent, when it was accepted, and its status.
func listedRunName(r *sequentum.Run) string {
	name := shortened(oneLine(r.AgentName))
	if name == "" {
		name = fmt.Sprintf("Agent %d", r.AgentID)
	}
	if !r.CreatedAt.IsZero() {
		name += ", " + r.CreatedAt.UTC().Format(time.RFC3339)
	}
	return name + ", " + shortened(oneLine(r.Status.String()))
}

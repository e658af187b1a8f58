// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runLookup holds what every data source and ephemeral resource about a run has: it is embedded in their models.
type runLookup struct {
	AgentID      types.Int64 `tfsdk:"agent_id"`
	RunID        types.Int64 `tfsdk:"run_id"`
	AllowMissing types.Bool  `tfsdk:"allow_missing"`
	Found        types.Bool  `tfsdk:"found"`
}

const (
	lookupAgentDescription = "The id of the run's agent."
	allowMissingDefault    = "Whether to accept that the platform no longer knows the run, for example after its retention time. Defaults to `false`: "
	foundDescription       = "Whether the platform knows the run. It can be false only with `allow_missing`."
)

// runLookupAttributes are the attributes of [runLookup] in a data source. runDescription describes run_id.
func runLookupAttributes(runDescription string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: int32IDValidators(),
			MarkdownDescription: lookupAgentDescription,
		},
		"run_id": schema.Int64Attribute{
			Required: true, Validators: int64IDValidators(),
			MarkdownDescription: runDescription,
		},
		"allow_missing": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: allowMissingDefault + "this is an error, because an empty result in a `for_each` would destroy the resources that were created from it. " +
				"With `true`, the result is empty, with `found = false` and a warning.",
		},
		"found": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: foundDescription + " All other read-only attributes are then null or empty.",
		},
	}
}

func (l *runLookup) ref() sequentum.RunRef {
	return sequentum.RunRef{AgentID: l.AgentID.ValueInt64(), RunID: l.RunID.ValueInt64()}
}

// lookupTexts is what differs between the objects that read a run.
type lookupTexts struct {
	failure string // the summary of an error, with %s for the run
	keep    string // how to keep what the object shows when the platform no longer has the run
}

// keepFiles is lookupTexts.keep of what shows the content of files.
const keepFiles = "use a sequentum_run_download to keep the files"

// lookUp calls ask within the timeout, and sets found. ask reads what the object shows, and returns an error of the API
// as it is: "not found" then means that the run is not found, which is an error or a warning, as allow_missing says.
func (l *runLookup) lookUp(ctx context.Context, data *providerData, timeout lookupLimit, texts lookupTexts, diags *diag.Diagnostics, ask func(ctx context.Context, limit *timeLimit) error) {
	refuseZeroID("agent_id", l.AgentID, diags)
	refuseZeroID("run_id", l.RunID, diags)
	if diags.HasError() || !data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	err := ask(limited, limit)
	l.Found = types.BoolValue(err == nil)
	switch {
	case sequentum.IsNotFound(err):
		diags.Append(data.askForAgent(limited, runObject(l.ref()), err).lookupDiagnostic(l.AllowMissing.ValueBool(), "for the next run: "+texts.keep))
	case err != nil:
		diags.AddError(fmt.Sprintf(texts.failure, l.ref()), limit.explain(err))
	}
}

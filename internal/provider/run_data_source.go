// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runDataSource is sequentum_run: what the platform says of one run.
type runDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*runDataSource)(nil)

func newRunDataSource() datasource.DataSource { return &runDataSource{} }

type runDataModel struct {
	runLookup
	runFacts
	ID          types.String   `tfsdk:"id"`
	IncludeCost types.Bool     `tfsdk:"include_cost"`
	Cost        types.Float64  `tfsdk:"cost"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

func (d *runDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run"
}

func (d *runDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := runLookupAttributes("The id of the run. If the run is still active, Terraform does not wait for it.")
	maps.Copy(attributes, dataSourceAttributes(runFactAttributes(&sequentum.Run{})))
	maps.Copy(attributes, map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: runIDDescription + " Null if the run is not found."},
		"include_cost": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to read what the run has cost. Defaults to `false`. This takes two or more requests. Runs of the same agent in the same week share them.",
		},
		"cost": schema.Float64Attribute{
			Computed:            true,
			MarkdownDescription: "What the run has cost, in credits. Null without `include_cost`, and until the platform has billed the run.",
		},
	})
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Reads the status, times and counts of one run. It does not start a run, and does not wait for the run.\n\n" +
			"Terraform reads it on every plan and on destroy. All `sequentum_run` and `sequentum_runs` data sources with the same `agent_id` share one or two requests. A run that is not among the agent's 1,000 newest runs takes more requests.\n\n" +
			"OAuth scopes: `runs:read` and `agents:read`. With `include_cost`, it also needs `billing:read`.",
		Attributes: attributes,
	}
}

func (d *runDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model runDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	timeout := readLimit(ctx, model.Timeouts, diags)
	texts := lookupTexts{
		failure: "Run %s could not be read",
		keep:    "keep what you need of it in state, for example in the input of a terraform_data",
	}
	model.lookUp(ctx, d.data, timeout, texts, diags, func(ctx context.Context, limit *timeLimit) error {
		r, err := d.data.readRun(ctx, model.ref())
		if err != nil {
			return err
		}
		model.ID = types.StringValue(r.Ref().String())
		model.runFacts.setFrom(r)
		if !model.IncludeCost.ValueBool() {
			return nil
		}
		if model.Cost, err = d.data.costOf(ctx, r); err != nil { // not for the caller: its 404 is not about the run
			diags.AddError(fmt.Sprintf("The cost of run %s could not be read", model.ref()), limit.explain(err))
		}
		return nil
	})
	if !diags.HasError() {
		diags.Append(resp.State.Set(ctx, &model)...)
	}
}

// readRun reads a run. A "not found" is confirmed before it is returned.
func (d *providerData) readRun(ctx context.Context, ref sequentum.RunRef) (*sequentum.Run, error) {
	r, err := d.runs.Read(ctx, ref)
	if sequentum.IsNotFound(err) {
		return d.runs.ConfirmGone(ctx, ref, err)
	}
	return r, err
}

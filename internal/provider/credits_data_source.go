// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// creditsDataSource is sequentum_credits: what the organization has left.
type creditsDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*creditsDataSource)(nil)

func newCreditsDataSource() datasource.DataSource { return &creditsDataSource{} }

type creditsModel struct {
	AvailableCredits types.Float64  `tfsdk:"available_credits"`
	RetrievedAt      types.String   `tfsdk:"retrieved_at"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

func (d *creditsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_credits"
}

func (d *creditsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Reads how many credits the organization has left. Use it in a `precondition` to start a costly run only if enough credits are left.\n\n" +
			"Terraform reads it on every plan and on destroy. The number can change between plan and apply: runs that start after the plan use credits too.\n\n" +
			"OAuth scope: `billing:read`.",
		Attributes: map[string]schema.Attribute{
			"available_credits": schema.Float64Attribute{Computed: true, MarkdownDescription: "How many credits are left. It can be a decimal number, such as `12.5`."},
			"retrieved_at":      schema.StringAttribute{Computed: true, MarkdownDescription: "When the platform counted the credits, as an RFC 3339 time in UTC. Null if the platform does not say."},
		},
	}
}

func (d *creditsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model creditsModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	timeout := readLimit(ctx, model.Timeouts, diags)
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	credits, err := d.data.lookups.credits.read(limited, allOfThem{}, d.data.client.Credits)
	if err != nil {
		diags.AddError("The credits could not be read", limit.explain(err))
		return
	}
	model.AvailableCredits, model.RetrievedAt = types.Float64Value(credits.Available), timeOrNull(credits.RetrievedAt)
	diags.Append(resp.State.Set(ctx, &model)...)
}

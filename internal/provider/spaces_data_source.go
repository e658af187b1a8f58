// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// spacesDataSource is sequentum_spaces: the spaces that the key can see.
type spacesDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*spacesDataSource)(nil)

func newSpacesDataSource() datasource.DataSource { return &spacesDataSource{} }

type spacesModel struct {
	Spaces   types.List     `tfsdk:"spaces"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *spacesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_spaces"
}

func (d *spacesDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Lists the spaces that the API key can see. The list does not contain the personal space.\n\n" +
			"Terraform reads it on every plan, and on destroy. All `sequentum_spaces`, and all `sequentum_space` with a `name`, that Terraform reads within five seconds share one request.\n\n" +
			"OAuth scope: `spaces:read`.",
		Attributes: map[string]schema.Attribute{
			"spaces": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The spaces, ordered by id. Empty if there are none.",
				NestedObject:        schema.NestedAttributeObject{Attributes: dataSourceAttributes(spaceAttributes(sequentum.Space{}))},
			},
		},
	}
}

func (d *spacesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model spacesModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	timeout := readLimit(ctx, model.Timeouts, diags)
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	all, ok := lookUpAll(limited, limit, "space", d.data.lookups.allSpaces, d.data.client.Spaces, diags)
	if !ok {
		return
	}
	listed := make([]attr.Value, len(all))
	for i, s := range all {
		listed[i] = objectValue(spaceAttributes(s))
	}
	model.Spaces = types.ListValueMust(objectType(spaceAttributes(sequentum.Space{})), listed)
	diags.Append(resp.State.Set(ctx, &model)...)
}

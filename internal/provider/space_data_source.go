// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// spaceAttributes is the table of what a look-up shows of a space. The schema needs no values: for it any space will do.
func spaceAttributes(s sequentum.Space) []computedAttribute {
	return []computedAttribute{
		{"space_id", types.Int64Value(s.ID), "The id of the space."},
		{"name", textOrNull(s.Name), "The name of the space. Null if it has none."},
		{"description", textOrNull(s.Description), "The description of the space. Null if it has none, or if the platform does not say."},
		{"organization_id", textOrNull(s.OrganizationID), "The id of the organization that the space belongs to. Null if the platform does not say."},
		{"default_access", types.BoolPointerValue(s.IsDefaultAccess), "The platform's setting `isDefaultAccess` of the space. Null if the platform does not say."},
		{"run_retention_hours", types.Int64PointerValue(s.RunRetentionHours), "How many hours the platform keeps a finished run. Null if the platform does not say."},
		{"scope", textOrNull(s.Scope), "The scope of the space, as the platform names it. Null if the platform does not say."},
		{"created_at", timeOrNull(s.CreatedAt), "When the space was created, as an RFC 3339 time in UTC. Null if the platform does not say."},
		{"updated_at", timeOrNull(s.UpdatedAt), "When the space was last changed, as an RFC 3339 time in UTC. Null if the platform does not say."},
	}
}

// spaceDataSource is sequentum_space: one space, by id or name.
type spaceDataSource struct{ configuredDataSource }

var (
	_ datasource.DataSourceWithConfigure        = (*spaceDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*spaceDataSource)(nil)
)

func newSpaceDataSource() datasource.DataSource { return &spaceDataSource{} }

func (d *spaceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_space"
}

func (d *spaceDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("space_id"), path.MatchRoot("name"))}
}

func (d *spaceDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes(spaceAttributes(sequentum.Space{}))
	attributes["space_id"] = schema.Int64Attribute{
		Optional: true, Computed: true, Validators: int32IDValidators(),
		MarkdownDescription: "The id of the space. Set either `space_id` or `name`.",
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: "The exact name of the space, with the same upper and lower case. If several spaces have this name, the error lists their ids. Null if `space_id` chose a space that has no name.",
	}
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Finds one space by its id or by its exact name. The personal space cannot be found: it has no id and no name.\n\n" +
			"Terraform reads it on every plan, and on destroy. All `sequentum_space` data sources with the same `space_id` that Terraform reads within five seconds share one request. All `sequentum_space` with a `name` share one list of all spaces.\n\n" +
			"OAuth scope: `spaces:read`.",
		Attributes: attributes,
	}
}

func (d *spaceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var spaceID types.Int64
	var name types.String
	var configured timeouts.Value
	diags := &resp.Diagnostics
	diags.Append(req.Config.GetAttribute(ctx, path.Root("space_id"), &spaceID)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	diags.Append(req.Config.GetAttribute(ctx, path.Root("timeouts"), &configured)...)
	refuseZeroID("space_id", spaceID, diags)
	timeout := readLimit(ctx, configured, diags)
	if diags.HasError() || !d.data.requireConfigured(diags) {
		return
	}
	limit, limited, cancel := d.data.limitTime(ctx, timeout.name, timeout.length)
	defer cancel()
	var space *sequentum.Space
	if name.IsNull() {
		space = lookUpByID(limited, limit, "space", spaceID.ValueInt64(), d.data.lookups.spaces, d.data.client.Space, diags)
	} else if all, ok := lookUpAll(limited, limit, "space", d.data.lookups.allSpaces, d.data.client.Spaces, diags); ok {
		space = nameChoice[sequentum.Space]{
			noun: "space", all: all, name: func(s sequentum.Space) string { return s.Name },
			describe: func(s sequentum.Space) string { return fmt.Sprintf("%d %s", s.ID, quoted(s.Name)) },
		}.find(name.ValueString(), diags)
	}
	if space != nil {
		setFound(ctx, spaceAttributes(*space), req, resp)
	}
}

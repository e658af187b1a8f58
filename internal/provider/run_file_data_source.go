// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const defaultMaxSize = 1 << 20 // bytes

// runFileDataSource is sequentum_run_file: the content of one file as a value.
type runFileDataSource struct{ configuredDataSource }

var (
	_ datasource.DataSourceWithConfigure        = (*runFileDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*runFileDataSource)(nil)
)

func newRunFileDataSource() datasource.DataSource { return &runFileDataSource{} }

type runFileModel struct {
	runLookup
	FileID        types.Int64  `tfsdk:"file_id"`
	Name          types.String `tfsdk:"name"`
	MaxSizeBytes  types.Int64  `tfsdk:"max_size_bytes"`
	Content       types.String `tfsdk:"content"`
	ContentBase64 types.String `tfsdk:"content_base64"`
	SHA256        types.String `tfsdk:"sha256"`
	Type          types.String `tfsdk:"type"`
	TypeCode      types.Int64  `tfsdk:"type_code"`
	SizeBytes     types.Int64  `tfsdk:"size_bytes"`
	CreatedAt     types.String `tfsdk:"created_at"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *runFileDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_file"
}

func (d *runFileDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(fileChoicePaths()...)}
}

func (d *runFileDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := fileDataSourceAttributes()
	delete(attributes, "id") // it is file_id here
	maps.Copy(attributes, runLookupAttributes("The id of the run. A run that ended without success can also have the file. While the run is active, the file can be missing or incomplete. Then the plan shows a warning."))
	maps.Copy(attributes, map[string]schema.Attribute{
		"file_id": schema.Int64Attribute{
			Optional: true, Computed: true, Validators: int64IDValidators(),
			MarkdownDescription: fileIDDescription,
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: fileNameDescription + " Null if `file_id` chose a file that has no name.",
		},
		"max_size_bytes": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, maxMaxSize)},
			MarkdownDescription: fmt.Sprintf("The maximum size of the file, in bytes. Defaults to %d (1 MiB). At most %d (64 MiB). State holds the content twice, in `content` and in `content_base64`. A larger file is an error: use a `sequentum_run_download` for it.", defaultMaxSize, maxMaxSize),
		},
		"content": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The content as text, for `jsondecode` and `csvdecode`. Null if it is not UTF-8. A byte order mark at the beginning is kept: remove it with `trimprefix(content, \"\\ufeff\")`. " +
				"Terraform converts all text to the Unicode normal form C (NFC). `content_base64` has the unchanged bytes.",
		},
		"content_base64": schema.StringAttribute{Computed: true, MarkdownDescription: "The content, encoded in base64."},
		"sha256":         schema.StringAttribute{Computed: true, MarkdownDescription: "The SHA-256 of the content, in hexadecimal."},
	})
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Reads the content of one file of a run as a value.\n\n" +
			"Terraform reads it on every plan and on destroy, and state holds the content. For large files, or files that you want to keep, use `sequentum_run_download`. " +
			"Each read costs three requests of the API's budget. One of them, the list of runs, is shared by all reads about the same agent.",
		Attributes: attributes,
	}
}

func (d *runFileDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model runFileModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	refuseZeroID("file_id", model.FileID, diags)
	timeout := readLimit(ctx, model.Timeouts, diags)
	texts := lookupTexts{failure: "The files of run %s could not be listed", keep: keepFiles}
	model.lookUp(ctx, d.data, timeout, texts, diags, func(ctx context.Context, limit *timeLimit) error {
		files, err := d.data.listFiles(ctx, model.ref(), diags)
		if err != nil {
			return err
		}
		choice := fileChoice{id: model.FileID, name: model.Name}
		if file := choice.find(model.ref(), files, diags); file != nil {
			d.readFile(ctx, limit, file, &model, diags)
		}
		return nil
	})
	if !diags.HasError() {
		diags.Append(resp.State.Set(ctx, &model)...)
	}
}

// readFile reads the file's content and attributes into the model.
func (d *runFileDataSource) readFile(ctx context.Context, limit *timeLimit, file *sequentum.File, model *runFileModel, diags *diag.Diagnostics) {
	content, sum, ok := d.data.readContent(ctx, limit, model.ref(), file, valueOr(model.MaxSizeBytes, defaultMaxSize), diags)
	if !ok {
		return
	}
	model.FileID = types.Int64Value(file.ID)
	if model.Name.IsNull() {
		model.Name = types.StringPointerValue(file.Name)
	}
	if utf8.Valid(content) {
		model.Content = types.StringValue(string(content))
	}
	model.ContentBase64 = types.StringValue(base64.StdEncoding.EncodeToString(content))
	model.SHA256 = types.StringValue(sum)
	model.Type = types.StringPointerValue(file.Type.Name())
	model.TypeCode = types.Int64PointerValue(file.Type.Code())
	model.SizeBytes = types.Int64Value(int64(len(content)))
	model.CreatedAt = timeOrNull(file.CreatedAt)
}

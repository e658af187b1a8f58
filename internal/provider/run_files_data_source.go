// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runFilesDataSource is sequentum_run_files: the list of what a run left.
type runFilesDataSource struct{ configuredDataSource }

var _ datasource.DataSourceWithConfigure = (*runFilesDataSource)(nil)

func newRunFilesDataSource() datasource.DataSource { return &runFilesDataSource{} }

type runFilesModel struct {
	runLookup
	Types    types.Set      `tfsdk:"types"`
	Files    types.List     `tfsdk:"files"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *runFilesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_files"
}

func (d *runFilesDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := runLookupAttributes("The id of the run. While the run is active, the list can be empty or partial, and a warning says so.")
	attributes["types"] = schema.SetAttribute{
		Optional: true, ElementType: types.StringType,
		Validators: []validator.Set{
			setvalidator.SizeAtLeast(1),
			setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.FileTypeNames()...)),
		},
		MarkdownDescription: "Lists only files of these types. `DeliveredFile` is what the agent delivers, `ExtractedFiles` are downloaded assets, `LogText` and `LogHtml` are logs. The others are internal: " +
			"`InternalExportFiles`, `InternalRuntimeFiles`, `InternalTrackingDb`, `InternalContentCache`. Null elements count as absent. Defaults to all files.",
	}
	attributes["files"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The files, ordered by id. A run without files is an empty list.",
		NestedObject:        schema.NestedAttributeObject{Attributes: fileDataSourceAttributes()},
	}
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Lists the files of a run: records, downloaded assets, screenshots and logs. It also lists the files of a run that ended without success: they can be complete.\n\n" +
			"Terraform reads it on every plan, and on destroy. After the platform's retention time the run is gone. To keep the list, set `record_files` on `sequentum_run`. To get an empty list instead of an error, set `allow_missing`.",
		Attributes: attributes,
	}
}

func (d *runFilesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model runFilesModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	model.Files = fileList(nil)
	timeout := readLimit(ctx, model.Timeouts, diags)
	texts := lookupTexts{failure: "The files of run %s could not be listed", keep: "set record_files = true on the sequentum_run to keep the list of files"}
	model.lookUp(ctx, d.data, timeout, texts, diags, func(ctx context.Context, _ *timeLimit) error {
		files, err := d.data.listFiles(ctx, model.ref(), diags)
		model.Files = fileList(filterFiles(files, model.Types))
		return err
	})
	if !diags.HasError() {
		diags.Append(resp.State.Set(ctx, &model)...)
	}
}

// filterFiles keeps the files of the given types; a set without one keeps all.
func filterFiles(files []sequentum.File, typeNames types.Set) []sequentum.File {
	names := knownTexts(typeNames.Elements())
	if len(names) == 0 {
		return files
	}
	return slices.DeleteFunc(files, func(f sequentum.File) bool {
		name := f.Type.Name()
		return name == nil || !slices.Contains(names, *name)
	})
}

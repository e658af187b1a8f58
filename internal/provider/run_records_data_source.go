// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/records"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	defaultMaxRecords     = 1000
	maxMaxRecords         = 100_000
	defaultMaxRecordsSize = 4 << 20 // bytes
)

// runRecordsDataSource is sequentum_run_records: the records of a run as values.
type runRecordsDataSource struct{ configuredDataSource }

var (
	_ datasource.DataSourceWithConfigure        = (*runRecordsDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*runRecordsDataSource)(nil)
)

func newRunRecordsDataSource() datasource.DataSource { return &runRecordsDataSource{} }

type runRecordsModel struct {
	runLookup
	FileID       types.Int64    `tfsdk:"file_id"`
	Name         types.String   `tfsdk:"name"`
	Format       types.String   `tfsdk:"format"`
	MaxRecords   types.Int64    `tfsdk:"max_records"`
	MaxSizeBytes types.Int64    `tfsdk:"max_size_bytes"`
	Records      types.List     `tfsdk:"records"`
	Columns      types.List     `tfsdk:"columns"`
	File         types.Object   `tfsdk:"file"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
}

func (d *runRecordsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_records"
}

func (d *runRecordsDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.Conflicting(fileChoicePaths()...)}
}

func (d *runRecordsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := runLookupAttributes("The id of the run. A run that ended without success can also have records. While the run is active, the file can be missing or incomplete. Then the plan shows a warning.")
	maps.Copy(attributes, map[string]schema.Attribute{
		"file_id": schema.Int64Attribute{
			Optional: true, Validators: int64IDValidators(),
			MarkdownDescription: "The id of the file. Defaults to the one data file of the run. Conflicts with `name`.",
		},
		"name": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "The exact name of the file. Defaults to the one data file of the run. If several files have this name, the error lists their ids. Conflicts with `file_id`.",
		},
		"format": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.OneOf(records.Formats()...)},
			MarkdownDescription: "The format of the file: `csv`, `tsv`, `json` or `jsonl` (JSON lines), in lower case. Defaults to the format that the file's name ends with. Upper and lower case do not matter, and `.gz` at the end is ignored.",
		},
		"max_records": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, maxMaxRecords)},
			MarkdownDescription: fmt.Sprintf("The maximum number of records. Defaults to %d. At most %d. More records are an error: use a `sequentum_run_download` for them.", defaultMaxRecords, maxMaxRecords),
		},
		"max_size_bytes": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, maxMaxSize)},
			MarkdownDescription: fmt.Sprintf("The maximum size of the file in bytes, both before and after it is decompressed. Defaults to %d (4 MiB). At most %d (64 MiB). A larger file is an error: use a `sequentum_run_download` for it.", defaultMaxRecordsSize, maxMaxSize),
		},
		"records": schema.ListAttribute{
			Computed: true, ElementType: recordType,
			MarkdownDescription: "The records in the order of the file. Each record is a map from the name of a column to its value as text. Each record has all columns. " +
				"A value is null if it is null in the file, or if the record does not have it. An empty value in CSV is an empty string. Numbers keep all their digits. Booleans are `true` or `false`. A nested JSON value is JSON text: use `jsondecode` to read it.",
		},
		"columns": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The names of the columns, in the order of the first line. For JSON, they are in the order in which they first appear in the file. A CSV column without a name has the empty name `\"\"`.",
		},
		"file": schema.SingleNestedAttribute{
			Computed: true, Attributes: fileDataSourceAttributes(),
			MarkdownDescription: "The file that was read. Null if the run is not found.",
		},
	})
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Reads the records of a run as values. You do not need to name the file.\n\n" +
			"It reads the one delivered file whose name ends with `.csv`, `.tsv`, `.json` or `.jsonl`. If the run delivered no such file, it reads the one extracted file with such a name. If there are several such files, or none, an error lists the files of the run. Then choose one by `file_id` or `name`.\n\n" +
			"Terraform reads it on every plan and on destroy, and state holds the records. For many records, or for files that you want to keep, use `sequentum_run_download`. " +
			"Each read takes three requests: the list of runs, the list of files, and the link to the file. Data sources with the same `agent_id` share the list of runs. Data sources of the same finished run share its list of files.\n\n" +
			"OAuth scopes: `runs:read` and `agents:read`.\n\n" + recordFormats,
		Attributes: attributes,
	}
}

const recordFormats = "## Formats\n\n" +
	"- **csv**: the first line names the columns. The separator is `,`, `;`, `|` or a tab: the one that the first line has most often. A value in quotes (`\"`) can contain separators and line breaks. Two quotes in it stand for one. " +
	"It is an error if a row has more or fewer values than the first line, or if two columns have the same name. The error names the line. Empty lines are skipped. A file with only the first line has no records.\n" +
	"- **tsv**: as csv, but the separator is always a tab.\n" +
	"- **json**: an array of objects, or an object that holds exactly one array of objects. Two such arrays are an error, even if one of them is empty, because an empty array can be meant to hold the records.\n" +
	"- **jsonl**: an object in each line. Empty lines are skipped.\n\n" +
	"The text is UTF-8, or UTF-16 with a byte order mark. Any other encoding is an error that names the line. The provider decompresses files that are compressed with gzip. An empty file has no records and no columns. " +
	"All records together can have at most 500,000 values. Terraform converts all text to the Unicode normal form C (NFC)."

func (d *runRecordsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model runRecordsModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	model.setFrom(nil, nil)
	refuseZeroID("file_id", model.FileID, diags)
	timeout := readLimit(ctx, model.Timeouts, diags)
	texts := lookupTexts{failure: "The files of run %s could not be listed", keep: keepFiles}
	model.lookUp(ctx, d.data, timeout, texts, diags, func(ctx context.Context, limit *timeLimit) error {
		files, err := d.data.listFiles(ctx, model.ref(), diags)
		if err != nil {
			return err
		}
		choice := recordsChoice{fileChoice: fileChoice{id: model.FileID, name: model.Name}, format: model.Format}
		if file, format := choice.find(model.ref(), files, diags); file != nil {
			d.readRecords(ctx, limit, file, format, &model, diags)
		}
		return nil
	})
	if !diags.HasError() {
		diags.Append(resp.State.Set(ctx, &model)...)
	}
}

// readRecords reads the file's records into the model.
func (d *runRecordsDataSource) readRecords(ctx context.Context, limit *timeLimit, file *sequentum.File, format records.Format, model *runRecordsModel, diags *diag.Diagnostics) {
	limits := records.Limits{
		Records: int(valueOr(model.MaxRecords, defaultMaxRecords)),
		Bytes:   valueOr(model.MaxSizeBytes, defaultMaxRecordsSize),
	}
	content, _, ok := d.data.readContent(ctx, limit, model.ref(), file, limits.Bytes, diags)
	if !ok {
		return
	}
	table, err := records.Decode(bytes.NewReader(content), format, limits)
	if err != nil {
		diags.Append(undecodedDiagnostic(model.ref(), file, format, limits, err))
		return
	}
	model.setFrom(table, file)
}

// undecodedDiagnostic is the error of a file whose records cannot be read.
func undecodedDiagnostic(ref sequentum.RunRef, file *sequentum.File, format records.Format, limits records.Limits, err error) diag.Diagnostic {
	var tooLarge *records.TooLargeError
	var tooMany *records.TooManyRecordsError
	var tooWide *records.TooWideError
	described := "File " + describeFile(*file) + "."
	switch {
	case errors.As(err, &tooLarge):
		return tooLargeDiagnostic(ref, file, limits.Bytes)
	case errors.As(err, &tooMany):
		advice := " To read these records as values, raise max_records."
		if limits.Records >= maxMaxRecords {
			advice = ""
		}
		return diag.NewAttributeErrorDiagnostic(path.Root("max_records"), fmt.Sprintf("A file of run %s has too many records for a value", ref),
			paragraphs(fmt.Sprintf("%s It has more than max_records (%d) records. State would hold all of them.", described, limits.Records),
				"A sequentum_run_download saves files of any size to disk."+advice))
	case errors.As(err, &tooWide):
		return diag.NewErrorDiagnostic(fmt.Sprintf("A file of run %s has too many values for state", ref),
			paragraphs(fmt.Sprintf("%s Reading stopped: %s.", described, err), "A sequentum_run_download saves files of any size to disk."))
	}
	advice := ""
	if problem, ok := errors.AsType[*records.FormatError](err); !ok || !problem.Broken {
		advice = `If the file has another format, set it, for example format = "tsv". `
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("A file of run %s cannot be read as %s", ref, format),
		paragraphs(described, oneLine(err.Error())+".", advice+"To read a file of any other kind, use a sequentum_run_file or a sequentum_run_download."))
}

// recordType is a record: its values by the names of their columns.
var recordType = types.MapType{ElemType: types.StringType}

// setFrom takes over what was read. Without a table there are no records, and no file.
func (m *runRecordsModel) setFrom(table *records.Table, file *sequentum.File) {
	m.File = types.ObjectNull(fileObjectType.AttrTypes)
	if file != nil {
		m.File = objectValue(fileAttributes(*file))
	}
	var columns, all []attr.Value
	if table != nil {
		for _, name := range table.Columns {
			columns = append(columns, types.StringValue(name))
		}
		for _, record := range table.Records {
			values := make(map[string]attr.Value, len(record))
			for i, value := range record {
				values[table.Columns[i]] = types.StringPointerValue(value)
			}
			all = append(all, types.MapValueMust(types.StringType, values))
		}
	}
	m.Columns = types.ListValueMust(types.StringType, columns)
	m.Records = types.ListValueMust(recordType, all)
}

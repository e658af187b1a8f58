package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runFilesDataSource is sequentum_run_files: the list of what a run left.
type runFilesDataSource struct {
	data *providerData
}

var _ datasource.DataSourceWithConfigure = (*runFilesDataSource)(nil)

func newRunFilesDataSource() datasource.DataSource { return &runFilesDataSource{} }

type runFilesModel struct {
	AgentID      types.Int64 `tfsdk:"agent_id"`
	RunID        types.Int64 `tfsdk:"run_id"`
	Types        types.Set   `tfsdk:"types"`
	AllowMissing types.Bool  `tfsdk:"allow_missing"`
	Found        types.Bool  `tfsdk:"found"`
	Files        types.List  `tfsdk:"files"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *runFilesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_files"
}

func (d *runFilesDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.data, _ = req.ProviderData.(*providerData) // nil until the provider is configured
}

const allowMissingDescription = "What to do when the platform no longer knows the run, for example after its retention time. Defaults to `false`: an error, because an empty result in a `for_each` would destroy the resources that were created from the files. " +
	"With `true`: an empty result with a warning, and `found = false`."

func (d *runFilesDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: dataSourceTimeouts(ctx),
		MarkdownDescription: "Lists the files of a run: records, downloaded assets, screenshots and logs. It also lists the files of a run that ended without success: they can be complete.\n\n" +
			"Terraform reads it on every plan, and on destroy. After the platform's retention time the run is gone: use `record_files` of `sequentum_run` for a list that lasts, or `allow_missing`.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{
				Required: true, Validators: agentIDValidators(),
				MarkdownDescription: "The agent that ran.",
			},
			"run_id": schema.Int64Attribute{
				Required: true, Validators: runIDValidators(),
				MarkdownDescription: "The run. While it is active, the list can be empty or partial, and a warning says so.",
			},
			"types": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.FileTypeNames()...)),
				},
				MarkdownDescription: "Lists only files of these types. `DeliveredFile` is what the agent delivers, `ExtractedFiles` are downloaded assets, `LogText` and `LogHtml` are logs; the others are internal: " +
					"`InternalExportFiles`, `InternalRuntimeFiles`, `InternalTrackingDb`, `InternalContentCache`. Unset: all files.",
			},
			"allow_missing": schema.BoolAttribute{Optional: true, MarkdownDescription: allowMissingDescription},
			"found": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether the platform knows the run. It can be false only with `allow_missing`.",
			},
			"files": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The files, ordered by id. A run without files is an empty list.",
				NestedObject:        schema.NestedAttributeObject{Attributes: fileDataSourceAttributes()},
			},
		},
	}
}

func (d *runFilesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model runFilesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout, diags := model.Timeouts.Read(ctx, defaultFileTimeout)
	resp.Diagnostics.Append(diags...)
	refuseZeroID("agent_id", model.AgentID, &resp.Diagnostics)
	refuseZeroID("run_id", model.RunID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !d.data.known(&resp.Diagnostics) {
		return
	}
	limit, limited, cancel := d.data.limit(ctx, "timeouts.read", timeout)
	defer cancel()
	ref := sequentum.RunRef{AgentID: model.AgentID.ValueInt64(), RunID: model.RunID.ValueInt64()}
	files, err := d.data.filesOf(limited, ref, &resp.Diagnostics)
	switch {
	case sequentum.IsNotFound(err):
		model.Found = types.BoolValue(false)
		model.Files = fileList(nil)
		resp.Diagnostics.Append(d.data.missingRun(limited, ref, model.AllowMissing.ValueBool(), err)...)
	case err != nil:
		resp.Diagnostics.AddError(fmt.Sprintf("The files of run %s could not be listed", ref), limit.explain(err))
	default:
		model.Found = types.BoolValue(true)
		model.Files = fileList(filterFiles(ctx, files, model.Types, &resp.Diagnostics))
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// filterFiles keeps the files of the given types; a null set keeps all.
func filterFiles(ctx context.Context, files []sequentum.File, typeNames types.Set, diags *diag.Diagnostics) []sequentum.File {
	if typeNames.IsNull() {
		return files
	}
	var names []string
	diags.Append(typeNames.ElementsAs(ctx, &names, false)...)
	return slices.DeleteFunc(files, func(f sequentum.File) bool {
		name := f.Type.Name()
		return name == nil || !slices.Contains(names, *name)
	})
}

// missingRun says what follows from a run that the API does not know: a warning where that is allowed, else an error
// that names the ways out. When the agent is not found either it is always an error: the key may have lost its access.
func (d *providerData) missingRun(ctx context.Context, ref sequentum.RunRef, allowed bool, cause error) diag.Diagnostics {
	var diags diag.Diagnostics
	exists, err := d.runs.AgentExists(ctx, ref.AgentID)
	summary := fmt.Sprintf("Run %s is not found", ref)
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root("run_id"), summary, paragraphs(cause.Error(), "The provider could not find out whether its agent exists: "+err.Error()))
	case !exists:
		diags.AddAttributeError(path.Root("agent_id"), fmt.Sprintf("Run %s and its agent are not found", ref),
			paragraphs(cause.Error(), "The agent was deleted, or this API key cannot see it."))
	case allowed:
		diags.AddAttributeWarning(path.Root("run_id"), summary,
			paragraphs(cause.Error(), "Its retention time has passed, or there never was such a run. The result is empty, and found is false."))
	default:
		diags.AddAttributeError(path.Root("run_id"), summary, paragraphs(cause.Error(),
			"Its retention time has passed, or there never was such a run. What you can do:\n"+
				"  - allow_missing = true: an empty result and a warning instead of this error;\n"+
				"  - for a destroy: terraform destroy -refresh=false;\n"+
				"  - for the next run: record_files = true on the sequentum_run keeps the list, and sequentum_run_download keeps the files."))
	}
	return diags
}

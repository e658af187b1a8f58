package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/ephemeralvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runFileURL is the ephemeral sequentum_run_file_url: a file's temporary signed link, which reaches no state.
type runFileURL struct {
	data *providerData
}

var (
	_ ephemeral.EphemeralResourceWithConfigure        = (*runFileURL)(nil)
	_ ephemeral.EphemeralResourceWithConfigValidators = (*runFileURL)(nil)
)

func newRunFileURL() ephemeral.EphemeralResource { return &runFileURL{} }

type runFileURLModel struct {
	AgentID      types.Int64  `tfsdk:"agent_id"`
	RunID        types.Int64  `tfsdk:"run_id"`
	FileID       types.Int64  `tfsdk:"file_id"`
	Name         types.String `tfsdk:"name"`
	AllowMissing types.Bool   `tfsdk:"allow_missing"`
	Found        types.Bool   `tfsdk:"found"`
	URL          types.String `tfsdk:"url"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (e *runFileURL) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_file_url"
}

func (e *runFileURL) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.data, _ = req.ProviderData.(*providerData) // nil until the provider is configured
}

func (e *runFileURL) ConfigValidators(context.Context) []ephemeral.ConfigValidator {
	return []ephemeral.ConfigValidator{ephemeralvalidator.ExactlyOneOf(fileChoicePaths()...)}
}

func (e *runFileURL) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: ephemeralTimeouts(ctx),
		MarkdownDescription: "Gives the temporary signed link of one file that a run left, to hand on to something that fetches it by itself.\n\n" +
			"Anyone with the link can download the file until the link expires, which can be after one minute. The link needs no API key. A request with an API key is refused. " +
			"The link reaches neither plan nor state: use it where Terraform takes ephemeral values, in a provider block, a write-only argument or a provisioner. " +
			"Each plan and apply asks for a new one, with one request, or two when the file is chosen by name. Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{
				Required: true, Validators: agentIDValidators(),
				MarkdownDescription: "The agent that ran.",
			},
			"run_id": schema.Int64Attribute{
				Required: true, Validators: runIDValidators(),
				MarkdownDescription: "The run.",
			},
			"file_id": schema.Int64Attribute{
				Optional: true, Validators: runIDValidators(),
				MarkdownDescription: fileIDDescription,
			},
			"name": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: fileNameDescription,
			},
			"allow_missing": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "What to do when the platform no longer knows the run, as after its retention time. Defaults to `false`: an error, in every plan and destroy. With `true`: a warning, no link, and `found = false`.",
			},
			"found": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether the platform knows the run. It can be false only with `allow_missing`.",
			},
			"url": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "The link; null when the run is not found.",
			},
		},
	}
}

func (e *runFileURL) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model runFileURLModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout, diags := model.Timeouts.Open(ctx, defaultFileTimeout)
	resp.Diagnostics.Append(diags...)
	refuseZeroID("agent_id", model.AgentID, &resp.Diagnostics)
	refuseZeroID("run_id", model.RunID, &resp.Diagnostics)
	refuseZeroID("file_id", model.FileID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !e.data.known(&resp.Diagnostics) {
		return
	}
	limit, limited, cancel := e.data.limit(ctx, "timeouts.open", timeout)
	defer cancel()
	ref := sequentum.RunRef{AgentID: model.AgentID.ValueInt64(), RunID: model.RunID.ValueInt64()}
	choice := fileChoice{id: model.FileID, name: model.Name}
	link, err := e.link(limited, ref, choice, &resp.Diagnostics)
	switch {
	case sequentum.IsNotFound(err):
		resp.Diagnostics.Append(e.data.missingRun(limited, ref, model.AllowMissing.ValueBool(), err)...)
	case err != nil:
		resp.Diagnostics.AddError(fmt.Sprintf("The provider could not get the link to a file of run %s", ref), limit.explain(err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	model.URL, model.Found = types.StringPointerValue(link), types.BoolValue(link != nil)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}

// link asks for the link. One to a file that is chosen by id costs no list, unless it is not found: then a list tells
// whether the run is. A 404 that it returns is of the run.
func (e *runFileURL) link(ctx context.Context, ref sequentum.RunRef, choice fileChoice, diags *diag.Diagnostics) (*string, error) {
	id := choice.id.ValueInt64()
	if !choice.name.IsNull() {
		files, err := e.data.confirmedFiles(ctx, ref)
		if err != nil {
			return nil, err
		}
		file := choice.of(ref, files, diags)
		if file == nil {
			return nil, nil
		}
		id = file.ID
	}
	link, err := e.data.downloads.Link(ctx, ref, id)
	if err == nil {
		return &link, nil
	}
	if !sequentum.IsNotFound(err) {
		return nil, err
	}
	if _, listErr := e.data.confirmedFiles(ctx, ref); listErr != nil {
		return nil, listErr
	}
	diags.AddAttributeError(choice.attribute(), fmt.Sprintf("The %s of run %s is not found", choice, ref), err.Error())
	return nil, nil
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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
type runFileURL struct{ configuredEphemeral }

var (
	_ ephemeral.EphemeralResourceWithConfigure        = (*runFileURL)(nil)
	_ ephemeral.EphemeralResourceWithConfigValidators = (*runFileURL)(nil)
)

func newRunFileURL() ephemeral.EphemeralResource { return &runFileURL{} }

type runFileURLModel struct {
	runLookup
	FileID   types.Int64    `tfsdk:"file_id"`
	Name     types.String   `tfsdk:"name"`
	URL      types.String   `tfsdk:"url"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (e *runFileURL) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_file_url"
}

func (e *runFileURL) ConfigValidators(context.Context) []ephemeral.ConfigValidator {
	return []ephemeral.ConfigValidator{ephemeralvalidator.ExactlyOneOf(fileChoicePaths()...)}
}

func (e *runFileURL) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		Blocks: ephemeralTimeouts(ctx),
		MarkdownDescription: "Gives a temporary signed link to one file of a run. Another program can download the file with it.\n\n" +
			"Anyone with the link can download the file until the link expires. It can expire after one minute. The link works without an API key. A request with an API key is refused. " +
			"Neither plan nor state holds the link. Use it where Terraform accepts ephemeral values: in a provider block, a write-only argument or a provisioner. " +
			"Each plan and each apply requests a new link. This costs one request, or two if you choose the file by `name`.",
		Attributes: map[string]schema.Attribute{
			"agent_id": schema.Int64Attribute{
				Required: true, Validators: int32IDValidators(),
				MarkdownDescription: lookupAgentDescription,
			},
			"run_id": schema.Int64Attribute{
				Required: true, Validators: int64IDValidators(),
				MarkdownDescription: "The id of the run.",
			},
			"file_id": schema.Int64Attribute{
				Optional: true, Validators: int64IDValidators(),
				MarkdownDescription: fileIDDescription,
			},
			"name": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: fileNameDescription,
			},
			"allow_missing": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: allowMissingDefault + "every plan and destroy then fails. With `true`, the result is no link, `found = false` and a warning.",
			},
			"found": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: foundDescription,
			},
			"url": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "The link. Null if the run is not found.",
			},
		},
	}
}

func (e *runFileURL) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model runFileURLModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	refuseZeroID("file_id", model.FileID, diags)
	timeout, d := model.Timeouts.Open(ctx, defaultLookupTimeout)
	diags.Append(d...)
	texts := lookupTexts{failure: "The provider could not get the link to a file of run %s", keep: keepFiles}
	model.lookUp(ctx, e.data, lookupLimit{"timeouts.open", timeout}, texts, diags, func(ctx context.Context, _ *timeLimit) error {
		choice := fileChoice{id: model.FileID, name: model.Name}
		link, err := e.link(ctx, model.ref(), choice, diags)
		model.URL = types.StringPointerValue(link)
		return err
	})
	if !diags.HasError() {
		diags.Append(resp.Result.Set(ctx, &model)...)
	}
}

// link asks for the link. For a file that is chosen by id it needs no list of files, unless the file is not found: then the
// list tells whether the run is there. A "not found" that it returns is about the run.
func (e *runFileURL) link(ctx context.Context, ref sequentum.RunRef, choice fileChoice, diags *diag.Diagnostics) (*string, error) {
	id := choice.id.ValueInt64()
	if !choice.name.IsNull() {
		files, err := e.data.listFilesConfirmed(ctx, ref, false)
		if err != nil {
			return nil, err
		}
		file := choice.find(ref, files, diags)
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
	if _, listErr := e.data.listFilesConfirmed(ctx, ref, false); listErr != nil {
		return nil, listErr
	}
	diags.AddAttributeError(choice.attribute(), fmt.Sprintf("The %s of run %s is not found", choice, ref), err.Error())
	return nil, nil
}

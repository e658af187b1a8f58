package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runDownloadResource is sequentum_run_download: files of a run on disk. Its schema, what it remembers of its files, and
// the longer of its operations have files of their own beside this one.
type runDownloadResource struct {
	data *providerData
}

var (
	_ resource.ResourceWithConfigure  = (*runDownloadResource)(nil)
	_ resource.ResourceWithModifyPlan = (*runDownloadResource)(nil)
)

func newRunDownloadResource() resource.Resource { return &runDownloadResource{} }

type runDownloadModel struct {
	AgentID        types.Int64  `tfsdk:"agent_id"`
	RunID          types.Int64  `tfsdk:"run_id"`
	Directory      types.String `tfsdk:"directory"`
	Types          types.Set    `tfsdk:"types"`
	NameRegex      types.String `tfsdk:"name_regex"`
	Overwrite      types.Bool   `tfsdk:"overwrite"`
	AllowEmpty     types.Bool   `tfsdk:"allow_empty"`
	KeepOnDestroy  types.Bool   `tfsdk:"keep_on_destroy"`
	RefetchMissing types.Bool   `tfsdk:"refetch_missing"`
	Files          types.Map    `tfsdk:"files"`
}

func (m *runDownloadModel) ref() run.Ref {
	return run.Ref{AgentID: m.AgentID.ValueInt64(), RunID: m.RunID.ValueInt64()}
}

// choosesAs reports whether both choose the same files; what is unknown may choose others.
func (m *runDownloadModel) choosesAs(other *runDownloadModel) bool {
	return m.AgentID.Equal(other.AgentID) && m.RunID.Equal(other.RunID) &&
		m.Types.Equal(other.Types) && m.NameRegex.Equal(other.NameRegex)
}

func (r *runDownloadResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_download"
}

func (r *runDownloadResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.data, _ = req.ProviderData.(*providerData) // nil until the provider is configured
}

// ModifyPlan shows the files as they will be. They are unknown only when others are chosen: a for_each over them must
// survive the plan that fetches again what was lost, or fetches the rest after an interrupt.
func (r *runDownloadResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var plan, state runDownloadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	had := readDownloads(ctx, state.Files, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if anotherDirectory(plan.Directory, state.Directory) {
		r.refuseLoss(ctx, &state, had, &resp.Diagnostics)
		return
	}
	if plan.choosesAs(&state) {
		plan.Files = had.expected().value(state.Directory.ValueString())
	} else {
		plan.Files = types.MapUnknown(downloadedFileType)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// isAnotherDirectory has another spelling of the same directory replace nothing.
func isAnotherDirectory(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = anotherDirectory(req.PlanValue, req.StateValue)
}

func anotherDirectory(a, b types.String) bool {
	return a.IsUnknown() || filepath.Clean(a.ValueString()) != filepath.Clean(b.ValueString())
}

// refuseLoss fails a replacement that would remove files which the platform no longer has. (Of one that is asked for
// with -replace, or by a taint, a plan is not told.)
func (r *runDownloadResource) refuseLoss(ctx context.Context, state *runDownloadModel, had downloads, diags *diag.Diagnostics) {
	if len(had.files) == 0 || state.KeepOnDestroy.ValueBool() || r.data == nil || r.data.runs == nil {
		return
	}
	_, err := r.data.runs.Files(ctx, state.ref())
	if sequentum.IsNotFound(err) {
		diags.AddAttributeError(path.Root("directory"), fmt.Sprintf("Another directory would lose the files of run %s", state.ref()),
			paragraphs("They are downloaded again into another directory, after they were removed from the old one, and the platform no longer has them: "+err.Error(),
				"Keep the directory; or set keep_on_destroy = true and apply that first, so that the files stay where they are."))
	}
}

func (r *runDownloadResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan runDownloadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.data.known(&resp.Diagnostics) {
		return
	}
	f := downloadFetch{data: r.data, model: &plan, had: downloads{}, creates: true, diags: &resp.Diagnostics}
	after := f.choose(ctx)
	if after == nil || resp.Diagnostics.HasError() && len(after.files) == 0 {
		return // nothing was written: no state, and nothing to taint
	}
	after.write(ctx, &plan, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *runDownloadResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state runDownloadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	had := readDownloads(ctx, state.Files, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	f := downloadFetch{data: r.data, model: &plan, had: had, sameRun: plan.ref() == state.ref(), diags: &resp.Diagnostics}
	after := &had
	if plan.RefetchMissing.ValueBool() && !state.RefetchMissing.ValueBool() {
		// What was absent all the while is missed from now on.
		var problem diag.Diagnostic
		if f.had, _, problem = inspect(ctx, &plan, had); problem != nil {
			resp.Diagnostics.Append(problem)
			return
		}
	}
	switch {
	case !plan.Files.IsUnknown() && f.had.complete():
		// Only what is kept of the configuration changes.
	case !r.data.known(&resp.Diagnostics):
		return
	case plan.Files.IsUnknown():
		after = f.choose(ctx)
	default:
		after = f.rest(ctx)
	}
	if after == nil {
		return // nothing was changed on disk, nor is it in state
	}
	after.write(ctx, &plan, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete removes what this resource wrote and nobody changed. Of a delete that comes first in a replacement, Terraform
// does not hand on the private state.
func (r *runDownloadResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state runDownloadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	had := readDownloads(ctx, state.Files, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || state.KeepOnDestroy.ValueBool() {
		return
	}
	directory, err := openIfThere(state.Directory.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("directory"), "The downloaded files could not be removed", err.Error())
		return
	}
	if directory == nil {
		return
	}
	defer directory.Close() //nolint:errcheck // nothing was written
	remaining := removeUnchanged(ctx, directory, had.written(), &resp.Diagnostics)
	if len(remaining) > 0 {
		resp.Diagnostics.AddError(fmt.Sprintf("%s of run %s could not be removed", plural(int64(len(remaining)), "file"), state.ref()),
			"State still holds the download: the next destroy goes on with them.")
	}
}

// openIfThere opens the directory; nil when there is none, so that none of its files can be there.
func openIfThere(name string) (*run.Directory, error) {
	directory, err := run.OpenDirectory(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return directory, err
}

// removeUnchanged removes files, and warns of those that it leaves because they were changed. It returns those that it
// should have removed and could not, each of which is an error.
func removeUnchanged(ctx context.Context, directory *run.Directory, files downloadedFiles, diags *diag.Diagnostics) downloadedFiles {
	remaining := downloadedFiles{}
	var changed []string
	for _, name := range files.names() {
		removed, err := directory.RemoveUnchanged(ctx, name, files[name].content())
		switch {
		case err != nil:
			remaining[name] = files[name]
			diags.AddError(fmt.Sprintf("The downloaded file %q could not be removed", name), err.Error())
		case !removed:
			changed = append(changed, fmt.Sprintf("%q", name))
		}
	}
	if len(changed) > 0 {
		diags.AddWarning("Downloaded files were left where they are",
			paragraphs("They were changed, or written again, since they were downloaded: they may be somebody else's by now.", listedBriefly("Files", changed)))
	}
	return remaining
}

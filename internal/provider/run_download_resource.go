// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runDownloadResource is sequentum_run_download: files of a run on disk. Each of these files begins with run_download_: schema.go
// has the schema, state.go what the resource records of its files, and read.go the refresh. Create and Update are in this file;
// the work is in apply.go, which calls choose.go, move.go, fetch.go and report.go.
type runDownloadResource struct{ configuredResource }

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

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// defaultDownloadTimeout is the default of timeouts.create and timeouts.update.
const defaultDownloadTimeout = 6 * time.Hour

func (m *runDownloadModel) ref() sequentum.RunRef {
	return sequentum.RunRef{AgentID: m.AgentID.ValueInt64(), RunID: m.RunID.ValueInt64()}
}

// choosesSameFiles reports whether both choose the same files. An unknown value can choose other files.
func (m *runDownloadModel) choosesSameFiles(other *runDownloadModel) bool {
	return m.AgentID.Equal(other.AgentID) && m.RunID.Equal(other.RunID) &&
		m.Types.Equal(other.Types) && m.NameRegex.Equal(other.NameRegex)
}

func (r *runDownloadResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_download"
}

// ModifyPlan shows the files as they will be after the apply. They are unknown only if other files are chosen. So a for_each over
// them still plans if the apply fetches lost files again, fetches the rest after an interrupt, or moves the files.
func (r *runDownloadResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var plan, state runDownloadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := readTrackedFiles(ctx, &state, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.choosesSameFiles(&state) && !before.Relist {
		plan.Files = before.expected().mapValue(plan.Directory)
	} else {
		plan.Files = types.MapUnknown(downloadedFileType)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// anotherDirectory reports whether the paths differ, so that files are moved. Another spelling of the same path is no difference.
func anotherDirectory(a, b types.String) bool {
	return filepath.Clean(a.ValueString()) != filepath.Clean(b.ValueString())
}

func (r *runDownloadResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan runDownloadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, defaultDownloadTimeout)
	resp.Diagnostics.Append(diags...)
	plan.checkIDs(&resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	limit, limited, cancel := r.data.limitTime(ctx, "timeouts.create", timeout)
	defer cancel()
	apply := downloadApply{data: r.data, model: &plan, isCreate: true, limit: limit, diags: &resp.Diagnostics}
	after := apply.fetchChosen(limited)
	if after == nil || resp.Diagnostics.HasError() && len(after.InState) == 0 {
		return // nothing was written: no state, and nothing to taint
	}
	after.save(ctx, &plan, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// checkIDs refuses what the validators let pass for a mock provider.
func (m *runDownloadModel) checkIDs(diags *diag.Diagnostics) {
	refuseZeroID("agent_id", m.AgentID, diags)
	refuseZeroID("run_id", m.RunID, diags)
}

func (r *runDownloadResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state runDownloadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := readTrackedFiles(ctx, &state, req.Private, &resp.Diagnostics)
	timeout, diags := plan.Timeouts.Update(ctx, defaultDownloadTimeout)
	resp.Diagnostics.Append(diags...)
	plan.checkIDs(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	limit, limited, cancel := r.data.limitTime(ctx, "timeouts.update", timeout)
	defer cancel()
	after := &before
	now := before
	if plan.RefetchMissing.ValueBool() && !state.RefetchMissing.ValueBool() {
		// Files that were absent before are fetched from now on.
		var problem diag.Diagnostic
		if now, _, problem = inspectFiles(limited, &state, true, before); problem != nil {
			resp.Diagnostics.Append(problem)
			return
		}
	}
	apply := downloadApply{
		data: r.data, model: &plan, before: now, placed: now.placed(&state), sameRun: plan.ref() == state.ref(),
		newDirectory: anotherDirectory(plan.Directory, state.Directory), limit: limit, diags: &resp.Diagnostics,
	}
	switch {
	case plan.Files.IsUnknown():
		if !r.data.requireConfigured(&resp.Diagnostics) {
			return
		}
		after = apply.fetchChosen(limited)
	case !now.complete() || apply.newDirectory:
		after = apply.fetchRemaining(limited)
	}
	if after == nil {
		return // nothing was changed on disk, so state stays as it is
	}
	after.save(ctx, &plan, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete removes the files that this resource wrote and nobody has changed. In a replacement that destroys first, Terraform gives
// Delete no private state.
func (r *runDownloadResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state runDownloadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := readTrackedFiles(ctx, &state, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || state.KeepOnDestroy.ValueBool() {
		return
	}
	placed := before.placed(&state)
	directories := map[string]*download.Directory{}
	for _, p := range placed {
		if _, done := directories[p.Directory]; done {
			continue
		}
		directory, err := openIfThere(p.Directory)
		if err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("directory"), "The downloaded files could not be removed", err.Error())
			return
		}
		if directory != nil {
			defer directory.Close() //nolint:errcheck // nothing was written
		}
		directories[p.Directory] = directory
	}
	remaining := removeUnchanged(ctx, directories, placed, &resp.Diagnostics)
	if len(remaining) > 0 {
		resp.Diagnostics.AddError(fmt.Sprintf("%s of run %s could not be removed", plural(int64(len(remaining)), "file"), state.ref()),
			"State still holds the download. The next destroy tries to remove them again.")
	}
}

// openIfThere opens the directory. nil without an error: the directory does not exist.
func openIfThere(name string) (*download.Directory, error) {
	directory, err := download.OpenDirectory(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return directory, err
}

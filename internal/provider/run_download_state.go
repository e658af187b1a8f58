// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// downloadedFile is the record of a file that the resource has written or will write. Private state holds it as JSON.
type downloadedFile struct {
	ID      int64     `json:"id"`
	Name    *string   `json:"name,omitempty"`
	Type    *string   `json:"type,omitempty"`
	Size    *int64    `json:"size,omitempty"`   // bytes; nil: not written yet, and the platform does not say
	SHA256  string    `json:"sha256,omitempty"` // hex; "": not written yet
	Written time.Time `json:"written,omitzero"` // the time of the file on disk; zero: not known
}

// unwritten reports whether the file was never written, so that its content is unknown.
func (f downloadedFile) unwritten() bool { return f.SHA256 == "" }

// fingerprint is that of the content that was written.
func (f downloadedFile) fingerprint() download.Fingerprint {
	c := download.Fingerprint{SHA256: f.SHA256, Modified: f.Written}
	if f.Size != nil {
		c.Size = *f.Size
	}
	return c
}

// target is the file as a target of that name. If the file was written before, its content must be the same.
func (f downloadedFile) target(name string) download.Target {
	return download.Target{File: sequentum.File{ID: f.ID, Name: f.Name, SizeBytes: f.Size}, Name: name, SHA256: f.SHA256}
}

// downloadedFiles are records of files by their name on disk.
type downloadedFiles map[string]downloadedFile

// names returns the names in order: files are always handled in this order.
func (f downloadedFiles) names() []string { return slices.Sorted(maps.Keys(f)) }

// trackedFiles is all that the resource knows of its files. State shows InState; the others are in private state, which the
// configuration does not see. Their JSON names must not change: an older version of the provider has written them.
type trackedFiles struct {
	InState downloadedFiles `json:"-"`                 // written, and on disk at the last check, or accepted as missing
	Lost    downloadedFiles `json:"lost,omitempty"`    // written, and then missing or altered: to be fetched again
	Pending downloadedFiles `json:"pending,omitempty"` // chosen, and not on disk yet: an apply was cut short or failed
	Old     []placedFile    `json:"old,omitempty"`     // written for an earlier choice, run or directory: to be removed when all wanted files are on disk
	// Relist: when the choice was changed, the platform's list could not be read. The next plan asks for it again.
	Relist bool `json:"relist,omitempty"`
}

// placedFile is the record of a file, with the place to which it was written, and its run.
type placedFile struct {
	downloadedFile
	Directory  string `json:"directory"`
	NameOnDisk string `json:"on"`
	AgentID    int64  `json:"agent_id,omitempty"`
	RunID      int64  `json:"run_id,omitempty"` // 0: an earlier version did not record it
}

func (p placedFile) ref() sequentum.RunRef {
	return sequentum.RunRef{AgentID: p.AgentID, RunID: p.RunID}
}

// placed returns all files that the resource has put on disk and not removed. state has the directory and the run of the files in
// InState and Lost.
func (t trackedFiles) placed(state *runDownloadModel) []placedFile {
	var all []placedFile
	for _, files := range []downloadedFiles{t.InState, t.Lost} {
		for _, name := range files.names() {
			all = append(all, placedFile{
				downloadedFile: files[name], Directory: state.Directory.ValueString(), NameOnDisk: name,
				AgentID: state.AgentID.ValueInt64(), RunID: state.RunID.ValueInt64(),
			})
		}
	}
	return append(all, t.Old...)
}

// expected returns the files that will be in state when everything has been fetched.
func (t trackedFiles) expected() downloadedFiles {
	all := maps.Clone(t.InState)
	maps.Copy(all, t.Lost)
	maps.Copy(all, t.Pending)
	return all
}

// complete reports whether the next apply has nothing to fetch and no list to request.
func (t trackedFiles) complete() bool { return len(t.Lost) == 0 && len(t.Pending) == 0 && !t.Relist }

const downloadsKey = "downloads"

// downloadRecord is what private state holds of the tracked files.
type downloadRecord struct {
	Written map[string]time.Time `json:"written,omitempty"` // by name, of the files in state
	trackedFiles
	// Stale is what an earlier version had instead of Old: files in the directory of the resource.
	Stale downloadedFiles `json:"stale,omitempty"`
}

// downloadedFileModel reads a file from state. It is a separate type because state has a path, which follows from the
// directory and the name on disk, and no time.
type downloadedFileModel struct {
	ID        types.Int64  `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Path      types.String `tfsdk:"path"`
	SizeBytes types.Int64  `tfsdk:"size_bytes"`
	SHA256    types.String `tfsdk:"sha256"`
	Type      types.String `tfsdk:"type"`
}

// readTrackedFiles reads what is known of the files from state and private state.
func readTrackedFiles(ctx context.Context, state *runDownloadModel, private privateState, diags *diag.Diagnostics) trackedFiles {
	var record downloadRecord
	raw, got := private.GetKey(ctx, downloadsKey)
	diags.Append(got...)
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &record); err != nil {
			diags.AddError("Unreadable private state", "The note about downloaded files cannot be read: "+err.Error())
		}
	}
	tracked := record.trackedFiles
	tracked.InState = downloadedFiles{}
	var models map[string]downloadedFileModel
	diags.Append(state.Files.ElementsAs(ctx, &models, false)...)
	for name, m := range models {
		tracked.InState[name] = downloadedFile{
			ID: m.ID.ValueInt64(), Name: m.Name.ValueStringPointer(), Type: m.Type.ValueStringPointer(),
			Size: m.SizeBytes.ValueInt64Pointer(), SHA256: m.SHA256.ValueString(), Written: record.Written[name],
		}
	}
	for _, name := range record.Stale.names() {
		tracked.Old = append(tracked.Old, placedFile{downloadedFile: record.Stale[name], Directory: state.Directory.ValueString(), NameOnDisk: name})
	}
	return tracked
}

// save writes InState to the model, and the others to private state. readTrackedFiles reads them there.
func (t trackedFiles) save(ctx context.Context, model *runDownloadModel, private privateState, diags *diag.Diagnostics) {
	record := downloadRecord{Written: map[string]time.Time{}, trackedFiles: t}
	for name, f := range t.InState {
		record.Written[name] = f.Written
	}
	raw, err := json.Marshal(record)
	if err != nil {
		diags.AddError("Unwritable private state", "The note about downloaded files cannot be saved: "+err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, downloadsKey, raw)...)
	model.Files = t.InState.mapValue(model.Directory)
}

// mapValue returns the value of the attribute files. An unknown directory makes the paths unknown.
func (f downloadedFiles) mapValue(directory types.String) types.Map {
	elements := map[string]attr.Value{}
	for name, file := range f {
		where := types.StringUnknown()
		if !directory.IsUnknown() {
			where = types.StringValue(filepath.Join(directory.ValueString(), name))
		}
		elements[name] = objectValue(file.attributes(where))
	}
	return types.MapValueMust(downloadedFileType, elements)
}

var downloadedFileType = objectType(downloadedFile{}.attributes(types.StringUnknown()))

// attributes is the table of what state shows of a file. The schema needs no values: for it any file will do. The content
// of a file that is still to be written is unknown, and its size too: the size in the platform's list is a hint only.
func (f downloadedFile) attributes(where types.String) []computedAttribute {
	size, sum := types.Int64PointerValue(f.Size), types.StringValue(f.SHA256)
	if f.unwritten() {
		size, sum = types.Int64Unknown(), types.StringUnknown()
	}
	return []computedAttribute{
		{"id", types.Int64Value(f.ID), "The file's id."},
		{"name", types.StringPointerValue(f.Name), "The file's name on the platform. Null if it has none."},
		{"path", where, "Where the file is: `directory` and its name there."},
		{"size_bytes", size, "The file's size in bytes."},
		{"sha256", sum, "The SHA-256 of the content, in hexadecimal."},
		{"type", types.StringPointerValue(f.Type), "The type of the file, by name. Null if the provider does not know a name for the type."},
	}
}

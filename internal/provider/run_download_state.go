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

// downloadedFile is a file that the resource has written, or is still to write.
type downloadedFile struct {
	ID      int64     `json:"id"`
	Name    *string   `json:"name,omitempty"`
	Type    *string   `json:"type,omitempty"`
	Size    *int64    `json:"size,omitempty"`   // bytes; nil: to be written, and the platform does not say
	SHA256  string    `json:"sha256,omitempty"` // hex; "": to be written
	Written time.Time `json:"written,omitzero"` // as the file system says
}

// unwritten reports whether the file was never written, so that its content is not known.
func (f downloadedFile) unwritten() bool { return f.SHA256 == "" }

// content is what was written.
func (f downloadedFile) content() download.Fingerprint {
	c := download.Fingerprint{SHA256: f.SHA256, Modified: f.Written}
	if f.Size != nil {
		c.Size = *f.Size
	}
	return c
}

// target asks for the file, with the content that it had if it was written before.
func (f downloadedFile) target(name string) download.Target {
	return download.Target{File: sequentum.File{ID: f.ID, Name: f.Name, SizeBytes: f.Size}, Name: name, SHA256: f.SHA256}
}

// downloadedFiles are files by their name on disk.
type downloadedFiles map[string]downloadedFile

// names gives the order in which files are handled.
func (f downloadedFiles) names() []string { return slices.Sorted(maps.Keys(f)) }

// trackedFiles is all that the resource knows of its files. State shows InState; the others are in private state, which the
// configuration does not see. Their JSON names must not change: an older version of the provider has written them.
type trackedFiles struct {
	InState downloadedFiles `json:"-"`                 // written, and on disk at the last check, or accepted as missing
	Lost    downloadedFiles `json:"lost,omitempty"`    // written, and then missing or altered: to be fetched again
	Pending downloadedFiles `json:"pending,omitempty"` // chosen, and not on disk yet: an apply was cut short or failed
	Old     []placedFile    `json:"old,omitempty"`     // written for an earlier choice, run or directory: to be removed when nothing is left to bring
	// Relist: when the choice was changed, the platform's list could not be read. The next plan asks for it again.
	Relist bool `json:"relist,omitempty"`
}

// placedFile is a file with the place that it was written to, and the run that it is of.
type placedFile struct {
	downloadedFile
	Directory  string `json:"directory"`
	NameOnDisk string `json:"on"`
	AgentID    int64  `json:"agent_id,omitempty"`
	RunID      int64  `json:"run_id,omitempty"` // 0: not known any more
}

func (p placedFile) ref() sequentum.RunRef {
	return sequentum.RunRef{AgentID: p.AgentID, RunID: p.RunID}
}

// placed are all files that this resource has put on disk and not removed. state says where its files are.
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

// expected are the files as they are when everything has been fetched.
func (t trackedFiles) expected() downloadedFiles {
	all := maps.Clone(t.InState)
	maps.Copy(all, t.Lost)
	maps.Copy(all, t.Pending)
	return all
}

// complete reports whether nothing is left to bring.
func (t trackedFiles) complete() bool { return len(t.Lost) == 0 && len(t.Pending) == 0 && !t.Relist }

const downloadsKey = "downloads"

// downloadRecord is what private state holds of the tracked files.
type downloadRecord struct {
	Written map[string]time.Time `json:"written,omitempty"` // by name, of the files in state
	trackedFiles
	// Stale is what an earlier version had instead of Old: files in the directory of the resource.
	Stale downloadedFiles `json:"stale,omitempty"`
}

// downloadedFileModel reads a file from state. It is a type of its own because state has a path, which follows from the
// directory and the name on disk, and no time.
type downloadedFileModel struct {
	ID        types.Int64  `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Path      types.String `tfsdk:"path"`
	SizeBytes types.Int64  `tfsdk:"size_bytes"`
	SHA256    types.String `tfsdk:"sha256"`
	Type      types.String `tfsdk:"type"`
}

// readTrackedFiles reads the files from state and private state.
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

// save writes everything to where readTrackedFiles finds it; the files of state go to the model.
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

// mapValue is the attribute files.
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

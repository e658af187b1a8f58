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
func (f downloadedFile) content() download.Content {
	c := download.Content{SHA256: f.SHA256, Modified: f.Written}
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

// downloads is all that the resource knows of its files. State shows the first; the others are in private state, out
// of sight of the configuration.
type downloads struct {
	files   downloadedFiles // written, and there at the last check
	lost    downloadedFiles // written, and then missing or altered: to be fetched again
	pending downloadedFiles // chosen, and not brought yet: an apply was cut short or failed
	old     []placedFile    // written for an earlier choice, run or directory: to be removed when nothing is left to bring
	// relist: the choice was changed, and the platform's list could not be read then. The next plan asks for it again.
	relist bool
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
func (d downloads) placed(state *runDownloadModel) []placedFile {
	var all []placedFile
	for _, files := range []downloadedFiles{d.files, d.lost} {
		for _, name := range files.names() {
			all = append(all, placedFile{
				downloadedFile: files[name], Directory: state.Directory.ValueString(), NameOnDisk: name,
				AgentID: state.AgentID.ValueInt64(), RunID: state.RunID.ValueInt64(),
			})
		}
	}
	return append(all, d.old...)
}

// expected are the files as they are when everything has been fetched.
func (d downloads) expected() downloadedFiles {
	all := maps.Clone(d.files)
	maps.Copy(all, d.lost)
	maps.Copy(all, d.pending)
	return all
}

// complete reports whether nothing is left to bring.
func (d downloads) complete() bool { return len(d.lost) == 0 && len(d.pending) == 0 && !d.relist }

const downloadsKey = "downloads"

// downloadRecord is the private part of downloads.
type downloadRecord struct {
	Written map[string]time.Time `json:"written,omitempty"` // by name, of the files in state
	Lost    downloadedFiles      `json:"lost,omitempty"`
	Pending downloadedFiles      `json:"pending,omitempty"`
	Old     []placedFile         `json:"old,omitempty"`
	Relist  bool                 `json:"relist,omitempty"`
	// Stale is what an earlier version had instead of Old: files in the directory of the resource.
	Stale downloadedFiles `json:"stale,omitempty"`
}

// downloadedFileModel is a file as state shows it.
type downloadedFileModel struct {
	ID        types.Int64  `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Path      types.String `tfsdk:"path"`
	SizeBytes types.Int64  `tfsdk:"size_bytes"`
	SHA256    types.String `tfsdk:"sha256"`
	Type      types.String `tfsdk:"type"`
}

var downloadedFileType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id": types.Int64Type, "name": types.StringType, "path": types.StringType,
	"size_bytes": types.Int64Type, "sha256": types.StringType, "type": types.StringType,
}}

// readDownloads reads the files from state and private state.
func readDownloads(ctx context.Context, state *runDownloadModel, private privateState, diags *diag.Diagnostics) downloads {
	d := downloads{files: downloadedFiles{}}
	var record downloadRecord
	raw, got := private.GetKey(ctx, downloadsKey)
	diags.Append(got...)
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &record); err != nil {
			diags.AddError("Unreadable private state", "The note about downloaded files cannot be read: "+err.Error())
		}
	}
	var models map[string]downloadedFileModel
	diags.Append(state.Files.ElementsAs(ctx, &models, false)...)
	for name, m := range models {
		d.files[name] = downloadedFile{
			ID: m.ID.ValueInt64(), Name: m.Name.ValueStringPointer(), Type: m.Type.ValueStringPointer(),
			Size: m.SizeBytes.ValueInt64Pointer(), SHA256: m.SHA256.ValueString(), Written: record.Written[name],
		}
	}
	d.lost, d.pending, d.old, d.relist = record.Lost, record.Pending, record.Old, record.Relist
	for _, name := range record.Stale.names() {
		d.old = append(d.old, placedFile{downloadedFile: record.Stale[name], Directory: state.Directory.ValueString(), NameOnDisk: name})
	}
	return d
}

// save writes everything to where readDownloads finds it; the files of state go to the model.
func (d downloads) save(ctx context.Context, model *runDownloadModel, private privateState, diags *diag.Diagnostics) {
	record := downloadRecord{Written: map[string]time.Time{}, Lost: d.lost, Pending: d.pending, Old: d.old, Relist: d.relist}
	for name, f := range d.files {
		record.Written[name] = f.Written
	}
	raw, err := json.Marshal(record)
	if err != nil {
		diags.AddError("Unwritable private state", "The note about downloaded files cannot be saved: "+err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, downloadsKey, raw)...)
	model.Files = d.files.mapValue(model.Directory)
}

// mapValue is the attribute files. The content of a file that is still to be written is unknown, and its size too: the
// size in the platform's list is a hint only.
func (f downloadedFiles) mapValue(directory types.String) types.Map {
	elements := map[string]attr.Value{}
	for name, file := range f {
		size, sum, where := types.Int64PointerValue(file.Size), types.StringValue(file.SHA256), types.StringUnknown()
		if file.unwritten() {
			size, sum = types.Int64Unknown(), types.StringUnknown()
		}
		if !directory.IsUnknown() {
			where = types.StringValue(filepath.Join(directory.ValueString(), name))
		}
		elements[name] = types.ObjectValueMust(downloadedFileType.AttrTypes, map[string]attr.Value{
			"id": types.Int64Value(file.ID), "name": types.StringPointerValue(file.Name),
			"path": where, "size_bytes": size, "sha256": sum, "type": types.StringPointerValue(file.Type),
		})
	}
	return types.MapValueMust(downloadedFileType, elements)
}

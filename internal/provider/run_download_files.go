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

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
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

// pending reports whether the file was never written.
func (f downloadedFile) pending() bool { return f.SHA256 == "" }

// content is what was written.
func (f downloadedFile) content() run.Content {
	c := run.Content{SHA256: f.SHA256, Modified: f.Written}
	if f.Size != nil {
		c.Size = *f.Size
	}
	return c
}

// target asks for the file, with the content that it had if it was written before.
func (f downloadedFile) target(name string) run.Target {
	return run.Target{File: sequentum.File{ID: f.ID, Name: f.Name, Size: f.Size}, Name: name, SHA256: f.SHA256}
}

// downloadedFiles are files by their name on disk.
type downloadedFiles map[string]downloadedFile

// names gives the order in which files are looked at.
func (f downloadedFiles) names() []string { return slices.Sorted(maps.Keys(f)) }

// downloads is all that the resource knows of its files. State shows the first; the others are in private state, out
// of sight of the configuration.
type downloads struct {
	files   downloadedFiles // written, and there when last looked at
	lost    downloadedFiles // written, and then missing or altered: to be fetched again
	pending downloadedFiles // chosen, and not written because a fetch was cut short
	stale   downloadedFiles // written for an earlier choice, and to be removed when nothing is pending any more
}

// written are all files that this resource has put on disk and not removed.
func (d downloads) written() downloadedFiles {
	all := maps.Clone(d.stale)
	if all == nil {
		all = downloadedFiles{}
	}
	maps.Copy(all, d.lost)
	maps.Copy(all, d.files)
	return all
}

// expected are the files as they are when everything has been fetched.
func (d downloads) expected() downloadedFiles {
	all := maps.Clone(d.files)
	maps.Copy(all, d.lost)
	maps.Copy(all, d.pending)
	return all
}

// complete reports whether nothing is left to fetch.
func (d downloads) complete() bool { return len(d.lost) == 0 && len(d.pending) == 0 }

const downloadsKey = "downloads"

// downloadRecord is the private part of downloads.
type downloadRecord struct {
	Written map[string]time.Time `json:"written,omitempty"` // by name, of the files in state
	Lost    downloadedFiles      `json:"lost,omitempty"`
	Pending downloadedFiles      `json:"pending,omitempty"`
	Stale   downloadedFiles      `json:"stale,omitempty"`
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

// readDownloads takes the files of state and what private state says besides.
func readDownloads(ctx context.Context, files types.Map, private privateState, diags *diag.Diagnostics) downloads {
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
	diags.Append(files.ElementsAs(ctx, &models, false)...)
	for name, m := range models {
		d.files[name] = downloadedFile{
			ID: m.ID.ValueInt64(), Name: m.Name.ValueStringPointer(), Type: m.Type.ValueStringPointer(),
			Size: m.SizeBytes.ValueInt64Pointer(), SHA256: m.SHA256.ValueString(), Written: record.Written[name],
		}
	}
	d.lost, d.pending, d.stale = record.Lost, record.Pending, record.Stale
	return d
}

// write puts everything back where readDownloads finds it; the files of state go to the model.
func (d downloads) write(ctx context.Context, model *runDownloadModel, private privateState, diags *diag.Diagnostics) {
	record := downloadRecord{Written: map[string]time.Time{}, Lost: d.lost, Pending: d.pending, Stale: d.stale}
	for name, f := range d.files {
		record.Written[name] = f.Written
	}
	raw, err := json.Marshal(record)
	if err != nil {
		diags.AddError("Unwritable private state", "The note about downloaded files cannot be kept: "+err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, downloadsKey, raw)...)
	model.Files = d.files.value(model.Directory.ValueString())
}

// value shows the files as Terraform does. What is still to be written has an unknown content.
func (f downloadedFiles) value(directory string) types.Map {
	elements := map[string]attr.Value{}
	for name, file := range f {
		size, sum := types.Int64PointerValue(file.Size), types.StringValue(file.SHA256)
		if file.Size == nil {
			size = types.Int64Unknown()
		}
		if file.pending() {
			sum = types.StringUnknown()
		}
		elements[name] = types.ObjectValueMust(downloadedFileType.AttrTypes, map[string]attr.Value{
			"id": types.Int64Value(file.ID), "name": types.StringPointerValue(file.Name),
			"path": types.StringValue(filepath.Join(directory, name)), "size_bytes": size, "sha256": sum,
			"type": types.StringPointerValue(file.Type),
		})
	}
	return types.MapValueMust(downloadedFileType, elements)
}

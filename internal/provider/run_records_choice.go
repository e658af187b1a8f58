// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/records"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// recordsChoice says which file of a run holds its records, and in which format. Nothing has to be set.
type recordsChoice struct {
	fileChoice
	format types.String
}

// isEmpty reports whether neither an id nor a name chooses the file.
func (c recordsChoice) isEmpty() bool { return c.id.IsNull() && c.name.IsNull() }

// find returns the file and its format; nil after an error.
func (c recordsChoice) find(ref sequentum.RunRef, files []sequentum.File, diags *diag.Diagnostics) (*sequentum.File, records.Format) {
	var file *sequentum.File
	if c.isEmpty() {
		file = c.findData(ref, files, diags)
	} else {
		file = c.fileChoice.find(ref, files, diags)
	}
	if file == nil {
		return nil, ""
	}
	if !c.format.IsNull() {
		return file, records.Format(c.format.ValueString())
	}
	format, known := formatOf(*file)
	if !known {
		diags.AddAttributeError(path.Root("format"), fmt.Sprintf("The provider does not know the format of a file of run %s", ref),
			paragraphs("File "+describeFile(*file)+". Its name does not end with .csv, .tsv, .json or .jsonl.", `Set its format, for example format = "csv".`))
		return nil, ""
	}
	return file, format
}

// findData finds the one file of data among what the run delivered. If there is none, it looks among what the run
// extracted, and then among files whose type the provider does not know (API: Output files).
func (c recordsChoice) findData(ref sequentum.RunRef, files []sequentum.File, diags *diag.Diagnostics) *sequentum.File {
	for _, isWanted := range []func(sequentum.File) bool{hasType("DeliveredFile"), hasType("ExtractedFiles"), hasUnknownType} {
		found := c.dataFiles(files, isWanted)
		switch len(found) {
		case 0:
			continue
		case 1:
			return &found[0]
		}
		diags.AddError(fmt.Sprintf("Run %s has several files that can hold its records", ref),
			paragraphs(listedBriefly("Files", describeFiles(found)), fmt.Sprintf("Choose one of them, for example file_id = %d.", found[0].ID)))
		return nil
	}
	diags.AddError(fmt.Sprintf("Run %s has no file that can hold its records", ref),
		paragraphs("The run has "+plural(int64(len(files)), "file")+". The provider looks for a delivered or extracted file whose name ends with .csv, .tsv, .json or .jsonl.",
			listedBriefly("Files", describeFiles(files)), "To read another file, set file_id or name, and format."))
	return nil
}

// dataFiles are the wanted files whose names tell the format: any, or the one that is configured. If none does, a format that
// is configured makes each of them such a file.
func (c recordsChoice) dataFiles(files []sequentum.File, isWanted func(sequentum.File) bool) []sequentum.File {
	var wanted, data []sequentum.File
	for _, file := range files {
		if !isWanted(file) {
			continue
		}
		wanted = append(wanted, file)
		if format, known := formatOf(file); known && (c.format.IsNull() || string(format) == c.format.ValueString()) {
			data = append(data, file)
		}
	}
	if len(data) == 0 && !c.format.IsNull() {
		return wanted
	}
	return data
}

func hasType(name string) func(sequentum.File) bool {
	return func(f sequentum.File) bool { return f.Type.Name() != nil && *f.Type.Name() == name }
}

// hasUnknownType reports whether the type is missing or not in the API's table.
func hasUnknownType(f sequentum.File) bool { return f.Type.Name() == nil || f.Type.Code() == nil }

// formatOf tells the format of a file from its name.
func formatOf(f sequentum.File) (format records.Format, known bool) {
	if f.Name == nil {
		return "", false
	}
	return records.FormatOf(*f.Name)
}

// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	fileIDDescription   = "The id of the file. Set either `file_id` or `name`."
	fileNameDescription = "The exact name of the file. If several files have this name, the error lists their ids."
)

// logTextType is the type of a text log (API: Output files).
const logTextType = "LogText"

// fileChoice names one file of a run: exactly one of its fields is set.
type fileChoice struct {
	id   types.Int64
	name types.String
}

// fileChoicePaths are the attributes of which exactly one names the file.
func fileChoicePaths() []path.Expression {
	return []path.Expression{path.MatchRoot("file_id"), path.MatchRoot("name")}
}

// attribute is the attribute that names the file.
func (c fileChoice) attribute() path.Path {
	if c.name.IsNull() {
		return path.Root("file_id")
	}
	return path.Root("name")
}

// find returns the file; nil after an error.
func (c fileChoice) find(ref sequentum.RunRef, files []sequentum.File, diags *diag.Diagnostics) *sequentum.File {
	var found []sequentum.File
	for _, f := range files {
		if c.matches(f) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 1:
		return &found[0]
	case 0:
		diags.AddAttributeError(c.attribute(), fmt.Sprintf("Run %s has no %s", ref, c),
			paragraphs("The run has "+plural(int64(len(files)), "file")+".", listedBriefly("Files", describeFiles(files))))
	default:
		diags.AddAttributeError(c.attribute(), fmt.Sprintf("Run %s has several files named %q", ref, c.name.ValueString()),
			paragraphs(listedBriefly("Files", describeFiles(found)), "Choose one of them by file_id."))
	}
	return nil
}

// newestTextLog returns the text log that was created last; nil: there is none.
func newestTextLog(files []sequentum.File) *sequentum.File {
	var newest *sequentum.File
	for i := range files {
		f := &files[i]
		name := f.Type.Name()
		if name == nil || *name != logTextType {
			continue
		}
		if newest == nil || cmp.Or(f.CreatedAt.Compare(newest.CreatedAt), cmp.Compare(f.ID, newest.ID)) > 0 {
			newest = f
		}
	}
	return newest
}

func (c fileChoice) matches(f sequentum.File) bool {
	if c.name.IsNull() {
		return f.ID == c.id.ValueInt64()
	}
	// Terraform's strings are in this form. The file's name may be in another.
	return f.Name != nil && norm.NFC.String(*f.Name) == norm.NFC.String(c.name.ValueString())
}

// String names the file in an error.
func (c fileChoice) String() string {
	if c.name.IsNull() {
		return fmt.Sprintf("file with the id %d", c.id.ValueInt64())
	}
	return fmt.Sprintf("file named %q", c.name.ValueString())
}

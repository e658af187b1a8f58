// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// maxMaxSize keeps the content of a file, which state holds, within what Terraform takes in one message.
const maxMaxSize = 64 << 20

// readContent reads the content of a file of at most most bytes into memory, and its SHA-256. ok is false after an error. It
// warns if the content has another size than listed.
func (d *providerData) readContent(ctx context.Context, limit *timeLimit, ref sequentum.RunRef, file *sequentum.File, most int64, diags *diag.Diagnostics) (content []byte, sum string, ok bool) {
	content, sum, err := d.downloads.Read(ctx, ref, *file, most)
	var tooLarge *download.TooLargeError
	switch {
	case errors.As(err, &tooLarge):
		diags.Append(tooLargeDiagnostic(ref, file, most))
		return nil, "", false
	case err != nil:
		diags.AddError(fmt.Sprintf("A file of run %s could not be read", ref), paragraphs("File "+describeFile(*file)+".", limit.explain(err)))
		return nil, "", false
	}
	if listed := file.SizeBytes; listed != nil && *listed != int64(len(content)) {
		warnOfOtherSizes(ref, []string{describeOtherSize(describeFile(*file), *listed, int64(len(content)))}, diags)
	}
	return content, sum, true
}

// tooLargeDiagnostic is the error of a file that exceeds max_size_bytes.
func tooLargeDiagnostic(ref sequentum.RunRef, file *sequentum.File, most int64) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("max_size_bytes"), fmt.Sprintf("A file of run %s is too large for a value", ref),
		paragraphs(fmt.Sprintf("File %s. It is larger than max_size_bytes (%d). State would hold its content.", describeFile(*file), most),
			"A sequentum_run_download saves files of any size to disk. To read this file as a value, raise max_size_bytes."))
}

// valueOr is an optional number, or its default where the configuration has none.
func valueOr(configured types.Int64, otherwise int64) int64 {
	if configured.IsNull() {
		return otherwise
	}
	return configured.ValueInt64()
}

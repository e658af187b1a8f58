// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// maxRecordedFiles keeps state from growing without bound.
const maxRecordedFiles = 500

// recordTimeout limits the request for the files after a wait. timeouts.create limits the wait alone.
const recordTimeout = 2 * time.Minute

// listFiles lists a run's files. It warns if the run is still active: its files can be missing or incomplete. A "not
// found" is confirmed before it is returned.
func (d *providerData) listFiles(ctx context.Context, ref sequentum.RunRef, diags *diag.Diagnostics) ([]sequentum.File, error) {
	// The status is asked for first. If the run finishes between the two requests, there is one warning too many, and
	// not one too few. The status is only for the warning: if it cannot be read, the files are listed nevertheless.
	seen, err := d.runs.ReadListed(ctx, ref)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("listing the agent's runs: %w", err)
	}
	finished := seen != nil && seen.Status.Finished()
	files, err := d.listFilesConfirmed(ctx, ref, finished)
	if err == nil && seen != nil && !finished {
		diags.AddAttributeWarning(path.Root("run_id"), fmt.Sprintf("Run %s is still active", ref),
			paragraphs(describeRun(seen, d.now()), "The list of its files can be empty or partial. Read them after a sequentum_run or sequentum_run_completion has waited for the run."))
	}
	return files, err
}

// listFilesConfirmed lists a run's files. finished: the run has been seen finished. If the API does not find the run, that is
// confirmed; if the run is there after all, the files are listed once more.
func (d *providerData) listFilesConfirmed(ctx context.Context, ref sequentum.RunRef, finished bool) ([]sequentum.File, error) {
	files, err := d.filesOf(ctx, ref, finished)
	if !sequentum.IsNotFound(err) {
		return files, err
	}
	if _, err := d.runs.ConfirmGone(ctx, ref, err); err != nil {
		return nil, err
	}
	files, err = d.filesOf(ctx, ref, finished)
	if sequentum.IsNotFound(err) { // not the error itself: it says that the run is gone, and the run is there
		return nil, fmt.Errorf("the API knows the run, but does not find its files: %s", err.Error())
	}
	return files, err
}

// filesOf lists a run's files. Equal reads share the list of a run that has been seen finished. The list of an active run
// is never shared: a read after the run's end would get a partial list.
func (d *providerData) filesOf(ctx context.Context, ref sequentum.RunRef, finished bool) ([]sequentum.File, error) {
	if !finished {
		return d.downloads.Files(ctx, ref)
	}
	files, err := d.fileLists.read(ctx, ref, func(ctx context.Context) ([]sequentum.File, error) { return d.downloads.Files(ctx, ref) })
	return slices.Clone(files), err
}

// recordFiles lists the run's files for state. If the list cannot be read or is too long for state, the result is null
// with a warning, not an error: the run itself is not at fault.
func (d *providerData) recordFiles(ctx context.Context, ref sequentum.RunRef, diags *diag.Diagnostics) types.List {
	ctx, cancel := sequentum.WithTimeout(ctx, d.clock, recordTimeout)
	defer cancel()
	files, err := d.filesOf(ctx, ref, true)
	switch {
	case err != nil:
		diags.AddWarning("The files of run "+ref.String()+" were not recorded",
			"The list of files could not be read, so `files` is null: "+err.Error()+"\n\nThe data source sequentum_run_files lists them as long as the platform keeps the run.")
	case len(files) > maxRecordedFiles:
		diags.AddWarning("The files of run "+ref.String()+" were not recorded",
			"The run has "+plural(int64(len(files)), "file")+". State holds at most "+plural(maxRecordedFiles, "file")+", so `files` is null. The data source sequentum_run_files lists them as long as the platform keeps the run.")
	default:
		return fileList(files)
	}
	return types.ListNull(fileObjectType)
}

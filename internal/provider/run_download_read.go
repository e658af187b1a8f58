// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// fileCondition is the condition of a downloaded file on disk.
type fileCondition int

const (
	fileIntact fileCondition = iota
	fileAbsent
	fileAltered // its content was changed, or something else is in its place
)

// conditionOf checks a file on disk. nil: the directory does not exist. A file that was never written counts as absent, even if
// something has its name.
func conditionOf(ctx context.Context, directory *download.Directory, name string, file downloadedFile) (fileCondition, error) {
	if directory == nil || file.unwritten() {
		return fileAbsent, nil
	}
	written := file.fingerprint()
	found, err := directory.Fingerprint(ctx, name, written.Size)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileAbsent, nil
	case errors.Is(err, download.ErrNotRegular):
		return fileAltered, nil
	case err != nil:
		return 0, err
	case found.SHA256 != written.SHA256:
		return fileAltered, nil
	}
	return fileIntact, nil
}

func uncheckableDiagnostic(name string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("directory"), fmt.Sprintf("The downloaded file %q could not be checked", name),
		paragraphs(err.Error(), "State is unchanged. Make the file readable. Or remove it: then the next apply fetches it again. A plan with -refresh=false does not check it."))
}

// checkTimeout limits the requests that a refresh may send.
const checkTimeout = 2 * time.Minute

// Read checks that the files are on disk and unchanged. Lost files go from state to private state, so that the next apply fetches
// them again. Only if there are some, Read lists the run's files: a lost file that the platform no longer has stays in state.
func (r *runDownloadResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state runDownloadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := readTrackedFiles(ctx, &state, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	now, altered, err := inspectFiles(ctx, &state, state.RefetchMissing.ValueBool(), before)
	if err != nil {
		resp.Diagnostics.Append(err)
		return
	}
	if len(now.Lost)+len(now.Pending) > 0 {
		if !r.data.isConfigured() {
			return // the key is not known yet: state stays as it is
		}
		if !r.keepGoneFiles(ctx, &state, &now, &resp.Diagnostics) {
			return
		}
		warnOfAltered(state.ref(), altered, now.Lost, &resp.Diagnostics)
	}
	now.save(ctx, &state, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// warnOfAltered names the files that the next apply overwrites: they may contain someone's work.
func warnOfAltered(ref sequentum.RunRef, altered []string, lost downloadedFiles, diags *diag.Diagnostics) {
	var names []string
	for _, name := range altered {
		if _, ok := lost[name]; ok {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if len(names) > 0 {
		diags.AddAttributeWarning(path.Root("files"), fmt.Sprintf("Downloaded files of run %s were altered and will be replaced", ref),
			paragraphs(listedBriefly("Files", names), "The next apply fetches them again and overwrites the altered files. To keep the altered files, copy them elsewhere first."))
	}
}

// inspectFiles checks all files that should be on disk, and sorts them into InState and Lost. refetch: an absent file is lost.
// altered are the names of the files that were changed.
func inspectFiles(ctx context.Context, state *runDownloadModel, refetch bool, before trackedFiles) (now trackedFiles, altered []string, problem diag.Diagnostic) {
	now = before
	now.InState, now.Lost = downloadedFiles{}, downloadedFiles{}
	directory, err := openIfThere(state.Directory.ValueString())
	if err != nil {
		return now, nil, diag.NewAttributeErrorDiagnostic(path.Root("directory"), "The directory of the downloads cannot be read", err.Error())
	}
	if directory != nil {
		defer directory.Close() //nolint:errcheck // nothing was written
	}
	known := maps.Clone(before.InState)
	maps.Copy(known, before.Lost)
	for _, name := range known.names() {
		condition, err := conditionOf(ctx, directory, name, known[name])
		if condition == fileAltered {
			altered = append(altered, name)
		}
		switch {
		case err != nil:
			return now, nil, uncheckableDiagnostic(name, err)
		case condition == fileIntact, condition == fileAbsent && !refetch:
			now.InState[name] = known[name]
		default:
			now.Lost[name] = known[name]
		}
	}
	return now, altered, nil
}

// keepGoneFiles leaves lost files in state that the platform no longer has, with a warning: a for_each over the files
// must not change because of them. A file that was never downloaded and that the platform no longer has is given up, with a
// warning. It returns false after an error.
func (r *runDownloadResource) keepGoneFiles(ctx context.Context, state *runDownloadModel, now *trackedFiles, diags *diag.Diagnostics) bool {
	ref := state.ref()
	limit, limited, cancel := r.data.limitTime(ctx, "this check", checkTimeout)
	defer cancel()
	listed, err := r.listTwice(limited, ref, now)
	switch {
	case err == nil || sequentum.IsNotFound(err):
	case len(now.Lost) == 0:
		return true // the next apply still has to fetch the pending files
	default:
		diags.AddError(fmt.Sprintf("The provider could not find out whether lost files of run %s can be fetched again", ref),
			paragraphs(limit.explain(err), "State is unchanged."))
		return false
	}
	var gone, givenUp []string
	for _, name := range now.Lost.names() {
		if file := now.Lost[name]; !isListed(listed, file.ID) {
			gone = append(gone, fmt.Sprintf("%q", name))
			now.InState[name] = file
			delete(now.Lost, name)
		}
	}
	for _, name := range now.Pending.names() {
		if file := now.Pending[name]; file.unwritten() && !isListed(listed, file.ID) {
			givenUp = append(givenUp, fmt.Sprintf("%q", name))
			delete(now.Pending, name)
		}
	}
	if len(gone) > 0 {
		diags.Append(goneWarning(ref, gone, err))
	}
	if len(givenUp) > 0 {
		diags.Append(givenUpWarning(ref, givenUp, err))
	}
	return true
}

// listTwice lists the run's files. If a file is not in the list, it asks for the list once more before the file is given
// up: no single answer decides.
func (r *runDownloadResource) listTwice(ctx context.Context, ref sequentum.RunRef, now *trackedFiles) ([]sequentum.File, error) {
	listed, err := r.data.downloads.Files(ctx, ref)
	if err != nil && !sequentum.IsNotFound(err) || now.allListed(listed) {
		return listed, err
	}
	again, err := r.data.downloads.Files(ctx, ref)
	return append(listed, again...), err
}

// allListed reports whether the list holds all files that are to be fetched.
func (t trackedFiles) allListed(listed []sequentum.File) bool {
	for _, files := range []downloadedFiles{t.Lost, t.Pending} {
		for _, file := range files {
			if !isListed(listed, file.ID) {
				return false
			}
		}
	}
	return true
}

// whyGone says why files cannot be fetched. cause is the error of the request for the list, nil if there was none.
func whyGone(cause error) string {
	if cause != nil {
		return "The platform no longer knows the run, or this key cannot see it: " + cause.Error()
	}
	return "The platform still knows the run, but no longer has these files."
}

func goneWarning(ref sequentum.RunRef, names []string, cause error) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("files"),
		fmt.Sprintf("Downloaded files of run %s are missing or altered, and cannot be fetched again", ref),
		paragraphs(listedBriefly("Files", names), whyGone(cause), "They stay in state, and no change is planned for them. To remove them from state, change types or name_regex so that they no longer match, or destroy this resource."))
}

func givenUpWarning(ref sequentum.RunRef, names []string, cause error) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("files"),
		fmt.Sprintf("Files of run %s can no longer be downloaded", ref),
		paragraphs(listedBriefly("Files", names), whyGone(cause), "An earlier apply did not download them. The next plan no longer includes them."))
}

// warnOfGone warns of files that are neither on disk nor on the platform. A file that was downloaded once stays in state.
func (u *directoryUpdate) warnOfGone() {
	var gone, givenUp []string
	for _, w := range u.gone {
		name := w.target.Name
		if w.known.unwritten() {
			givenUp = append(givenUp, fmt.Sprintf("%q", name))
			continue
		}
		u.after.InState[name] = w.known
		gone = append(gone, fmt.Sprintf("%q", name))
	}
	if len(gone) > 0 {
		u.diags.Append(goneWarning(u.model.ref(), gone, nil))
	}
	if len(givenUp) > 0 {
		u.diags.Append(givenUpWarning(u.model.ref(), givenUp, nil))
	}
}

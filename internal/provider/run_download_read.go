package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// fileCondition is how a downloaded file was found.
type fileCondition int

const (
	fileIntact fileCondition = iota
	fileAbsent
	fileAltered // in its content, or by something else in its place
)

// conditionOf looks at a file on disk; a nil directory has none. A file that was never written counts as absent,
// whatever has its name.
func conditionOf(ctx context.Context, directory *run.Directory, name string, file downloadedFile) (fileCondition, error) {
	if directory == nil || file.pending() {
		return fileAbsent, nil
	}
	want := file.content()
	found, err := directory.Content(ctx, name, want.Size)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileAbsent, nil
	case errors.Is(err, run.ErrNotRegular):
		return fileAltered, nil
	case err != nil:
		return 0, err
	case found.SHA256 != want.SHA256:
		return fileAltered, nil
	}
	return fileIntact, nil
}

func uncheckable(name string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("directory"), fmt.Sprintf("The downloaded file %q could not be checked", name),
		paragraphs(err.Error(), "State is unchanged. Make the file readable, or remove it, to have it fetched again; a plan with -refresh=false does without the check."))
}

// Read checks that the files are there and unchanged. Those that are not leave state and are remembered, for the plan
// to fetch them again; the API is asked only then, and what it no longer has is no reason to plan anything.
func (r *runDownloadResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state runDownloadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	had := readDownloads(ctx, state.Files, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	now, altered, err := inspect(ctx, &state, had)
	if err != nil {
		resp.Diagnostics.Append(err)
		return
	}
	if len(now.lost) > 0 {
		if r.data == nil || r.data.runs == nil {
			return // the key is not known yet: state stays as it is
		}
		if !r.keepGone(ctx, &state, &now, &resp.Diagnostics) {
			return
		}
		warnOfAltered(state.ref(), altered, now.lost, &resp.Diagnostics)
	}
	now.write(ctx, &state, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// warnOfAltered names what the next apply overwrites: somebody may have work in it.
func warnOfAltered(ref run.Ref, altered []string, lost downloadedFiles, diags *diag.Diagnostics) {
	var names []string
	for _, name := range altered {
		if _, ok := lost[name]; ok {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if len(names) > 0 {
		diags.AddAttributeWarning(path.Root("files"), fmt.Sprintf("Downloaded files of run %s were altered since, and are to be replaced", ref),
			paragraphs(listedBriefly("Files", names), "The next apply fetches them again over what is there now. To keep that, copy it elsewhere first."))
	}
}

// inspect sorts all files that are said to be on disk by what is found there.
func inspect(ctx context.Context, state *runDownloadModel, had downloads) (now downloads, altered []string, problem diag.Diagnostic) {
	now = downloads{files: downloadedFiles{}, lost: downloadedFiles{}, pending: had.pending, stale: had.stale}
	directory, err := openIfThere(state.Directory.ValueString())
	if err != nil {
		return now, nil, diag.NewAttributeErrorDiagnostic(path.Root("directory"), "The directory of the downloads cannot be read", err.Error())
	}
	if directory != nil {
		defer directory.Close() //nolint:errcheck // nothing was written
	}
	known := downloads{files: had.files, lost: had.lost}.written()
	for _, name := range known.names() {
		condition, err := conditionOf(ctx, directory, name, known[name])
		if condition == fileAltered {
			altered = append(altered, name)
		}
		switch {
		case err != nil:
			return now, nil, uncheckable(name, err)
		case condition == fileIntact, condition == fileAbsent && !state.RefetchMissing.ValueBool():
			now.files[name] = known[name]
		default:
			now.lost[name] = known[name]
		}
	}
	return now, altered, nil
}

// keepGone leaves in state what can no longer be fetched, with a warning; a for_each over the files is not to suffer
// from it. It returns false after an error.
func (r *runDownloadResource) keepGone(ctx context.Context, state *runDownloadModel, now *downloads, diags *diag.Diagnostics) bool {
	ref := state.ref()
	listed, err := r.data.runs.Files(ctx, ref)
	if err != nil && !sequentum.IsNotFound(err) {
		diags.AddError(fmt.Sprintf("Whether lost files of run %s can be fetched again could not be told", ref),
			paragraphs(err.Error(), "State is unchanged."))
		return false
	}
	var gone []string
	for _, name := range now.lost.names() {
		file := now.lost[name]
		if slices.ContainsFunc(listed, func(f sequentum.File) bool { return f.ID == file.ID }) {
			continue
		}
		gone = append(gone, fmt.Sprintf("%q", name))
		now.files[name] = file
		delete(now.lost, name)
	}
	if len(gone) > 0 {
		diags.Append(goneWarning(ref, gone, err))
	}
	return true
}

func goneWarning(ref run.Ref, names []string, cause error) diag.Diagnostic {
	why := "The platform still knows the run, and no longer has these files."
	if cause != nil {
		why = "The platform no longer knows the run, or this key cannot see it: " + cause.Error()
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("files"),
		fmt.Sprintf("Downloaded files of run %s are missing or altered, and cannot be fetched again", ref),
		paragraphs(listedBriefly("Files", names), why, "They stay in state, and nothing is planned for them. To take them out of it, choose others, or destroy this resource."))
}

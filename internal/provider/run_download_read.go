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

// fileCondition is how a downloaded file was found.
type fileCondition int

const (
	fileIntact fileCondition = iota
	fileAbsent
	fileAltered // in its content, or by something else in its place
)

// conditionOf looks at a file on disk; a nil directory has none. A file that was never written counts as absent,
// whatever has its name.
func conditionOf(ctx context.Context, directory *download.Directory, name string, file downloadedFile) (fileCondition, error) {
	if directory == nil || file.unwritten() {
		return fileAbsent, nil
	}
	want := file.content()
	found, err := directory.Content(ctx, name, want.Size)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileAbsent, nil
	case errors.Is(err, download.ErrNotRegular):
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

// readPatience bounds the one request that a refresh may send.
const readPatience = 2 * time.Minute

// Read checks that the files are there and unchanged. Those that are not leave state and are remembered, for the plan
// to fetch them again; the API is asked only then, and what it no longer has is no reason to plan anything.
func (r *runDownloadResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state runDownloadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	had := readDownloads(ctx, &state, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	now, altered, err := inspect(ctx, &state, state.RefetchMissing.ValueBool(), had)
	if err != nil {
		resp.Diagnostics.Append(err)
		return
	}
	if len(now.lost)+len(now.pending) > 0 {
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

// inspect sorts all files that are said to be on disk by what is found there. refetch: what is absent is lost.
func inspect(ctx context.Context, state *runDownloadModel, refetch bool, had downloads) (now downloads, altered []string, problem diag.Diagnostic) {
	now = had
	now.files, now.lost = downloadedFiles{}, downloadedFiles{}
	directory, err := openIfThere(state.Directory.ValueString())
	if err != nil {
		return now, nil, diag.NewAttributeErrorDiagnostic(path.Root("directory"), "The directory of the downloads cannot be read", err.Error())
	}
	if directory != nil {
		defer directory.Close() //nolint:errcheck // nothing was written
	}
	known := maps.Clone(had.files)
	maps.Copy(known, had.lost)
	for _, name := range known.names() {
		condition, err := conditionOf(ctx, directory, name, known[name])
		if condition == fileAltered {
			altered = append(altered, name)
		}
		switch {
		case err != nil:
			return now, nil, uncheckable(name, err)
		case condition == fileIntact, condition == fileAbsent && !refetch:
			now.files[name] = known[name]
		default:
			now.lost[name] = known[name]
		}
	}
	return now, altered, nil
}

// keepGone leaves in state what was lost and can no longer be fetched, with a warning; a for_each over the files is not
// to suffer from it. What was never brought and cannot be any more is given up, with a warning. It returns false after an
// error.
func (r *runDownloadResource) keepGone(ctx context.Context, state *runDownloadModel, now *downloads, diags *diag.Diagnostics) bool {
	ref := state.ref()
	limit, limited, cancel := r.data.limit(ctx, "this check", readPatience)
	defer cancel()
	listed, err := r.listedTwice(limited, ref, now)
	switch {
	case err == nil || sequentum.IsNotFound(err):
	case len(now.lost) == 0:
		return true // what is owed stays owed
	default:
		diags.AddError(fmt.Sprintf("The provider could not find out whether lost files of run %s can be fetched again", ref),
			paragraphs(limit.explain(err), "State is unchanged."))
		return false
	}
	var gone, given []string
	for _, name := range now.lost.names() {
		if file := now.lost[name]; !isListed(listed, file.ID) {
			gone = append(gone, fmt.Sprintf("%q", name))
			now.files[name] = file
			delete(now.lost, name)
		}
	}
	for _, name := range now.pending.names() {
		if file := now.pending[name]; file.unwritten() && !isListed(listed, file.ID) {
			given = append(given, fmt.Sprintf("%q", name))
			delete(now.pending, name)
		}
	}
	if len(gone) > 0 {
		diags.Append(goneWarning(ref, gone, err))
	}
	if len(given) > 0 {
		diags.Append(givenUpWarning(ref, given, err))
	}
	return true
}

// listedTwice lists the run's files. Before anything is given up because it is not in the list, it is asked for once
// more: no single answer decides.
func (r *runDownloadResource) listedTwice(ctx context.Context, ref sequentum.RunRef, now *downloads) ([]sequentum.File, error) {
	listed, err := r.data.downloads.Files(ctx, ref)
	if err != nil && !sequentum.IsNotFound(err) || now.allIn(listed) {
		return listed, err
	}
	again, err := r.data.downloads.Files(ctx, ref)
	return append(listed, again...), err
}

// allIn reports whether the platform lists all that is to be fetched.
func (d downloads) allIn(listed []sequentum.File) bool {
	for _, files := range []downloadedFiles{d.lost, d.pending} {
		for _, file := range files {
			if !isListed(listed, file.ID) {
				return false
			}
		}
	}
	return true
}

// whyGone says why files cannot be fetched. cause is the answer to the question for the list, nil when it came.
func whyGone(cause error) string {
	if cause != nil {
		return "The platform no longer knows the run, or this key cannot see it: " + cause.Error()
	}
	return "The platform still knows the run, and no longer has these files."
}

func goneWarning(ref sequentum.RunRef, names []string, cause error) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("files"),
		fmt.Sprintf("Downloaded files of run %s are missing or altered, and cannot be fetched again", ref),
		paragraphs(listedBriefly("Files", names), whyGone(cause), "They stay in state, and no change is planned for them. To remove them from state, change types or name_regex so that they no longer match, or destroy this resource."))
}

func givenUpWarning(ref sequentum.RunRef, names []string, cause error) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("files"),
		fmt.Sprintf("Files of run %s were not downloaded and are gone", ref),
		paragraphs(listedBriefly("Files", names), whyGone(cause), "An earlier apply did not download them. The next plan no longer includes them."))
}

// warnOfGone notes what is neither on disk nor to be fetched: what was downloaded once stays in state.
func (b *bringing) warnOfGone() {
	var gone, given []string
	for _, w := range b.gone {
		name := w.target.Name
		if w.file.unwritten() {
			given = append(given, fmt.Sprintf("%q", name))
			continue
		}
		b.after.files[name] = w.file
		gone = append(gone, fmt.Sprintf("%q", name))
	}
	if len(gone) > 0 {
		b.diags.Append(goneWarning(b.model.ref(), gone, nil))
	}
	if len(given) > 0 {
		b.diags.Append(givenUpWarning(b.model.ref(), given, nil))
	}
}

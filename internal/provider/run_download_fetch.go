package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// downloadFetch brings files of a run to disk, for a create or an update.
type downloadFetch struct {
	data    *providerData
	model   *runDownloadModel // as planned
	had     downloads         // before
	creates bool
	sameRun bool // had's files are of the run that is asked for
	diags   *diag.Diagnostics
}

// wanted is a file to be had: there already, or to be fetched.
type wanted struct {
	target run.Target
	file   downloadedFile
	ours   bool // what has its name was written by this resource
}

// choose lists the run's files and fetches those that are chosen; then what was chosen before and is no more is
// removed. nil means that an error kept it from changing anything.
func (f *downloadFetch) choose(ctx context.Context) *downloads {
	ref := f.model.ref()
	all, err := f.data.filesOf(ctx, ref, f.diags)
	switch {
	case sequentum.IsNotFound(err):
		f.diags.Append(runNotFound(ref, err))
		return nil
	case err != nil:
		f.diags.AddError(fmt.Sprintf("The files of run %s could not be listed", ref), err.Error())
		return nil
	}
	matching := f.matching(ctx, all)
	if f.diags.HasError() {
		return nil
	}
	if len(matching) == 0 && !f.model.AllowEmpty.ValueBool() {
		f.diags.AddAttributeError(f.decisive(), fmt.Sprintf("No file of run %s matches", ref),
			paragraphs("It has "+plural(int64(len(all)), "file")+".", listedBriefly("Files", describeFiles(all)), "To accept that there is none: allow_empty = true."))
		return nil
	}
	written := f.had.written()
	var want []wanted
	for _, target := range run.Targets(matching) {
		w := wanted{target: target, file: downloadedFile{
			ID: target.File.ID, Name: target.File.Name, Type: target.File.Type.Name(), Size: target.File.Size,
		}}
		before, ours := written[target.Name]
		w.ours = ours
		if ours && f.sameRun && before.ID == w.file.ID {
			w.file = before // the same content, if it is still there
		}
		want = append(want, w)
	}
	return f.fetch(ctx, want, downloads{stale: written})
}

// matching are the files that the configuration chooses.
func (f *downloadFetch) matching(ctx context.Context, all []sequentum.File) []sequentum.File {
	// Compiled before, by the attribute's validator, unless the value was unknown then.
	expression, err := regexp.Compile(f.model.NameRegex.ValueString())
	if err != nil {
		f.diags.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", err.Error())
		return nil
	}
	var matching []sequentum.File
	for _, file := range filterFiles(ctx, append([]sequentum.File(nil), all...), f.model.Types, f.diags) {
		name := ""
		if file.Name != nil {
			name = norm.NFC.String(*file.Name) // as Terraform has the expression
		}
		if expression.MatchString(name) {
			matching = append(matching, file)
		}
	}
	return matching
}

// decisive is the attribute to look at when nothing matches.
func (f *downloadFetch) decisive() path.Path {
	switch {
	case !f.model.NameRegex.IsNull():
		return path.Root("name_regex")
	case !f.model.Types.IsNull():
		return path.Root("types")
	}
	return path.Root("run_id")
}

// rest fetches what was lost, and what an earlier fetch was to bring and did not.
func (f *downloadFetch) rest(ctx context.Context) *downloads {
	var want []wanted
	for _, name := range f.had.lost.names() {
		file := f.had.lost[name]
		want = append(want, wanted{target: file.target(name), file: file, ours: true})
	}
	for _, name := range f.had.pending.names() {
		file := f.had.pending[name]
		_, ours := f.had.stale[name]
		want = append(want, wanted{target: file.target(name), file: file, ours: ours})
	}
	return f.fetch(ctx, want, downloads{files: f.had.files, stale: f.had.stale})
}

// fetch brings what is wanted to disk, beside what there is. nil means that an error kept it from changing anything.
func (f *downloadFetch) fetch(ctx context.Context, want []wanted, there downloads) *downloads {
	after := downloads{files: downloadedFiles{}, lost: downloadedFiles{}, pending: downloadedFiles{}, stale: downloadedFiles{}}
	after.take(there)
	if len(want) == 0 && len(after.stale) == 0 {
		return &after
	}
	directory, err := run.CreateDirectory(f.model.Directory.ValueString())
	if err != nil {
		f.diags.AddAttributeError(path.Root("directory"), "The directory for the downloads cannot be used", err.Error())
		return nil
	}
	defer directory.Close() //nolint:errcheck // its files are synced by now
	missing := f.notThere(ctx, directory, want, &after)
	if f.diags.HasError() || f.blocked(directory, missing) {
		return nil
	}
	targets := make([]run.Target, len(missing))
	files := make(downloadedFiles, len(missing))
	for i, w := range missing {
		targets[i], files[w.target.Name] = w.target, w.file
	}
	outcome := f.data.downloads.Save(ctx, f.model.ref(), directory, targets)
	f.settle(&after, outcome, files)
	f.report(outcome)
	if after.complete() {
		// An interrupt does not cut this short: nothing would ask for it again.
		after.stale = removeUnchanged(context.WithoutCancel(ctx), directory, after.stale, f.diags)
	}
	return &after
}

// take adds what there is.
func (d *downloads) take(there downloads) {
	maps.Copy(d.files, there.files)
	maps.Copy(d.stale, there.stale)
}

// notThere are those of the wanted files that are not on disk as they should be; the others are noted as there.
func (f *downloadFetch) notThere(ctx context.Context, directory *run.Directory, want []wanted, after *downloads) []wanted {
	var missing []wanted
	for _, w := range want {
		name := w.target.Name
		condition, err := conditionOf(ctx, directory, name, w.file)
		if err != nil {
			f.diags.Append(uncheckable(name, err))
			return nil
		}
		if condition == fileAltered || condition == fileAbsent && (w.file.pending() || f.model.RefetchMissing.ValueBool()) {
			missing = append(missing, f.permitted(w))
			continue
		}
		after.files[name] = w.file
		delete(after.stale, name)
	}
	return missing
}

// permitted says what the file may replace.
func (f *downloadFetch) permitted(w wanted) wanted {
	switch {
	case f.model.Overwrite.ValueBool():
		w.target.Replace = run.ReplaceAny
	case w.ours:
		w.target.Replace = run.ReplaceFile
	}
	return w
}

// blocked reports, and says, whether something of somebody else's is in the way of any file.
func (f *downloadFetch) blocked(directory *run.Directory, missing []wanted) bool {
	var obstacles []string
	for _, w := range missing {
		if err := directory.Blocked(w.target.Name, w.target.Replace); err != nil {
			obstacles = append(obstacles, fmt.Sprintf("%q: %s", w.target.Name, err))
		}
	}
	if len(obstacles) == 0 {
		return false
	}
	f.diags.AddAttributeError(path.Root("directory"), "Something that this resource did not write is in the way",
		paragraphs(listedBriefly("In "+f.model.Directory.ValueString(), obstacles),
			"Nothing was downloaded. It may be another's, or what a download left that was killed before its state was saved. Move it away, choose another directory, or have files replaced with overwrite = true, which create_before_destroy into the same directory needs too. (Directories are never replaced.)"))
	return true
}

// settle notes what was saved and what was not.
func (f *downloadFetch) settle(after *downloads, outcome run.Outcome, files downloadedFiles) {
	for _, saved := range outcome.Saved {
		file := files[saved.Name]
		file.Size, file.SHA256, file.Written = &saved.Size, saved.Content.SHA256, saved.Modified
		after.files[saved.Name] = file
		delete(after.stale, saved.Name)
	}
	for _, failed := range outcome.Failed {
		if file := files[failed.Name]; !file.pending() || !sequentum.IsNotFound(failed.Err) {
			after.postpone(failed.Name, file)
		} // else it is gone, and the next apply cannot have it either
	}
	for _, target := range outcome.NotTried {
		after.postpone(target.Name, files[target.Name])
	}
}

// postpone leaves a file to the next apply.
func (d *downloads) postpone(name string, file downloadedFile) {
	if file.pending() {
		d.pending[name] = file
	} else {
		d.lost[name] = file
	}
}

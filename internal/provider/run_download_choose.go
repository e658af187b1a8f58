package provider

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// choice is what the configuration chooses of a run's files.
type choice struct {
	expression *regexp.Regexp
	types      []string // nil: all
}

// choice reads the configuration; nil after an error.
func (f *downloadFetch) choice(ctx context.Context) *choice {
	// Compiled before, by the attribute's validator, unless the value was unknown then.
	expression, err := regexp.Compile(f.model.NameRegex.ValueString())
	if err != nil {
		f.diags.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", err.Error())
		return nil
	}
	c := &choice{expression: expression}
	f.diags.Append(f.model.Types.ElementsAs(ctx, &c.types, false)...)
	return c
}

// takes reports whether a file of that name and type is chosen.
func (c *choice) takes(name, typeName *string) bool {
	text := ""
	if name != nil {
		text = norm.NFC.String(*name) // as Terraform has the expression
	}
	return c.expression.MatchString(text) && (c.types == nil || typeName != nil && slices.Contains(c.types, *typeName))
}

// choose lists the run's files and brings those that are chosen; then what was chosen before and is no more is removed.
// What is on disk and is still chosen stays, whether or not the platform has it. nil means that an error kept it from
// changing anything.
func (f *downloadFetch) choose(ctx context.Context) *downloads {
	chosen := f.choice(ctx)
	if f.diags.HasError() {
		return nil
	}
	all, listErr := f.data.filesOf(ctx, f.model.ref(), f.diags)
	f.listed = all
	var files []sequentum.File
	for _, file := range all {
		if chosen.takes(file.Name, file.Type.Name()) {
			files = append(files, file)
		}
	}
	known := f.knownOfRun()
	kept := f.unlisted(known, all, chosen)
	if len(files)+len(kept) == 0 && (listErr != nil || !f.model.AllowEmpty.ValueBool()) {
		f.nothingChosen(all, listErr)
		return nil
	}
	for _, file := range kept {
		files = append(files, sequentum.File{ID: file.ID, Name: file.Name, SizeBytes: file.Size})
	}
	slices.SortStableFunc(files, func(a, b sequentum.File) int { return cmp.Compare(a.ID, b.ID) })
	var want []wanted
	for _, target := range download.Targets(files) {
		want = append(want, f.wantedOf(target, known, kept))
	}
	f.relist = listErr != nil && !sequentum.IsNotFound(listErr)
	f.warnOfUnlisted(kept, listErr)
	return f.bring(ctx, want, downloadedFiles{})
}

// wantedOf is a target with what is known of its file from before.
func (f *downloadFetch) wantedOf(target download.Target, known, kept map[int64]downloadedFile) wanted {
	_, unlisted := kept[target.File.ID]
	file, before := known[target.File.ID]
	if !before {
		file = downloadedFile{ID: target.File.ID, Name: target.File.Name, Type: target.File.Type.Name(), Size: target.File.SizeBytes}
	}
	_, owed := f.had.pending[target.Name]
	return wanted{target: target, file: file, owed: owed, unlisted: unlisted}
}

// knownOfRun are the files of the run that were brought or were to be brought before, by id.
func (f *downloadFetch) knownOfRun() map[int64]downloadedFile {
	known := map[int64]downloadedFile{}
	for _, p := range slices.Backward(f.placed) { // what state shows comes first there, and counts
		if p.ref() == f.model.ref() {
			known[p.ID] = p.downloadedFile
		}
	}
	if f.sameRun {
		for _, file := range f.had.pending {
			if _, ok := known[file.ID]; !ok {
				known[file.ID] = file
			}
		}
	}
	return known
}

// unlisted are those of the known files that are chosen and that the platform does not list.
func (f *downloadFetch) unlisted(known map[int64]downloadedFile, all []sequentum.File, chosen *choice) map[int64]downloadedFile {
	unlisted := map[int64]downloadedFile{}
	for id, file := range known {
		if chosen.takes(file.Name, file.Type) && !isListed(all, id) {
			unlisted[id] = file
		}
	}
	return unlisted
}

func isListed(files []sequentum.File, id int64) bool {
	return slices.ContainsFunc(files, func(f sequentum.File) bool { return f.ID == id })
}

// nothingChosen is the error of a choice without a file.
func (f *downloadFetch) nothingChosen(all []sequentum.File, listErr error) {
	ref := f.model.ref()
	switch {
	case sequentum.IsNotFound(listErr):
		f.diags.Append(runNotFound(ref, listErr))
	case listErr != nil:
		f.diags.AddError(fmt.Sprintf("The files of run %s could not be listed", ref), f.limit.explain(listErr))
	default:
		f.diags.AddAttributeError(f.decisive(), fmt.Sprintf("No file of run %s matches", ref),
			paragraphs("It has "+plural(int64(len(all)), "file")+".", listedBriefly("Files", describeFiles(all)), "To accept that there is none: allow_empty = true."))
	}
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

// warnOfUnlisted says what stays although the platform does not list it.
func (f *downloadFetch) warnOfUnlisted(kept map[int64]downloadedFile, listErr error) {
	ref := f.model.ref()
	why := "The platform still knows the run, and does not list these files any more."
	next := "They match the configuration, so they stay where they are. They cannot be fetched again."
	switch {
	case sequentum.IsNotFound(listErr):
		why = "The platform no longer knows the run, or this key cannot see it: " + listErr.Error()
	case listErr != nil:
		why = "The files of the run could not be listed: " + f.limit.explain(listErr)
		next = "What is on disk and matches the configuration stays. The next apply asks for the list again, and fetches what is missing."
	case len(kept) == 0:
		return
	}
	var lines []string
	for _, file := range kept {
		lines = append(lines, file.describe())
	}
	slices.Sort(lines)
	f.diags.AddAttributeWarning(path.Root("run_id"), fmt.Sprintf("Files of run %s stay, although the platform does not list them", ref),
		paragraphs(why, listedBriefly("Files", lines), next))
}

// describe names the file in a message.
func (f downloadedFile) describe() string {
	if f.Name == nil {
		return fmt.Sprintf("file %d, which has no name", f.ID)
	}
	return fmt.Sprintf("%s (file %d)", quoted(*f.Name), f.ID)
}

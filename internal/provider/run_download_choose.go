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

// fileFilter says which of a run's files the configuration chooses: those with one of the types, and with a name that
// matches the expression.
type fileFilter struct {
	expression *regexp.Regexp
	types      []string // nil: all
}

// readFilter reads the configuration; nil after an error.
func (a *downloadApply) readFilter(ctx context.Context) *fileFilter {
	// Compiled before, by the attribute's validator, unless the value was unknown then.
	expression, err := regexp.Compile(a.model.NameRegex.ValueString())
	if err != nil {
		a.diags.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", err.Error())
		return nil
	}
	c := &fileFilter{expression: expression}
	a.diags.Append(a.model.Types.ElementsAs(ctx, &c.types, false)...)
	return c
}

// matches reports whether a file of that name and type is chosen.
func (c *fileFilter) matches(name, typeName *string) bool {
	text := ""
	if name != nil {
		text = norm.NFC.String(*name) // as Terraform has the expression
	}
	return c.expression.MatchString(text) && (c.types == nil || typeName != nil && slices.Contains(c.types, *typeName))
}

// fetchChosen lists the run's files and brings the chosen ones. Then it removes the files that are no longer chosen. A
// file that is on disk and still chosen stays, even if the platform no longer has it. nil: there was an error, and nothing
// was changed.
func (a *downloadApply) fetchChosen(ctx context.Context) *downloads {
	chosen := a.readFilter(ctx)
	if a.diags.HasError() {
		return nil
	}
	all, listErr := a.data.listFiles(ctx, a.model.ref(), a.diags)
	a.listed = all
	var files []sequentum.File
	for _, file := range all {
		if chosen.matches(file.Name, file.Type.Name()) {
			files = append(files, file)
		}
	}
	known := a.knownFiles()
	kept := a.unlistedFiles(known, all, chosen)
	if len(files)+len(kept) == 0 && (listErr != nil || !a.model.AllowEmpty.ValueBool()) {
		a.reportNothingChosen(all, listErr)
		return nil
	}
	for _, file := range kept {
		files = append(files, sequentum.File{ID: file.ID, Name: file.Name, SizeBytes: file.Size})
	}
	slices.SortStableFunc(files, func(a, b sequentum.File) int { return cmp.Compare(a.ID, b.ID) })
	var want []wantedFile
	for _, target := range download.Targets(files) {
		want = append(want, a.wantedFor(target, known, kept))
	}
	a.relist = listErr != nil && !sequentum.IsNotFound(listErr)
	a.warnOfUnlisted(kept, listErr)
	return a.updateDirectory(ctx, want, downloadedFiles{})
}

// wantedFor is a target with what is known of its file from before.
func (a *downloadApply) wantedFor(target download.Target, known, kept map[int64]downloadedFile) wantedFile {
	_, unlisted := kept[target.File.ID]
	file, before := known[target.File.ID]
	if !before {
		file = downloadedFile{ID: target.File.ID, Name: target.File.Name, Type: target.File.Type.Name(), Size: target.File.SizeBytes}
	}
	_, owed := a.before.pending[target.Name]
	return wantedFile{target: target, file: file, owed: owed, unlisted: unlisted}
}

// knownFiles are the files of the run that an earlier apply has brought or should have brought, by id.
func (a *downloadApply) knownFiles() map[int64]downloadedFile {
	known := map[int64]downloadedFile{}
	for _, p := range slices.Backward(a.placed) { // what state shows comes first there, and counts
		if p.ref() == a.model.ref() {
			known[p.ID] = p.downloadedFile
		}
	}
	if a.sameRun {
		for _, file := range a.before.pending {
			if _, ok := known[file.ID]; !ok {
				known[file.ID] = file
			}
		}
	}
	return known
}

// unlistedFiles are the known files that are chosen and that the platform does not list.
func (a *downloadApply) unlistedFiles(known map[int64]downloadedFile, all []sequentum.File, chosen *fileFilter) map[int64]downloadedFile {
	unlisted := map[int64]downloadedFile{}
	for id, file := range known {
		if chosen.matches(file.Name, file.Type) && !isListed(all, id) {
			unlisted[id] = file
		}
	}
	return unlisted
}

func isListed(files []sequentum.File, id int64) bool {
	return slices.ContainsFunc(files, func(f sequentum.File) bool { return f.ID == id })
}

// reportNothingChosen adds the error of a choice without any file.
func (a *downloadApply) reportNothingChosen(all []sequentum.File, listErr error) {
	ref := a.model.ref()
	switch {
	case sequentum.IsNotFound(listErr):
		a.diags.Append(runNotFound(ref, listErr))
	case listErr != nil:
		a.diags.AddError(fmt.Sprintf("The files of run %s could not be listed", ref), a.limit.explain(listErr))
	default:
		a.diags.AddAttributeError(a.decidingAttribute(), fmt.Sprintf("No file of run %s matches", ref),
			paragraphs("The run has "+plural(int64(len(all)), "file")+".", listedBriefly("Files", describeFiles(all)), "To accept that no file matches, set allow_empty = true."))
	}
}

// decidingAttribute is the attribute that most likely has to change when nothing matches.
func (a *downloadApply) decidingAttribute() path.Path {
	switch {
	case !a.model.NameRegex.IsNull():
		return path.Root("name_regex")
	case !a.model.Types.IsNull():
		return path.Root("types")
	}
	return path.Root("run_id")
}

// warnOfUnlisted says which files stay although the platform does not list them.
func (a *downloadApply) warnOfUnlisted(kept map[int64]downloadedFile, listErr error) {
	ref := a.model.ref()
	why := "The platform still knows the run, but no longer lists these files."
	next := "They match the configuration, so they stay where they are. They cannot be fetched again."
	switch {
	case sequentum.IsNotFound(listErr):
		why = "The platform no longer knows the run, or this key cannot see it: " + listErr.Error()
	case listErr != nil:
		why = "The files of the run could not be listed: " + a.limit.explain(listErr)
		next = "Files on disk that match the configuration stay. The next apply asks for the list again, and fetches what is missing."
	case len(kept) == 0:
		return
	}
	var lines []string
	for _, file := range kept {
		lines = append(lines, file.describe())
	}
	slices.Sort(lines)
	a.diags.AddAttributeWarning(path.Root("run_id"), fmt.Sprintf("Files of run %s stay on disk, although the platform does not list them", ref),
		paragraphs(why, listedBriefly("Files", lines), next))
}

// describe names the file in a message.
func (f downloadedFile) describe() string {
	if f.Name == nil {
		return fmt.Sprintf("file %d, which has no name", f.ID)
	}
	return fmt.Sprintf("%s (file %d)", quoted(*f.Name), f.ID)
}

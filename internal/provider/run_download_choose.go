// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// fileFilter chooses the files of the configuration: those that have one of the types, and a name that matches the expression.
type fileFilter struct {
	expression *regexp.Regexp
	types      []string // nil: all
}

// readFilter reads the filter from the configuration; nil after an error.
func (a *downloadApply) readFilter() *fileFilter {
	// The attribute's validator has compiled it before, unless the value was unknown then.
	expression, err := regexp.Compile(a.model.NameRegex.ValueString())
	if err != nil {
		a.diags.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", err.Error())
		return nil
	}
	return &fileFilter{expression: expression, types: knownTexts(a.model.Types.Elements())}
}

// matches reports whether a file of that name and type is chosen.
func (f *fileFilter) matches(name, typeName *string) bool {
	text := ""
	if name != nil {
		text = norm.NFC.String(*name) // Terraform has converted the expression to NFC too
	}
	return f.expression.MatchString(text) && (f.types == nil || typeName != nil && slices.Contains(f.types, *typeName))
}

// fetchChosen lists the run's files, and moves or fetches the chosen ones. Then it removes the files that are no longer chosen. A
// file that is on disk and still chosen stays, even if the platform no longer has it. nil: there was an error, and nothing
// was changed.
func (a *downloadApply) fetchChosen(ctx context.Context) *trackedFiles {
	filter := a.readFilter()
	if a.diags.HasError() {
		return nil
	}
	all, listErr := a.data.listFiles(ctx, a.model.ref(), a.diags)
	a.listed = all
	var files []sequentum.File
	for _, file := range all {
		if filter.matches(file.Name, file.Type.Name()) {
			files = append(files, file)
		}
	}
	known := a.knownFiles()
	kept := a.unlistedFiles(known, all, filter)
	if len(files)+len(kept) == 0 && (listErr != nil || !a.model.AllowEmpty.ValueBool()) {
		a.reportNothingChosen(all, listErr)
		return nil
	}
	for _, file := range kept {
		files = append(files, sequentum.File{ID: file.ID, Name: file.Name, SizeBytes: file.Size})
	}
	slices.SortStableFunc(files, func(a, b sequentum.File) int { return cmp.Compare(a.ID, b.ID) })
	var wanted []wantedFile
	for _, target := range download.Targets(files) {
		wanted = append(wanted, a.wantedFor(target, known, kept))
	}
	a.relist = listErr != nil && !sequentum.IsNotFound(listErr)
	a.warnOfUnlisted(kept, listErr)
	return a.updateDirectory(ctx, wanted, downloadedFiles{})
}

// wantedFor adds to a target what is known of its file. kept are the known files that the platform does not list, by id.
func (a *downloadApply) wantedFor(target download.Target, known, kept map[int64]downloadedFile) wantedFile {
	_, unlisted := kept[target.File.ID]
	file, before := known[target.File.ID]
	if !before {
		file = downloadedFile{ID: target.File.ID, Name: target.File.Name, Type: target.File.Type.Name(), Size: target.File.SizeBytes}
	}
	_, pending := a.before.Pending[target.Name]
	return wantedFile{target: target, known: file, wasPending: pending, unlisted: unlisted}
}

// knownFiles returns the files of the run that an earlier apply downloaded or failed to download, by id.
func (a *downloadApply) knownFiles() map[int64]downloadedFile {
	known := map[int64]downloadedFile{}
	for _, p := range slices.Backward(a.placed) { // a file that is there twice: the first one is in state, and overwrites the other
		if p.ref() == a.model.ref() {
			known[p.ID] = p.downloadedFile
		}
	}
	if a.sameRun {
		for _, file := range a.before.Pending {
			if _, ok := known[file.ID]; !ok {
				known[file.ID] = file
			}
		}
	}
	return known
}

// unlistedFiles returns the known files that the filter chooses and the platform does not list, by id.
func (a *downloadApply) unlistedFiles(known map[int64]downloadedFile, all []sequentum.File, filter *fileFilter) map[int64]downloadedFile {
	unlisted := map[int64]downloadedFile{}
	for id, file := range known {
		if filter.matches(file.Name, file.Type) && !isListed(all, id) {
			unlisted[id] = file
		}
	}
	return unlisted
}

func isListed(files []sequentum.File, id int64) bool {
	return slices.ContainsFunc(files, func(f sequentum.File) bool { return f.ID == id })
}

// reportNothingChosen adds the error that no file is chosen.
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

// decidingAttribute is the attribute that the user most likely has to change if no file matches.
func (a *downloadApply) decidingAttribute() path.Path {
	switch {
	case !a.model.NameRegex.IsNull():
		return path.Root("name_regex")
	case !a.model.Types.IsNull():
		return path.Root("types")
	}
	return path.Root("run_id")
}

// warnOfUnlisted warns of files that stay on disk although the platform does not list them.
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

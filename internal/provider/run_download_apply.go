// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// downloadApply is one create or update of a sequentum_run_download. First it decides which files are wanted: the chosen
// files of the run (fetchChosen), or those that an earlier apply did not download (fetchRemaining). Then it moves or fetches
// them into the directory. The old files are always removed last.
type downloadApply struct {
	data         *providerData
	model        *runDownloadModel // as planned
	before       trackedFiles      // what was known before this apply
	placed       []placedFile      // all files that earlier applies have put on disk
	isCreate     bool
	sameRun      bool // the files of before are of the same run
	newDirectory bool // the files of before are in another directory
	limit        *timeLimit
	diags        *diag.Diagnostics

	listed []sequentum.File // the run's files; nil: the list was not requested, or the request failed
	relist bool             // the list could not be read, so the next plan requests it again
}

// wantedFile is a file that should be in the directory after the apply. It is already there, is moved there, or is fetched.
type wantedFile struct {
	target     download.Target
	known      downloadedFile // its record from earlier applies, or a new one
	source     *placedFile    // the place of the unchanged file, if it is moved; nil: it is not moved
	wasPending bool           // an earlier apply failed to download it
	unlisted   bool           // the platform does not list it, or the list could not be read
}

// fetchRemaining moves the files that are in another directory, and fetches the lost files and those that an earlier apply
// failed to download. nil: there was an error, and nothing was changed.
func (a *downloadApply) fetchRemaining(ctx context.Context) *trackedFiles {
	alreadyThere := a.before.InState
	var wanted []wantedFile
	if a.newDirectory {
		alreadyThere = downloadedFiles{}
		wanted = a.appendWanted(wanted, a.before.InState, false)
	}
	wanted = a.appendWanted(wanted, a.before.Lost, false)
	wanted = a.appendWanted(wanted, a.before.Pending, true)
	return a.updateDirectory(ctx, wanted, alreadyThere)
}

// appendWanted appends the files to wanted. pending: an earlier apply failed to download them.
func (a *downloadApply) appendWanted(wanted []wantedFile, files downloadedFiles, pending bool) []wantedFile {
	for _, name := range files.names() {
		wanted = append(wanted, wantedFile{target: files[name].target(name), known: files[name], wasPending: pending})
	}
	return wanted
}

// updateDirectory moves or fetches the wanted files into the directory and then removes the old files. The files of
// alreadyThere stay. nil: there was an error, and nothing was changed.
func (a *downloadApply) updateDirectory(ctx context.Context, wanted []wantedFile, alreadyThere downloadedFiles) *trackedFiles {
	u := &directoryUpdate{downloadApply: a, after: trackedFiles{
		InState: maps.Clone(alreadyThere), Lost: downloadedFiles{}, Pending: downloadedFiles{}, Old: a.placed, Relist: a.relist,
	}}
	defer u.closeDirectories()
	if len(wanted) > 0 {
		var err error
		if u.directory, err = download.CreateDirectory(a.model.Directory.ValueString()); err != nil {
			a.diags.AddAttributeError(path.Root("directory"), "The directory for the downloads cannot be used", err.Error())
			return nil
		}
	}
	if !u.openDirectories() {
		return nil
	}
	for _, w := range wanted {
		if err := u.classifyFile(ctx, w); err != nil {
			a.diags.Append(u.checkFailedDiagnostic(w.target.Name, err))
			return nil
		}
	}
	if u.reportObstacles() || len(u.toFetch) > 0 && !a.data.requireConfigured(a.diags) {
		return nil
	}
	u.moveFiles(ctx)
	u.fetchFiles(ctx)
	u.warnOfGone()
	u.reportMissing()
	// An interrupt does not stop the removal: no later apply would remove these files.
	u.removeOld(context.WithoutCancel(ctx))
	return &u.after
}

// directoryUpdate is the work of one apply in the directory: what is moved and fetched, and what is known afterwards.
type directoryUpdate struct {
	*downloadApply
	directory   *download.Directory            // that of the configuration; nil: no file is wanted
	directories map[string]*download.Directory // where earlier applies have put files, by path; nil: it does not exist
	after       trackedFiles
	toMove      []wantedFile // each has a source
	toFetch     []wantedFile
	gone        []wantedFile     // neither on disk nor on the platform
	outcome     download.Outcome // of the moves and the fetches
}

func (u *directoryUpdate) closeDirectories() {
	for _, directory := range u.directories {
		if directory != nil && directory != u.directory {
			_ = directory.Close() // the files are synced already
		}
	}
	if u.directory != nil {
		_ = u.directory.Close()
	}
}

// openDirectories opens the directories in which earlier applies have put files. If one is the directory of the configuration by
// another path, both are the same *download.Directory. It returns false after an error.
func (u *directoryUpdate) openDirectories() bool {
	u.directories = map[string]*download.Directory{}
	for _, p := range u.placed {
		if _, done := u.directories[p.Directory]; done {
			continue
		}
		directory, err := openIfThere(p.Directory)
		if err != nil {
			u.diags.AddAttributeError(path.Root("directory"), "The directory of the downloads cannot be read", err.Error())
			return false
		}
		if directory != nil && u.directory != nil && directory.Same(u.directory) {
			_ = directory.Close() // it was not used
			directory = u.directory
		}
		u.directories[p.Directory] = directory
	}
	return true
}

// classifyFile decides what to do with a wanted file: leave it there, move it, fetch it, or leave it to the next apply.
func (u *directoryUpdate) classifyFile(ctx context.Context, w wantedFile) error {
	name := w.target.Name
	condition, err := conditionOf(ctx, u.directory, name, w.known)
	if err != nil {
		return err
	}
	if condition == fileIntact {
		u.after.InState[name] = w.known
		return nil
	}
	w.target.Replace = u.mayReplace(name)
	source, altered, err := u.findSource(ctx, w)
	if altered {
		condition = fileAltered
	}
	switch {
	case err != nil:
		return err
	case source != nil:
		w.source = source
		u.toMove = append(u.toMove, w)
	case condition == fileAbsent && !w.wasPending && !w.known.unwritten() && !u.model.RefetchMissing.ValueBool():
		u.after.InState[name] = w.known
	case !w.unlisted:
		u.toFetch = append(u.toFetch, w)
	case u.relist:
		u.leaveForNextApply(w)
	default:
		u.gone = append(u.gone, w)
	}
	return nil
}

// checkFailedDiagnostic is the error of a check of a file on disk that failed or was cut short. Nothing was changed before it.
func (u *directoryUpdate) checkFailedDiagnostic(name string, err error) diag.Diagnostic {
	if cut := u.limit.howCut(); cut.timedOut || cut.interrupted {
		return diag.NewErrorDiagnostic(fmt.Sprintf("The download from run %s was cut short before it changed anything", u.model.ref()),
			paragraphs(u.limit.explain(fmt.Errorf("the provider was checking the file %q on disk", name)), "State is unchanged. The next apply begins again."))
	}
	return uncheckableDiagnostic(name, err)
}

// findSource looks for the unchanged file in other places on disk; nil: it is in none. altered: a changed file is in its place.
func (u *directoryUpdate) findSource(ctx context.Context, w wantedFile) (source *placedFile, altered bool, err error) {
	for _, p := range u.placed {
		if p.ref() != u.model.ref() || p.ID != w.known.ID || !w.known.unwritten() && p.SHA256 != w.known.SHA256 || u.isInDirectory(p, w.target.Name) {
			continue
		}
		condition, err := conditionOf(ctx, u.directories[p.Directory], p.NameOnDisk, p.downloadedFile)
		switch {
		case err != nil:
			return nil, false, err
		case condition == fileIntact:
			return &p, false, nil
		}
		altered = altered || condition == fileAltered
	}
	return nil, altered, nil
}

// isInDirectory reports whether the file was written to the directory of the configuration, under that name.
func (u *directoryUpdate) isInDirectory(p placedFile, name string) bool {
	return p.NameOnDisk == name && u.directory != nil && u.directories[p.Directory] == u.directory
}

// mayReplace says what a new file of that name may replace.
func (u *directoryUpdate) mayReplace(name string) download.Replace {
	switch {
	case u.model.Overwrite.ValueBool():
		return download.ReplaceAny
	case slices.ContainsFunc(u.placed, func(p placedFile) bool { return u.isInDirectory(p, name) }):
		return download.ReplaceFile
	}
	return download.ReplaceNothing
}

// reportObstacles adds an error, and returns true, if something that this resource did not write has the name of a file
// that will be moved or fetched.
func (u *directoryUpdate) reportObstacles() bool {
	var targets []download.Target
	for _, w := range slices.Concat(u.toMove, u.toFetch) {
		targets = append(targets, w.target)
	}
	var obstacles []string
	for _, target := range targets {
		if err := u.directory.Obstacle(target.Name, target.Replace); err != nil {
			obstacles = append(obstacles, fmt.Sprintf("%q: %s", target.Name, err))
		}
	}
	if len(obstacles) == 0 {
		return false
	}
	u.diags.AddAttributeError(path.Root("directory"), "The directory already contains something that this resource did not write",
		paragraphs(listedBriefly("In "+u.model.Directory.ValueString(), obstacles),
			"Nothing was downloaded. Another program may have written these files. Or an earlier download wrote them, and was killed before state was saved. Move them away, choose another directory, or set overwrite = true to replace files. Directories are never replaced. A replacement with create_before_destroy into the same directory also needs overwrite = true."))
	return true
}

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
// ones of the run (fetchChosen), or those that an earlier apply left (fetchRemaining). Then it brings them into the
// directory. The order is always: bring the new files, then remove the old ones.
type downloadApply struct {
	data    *providerData
	model   *runDownloadModel // as planned
	before  downloads         // the files before this apply
	placed  []placedFile      // all files of before that are on disk
	creates bool
	sameRun bool // the files of before are of the same run
	moves   bool // the files of before are in another directory
	limit   *timeLimit
	diags   *diag.Diagnostics

	listed []sequentum.File // the run's files; nil: the list was not asked for, or the request failed
	relist bool             // the list could not be read
}

// wantedFile is a file that is to be in the directory: it is there already, is moved there, or is fetched.
type wantedFile struct {
	target   download.Target
	file     downloadedFile
	owed     bool // an earlier apply should have brought it, and did not
	unlisted bool // the platform does not list it, or the list could not be read
}

// fetchRemaining brings the files that were lost, that an earlier apply should have brought and did not, and that are in
// another directory.
func (a *downloadApply) fetchRemaining(ctx context.Context) *downloads {
	there := a.before.files
	var want []wantedFile
	if a.moves {
		there = downloadedFiles{}
		want = a.appendWanted(want, a.before.files, false)
	}
	want = a.appendWanted(want, a.before.lost, false)
	want = a.appendWanted(want, a.before.pending, true)
	return a.updateDirectory(ctx, want, there)
}

func (a *downloadApply) appendWanted(want []wantedFile, files downloadedFiles, owed bool) []wantedFile {
	for _, name := range files.names() {
		want = append(want, wantedFile{target: files[name].target(name), file: files[name], owed: owed})
	}
	return want
}

// updateDirectory brings the wanted files into the directory, beside those that are there. nil: there was an error, and
// nothing was changed.
func (a *downloadApply) updateDirectory(ctx context.Context, want []wantedFile, there downloadedFiles) *downloads {
	u := &directoryUpdate{downloadApply: a, after: downloads{
		files: maps.Clone(there), lost: downloadedFiles{}, pending: downloadedFiles{}, old: a.placed, relist: a.relist,
	}}
	defer u.closeDirectories()
	if len(want) > 0 {
		var err error
		if u.here, err = download.CreateDirectory(a.model.Directory.ValueString()); err != nil {
			a.diags.AddAttributeError(path.Root("directory"), "The directory for the downloads cannot be used", err.Error())
			return nil
		}
	}
	if !u.openDirectories() {
		return nil
	}
	for _, w := range want {
		if err := u.classify(ctx, w); err != nil {
			a.diags.Append(u.checkFailed(w.target.Name, err))
			return nil
		}
	}
	if u.reportObstacles() || len(u.fetches) > 0 && !a.data.requireConfigured(a.diags) {
		return nil
	}
	u.moveFiles(ctx)
	u.fetchFiles(ctx)
	u.warnOfGone()
	u.reportMissing()
	// An interrupt does not cut this short: nothing would ask for it again.
	u.removeOld(context.WithoutCancel(ctx))
	return &u.after
}

// directoryUpdate is one update of the directory.
type directoryUpdate struct {
	*downloadApply
	here        *download.Directory            // nil: nothing is wanted
	directories map[string]*download.Directory // by path; nil: there is no such directory
	after       downloads
	moving      []fileMove
	fetches     []wantedFile
	gone        []wantedFile // neither on disk nor on the platform
	moved       int
	outcome     download.Outcome
}

// fileMove is a wanted file that is in another place on disk.
type fileMove struct {
	wantedFile
	from placedFile
}

func (u *directoryUpdate) closeDirectories() {
	for _, directory := range u.directories {
		if directory != nil && directory != u.here {
			_ = directory.Close() // what was written is synced by now
		}
	}
	if u.here != nil {
		_ = u.here.Close()
	}
}

// openDirectories opens the directories that files were written to. Another path of the target directory gives the
// target directory itself. It returns false after an error.
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
		if directory != nil && u.here != nil && directory.Same(u.here) {
			_ = directory.Close() // nothing was done with it
			directory = u.here
		}
		u.directories[p.Directory] = directory
	}
	return true
}

// classify decides what to do with a wanted file: nothing, move it, fetch it, or leave it to the next apply.
func (u *directoryUpdate) classify(ctx context.Context, w wantedFile) error {
	name := w.target.Name
	condition, err := conditionOf(ctx, u.here, name, w.file)
	if err != nil {
		return err
	}
	if condition == fileIntact {
		u.after.files[name] = w.file
		return nil
	}
	w.target.Replace = u.mayReplace(name)
	from, altered, err := u.findElsewhere(ctx, w)
	if altered {
		condition = fileAltered
	}
	switch {
	case err != nil:
		return err
	case from != nil:
		u.moving = append(u.moving, fileMove{w, *from})
	case condition == fileAbsent && !w.owed && !w.file.unwritten() && !u.model.RefetchMissing.ValueBool():
		u.after.files[name] = w.file
	case !w.unlisted:
		u.fetches = append(u.fetches, w)
	case u.relist:
		u.leaveForNextApply(w)
	default:
		u.gone = append(u.gone, w)
	}
	return nil
}

// checkFailed is the error of a check that failed or was cut short. Nothing has been changed by then.
func (u *directoryUpdate) checkFailed(name string, err error) diag.Diagnostic {
	if cut := u.limit.howCut(); cut.timedOut || cut.interrupted {
		return diag.NewErrorDiagnostic(fmt.Sprintf("The download from run %s was cut short before it changed anything", u.model.ref()),
			paragraphs(u.limit.explain(fmt.Errorf("the provider was checking the file %q on disk", name)), "State is unchanged. The next apply begins again."))
	}
	return uncheckableDiagnostic(name, err)
}

// findElsewhere finds the unchanged file in another place; nil: it is in none. altered: it is there, but was changed.
func (u *directoryUpdate) findElsewhere(ctx context.Context, w wantedFile) (from *placedFile, altered bool, err error) {
	for _, p := range u.placed {
		if p.ref() != u.model.ref() || p.ID != w.file.ID || !w.file.unwritten() && p.SHA256 != w.file.SHA256 || u.isAt(p, w.target.Name) {
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

// isAt reports whether the file was written to the directory that is asked for, under that name.
func (u *directoryUpdate) isAt(p placedFile, name string) bool {
	return p.NameOnDisk == name && u.here != nil && u.directories[p.Directory] == u.here
}

// mayReplace says what a file of that name may replace.
func (u *directoryUpdate) mayReplace(name string) download.Replace {
	switch {
	case u.model.Overwrite.ValueBool():
		return download.ReplaceAny
	case slices.ContainsFunc(u.placed, func(p placedFile) bool { return u.isAt(p, name) }):
		return download.ReplaceFile
	}
	return download.ReplaceNothing
}

// reportObstacles adds an error, and returns true, if something that this resource did not write has the name of a file
// to be written.
func (u *directoryUpdate) reportObstacles() bool {
	var targets []download.Target
	for _, m := range u.moving {
		targets = append(targets, m.target)
	}
	for _, w := range u.fetches {
		targets = append(targets, w.target)
	}
	var obstacles []string
	for _, target := range targets {
		if err := u.here.Blocked(target.Name, target.Replace); err != nil {
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

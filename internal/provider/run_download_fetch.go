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

// downloadFetch brings files of a run to disk, for a create or an update. The order is always: bring the new, then
// remove the old.
type downloadFetch struct {
	data    *providerData
	model   *runDownloadModel // as planned
	had     downloads         // before
	placed  []placedFile      // all that had has on disk
	creates bool
	sameRun bool // had's files are of the run that is asked for
	moves   bool // they are in another directory than is asked for
	limit   *timeLimit
	diags   *diag.Diagnostics

	listed []sequentum.File // what the platform lists of the run; nil: it was not asked, or did not answer
	relist bool             // its list could not be read
}

// wanted is a file to be had: there already, to be moved from another place, or to be fetched.
type wanted struct {
	target   download.Target
	file     downloadedFile
	owed     bool // an earlier apply was to bring it and did not
	unlisted bool // the platform does not list it, or could not be asked
}

// rest brings what was lost, what an earlier apply was to bring and did not, and what is in another directory.
func (f *downloadFetch) rest(ctx context.Context) *downloads {
	there := f.had.files
	var want []wanted
	if f.moves {
		there = downloadedFiles{}
		want = f.append(want, f.had.files, false)
	}
	want = f.append(want, f.had.lost, false)
	want = f.append(want, f.had.pending, true)
	return f.bring(ctx, want, there)
}

func (f *downloadFetch) append(want []wanted, files downloadedFiles, owed bool) []wanted {
	for _, name := range files.names() {
		want = append(want, wanted{target: files[name].target(name), file: files[name], owed: owed})
	}
	return want
}

// bring brings what is wanted into the directory, beside what is there. nil means that an error kept it from changing
// anything.
func (f *downloadFetch) bring(ctx context.Context, want []wanted, there downloadedFiles) *downloads {
	b := &bringing{downloadFetch: f, after: downloads{
		files: maps.Clone(there), lost: downloadedFiles{}, pending: downloadedFiles{}, old: f.placed, relist: f.relist,
	}}
	defer b.close()
	if len(want) > 0 {
		var err error
		if b.here, err = download.CreateDirectory(f.model.Directory.ValueString()); err != nil {
			f.diags.AddAttributeError(path.Root("directory"), "The directory for the downloads cannot be used", err.Error())
			return nil
		}
	}
	if !b.openPlaces() {
		return nil
	}
	for _, w := range want {
		if err := b.sort(ctx, w); err != nil {
			f.diags.Append(b.unsorted(w.target.Name, err))
			return nil
		}
	}
	if b.blocked() || len(b.fetches) > 0 && !f.data.known(f.diags) {
		return nil
	}
	b.move(ctx)
	b.fetch(ctx)
	b.warnOfGone()
	b.report()
	// An interrupt does not cut this short: nothing would ask for it again.
	b.removeOld(context.WithoutCancel(ctx))
	return &b.after
}

// bringing is one bring under way.
type bringing struct {
	*downloadFetch
	here    *download.Directory            // nil: nothing is wanted
	places  map[string]*download.Directory // by path; nil: there is no such directory
	after   downloads
	moving  []move
	fetches []wanted
	gone    []wanted // neither on disk nor to be fetched
	moved   int
	outcome download.Outcome
}

// move is a file that is somewhere else.
type move struct {
	wanted
	from placedFile
}

func (b *bringing) close() {
	for _, directory := range b.places {
		if directory != nil && directory != b.here {
			_ = directory.Close() // what was written is synced by now
		}
	}
	if b.here != nil {
		_ = b.here.Close()
	}
}

// openPlaces opens the directories that files were written to. One that is where the files are to be, under another
// path, is that one. It returns false after an error.
func (b *bringing) openPlaces() bool {
	b.places = map[string]*download.Directory{}
	for _, p := range b.placed {
		if _, done := b.places[p.Directory]; done {
			continue
		}
		directory, err := openIfThere(p.Directory)
		if err != nil {
			b.diags.AddAttributeError(path.Root("directory"), "The directory of the downloads cannot be read", err.Error())
			return false
		}
		if directory != nil && b.here != nil && directory.Same(b.here) {
			_ = directory.Close() // nothing was done with it
			directory = b.here
		}
		b.places[p.Directory] = directory
	}
	return true
}

// sort decides what becomes of a wanted file.
func (b *bringing) sort(ctx context.Context, w wanted) error {
	name := w.target.Name
	condition, err := conditionOf(ctx, b.here, name, w.file)
	if err != nil {
		return err
	}
	if condition == fileIntact {
		b.after.files[name] = w.file
		return nil
	}
	w.target.Replace = b.permitted(name)
	from, altered, err := b.source(ctx, w)
	if altered {
		condition = fileAltered
	}
	switch {
	case err != nil:
		return err
	case from != nil:
		b.moving = append(b.moving, move{w, *from})
	case condition == fileAbsent && !w.owed && !w.file.unwritten() && !b.model.RefetchMissing.ValueBool():
		b.after.files[name] = w.file
	case !w.unlisted:
		b.fetches = append(b.fetches, w)
	case b.relist:
		b.postpone(w)
	default:
		b.gone = append(b.gone, w)
	}
	return nil
}

// unsorted is the error of a check that could not be made, or was cut short. Nothing has been changed by then.
func (b *bringing) unsorted(name string, err error) diag.Diagnostic {
	if cut := b.limit.cut(); cut.timedOut || cut.interrupted {
		return diag.NewErrorDiagnostic(fmt.Sprintf("The download from run %s was cut short before it changed anything", b.model.ref()),
			paragraphs(b.limit.explain(fmt.Errorf("the provider was checking the file %q on disk", name)), "State is unchanged. The next apply begins again."))
	}
	return uncheckable(name, err)
}

// source finds the file in another place, unchanged; nil: it is in none. altered: it is, and was changed there.
func (b *bringing) source(ctx context.Context, w wanted) (from *placedFile, altered bool, err error) {
	for _, p := range b.placed {
		if p.ref() != b.model.ref() || p.ID != w.file.ID || !w.file.unwritten() && p.SHA256 != w.file.SHA256 || b.isAt(p, w.target.Name) {
			continue
		}
		condition, err := conditionOf(ctx, b.places[p.Directory], p.On, p.downloadedFile)
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
func (b *bringing) isAt(p placedFile, name string) bool {
	return p.On == name && b.here != nil && b.places[p.Directory] == b.here
}

// permitted says what a file of that name may replace.
func (b *bringing) permitted(name string) download.Replace {
	switch {
	case b.model.Overwrite.ValueBool():
		return download.ReplaceAny
	case slices.ContainsFunc(b.placed, func(p placedFile) bool { return b.isAt(p, name) }):
		return download.ReplaceFile
	}
	return download.ReplaceNothing
}

// blocked reports, and says, whether something that is not the download's stands in the way of any file.
func (b *bringing) blocked() bool {
	var targets []download.Target
	for _, m := range b.moving {
		targets = append(targets, m.target)
	}
	for _, w := range b.fetches {
		targets = append(targets, w.target)
	}
	var obstacles []string
	for _, target := range targets {
		if err := b.here.Blocked(target.Name, target.Replace); err != nil {
			obstacles = append(obstacles, fmt.Sprintf("%q: %s", target.Name, err))
		}
	}
	if len(obstacles) == 0 {
		return false
	}
	b.diags.AddAttributeError(path.Root("directory"), "Something that this resource did not write is in the way",
		paragraphs(listedBriefly("In "+b.model.Directory.ValueString(), obstacles),
			"Nothing was downloaded. Someone else may have written it. Or a download wrote it, and was killed before state was saved. Move it away, choose another directory, or set overwrite = true to replace files. Directories are never replaced. A replacement with create_before_destroy into the same directory also needs overwrite = true."))
	return true
}

// postpone leaves a file to the next apply.
func (b *bringing) postpone(w wanted) {
	if w.owed || w.file.unwritten() || b.moves {
		b.after.pending[w.target.Name] = w.file
	} else {
		b.after.lost[w.target.Name] = w.file
	}
}

// fetch downloads what is on no disk.
func (b *bringing) fetch(ctx context.Context) {
	if len(b.fetches) == 0 {
		return
	}
	var targets []download.Target
	byName := map[string]wanted{}
	for _, w := range b.fetches {
		targets = append(targets, w.target)
		byName[w.target.Name] = w
	}
	outcome := b.data.downloads.Save(ctx, b.model.ref(), b.here, targets)
	var otherSizes []string
	for _, saved := range outcome.Saved {
		file := byName[saved.Name].file
		if listed := saved.File.SizeBytes; listed != nil && *listed != saved.Content.Size {
			otherSizes = append(otherSizes, describeOtherSize(saved.Name, *listed, saved.Content.Size))
		}
		file.Size, file.SHA256, file.Written = &saved.Content.Size, saved.Content.SHA256, saved.Modified
		b.after.files[saved.Name] = file
	}
	warnOfOtherSizes(b.model.ref(), otherSizes, b.diags)
	b.outcome.Failed = append(b.outcome.Failed, b.missing(ctx, outcome.Failed, byName)...)
	b.outcome.CutShort = append(b.outcome.CutShort, outcome.CutShort...)
	b.outcome.NotTried = append(b.outcome.NotTried, outcome.NotTried...)
	for _, cut := range outcome.CutShort {
		b.postpone(byName[cut.Name])
	}
	for _, target := range outcome.NotTried {
		b.postpone(byName[target.Name])
	}
	b.outcome.Saved = outcome.Saved
}

// missing sorts out of the failures what was on disk before and what the platform no longer has: that stays in state as
// it is. Everything else stays owed: an error that was reported once must not be forgotten.
func (b *bringing) missing(ctx context.Context, failed []download.FailedTarget, byName map[string]wanted) []download.FailedTarget {
	var owed []download.FailedTarget
	for _, one := range failed {
		w := byName[one.Name]
		if sequentum.IsNotFound(one.Err) && !w.file.unwritten() && !b.stillListed(ctx, w.file.ID) {
			b.gone = append(b.gone, w)
			continue
		}
		b.postpone(w)
		owed = append(owed, one)
	}
	return owed
}

// stillListed asks the platform whether it lists the file, unless it was asked in this apply. No answer is no reason to
// give a file up.
func (b *bringing) stillListed(ctx context.Context, id int64) bool {
	if b.listed == nil {
		files, err := b.data.downloads.Files(ctx, b.model.ref())
		if err != nil && !sequentum.IsNotFound(err) {
			return true
		}
		b.listed = append([]sequentum.File{}, files...)
	}
	return isListed(b.listed, id)
}

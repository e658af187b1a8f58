package provider

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// leaveForNextApply notes a file that this apply could not fetch, so that the next apply fetches it.
func (u *directoryUpdate) leaveForNextApply(w wantedFile) {
	if w.owed || w.file.unwritten() || u.moves {
		u.after.pending[w.target.Name] = w.file
	} else {
		u.after.lost[w.target.Name] = w.file
	}
}

// fetchFiles downloads the files that are not on disk.
func (u *directoryUpdate) fetchFiles(ctx context.Context) {
	if len(u.fetches) == 0 {
		return
	}
	var targets []download.Target
	byName := map[string]wantedFile{}
	for _, w := range u.fetches {
		targets = append(targets, w.target)
		byName[w.target.Name] = w
	}
	outcome := u.data.downloads.Save(ctx, u.model.ref(), u.here, targets)
	var otherSizes []string
	for _, saved := range outcome.Saved {
		file := byName[saved.Name].file
		if listed := saved.File.SizeBytes; listed != nil && *listed != saved.Content.Size {
			otherSizes = append(otherSizes, describeOtherSize(saved.Name, *listed, saved.Content.Size))
		}
		file.Size, file.SHA256, file.Written = &saved.Content.Size, saved.Content.SHA256, saved.Modified
		u.after.files[saved.Name] = file
	}
	warnOfOtherSizes(u.model.ref(), otherSizes, u.diags)
	u.outcome.Failed = append(u.outcome.Failed, u.splitFailures(ctx, outcome.Failed, byName)...)
	u.outcome.CutShort = append(u.outcome.CutShort, outcome.CutShort...)
	u.outcome.NotTried = append(u.outcome.NotTried, outcome.NotTried...)
	for _, cut := range outcome.CutShort {
		u.leaveForNextApply(byName[cut.Name])
	}
	for _, target := range outcome.NotTried {
		u.leaveForNextApply(byName[target.Name])
	}
	u.outcome.Saved = outcome.Saved
}

// splitFailures returns the failures that the next apply has to repeat: an error that was reported once must not be
// forgotten. The others are files that were downloaded once and that the platform no longer has: they stay in state.
func (u *directoryUpdate) splitFailures(ctx context.Context, failed []download.FailedTarget, byName map[string]wantedFile) []download.FailedTarget {
	var owed []download.FailedTarget
	for _, one := range failed {
		w := byName[one.Name]
		if sequentum.IsNotFound(one.Err) && !w.file.unwritten() && !u.stillListed(ctx, w.file.ID) {
			u.gone = append(u.gone, w)
			continue
		}
		u.leaveForNextApply(w)
		owed = append(owed, one)
	}
	return owed
}

// stillListed reports whether the platform lists the file. It asks once for each apply. A failed request is no reason to
// give up a file.
func (u *directoryUpdate) stillListed(ctx context.Context, id int64) bool {
	if u.listed == nil {
		files, err := u.data.downloads.Files(ctx, u.model.ref())
		if err != nil && !sequentum.IsNotFound(err) {
			return true
		}
		u.listed = append([]sequentum.File{}, files...)
	}
	return isListed(u.listed, id)
}
